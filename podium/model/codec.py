"""
JSON in and out.

``snake_case`` becomes ``camelCase``; nulls, and values equal to their default, are left out, except those that say what
an object is (name, version, type, …); keys that the classes do not know are kept. The order of keys is the order of the
fields, so equal objects give equal bytes. Conductor writes every empty list and map too; both forms mean the same to it
(``ObjectMapperProvider.java``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from podium.model import exact as exact_seconds
from podium.model import json_text
from podium.model.attempts import LazyAttempts
from podium.model.definitions import RateLimitConfig, SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError, Fault
from podium.model.json_text import described, shown
from podium.model.runs import TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.values import JsonValue

T = TypeVar("T")

#: Reads a value as one of some type.
_Reader: TypeAlias = Callable[[JsonValue], Any]

#: Properties that Conductor writes beside the fields, and ignores when it reads.
_DERIVED: Mapping[type, tuple[str, ...]] = {
    WorkflowRun: ("start_time", "workflow_name", "workflow_version"),
    TaskRun: ("queue_wait_time", "loop_over_task", "task_definition"),
}

#: Fields that are written even when they hold their default: what tells a reader which object this is. A class that is
#: rarely used says it itself, as its ``ALWAYS_WRITTEN``.
_ALWAYS: Mapping[type, frozenset[str]] = {
    WorkflowDef: frozenset({"name", "version", "tasks", "schema_version"}),
    WorkflowTask: frozenset({"name", "task_reference_name", "type"}),
    TaskDef: frozenset({"name"}),
    RateLimitConfig: frozenset({"concurrent_exec_limit"}),
    TaskRun: frozenset({"task_type", "status", "reference_task_name", "task_id", "input_data", "output_data", "seq"}),
    WorkflowRun: frozenset({"status", "workflow_id", "tasks", "input", "output", "create_time"}),
    TaskResult: frozenset({"status"}),
    TaskLog: frozenset({"log"}),
}


#: What is written as it is; to ask whether something is a mapping takes longer.
_LEAVES = frozenset({str, int, float, bool, NoneType})
#: Whole numbers as texts.
_WHOLE = re.compile(r"\s*-?[0-9]{1,30}\s*", re.ASCII)


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


def _text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    raise _WrongValueError(f"a text is expected here, not {described(value)}")


def _integer(value: JsonValue) -> int:
    # "2" for 2 is met in the wild and harmless (Conductor's reader takes it too); 1.5 and true are not.
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and _WHOLE.fullmatch(value)):
        return int(value)
    raise _WrongValueError(f"a whole number is expected here, not {described(value)}")


def _boolean(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise _WrongValueError(f"true or false is expected here, not {described(value)}")


def _anything(value: JsonValue) -> JsonValue:
    return value


#: The readers of what holds nothing else, by type; lengths of time are whole numbers, see `podium.model.exact`.
_LEAF_READERS: Mapping[Any, _Reader] = {str: _text, int: _integer, bool: _boolean, Any: _anything}


def _choice(kind: type[Enum], value: JsonValue) -> Enum:
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(str(member.value) for member in kind)
        raise _WrongValueError(f"one of {words} is expected here, not {shown(value)}") from None


def _object(value: JsonValue, subject: str) -> Mapping[str, JsonValue]:
    if isinstance(value, Mapping):
        return value
    raise _WrongValueError(f"an object ({subject}) is expected here, not {described(value)}")


def _inline_definition(value: JsonValue) -> WorkflowDef | str | None:
    if value is None or isinstance(value, str):
        return value
    return _read(value, WorkflowDef)


def _wire_fields(kind: Any) -> list[Any]:
    """Return the attributes of a class that are keys of its JSON."""
    return [a for a in attrs.fields(kind) if a.name != "extra" and "local" not in a.metadata]


def _object_reader(kind: Any) -> _Reader:
    """Make the reader of one class: nulls count as absent, unknown keys go to ``extra``, every fault is collected."""
    exact = {camel(name): name for name in exact_seconds.EXACT.get(kind, ())}
    hints = get_type_hints(kind) | dict.fromkeys(exact.values(), int)
    defaults = {a.name: a.default for a in _wire_fields(kind)}
    fields = {camel(a.name): (a.name, hints[a.name]) for a in _wire_fields(kind)}
    derived = {camel(name) for name in _DERIVED.get(kind, ())}
    required = [camel(a.name) for a in _wire_fields(kind) if a.default is attrs.NOTHING]
    readers: dict[str, _Reader] = {}  # made when they are first needed: a definition may hold itself

    def read(value: JsonValue) -> Any:
        source = _object(value, kind.__name__)
        known: dict[str, Any] = {}
        extra: dict[str, JsonValue] = {}
        errors: list[Exception] = []
        for key, item in source.items():
            if key not in fields:
                if key not in derived:
                    extra[key] = item
            elif item is not None:
                name, hint = fields[key]
                try:
                    known[name] = (readers.get(key) or readers.setdefault(key, _reader(hint)))(item)
                except Exception as error:  # noqa: BLE001  # every fault of a document is reported, whatever its type
                    errors.append(_placed(error, key))
        errors += [_placed(_WrongValueError("is missing"), key) for key in required if source.get(key) is None]
        if errors:
            raise ExceptionGroup(f"while reading {kind.__name__}", errors)
        if exact and exact_seconds.KEY in extra:
            whole = {key: known.get(name, defaults[name]) for key, name in exact.items()}
            lengths, extra = exact_seconds.taken(extra, whole)
            known |= {exact[key]: length for key, length in lengths.items()}
        return kind(**known, extra=extra)

    return read


class _Place(str):
    """A note on an error: the key or the position at which it happened."""

    __slots__ = ()


def _placed(error: Exception, place: str) -> Exception:
    error.__notes__ = [*getattr(error, "__notes__", ()), _Place(place)]
    return error


def _sequence(hint: Any, value: JsonValue) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _WrongValueError(f"a list is expected here, not {described(value)}")
    return tuple(_items(((f"[{i}]", item) for i, item in enumerate(value)), hint).values())


def _mapping(hint: Any, value: JsonValue) -> Mapping[str, Any]:
    source = _object(value, "a map")
    return dict(source) if hint is Any else _items(source.items(), hint)


def _items(pairs: Iterable[tuple[str, JsonValue]], hint: Any) -> dict[str, Any]:
    read, is_list = _reader(hint), get_origin(hint) is tuple
    good: dict[str, Any] = {}
    errors: list[Exception] = []
    for key, item in pairs:
        try:
            # A null case or branch is met in the wild and means "nothing there".
            good[key] = () if item is None and is_list else read(item)
        except Exception as error:  # noqa: BLE001  # as in _object_reader
            errors.append(_placed(error, key))
    if errors:
        raise ExceptionGroup("while reading items", errors)
    return good


def _optional(hint: Any, value: JsonValue) -> Any:
    return None if value is None else _reader(hint)(value)


@cache
def _reader(hint: Any) -> _Reader:
    """Return the reader of a type that a field of the model has."""
    if hint in _LEAF_READERS:
        return _LEAF_READERS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return partial(_choice, hint)
    if attrs.has(hint):
        return _object_reader(hint)
    if hint == WorkflowDef | str | None:
        return _inline_definition
    origin, parts = get_origin(hint), get_args(hint)
    if origin in {tuple, Sequence}:
        return partial(_sequence, parts[0])
    if origin is Mapping:
        return partial(_mapping, parts[1])
    if origin in {Union, UnionType} and NoneType in parts and len(parts) == 2:
        return partial(_optional, next(part for part in parts if part is not NoneType))
    raise TypeError(f"{hint} cannot be read from JSON")


def _read(data: JsonValue, kind: type[T]) -> T:
    hint: Any = kind
    result: T = _reader(hint)(data)
    return result


@cache
def _writer(kind: Any) -> Callable[[Any], dict[str, JsonValue]]:
    """Make the writer of one class."""
    wire = _wire_fields(kind)
    always: Collection[str] = _ALWAYS[kind] if kind in _ALWAYS else getattr(kind, "ALWAYS_WRITTEN", ())
    exact = exact_seconds.EXACT.get(kind, frozenset())
    fields = [(camel(a.name), _default(a), a.name in always, a.name in exact) for a in wire]
    values = attrgetter(*(a.name for a in wire))
    derived = [(name, camel(name)) for name in _DERIVED.get(kind, ())]

    def write(value: Any) -> dict[str, JsonValue]:
        out: dict[str, JsonValue] = {}
        lengths: dict[str, float] = {}
        for (key, default, keep, is_length), item in zip(fields, values(value), strict=True):
            if item is default and not keep:  # as most are
                continue
            if is_length and type(item) is float and math.isfinite(item):
                if exact_seconds.is_fraction(item):
                    lengths[key] = item
                item = math.ceil(item)  # noqa: PLW2901  # Conductor's seconds are whole
            if (keep and item != "") or (item is not None and item != default):
                out[key] = item if type(item) in _LEAVES else _plain(item)
        out |= {key: _plain(item) for name, key in derived if (item := getattr(value, name)) is not None}
        out.update(value.extra)
        exact_seconds.put(out, lengths)
        return out

    return write


def _default(attribute: attrs.Attribute[Any]) -> object:
    default = attribute.default
    factory = getattr(default, "factory", None)
    return factory() if factory else default


#: What holds others. A union in `isinstance` is made anew with each call.
_LISTS = (list, tuple, LazyAttempts)


def _plain(item: object) -> Any:
    if type(item) in _LEAVES:  # as most
        return item
    if isinstance(item, Enum):
        return item.value
    if isinstance(item, Mapping):
        return {key: _plain(inner) for key, inner in item.items()}
    if isinstance(item, _LISTS):
        return [_plain(inner) for inner in item]
    return to_dict(item) if attrs.has(type(item)) else item  # what is no JSON, whoever writes it complains of


def to_dict(value: object) -> dict[str, JsonValue]:
    """
    Return an object of the model as plain JSON data.

    Example:
        >>> to_dict(WorkflowTask(name="charge", task_reference_name="charge"))
        {'name': 'charge', 'taskReferenceName': 'charge', 'type': 'SIMPLE'}
    """
    kind: Any = type(value)
    return _writer(kind)(value)


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
        json_text.check(data, numbers=False)
    except ValueError as error:
        raise DefinitionError([Fault("", str(error))], subject=kind.__name__) from error
    return _from_data(data, kind)


def _from_data(data: JsonValue, kind: type[T]) -> T:
    try:
        return _read(data, kind)
    except Exception as error:
        raise DefinitionError(_faults(error, ""), subject=kind.__name__) from error


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
    return _from_data(data, kind)


def _faults(error: Exception, path: str) -> list[Fault]:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, _Place):
            path = f"{path}{note}" if note.startswith("[") or not path else f"{path}.{note}"
    if isinstance(error, RecursionError):
        return [Fault(path, "it is nested too deeply")]
    if isinstance(error, ExceptionGroup):
        return [fault for inner in error.exceptions for fault in _faults(inner, path)]
    return [Fault(path, str(error) or type(error).__name__)]


#: Used by annotations that are resolved at run time.
__all__ = ["SubWorkflowParams", "camel", "from_dict", "from_json", "to_dict", "to_json"]
