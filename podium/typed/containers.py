"""
Readers of containers: lists and rows, sets, maps, of whatever can be read.

Each is a factory of cattrs: from a type and the converter that reads its parts to a reader.
"""

from __future__ import annotations

from collections import abc, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from enum import Enum, Flag
from typing import Any, get_args, get_origin, get_type_hints

from cattrs import Converter, IterableValidationError
from cattrs.errors import IterableValidationNote

from podium.model.values import JsonValue
from podium.typed.plain import UnwritableError, key_text
from podium.typed.records import Hint
from podium.typed.scalars import Reader, wrong

#: Containers by what they are made with.
_LISTS: Mapping[Hint, Callable[[Iterable[Any]], Any]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    deque: deque,
    abc.Sequence: list,
    abc.MutableSequence: list,
    abc.Iterable: list,
    abc.Collection: list,
    abc.Set: frozenset,
    abc.MutableSet: set,
}
_MAPS = frozenset({dict, abc.Mapping, abc.MutableMapping})


def origin_of(hint: Hint) -> Hint:
    """Return the bare class of a type with parameters, any other type as it is."""
    origin: Hint = get_origin(hint)
    return hint if origin is None else origin


def is_list(hint: Hint) -> bool:
    """Return whether this is a type whose values are lists in JSON; a NamedTuple is one too, see `is_named_row`."""
    return _is_hashable(hint) and origin_of(hint) in _LISTS


def is_map(hint: Hint) -> bool:
    """Return whether this is a type whose values are objects with any keys."""
    return _is_hashable(hint) and origin_of(hint) in _MAPS


def is_named_row(hint: Hint) -> bool:
    """Return whether this is a NamedTuple."""
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


def _is_hashable(hint: Hint) -> bool:
    return isinstance(hint, abc.Hashable)


def list_reader(hint: Hint, converter: Converter) -> Reader:
    """Read a list into the container that the type names."""
    make = _LISTS[origin_of(hint)]
    arguments = get_args(hint)
    if make is tuple and arguments and arguments[-1] is not Ellipsis:
        return _row_reader(arguments, converter)
    item: Hint = arguments[0] if arguments else Any
    read_item = converter.get_structure_hook(item)

    def read(value: JsonValue, _: Hint) -> Any:
        if not isinstance(value, list):
            raise wrong("a list", value)
        return make(_items(((i, one, item, read_item) for i, one in enumerate(value)), hint).values())

    return read


def named_row_reader(kind: Any, converter: Converter) -> Reader:
    """Read a NamedTuple, which is a list in JSON; defaults stand for columns that are missing at its end."""
    hints = get_type_hints(kind)
    columns = [hints.get(name, Any) for name in kind._fields]
    readers = [converter.get_structure_hook(column) for column in columns]
    least = len(columns) - len(kind._field_defaults)

    def read(value: JsonValue, hint: Hint) -> Any:
        if not isinstance(value, list) or not least <= len(value) <= len(columns):
            raise wrong(f"a list of {len(columns)} values ({', '.join(kind._fields)})", value)
        rows = zip(kind._fields, value, columns, readers, strict=False)
        return kind(*_items(rows, hint).values())

    return read


def _row_reader(columns: tuple[Hint, ...], converter: Converter) -> Reader:
    readers = [converter.get_structure_hook(column) for column in columns]

    def read(value: JsonValue, hint: Hint) -> Any:
        if not isinstance(value, list) or len(value) != len(columns):
            raise wrong(f"a list of {len(columns)} values", value)
        rows = zip(range(len(columns)), value, columns, readers, strict=True)
        return tuple(_items(rows, hint).values())

    return read


def map_reader(hint: Hint, converter: Converter) -> Reader:
    """Read an object into a dict; its keys are texts in JSON and may be more in Python."""
    key_hint, item = get_args(hint) or (str, Any)
    read_key = converter.get_structure_hook(key_hint)
    read_item = converter.get_structure_hook(item)
    known = _known_keys(key_hint)
    is_number = known is None and isinstance(key_hint, type) and issubclass(key_hint, int | float)

    def read(value: JsonValue, _: Hint) -> Any:
        if not isinstance(value, Mapping):
            raise wrong("an object", value)
        items = _items(((key, one, item, read_item) for key, one in value.items()), hint)
        if key_hint in {str, Any}:
            return items
        if known is not None and value.keys() <= known.keys():
            return {known[key]: item for key, item in items.items()}
        keys = ((key, _number_in(key) if is_number else key, key_hint, read_key) for key in value)
        made = dict(zip(_items(keys, hint).values(), items.values(), strict=True))
        if len(made) < len(value):
            raise wrong("an object with different keys", value)
        return made

    return read


def _known_keys(hint: Hint) -> Mapping[str, Any] | None:
    """Return the keys that there can be by how they are written, None if they cannot be counted up."""
    if hint is bool:
        return {"true": True, "false": False}
    if not isinstance(hint, type) or not issubclass(hint, Enum) or issubclass(hint, Flag):
        return None
    known = {}
    for member in hint:
        with suppress(UnwritableError):  # then it is never a key
            known[key_text(member, hint.__name__)] = member
    return known


def _number_in(key: str) -> JsonValue:
    try:
        return int(key)
    except ValueError:
        try:
            return float(key)
        except ValueError:
            return key


def _items(parts: Iterable[tuple[Any, JsonValue, Hint, Reader]], hint: Hint) -> dict[Any, Any]:
    """Read the parts of a container; every fault is collected."""
    good: dict[Any, Any] = {}
    errors: list[Exception] = []
    for place, value, part_hint, read in parts:
        try:
            good[place] = read(value, part_hint)
        except Exception as error:  # noqa: BLE001  # every fault is reported, whatever its type
            note = IterableValidationNote(f"at {place!r}", place, part_hint)
            error.__notes__ = [*getattr(error, "__notes__", ()), note]
            errors.append(error)
    if errors:
        raise IterableValidationError("while reading items", errors, type(hint))
    return good
