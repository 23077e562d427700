"""
How Python's values are written as JSON: the one place for authors, workers and callers.

Every type that workers read has one spelling here; what has none is refused with its place, and nothing is ever written
as something else. Records become objects (a pydantic model as pydantic writes it), enumerations their values, dates and
times ISO 8601 texts, a timedelta its seconds, UUIDs, decimals and paths texts, bytes base64, sequences lists, sets
sorted lists.
"""

from __future__ import annotations

import inspect
import json
import math
from base64 import b64encode
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import NoneType
from typing import Any, overload
from uuid import UUID

import orjson

from podium.model import json_text
from podium.model.texts import is_unicode, shown
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.authored import Authored

#: Types that JSON has, whose every value can be written.
SAFE: frozenset[type] = frozenset({int, bool, NoneType})

_LISTS = (list, tuple, deque, Sequence, KeysView, ItemsView, ValuesView)
_BYTES = (bytes, bytearray, memoryview)

# Records and subclasses are for us to spell: records may have other names on the wire.
_QUICK = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


class UnwritableError(ValueError):
    """A value that cannot be written as JSON; the text names the place and what to write instead."""


@overload
def written(value: Mapping[Any, Any], subject: str) -> dict[str, JsonValue]: ...
@overload
def written(value: Any, subject: str) -> JsonValue: ...
def written(value: Any, subject: str) -> JsonValue:
    """
    Return a value as plain JSON data, a copy.

    Args:
        value: The value; places in it are named from here, such as ``order.lines[0]``.
        subject: What the value itself is called.

    Raises:
        UnwritableError: Something in it cannot be written.

    Example:
        >>> written({"price": Decimal("1.50"), "sizes": {2, 1}}, "the input")
        {'price': '1.50', 'sizes': [1, 2]}
    """
    try:
        data = orjson.dumps(value, option=_QUICK)
    except TypeError:
        return _spelt_out(value, subject)
    # A NaN is written as null, so somebody must look.
    copy: JsonValue = _spelt_out(value, subject) if b"null" in data else orjson.loads(data)
    return copy


def _spelt_out(value: Any, subject: str) -> JsonValue:
    try:
        copy: JsonValue = _plain(value, "", subject)
        json_text.check(copy)
    except RecursionError:
        raise UnwritableError(f"{subject} contains itself, or is nested too deeply for JSON") from None
    except UnwritableError:
        raise
    except ValueError as error:
        raise UnwritableError(f"{subject} cannot be written as JSON: {error}") from None
    return copy


def _plain(value: Any, place: str, subject: str) -> Any:
    if type(value) in SAFE:
        return value
    shape = level(value, place or subject)
    if isinstance(shape, dict):
        return {key: _plain(item, inside(place, key), subject) for key, item in shape.items()}
    if isinstance(shape, list):
        return [_plain(item, f"{place}[{index}]", subject) for index, item in enumerate(shape)]
    return shape


def inside(place: str, key: str) -> str:
    """Return the place of a key."""
    return f"{place}.{key}" if place else key


def level(value: Any, place: str) -> Authored:
    """
    Return a value as JSON has it, without looking at its parts: a scalar, a dict with text keys, or a list.

    Args:
        value: The value.
        place: Where it stands, for messages.

    Raises:
        UnwritableError: It is nothing that JSON has, or that has a spelling there.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return level(value.value, place)
    if isinstance(value, str):
        return _text(str.__str__(value), place)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _finite(float(value), place)
    if isinstance(value, Mapping):
        return _keyed(value, place)
    if isinstance(value, _LISTS) and not isinstance(value, _BYTES):
        return list(value)
    if isinstance(value, AbstractSet):
        items = [_plain(item, f"{place}[…]", place) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True, ensure_ascii=False))
    if records.is_model(type(value)):
        return dumped(value, place)
    if records.is_record(type(value)):
        return records.as_mapping(value)
    return _leaf(value, place)


def dumped(model: Any, place: str) -> JsonValue:
    """
    Return a pydantic model as pydantic writes it.

    Raises:
        UnwritableError: pydantic cannot, or would write a mask in place of a secret.
    """
    try:
        data: JsonValue = model.model_dump(mode="json", by_alias=True)
        parts = model.model_dump(by_alias=True)
    except ValueError as error:
        raise UnwritableError(f"{place} cannot be written as JSON: {error}") from None
    for where, secret in _masked(parts, data, place):
        _refuse_secret(secret, where)
    return data


def _masked(part: Any, data: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield the secrets that were written as masks: a dump to Python keeps them, one to JSON has stars."""
    if isinstance(part, Mapping) and isinstance(data, dict):
        for key, item in part.items():
            if key in data:
                yield from _masked(item, data[key], inside(place, str(key)))
    elif isinstance(part, list | tuple | set | frozenset) and isinstance(data, list):
        for index, (item, other) in enumerate(zip(part, data, strict=False)):
            yield from _masked(item, other, f"{place}[{index}]")
    elif _is_secret(part) and data and (data == str(part) or set(data) == {"*"}):
        yield place, part


def _is_secret(value: Any) -> bool:
    return hasattr(type(value), "get_secret_value")


def _refuse_secret(value: Any, place: str) -> None:
    raise UnwritableError(
        f"{place} is a {type(value).__name__}: a secret is not written, it would stand in the store for all to read; "
        "keep it in the environment as CONDUCTOR_SECRET_<NAME> and give secret('NAME') to the task that needs it",
    )


def _keyed(value: Mapping[Any, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        text = key if type(key) is str and key.isascii() else key_text(key, place)
        if text in found:
            raise UnwritableError(f"two keys in {place} are both {text!r:.40} in JSON, which has texts for keys only")
        found[text] = item
    return found


def key_text(key: Any, place: str) -> str:
    """
    Return the key of an object that stands for a key of a Python map.

    Raises:
        UnwritableError: It cannot be a text.
    """
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    fault = f"the key {shown(key, 40)} in {place} cannot be written as JSON; use a text"
    try:
        plain = level(key, fault)
    except UnwritableError:
        raise UnwritableError(fault) from None
    if not isinstance(plain, str | int | float):
        raise UnwritableError(fault)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _leaf(value: Any, place: str) -> Authored:
    if isinstance(value, date | time):  # a datetime too
        return value.isoformat()
    if isinstance(value, timedelta):
        length = value.total_seconds()
        return int(length) if length.is_integer() else length
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, PurePath):
        return _text(str(value), place)
    if isinstance(value, _BYTES):
        return b64encode(value).decode()
    if _is_secret(value):
        _refuse_secret(value, place)
    raise UnwritableError(
        f"{place} is a value of type {type(value).__name__} ({shown(value, 40)}), "
        f"which cannot be written as JSON{_instead(value)}",
    )


def _instead(value: Any) -> str:
    if inspect.isgenerator(value) or isinstance(value, Iterator):
        return "; make a list of it: list(...)"
    if inspect.isawaitable(value):
        return "; await it"
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", 0) == 0:
        return "; give Python's own value, which its .item() is"  # numpy's numbers, and those of its like
    return "; write its .tolist()" if hasattr(type(value), "tolist") else ""


def _finite(value: float, place: str) -> float:
    if not math.isfinite(value):
        raise UnwritableError(f"{place} is {value}: JSON has no such number")
    return value


def _text(value: str, place: str) -> str:
    if not is_unicode(value):
        raise UnwritableError(f"{place} is a text that is no Unicode ({value!r:.40})")
    return value
