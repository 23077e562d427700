"""Readers of values that hold no others: texts, numbers, choices, times."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum, Flag
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin
from uuid import UUID

from podium.model.json_text import described, shown
from podium.model.values import JsonValue
from podium.typed.plain import written
from podium.typed.records import Hint

#: What values of plain types are called.
_WORDS: Mapping[Hint, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list",
    dict: "an object",
}

#: Types that have None among their values without saying so.
_NULLABLE: tuple[Hint, ...] = (Any, object, None, NoneType)

#: Reads one value; the second argument is the type, as cattrs passes it.
Reader: TypeAlias = Callable[[JsonValue, Hint], Any]

_JSON_TYPES: frozenset[type] = frozenset({str, int, float, bool, NoneType})


class WrongValueError(ValueError):
    """A value of the wrong type; the text is for the author."""


def wrong(expected: str, value: JsonValue) -> WrongValueError:
    """Make the error that says what is expected and what was given."""
    return WrongValueError(f"{expected} is expected, not {described(value)}")


def expected(hint: Hint) -> str:
    """
    Say what values of a type look like, as far as a word or two can.

    Example:
        >>> expected(int), expected(list[int])
        ('a whole number', 'a list')
    """
    origin: Hint = get_origin(hint)
    word = _WORDS.get(hint if origin is None else origin)
    return str(getattr(hint, "__name__", hint)) if word is None else word


def accepts_null(hint: Hint) -> bool:
    """
    Return whether None is a value of this type.

    Example:
        >>> accepts_null(int), accepts_null(int | None)
        (False, True)
    """
    if any(hint is one for one in _NULLABLE):
        return True
    return get_origin(hint) in {Union, UnionType} and any(map(accepts_null, get_args(hint)))


def _text(value: JsonValue, kind: Hint) -> Any:
    # cattrs finds this hook for subclasses too: a StrEnum is a str.
    if kind is not str and issubclass(kind, Enum):
        return _choice(value, kind)
    if not isinstance(value, str):
        raise wrong("a text", value)
    return value if kind is str else kind(value)


def _integer(value: JsonValue, kind: Hint) -> Any:
    if kind is not int and issubclass(kind, Enum):
        return _choice(value, kind)
    if isinstance(value, float) and value.is_integer():
        return kind(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("a whole number", value)
    return value if kind is int else kind(value)


def _number(value: JsonValue, kind: Hint) -> Any:
    if kind is not float and issubclass(kind, Enum):
        return _choice(value, kind)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong("a number", value)
    return kind(value)


def _boolean(value: JsonValue, _: Hint) -> bool:
    if not isinstance(value, bool):
        raise wrong("true or false", value)
    return value


def _nothing(value: JsonValue, _: Hint) -> None:
    if value is not None:
        raise wrong("null", value)


def _bytes(value: JsonValue, kind: Hint) -> Any:
    if isinstance(value, str):
        try:
            return kind(b64decode(value, validate=True))
        except ValueError:
            raise WrongValueError(f"bytes in base64 are expected, not {shown(value, 40)}") from None
    raise wrong("bytes in base64", value)


def _choice(value: JsonValue, kind: type[Enum]) -> Enum:
    for member in kind:
        if member.value == value and isinstance(value, bool) == isinstance(member.value, bool):
            return member
    for member in kind:  # whose value JSON has not, so that it was written as something that it has
        if type(member.value) not in _JSON_TYPES and written(member.value, "the value") == value:
            return member
    if issubclass(kind, Flag) and type(value) is int:
        with suppress(ValueError):
            return kind(value)  # several flags at once
    raise wrong(f"one of {', '.join(repr(member.value) for member in kind)}", value)


def literal(value: JsonValue, hint: Hint) -> Any:
    """Read one of the values of a ``Literal``."""
    for choice in get_args(hint):
        plain = choice.value if isinstance(choice, Enum) else choice
        if plain == value and type(plain) is type(value):
            return choice
    raise wrong(f"one of {', '.join(map(repr, get_args(hint)))}", value)


def _parsed(expected: str, parse: Callable[[str], Any]) -> Reader:
    def read(value: JsonValue, _: Hint) -> Any:
        if not isinstance(value, str):
            raise wrong(expected, value)
        try:
            return parse(value)
        except ValueError:
            raise wrong(expected, value) from None

    return read


def _decimal(value: JsonValue, _: Hint) -> Decimal:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            pass
    raise wrong("a decimal number", value)


def _length_of_time(value: JsonValue, _: Hint) -> timedelta:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong("a number of seconds", value)
    return timedelta(seconds=value)


def anything(value: JsonValue, _: Hint) -> JsonValue:
    """Take any JSON value."""
    return value


def _path(value: JsonValue, kind: Hint) -> PurePath:
    if not isinstance(value, str):
        raise wrong("a path", value)
    made: PurePath = kind(value)
    return made


def is_secret(kind: Hint) -> bool:
    """Return whether this is pydantic's SecretStr or its kin, which is made of a text; pydantic is not imported."""
    return isinstance(kind, type) and hasattr(kind, "get_secret_value")


def secret(value: JsonValue, kind: Hint) -> Any:
    """Read a text into what hides it."""
    if not isinstance(value, str):
        raise wrong("a text", value)
    return kind(value.encode() if kind.__name__ == "SecretBytes" else value)


#: The readers by type; that of Enum reads every enumeration.
LEAVES: Mapping[type, Reader] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _boolean,
    NoneType: _nothing,
    bytes: _bytes,
    bytearray: _bytes,
    Enum: _choice,
    date: _parsed("a date such as 2026-12-24", date.fromisoformat),
    datetime: _parsed("a time such as 2026-12-24T18:00:00+01:00", datetime.fromisoformat),
    time: _parsed("a time of day such as 18:00", time.fromisoformat),
    timedelta: _length_of_time,
    UUID: _parsed("a UUID", UUID),
    Decimal: _decimal,
    PurePath: _path,
}
