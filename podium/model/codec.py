"""
JSON in and out: the one converter.

``snake_case`` becomes ``camelCase``; nulls, and values equal to their default, are left out, except those that say what
an object is (name, version, type, …); keys that the classes do not know are kept. The order of keys is the order of the
fields, so equal objects give equal bytes. Conductor writes every empty list and map too; both forms mean the same to it
(``ObjectMapperProvider.java``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.v import format_exception

from podium.model import exact as exact_seconds
from podium.model import json_text
from podium.model.definitions import RateLimitConfig, SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError, Fault
from podium.model.handlers import EventHandler
from podium.model.json_text import described, shown
from podium.model.runs import TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import (
    IdempotencyStrategy,
    JoinMode,
    RateLimitPolicy,
    RetryLogic,
    RunStatus,
    SchemaType,
    TaskStatus,
    TaskTimeoutPolicy,
    WorkflowTimeoutPolicy,
)
from podium.model.values import JsonValue

T = TypeVar("T")

_CHOICES: tuple[type[Enum], ...] = (
    IdempotencyStrategy,
    JoinMode,
    RateLimitPolicy,
    RetryLogic,
    RunStatus,
    SchemaType,
    TaskStatus,
    TaskTimeoutPolicy,
    WorkflowTimeoutPolicy,
)

#: Properties that Conductor writes beside the fields, and ignores when it reads.
_DERIVED: Mapping[type, tuple[str, ...]] = {
    WorkflowRun: ("start_time", "workflow_name", "workflow_version"),
    TaskRun: ("queue_wait_time", "loop_over_task", "task_definition"),
}

#: Fields that are written even when they hold their default: what tells a reader which object this is.
_ALWAYS: Mapping[type, frozenset[str]] = {
    WorkflowDef: frozenset({"name", "version", "tasks", "schema_version"}),
    WorkflowTask: frozenset({"name", "task_reference_name", "type"}),
    TaskDef: frozenset({"name"}),
    RateLimitConfig: frozenset({"concurrent_exec_limit"}),
    EventHandler: frozenset({"name", "event", "actions", "active"}),
    TaskRun: frozenset({"task_type", "status", "reference_task_name", "task_id", "input_data", "output_data", "seq"}),
    WorkflowRun: frozenset({"status", "workflow_id", "tasks", "input", "output", "create_time"}),
    TaskResult: frozenset({"status"}),
    TaskLog: frozenset({"log"}),
}


def camel(name: str) -> str:
    """
    Return the wire name of a field.

    Example:
        >>> camel("task_reference_name")
        'taskReferenceName'
    """
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


class _WrongValueError(ValueError):
    """A value of the wrong type; the text is for the author."""


def _text(value: JsonValue, _: type) -> str:
    if isinstance(value, str):
        return value
    raise _WrongValueError(f"a text is expected here, not {described(value)}")


def _integer(value: JsonValue, _: type) -> int:
    # "2" for 2 is met in the wild and harmless (Conductor's reader takes it too); 1.5 and true are not.
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    raise _WrongValueError(f"a whole number is expected here, not {described(value)}")


def _boolean(value: JsonValue, _: type) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise _WrongValueError(f"true or false is expected here, not {described(value)}")


def _choice(value: JsonValue, kind: type[Enum]) -> Enum:
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(str(member.value) for member in kind)
        raise _WrongValueError(f"one of {words} is expected here, not {shown(value)}") from None


def _object(value: JsonValue, subject: str) -> Mapping[str, JsonValue]:
    if isinstance(value, Mapping):
        return value
    raise _WrongValueError(f"an object ({subject}) is expected here, not {described(value)}")


def _inline_definition(value: JsonValue, _: JsonValue) -> WorkflowDef | str | None:
    if value is None or isinstance(value, str):
        return value
    return _converter().structure(value, WorkflowDef)


def _wire_fields(kind: Any) -> list[Any]:
    """Return the attributes of a class that are keys of its JSON."""
    return [a for a in attrs.fields(kind) if a.name != "extra" and "local" not in a.metadata]


def _structure_hook(kind: Any) -> Callable[[JsonValue, JsonValue], Any]:
    """Make the reader of one class: nulls count as absent, unknown keys go to ``extra``, every fault is collected."""
    exact = {camel(name): name for name in exact_seconds.EXACT.get(kind, ())}
    hints = get_type_hints(kind) | dict.fromkeys(exact.values(), int)
    defaults = {a.name: a.default for a in _wire_fields(kind)}
    fields = {camel(a.name): (a.name, hints[a.name], _reader(hints[a.name])) for a in _wire_fields(kind)}
    derived = {camel(name) for name in _DERIVED.get(kind, ())}
    required = [camel(a.name) for a in attrs.fields(kind) if a.default is attrs.NOTHING]

    def structure(value: JsonValue, _: JsonValue) -> Any:
        source = _object(value, kind.__name__)
        known: dict[str, Any] = {}
        extra: dict[str, JsonValue] = {}
        errors: list[Exception] = []
        for key, item in source.items():
            if key not in fields:
                if key not in derived:
                    extra[key] = item
            elif item is not None:
                name, hint, read = fields[key]
                try:
                    known[name] = read(item, hint)
                except Exception as error:  # noqa: BLE001  # every fault of a document is reported, whatever its type
                    error.__notes__ = [*getattr(error, "__notes__", ()), _Place(key)]
                    errors.append(error)
        errors += [_missing(key) for key in required if source.get(key) is None]
        if errors:
            raise ClassValidationError(f"while reading {kind.__name__}", errors, kind)
        if exact and exact_seconds.KEY in extra:
            whole = {key: known.get(name, defaults[name]) for key, name in exact.items()}
            lengths, extra = exact_seconds.taken(extra, whole)
            known |= {exact[key]: length for key, length in lengths.items()}
        return kind(**known, extra=extra)

    return structure


class _Place(str):
    """A note on an error: the key or the position at which it happened."""

    __slots__ = ()


def _missing(key: str) -> Exception:
    error = _WrongValueError("is missing")
    error.__notes__ = [_Place(key)]
    return error


def _sequence(value: JsonValue, hint: Any) -> tuple[JsonValue, ...]:
    if not isinstance(value, list | tuple):
        raise _WrongValueError(f"a list is expected here, not {described(value)}")
    item_hint = get_args(hint)[0]
    return tuple(_items(((f"[{i}]", item) for i, item in enumerate(value)), item_hint).values())


def _mapping(value: JsonValue, hint: Any) -> Mapping[str, JsonValue]:
    source = _object(value, "a map")
    item_hint = get_args(hint)[1]
    if item_hint is Any:
        return dict(source)
    return _items(source.items(), item_hint)


def _items(pairs: Any, hint: Any) -> dict[str, JsonValue]:
    good: dict[str, JsonValue] = {}
    errors: list[Exception] = []
    read = _reader(hint)
    for key, item in pairs:
        try:
            # A null case or branch is met in the wild and means "nothing there".
            empty = item is None and _is_tuple(hint)
            good[key] = () if empty else read(item, hint)
        except Exception as error:  # noqa: BLE001  # as in _structure_hook
            error.__notes__ = [*getattr(error, "__notes__", ()), _Place(key)]
            errors.append(error)
    if errors:
        raise IterableValidationError("while reading items", errors, dict)
    return good


def _reader(hint: Any) -> Callable[[Any, Any], Any]:
    """Return what reads a kind of values, for many of them: to look for it takes as long as to read one."""
    return _converter().get_structure_hook(hint)


def _optional(value: JsonValue, hint: Any) -> Any:
    if value is None:
        return None
    (inner,) = (arm for arm in get_args(hint) if arm is not NoneType)
    return _converter().structure(value, inner)


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) in {Union, UnionType} and NoneType in get_args(hint) and len(get_args(hint)) == 2


@cache
def _converter() -> Converter:
    converter = Converter(detailed_validation=True)
    # Leaves, then unions, then containers: a container's hook is compiled from what is known at that moment.
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(bool, _boolean)
    for kind in _CHOICES:  # one by one: a StrEnum is a str, so the hook for str would catch it
        converter.register_structure_hook(kind, _choice)
    converter.register_structure_hook_func(_is_optional, _optional)
    converter.register_structure_hook_func(lambda t: t == WorkflowDef | str | None, _inline_definition)
    converter.register_structure_hook_func(_is_tuple, _sequence)
    converter.register_structure_hook_func(_is_mapping, _mapping)
    converter.register_structure_hook_factory(attrs.has, _structure_hook)
    converter.register_unstructure_hook_factory(attrs.has, _unstructure_hook)
    converter.register_unstructure_hook_func(lambda t: isinstance(t, type) and issubclass(t, Enum), lambda e: e.value)
    return converter


def _is_tuple(hint: Any) -> bool:
    origin: object = get_origin(hint)
    return origin is tuple


def _is_mapping(hint: Any) -> bool:
    origin: object = get_origin(hint)
    return origin is dict or origin is Mapping


def _unstructure_hook(kind: type) -> Callable[[Any], dict[str, JsonValue]]:
    always = _ALWAYS.get(kind, frozenset())
    exact = exact_seconds.EXACT.get(kind, frozenset())
    fields = [(a.name, camel(a.name), _default(a), a.name in always) for a in _wire_fields(kind)]
    items_of = attrgetter(*(name for name, *_ in fields), "extra")
    derived = [(name, camel(name)) for name in _DERIVED.get(kind, ())]

    def unstructure(value: Any) -> dict[str, JsonValue]:
        out: dict[str, JsonValue] = {}
        lengths: dict[str, float] = {}
        for given, (name, key, default, keep) in zip(items_of(value), fields, strict=False):  # but for the extra keys
            if given is default and not keep:  # as most are
                continue
            item = given
            if type(item) is float and name in exact and math.isfinite(item):
                if exact_seconds.is_fraction(item):
                    lengths[key] = item
                item = math.ceil(item)
            if (keep and item != "") or (item is not None and item != default):
                out[key] = _plain(item)
        out |= {key: _plain(item) for name, key in derived if (item := getattr(value, name)) is not None}
        out.update(value.extra)
        exact_seconds.put(out, lengths)
        return out

    return unstructure


def _default(attribute: attrs.Attribute[Any]) -> object:
    default = attribute.default
    factory = getattr(default, "factory", None)
    return factory() if factory else default


#: What is written as it is; to ask whether something is a mapping takes longer.
_LEAVES = frozenset({str, int, float, bool, NoneType})


def _plain(item: object) -> Any:
    if type(item) in _LEAVES:  # as most
        return item
    if isinstance(item, Enum):
        return item.value
    if isinstance(item, Mapping):
        return {key: _plain(inner) for key, inner in item.items()}
    if isinstance(item, list | tuple):
        return [_plain(inner) for inner in item]
    if isinstance(item, str | int | float):
        return item
    kind: type = type(item)
    return _writer(kind)(item)


@cache
def _writer(kind: type) -> Callable[[Any], Any]:
    """Return what writes the objects of a class, without the converter's look for it each time."""
    return _converter().get_unstructure_hook(kind)


