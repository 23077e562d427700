"""JSON as text: what others wrote is read strictly, what we write is the same each time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

import orjson

from podium.model.values import JsonValue

#: How deeply values may be nested. Writing ends at 254 levels; what people write has a dozen.
LEVELS_MAX = 250
_LONG_TEXT = re.compile(r"[0-9]{19}")
_LONG_BYTES = re.compile(rb"[0-9]{19}")
_SURROGATES = re.compile("[\ud800-\udfff]")


def parse(text: str | bytes) -> JsonValue:
    """
    Read JSON text.

    Python's own reader also takes what is no JSON (``NaN``, ``Infinity``) and numbers that no float can hold
    (``1e999``). Both would be written as null, so they are refused here.

    Raises:
        ValueError: It is no JSON, holds such a number, or is nested too deeply.

    Example:
        >>> parse('{"a": [1, 2.5]}')
        {'a': [1, 2.5]}
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(_too_deep()) from None
    check(value)
    return value


def read(text: str | bytes) -> JsonValue:
    """
    Read JSON that a machine wrote: quickly, and whole numbers of any length as such.

    Raises:
        ValueError: It is no JSON.

    Example:
        >>> read("[12345678901234567890123, 1.5]")
        [12345678901234567890123, 1.5]
    """
    value = orjson.loads(text)
    # The quick reader takes whole numbers beyond 64 bits for floats.
    is_long = _LONG_BYTES.search(text) if isinstance(text, bytes) else _LONG_TEXT.search(text)
    return json.loads(text) if is_long else value


def check(value: JsonValue) -> None:
    """
    Make sure that data can be written as JSON.

    Raises:
        ValueError: There is a number in it that JSON does not have, or it is nested too deeply.
    """
    # By levels and not by recursion: what is too deep must not end in a RecursionError.
    level = [value]
    for _ in range(LEVELS_MAX + 1):
        deeper: list[JsonValue] = []
        for each in level:
            if isinstance(each, Mapping):
                deeper += each.values()
            elif isinstance(each, list | tuple):
                deeper += each
            elif isinstance(each, float) and not math.isfinite(each):
                raise ValueError("it holds a number that JSON does not have: NaN, or one beyond the range of floats")
        if not deeper:
            return
        level = deeper
    raise ValueError(_too_deep())


def write(value: JsonValue) -> str:
    """
    Write plain data as JSON text: indented by two spaces, no final newline.

    Example:
        >>> print(write({"a": 10**20}))
        {
          "a": 100000000000000000000
        }
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except TypeError:  # whole numbers beyond 64 bits, and halves of surrogate pairs: both are JSON, both are read
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        return _SURROGATES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _too_deep() -> str:
    return f"it is nested more than {LEVELS_MAX} levels deep"
