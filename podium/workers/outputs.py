"""
From a function's result to the output of its attempt.

Whether a result is spread over the output or put under ``result`` is decided by `podium.dsl.records` alone, which also
tells the author's references where to look. Here the values become plain JSON data that nobody else holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any
from uuid import UUID

import orjson

from podium.dsl import records
from podium.dsl.leaves import described
from podium.dsl.records import Hint
from podium.dsl.results import result_faults
from podium.engine.records import dump, parse
from podium.model.values import JsonValue

_MISFIT = "the result is not what the annotation says"
_SCALARS: frozenset[Hint] = frozenset({int, str, float, bool})

#: Types that JSON has, whose every value can be written.
_SAFE: frozenset[type] = frozenset({int, bool, NoneType})

# Records and subclasses are for us to spell: records may have other names on the wire.
_STRICT = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


class WrongOutputError(ValueError):
    """A result that cannot be written as JSON; the text names the place."""


def packer(hint: Hint) -> Callable[[Any], dict[str, JsonValue]]:
    """
    Make the function that turns results into outputs.

    Args:
        hint: The task's return annotation, ``Any`` if it has none.

    Returns:
        A function that raises `WrongOutputError` if the result is no JSON, or not what the annotation says.

    Example:
        >>> packer(int)(3)
        {'result': 3}
    """
    pack = _packer(hint)
    faults = result_faults(hint)
    if faults is None:
        return pack
    exact = hint if hint in _SCALARS else None

    def checked(value: Any) -> dict[str, JsonValue]:
        output = pack(value)
        if type(value) is not exact and (found := faults(None if value is None else output)):
            raise WrongOutputError(f"{_MISFIT}: {'; '.join(found)}")
        return output

    return checked


def _packer(hint: Hint) -> Callable[[Any], dict[str, JsonValue]]:
    keys = records.output_keys(hint)
    if len(keys) > 1:
        name = keys[1]

        def put_under(value: Any) -> dict[str, JsonValue]:
            return {name: value} if type(value) in _SAFE else plain({name: value})

        return put_under
    must_be_record = records.is_record(hint)

    def pack(value: Any) -> dict[str, JsonValue]:
        if value is None:
            return records.pack(None, hint)
        if must_be_record and not (isinstance(value, Mapping) or records.is_record(type(value))):
            raise WrongOutputError(f"{_MISFIT}: result: an object is expected, not {described(value)}")
        return plain(records.pack(_dumped(value), hint))

    return pack


def plain(output: Mapping[str, Any]) -> dict[str, JsonValue]:
    """
    Give an output as plain JSON data, a copy.

    Records become objects (a pydantic model as pydantic writes it), enums their values, dates and times ISO 8601
    texts, UUIDs and decimals texts, a timedelta its seconds, sets sorted lists.

    Raises:
        WrongOutputError: Something in it cannot be written; the text names the place.
    """
    try:
        data = orjson.dumps(output, option=_STRICT)
    except TypeError:
        return _spelt_out(output)
    if b"null" in data:  # a NaN is written as null, so somebody must look
        return _spelt_out(output)
    copy: dict[str, JsonValue] = parse(data)
    return copy


def _spelt_out(output: Mapping[str, Any]) -> dict[str, JsonValue]:
    try:
        copy: dict[str, JsonValue] = _plain(output, "")
        dump(copy)
    except RecursionError:
        raise WrongOutputError("the result contains itself, or is nested too deeply for JSON") from None
    except TypeError as error:
        raise WrongOutputError(f"the result cannot be written as JSON: {error}") from None
    return copy


def _plain(value: Any, place: str) -> JsonValue:
    if type(value) in _SAFE:
        return value
    if isinstance(value, Enum):
        return _plain(value.value, place)
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise WrongOutputError(f"{place or 'the result'} is {value}: JSON has no such number")
        return float(value)
    if isinstance(value, Mapping):
        return {_key(key, place): _plain(item, _inside(place, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item, f"{place}[…]") for item in value), key=dump)
    if records.is_model(type(value)):
        return _plain(_dumped(value), place)
    if records.is_record(type(value)):
        return {key: _plain(item, _inside(place, key)) for key, item in records.as_mapping(value).items()}
    return _leaf(value, place)


def _dumped(value: Any) -> Any:
    """Give a pydantic model as pydantic writes it, anything else as it is."""
    return value.model_dump(mode="json", by_alias=True) if records.is_model(type(value)) else value


def _leaf(value: Any, place: str) -> JsonValue:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID | Decimal):
        return str(value)
    hint = "; encode them as text, for instance in base64" if isinstance(value, bytes | bytearray) else ""
    raise WrongOutputError(
        f"{place or 'the result'} is a value of type {type(value).__name__} ({value!r:.40}), "
        f"which cannot be written as JSON{hint}",
    )


def _text(value: str, place: str) -> str:
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongOutputError(f"{place or 'the result'} is a text that is no Unicode ({value!r:.40})") from None
    return text


def _inside(place: str, key: object) -> str:
    return f"{place}.{key}" if place else f"{key}"


def _key(key: object, place: str) -> str:
    if type(key) is str:
        return _text(key, place)
    try:
        (text,) = parse(dump({key: None}))
    except TypeError:
        where = f" in {place}" if place else ""
        raise WrongOutputError(f"the key {key!r:.40}{where} cannot be written as JSON; use a text") from None
    return str(text)
