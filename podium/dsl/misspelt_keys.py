"""Keys of records that are nearly right: they would be passed over, and the field that was meant have its default."""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Mapping
from typing import get_args, get_origin

from podium.dsl.names import nearest
from podium.model.values import JsonValue
from podium.typed import records

_MAPS: frozenset[records.Hint] = frozenset({dict, abc.Mapping, abc.MutableMapping})


def misspelt(value: JsonValue, hint: records.Hint, path: str) -> Iterator[str]:
    """
    Iterate over what is wrong with keys of records that are nearly the name of a field that is not there.

    Args:
        value: JSON data.
        hint: Its declared type.
        path: What the value is called.
    """
    hint = records.core(hint)
    fields = records.fields(hint)
    if fields is not None and isinstance(value, Mapping):
        known = {records.wire_name(hint, name): each for name, each in fields.items()}
        absent = known.keys() - value.keys()
        for key in value.keys() - known.keys() - fields.keys():
            if near := nearest(key, sorted(absent)):
                yield f"{path} has no field {key!r}; did you mean {near!r}?"
        for key in known.keys() & value.keys():
            yield from misspelt(value[key], known[key], f"{path}.{key}")
        return
    arguments = get_args(hint)
    if isinstance(value, list) and len({*arguments} - {Ellipsis}) == 1:
        for index, item in enumerate(value):
            yield from misspelt(item, arguments[0], f"{path}[{index}]")
    elif isinstance(value, Mapping) and get_origin(hint) in _MAPS and arguments:
        for key, item in value.items():
            yield from misspelt(item, arguments[-1], f"{path}[{key!r}]")
