"""
JSON as loosely as Conductor's JSONPath reads it in filters: quotes of both kinds or none, and commas too many.

(json-smart's permissive mode.)
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from podium.expressions.jsonpath.escapes import unescape
from podium.model.values import JsonValue

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[\[\]{}:,])|'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>[^\[\]{}:,]+))""",
    re.DOTALL,
)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_WORDS = {"true": True, "false": False, "null": None}
_DEPTH_MAX = 50


class LooseJsonError(ValueError):
    """The text is no JSON, however loosely it is read."""


def read_loosely(text: str) -> JsonValue:
    """
    Read JSON.

    Example:
        >>> read_loosely("[1, 'two', three, {four: 4.5}]")
        [1, 'two', 'three', {'four': 4.5}]

    Raises:
        LooseJsonError: It cannot be read.
    """
    value, at = _value(text, 0, 0)
    if text[at:].strip():
        raise LooseJsonError(f"something stands behind the JSON: {text}")
    return value


def _value(text: str, at: int, depth: int) -> tuple[JsonValue, int]:
    match = _TOKEN.match(text, at)
    if match is None or depth > _DEPTH_MAX:
        raise LooseJsonError(f"no JSON: {text}")
    if match["sign"] == "[":
        return _array(text, match.end(), depth)
    if match["sign"] == "{":
        return _object(text, match.end(), depth)
    if match["sign"]:
        raise LooseJsonError(f"no JSON: {text}")
    return _scalar(match), match.end()


def _scalar(match: re.Match[str]) -> JsonValue:
    if match["bare"] is None:
        return unescape(match["single"] if match["single"] is not None else match["double"])
    word = match["bare"].strip()
    if word in _WORDS:
        return _WORDS[word]
    if _NUMBER.fullmatch(word) is None:
        return word
    try:
        return int(word) if word.lstrip("-").isdigit() else float(Decimal(word))
    except (ValueError, InvalidOperation, OverflowError):
        return word


def _array(text: str, at: int, depth: int) -> tuple[JsonValue, int]:
    items: list[JsonValue] = []
    while True:
        match = _TOKEN.match(text, at)
        if match is not None and match["sign"] == "]":
            return items, match.end()
        if match is not None and match["sign"] == ",":
            at = match.end()
            continue
        item, at = _value(text, at, depth + 1)
        items.append(item)


def _object(text: str, at: int, depth: int) -> tuple[JsonValue, int]:
    members: dict[str, JsonValue] = {}
    while True:
        match = _TOKEN.match(text, at)
        if match is not None and match["sign"] == "}":
            return members, match.end()
        if match is not None and match["sign"] == ",":
            at = match.end()
            continue
        if match is None or match["sign"]:
            raise LooseJsonError(f"no JSON: {text}")
        name = _scalar(match)
        colon = _TOKEN.match(text, match.end())
        if colon is None or colon["sign"] != ":":
            raise LooseJsonError(f"no JSON: {text}")
        members[name if isinstance(name, str) else match["bare"].strip()], at = _value(text, colon.end(), depth + 1)