def to_dict(value: object) -> dict[str, JsonValue]:
    """
    Return an object of the model as plain JSON data.

    Example:
        >>> to_dict(WorkflowTask(name="charge", task_reference_name="charge"))
        {'name': 'charge', 'taskReferenceName': 'charge', 'type': 'SIMPLE'}
    """
    plain: dict[str, JsonValue] = _converter().unstructure(value)
    return plain


def to_json(value: object) -> str:
    """
    Return an object of the model as canonical JSON text: indented by two spaces, no final newline.

    Raises:
        DefinitionError: It holds a number that JSON does not have, such as NaN.
    """
    data = to_dict(value)
    try:
        json_text.check(data)
    except ValueError as error:
        raise DefinitionError([Fault("", f"this cannot be JSON: {error}")], subject=type(value).__name__) from error
    return json_text.write(data)


def from_dict(data: JsonValue, kind: type[T]) -> T:
    """
    Read an object of the model from plain JSON data.

    Args:
        data: What ``json.loads`` gives.
        kind: Such as `WorkflowDef`.

    Raises:
        DefinitionError: Something is wrong; ``faults`` names all of it.
    """
    try:
        result: T = _converter().structure(data, kind)
    except Exception as error:
        raise DefinitionError(_faults(error, ""), subject=kind.__name__) from error
    return result


def from_json(text: str | bytes, kind: type[T]) -> T:
    """
    Read an object of the model from JSON text.

    Raises:
        DefinitionError: The text is no JSON (the fault names line and column), or `from_dict` refused it.
    """
    try:
        data = json_text.parse(text)
    except ValueError as error:
        raise DefinitionError([Fault("", f"this is not JSON: {error}")], subject=kind.__name__) from error
    return from_dict(data, kind)


def _faults(error: Exception, path: str) -> list[Fault]:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, _Place):
            path = f"{path}{note}" if note.startswith("[") or not path else f"{path}.{note}"
    if isinstance(error, RecursionError):
        return [Fault(path, "it is nested too deeply")]
    if isinstance(error, ExceptionGroup):
        return [fault for inner in error.exceptions for fault in _faults(inner, path)]
    return [Fault(path, str(error) if isinstance(error, _WrongValueError) else format_exception(error, None))]


#: Used by annotations that are resolved at run time.
__all__ = ["SubWorkflowParams", "camel", "from_dict", "from_json", "to_dict", "to_json"]
