"""Readers of what is made of other values: records, containers, unions; and of whatever else cattrs knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    get_args,
    get_type_hints,
    is_typeddict,
)

import attrs
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.errors import AttributeValidationNote, IterableValidationNote, StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn, override
from cattrs.v import format_exception

from podium.model import json_text
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.containers import is_list, is_map, is_named_row, list_reader, map_reader, named_row_reader, origin_of
from podium.typed.records import Hint
from podium.typed.scalars import (
    LEAVES,
    Reader,
    WrongValueError,
    accepts_null,
    anything,
    expected,
    is_secret,
    literal,
    secret,
    wrong,
)

#: cattrs types its keywords for fields by those of its own settings.
_made_reader: Callable[..., Callable[[Any, Hint], Any]] = make_dict_structure_fn

#: The readers of classes with fields, and those of which one is being made just now.
_records: dict[Hint, Reader] = {}
_making: ContextVar[frozenset[Hint]] = ContextVar("podium_readers_in_making", default=frozenset())


def composed_reader(hint: Hint) -> Reader:
    """
    Return the reader of a type.

    Raises:
        TypeError: Values of this type cannot be read from JSON; the text says why.
    """
    try:
        return _converter().get_structure_hook(hint)
    except StructureHandlerNotFoundError as error:
        name = getattr(error.type_, "__name__", error.type_)
        raise TypeError(
            f"{name} cannot be read from JSON; use an attrs class, a dataclass, a TypedDict or a pydantic model"
        ) from error


def composed_faults(error: Exception, path: str, *, foreign: bool) -> Iterator[str]:
    """Say everything that is wrong with a value, each with its place; see `podium.typed.reading.faults`."""
    if isinstance(error, ClassValidationError | IterableValidationError):
        placed, others = error.group_exceptions()
        for inner, note in placed:
            if isinstance(note, IterableValidationNote):
                yield from composed_faults(inner, f"{path}[{note.index!r}]", foreign=foreign)
            elif isinstance(inner, KeyError):
                yield f"{path}.{note.name} is missing"
            else:
                yield from composed_faults(inner, f"{path}.{note.name}", foreign=foreign)
        for inner in others:
            yield from composed_faults(inner, path, foreign=foreign)
    elif isinstance(error, WrongValueError):
        yield f"{path}: {error}"
    elif hasattr(error, "error_count"):
        yield from _model_faults(error, path)
    elif foreign:
        yield f"{path}: {format_exception(error, None)}"


def _model_faults(error: Any, path: str) -> Iterator[str]:
    """Say what pydantic has found."""
    for each in error.errors(include_url=False):
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in each["loc"])
        yield f"{path}{place}: {each['msg']}"


# -- what is made of others --------------------------------------------------------------------------------------------


def _is_union(hint: Hint) -> bool:
    return origin_of(hint) in {Union, UnionType}


def _is_class_with_fields(hint: Hint) -> bool:
    kind = origin_of(hint)
    return isinstance(kind, type) and (attrs.has(kind) or dataclasses.is_dataclass(kind))


def _is_record(hint: Hint) -> bool:
    return _is_class_with_fields(hint) or is_typeddict(origin_of(hint)) or records.is_model(hint)


def _union_reader(hint: Hint) -> Reader:
    arms = [arm for arm in get_args(hint) if arm is not NoneType]
    is_optional = len(arms) < len(get_args(hint))
    read = _converter().get_structure_hook(arms[0]) if len(arms) == 1 else _arms_reader(arms)
    inner: Hint = arms[0]

    def read_optional(value: JsonValue, _: Hint) -> Any:
        return None if value is None else read(value, inner)

    return read_optional if is_optional else read


def _arms_reader(arms: list[Hint]) -> Reader:
    """Read what may be one of several types: classes are told apart by their fields, anything else by trying."""
    if all(map(_is_class_with_fields, arms)):
        try:
            return _told_apart(arms)
        except TypeError:
            pass  # no field tells them apart: the first that fits
    readers = [(arm, _converter().get_structure_hook(arm)) for arm in arms]

    def read(value: JsonValue, _: Hint) -> Any:
        exact = [pair for pair in readers if pair[0] is type(value)]
        for arm, read_arm in exact or readers:
            try:
                return read_arm(value, arm)
            except Exception:  # noqa: BLE001, S112  # what an arm does not take may fail in any way
                continue
        raise wrong(" or ".join(map(expected, arms)), value)

    return read


def _told_apart(arms: list[Hint]) -> Reader:
    from cattrs.disambiguators import create_default_dis_func

    choose = create_default_dis_func(_converter(), *arms)

    def read(value: JsonValue, _: Hint) -> Any:
        if not isinstance(value, Mapping):
            raise wrong("an object", value)
        arm: Hint = choose(value)
        return _converter().get_structure_hook(arm)(value, arm)

    return read


def _record_reader(hint: Hint) -> Reader:
    """Return the reader of a class with fields; a class may hold itself, as trees do."""
    if hint in _making.get():
        return lambda value, _: _records[hint](value, hint)
    token = _making.set(_making.get() | {hint})
    try:
        _records[hint] = reader = _fields_reader(hint)
    finally:
        _making.reset(token)
    return reader


def _fields_reader(hint: Hint) -> Reader:
    kind = origin_of(hint)
    if records.is_model(kind):
        return _model_reader(kind)
    if is_typeddict(kind):
        return _object_reader(hint, kind, _typeddict_reader(hint, kind))
    if attrs.has(kind):
        with suppress(NameError):  # a class inside a function, whose neighbours cannot be seen from here
            attrs.resolve_types(kind)  # cattrs resolves ``"Node"``, but not ``list["Node"]``
    names = records.fields(hint) or {}
    renamed = {name: override(rename=wire) for name in names if (wire := records.wire_name(hint, name)) != name}
    return _object_reader(hint, kind, _made_reader(hint, _converter(), **renamed))


def _model_reader(kind: Any) -> Reader:
    """Let pydantic read one of its models, from the names that we write it with."""
    renamed = {}
    for name, field in records.model_fields(kind).items():
        alias = field.validation_alias
        wire, read_as = records.wire_name(kind, name), alias if isinstance(alias, str) else name
        if wire != read_as and (alias is None or isinstance(alias, str)):
            renamed[wire] = read_as

    def read(value: JsonValue, _: Hint) -> Any:
        if not isinstance(value, Mapping):
            raise wrong(f"an object ({kind.__name__})", value)
        keys = {renamed.get(key, key) if renamed.get(key) not in value else key: item for key, item in value.items()}
        # As JSON, so that strict models too take texts for times.
        return kind.model_validate_json(json_text.write(keys))

    return read


def _typeddict_reader(hint: Hint, kind: type) -> Reader:
    """
    Read a TypedDict; keys that it does not name are kept.

    Made by hand, because cattrs trusts ``__required_keys__``, which overlooks ``NotRequired`` in a module with
    ``from __future__ import annotations``.
    """
    readers = {
        name: (each, _converter().get_structure_hook(each)) for name, each in (records.fields(hint) or {}).items()
    }
    optional = _optional_keys(kind)

    def read(value: Any, _: Hint) -> Any:  # the reader of named parts has looked: it is an object
        good = dict(value)
        errors: list[Exception] = []
        for name, (each, read_each) in readers.items():
            try:
                if name in good or name not in optional:
                    good[name] = read_each(good[name], each)
            except Exception as error:  # noqa: BLE001  # every fault is reported, whatever its type
                note = AttributeValidationNote(f"field {name}", name, each)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                errors.append(error)
        if errors:
            raise ClassValidationError(f"while reading {kind.__name__}", errors, kind)
        return good

    return read


def _optional_keys(kind: type) -> frozenset[str]:
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    optional = set()
    for name, marked in get_type_hints(kind, include_extras=True).items():
        origin = origin_of(marked)
        if origin is NotRequired or (name not in required and origin is not Required):
            optional.add(name)
    return frozenset(optional)


def _object_reader(hint: Hint, kind: type, read_fields: Reader) -> Reader:
    """Read an object; null counts as absent where a field has a default and takes no null."""
    fields = records.fields(hint) or {}
    is_dict = is_typeddict(kind)
    defaulted = _optional_keys(kind) if is_dict else set(fields) - records.required_fields(hint)
    forgiven = {records.wire_name(hint, name) for name in defaulted if not accepts_null(fields[name])}

    def read(value: JsonValue, _: Hint) -> Any:
        if not isinstance(value, Mapping):
            raise wrong(f"an object ({kind.__name__})", value)
        if None in value.values():
            value = {key: item for key, item in value.items() if item is not None or key not in forgiven}
        return read_fields(value, hint)

    return read


@cache
def _converter() -> Converter:
    converter = Converter(detailed_validation=True)
    for kind, read in LEAVES.items():
        converter.register_structure_hook(kind, read)
    for is_meant, make in (
        (_is_record, _record_reader),
        (is_list, list_reader),
        (is_map, map_reader),
        (_is_union, _union_reader),
        (is_named_row, named_row_reader),
    ):
        converter.register_structure_hook_factory(is_meant, make)
    converter.register_structure_hook_func(lambda hint: origin_of(hint) is Literal, literal)
    converter.register_structure_hook_func(is_secret, secret)
    converter.register_structure_hook_func(lambda hint: hint is None, LEAVES[NoneType])
    converter.register_structure_hook_func(lambda hint: hint is object or isinstance(hint, TypeVar), anything)
    return converter
