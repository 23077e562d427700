"""
The text of a value inside a longer string.

Conductor embeds values as Java prints them, so maps and lists are *not* JSON; only the result of an indefinite
JSONPath is, because Jayway returns another class of list.
"""

from __future__ import annotations

import math
import re

from podium.model.values import JsonValue


def java_text(value: JsonValue) -> str:
    """
    Print a value as Java's ``String.valueOf`` does.

    Example:
        >>> java_text({"q": 1, "l": [True, None, 1.0]})
        '{q=1, l=[true, null, 1.0]}'
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, dict):
        return "{" + ", ".join([f"{java_text(key)}={java_text(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join([java_text(item) for item in value]) + "]"
    return str(value)


def java_double(value: float) -> str:
    """
    Print a double as Java's ``Double.toString`` does.

    Example:
        >>> java_double(1.0), java_double(1e10), java_double(0.00012)
        ('1.0', '1.0E10', '1.2E-4')
    """
    text = repr(value)
    if not math.isfinite(value):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(text, "NaN")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return text
    text = text.replace("5e-324", "4.9e-324")  # the smallest double; Java gives two digits at least
    sign = "-" if text[0] == "-" else ""
    mantissa, _, exponent_text = text.removeprefix("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The place of the first digit that counts, relative to the decimal point.
    exponent = int(exponent_text or 0) + len(whole) - 1 - (len(whole + fraction) - len(digits))
    return f"{sign}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{exponent}"


def finite(value: JsonValue) -> JsonValue:
    """
    Return a value as JSON keeps it: NaN and the infinities are texts, as Conductor writes them to its store.

    Example:
        >>> finite(0.5), finite(math.nan), finite(-math.inf)
        (0.5, 'NaN', '-Infinity')
    """
    return value if not isinstance(value, float) or math.isfinite(value) else java_double(value)


def embedded_json(value: JsonValue) -> str:
    r"""
    Print a value as the JSON that Conductor's JSONPath embeds (json-smart's, which also escapes slashes).

    Example:
        >>> embedded_json([1.0, "a/b", {"k": None}])
        '[1.0,"a\\/b",{"k":null}]'
    """
    if isinstance(value, str):
        return f'"{_ESCAPED.sub(_escape, value)}"'
    if isinstance(value, dict):
        return "{" + ",".join([f"{embedded_json(str(key))}:{embedded_json(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([embedded_json(item) for item in value]) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return java_text(value)


_ESCAPED = re.compile(r'["\\/\x00-\x1f\x7f-\x9f\u2000-\u20ff]')
_SHORT_ESCAPES = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", '"': '"', "\\": "\\", "/": "/"}


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return "\\" + (_SHORT_ESCAPES[char] if char in _SHORT_ESCAPES else f"u{ord(char):04X}")
