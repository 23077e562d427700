"""JSON as text: what others wrote is read strictly, what we write is the same each time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from types import NoneType

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
        plain = text.removeprefix("\ufeff") if isinstance(text, str) else text.decode("utf-8-sig")
        value: JsonValue = json.loads(plain, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError(_too_deep()) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8: {error}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error}{_dialect(error)}") from None
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
    value: JsonValue = orjson.loads(text)
    # The quick reader takes whole numbers beyond 64 bits for floats.
    is_long = _LONG_BYTES.search(text) if isinstance(text, bytes) else _LONG_TEXT.search(text)
    if is_long:
        value = json.loads(text)
    return value


#: What most values are that hold no others; to ask whether one is a mapping takes longer than all else here.
_LEAVES = frozenset({str, int, bool, NoneType})


def check(value: JsonValue, *, numbers: bool = True) -> None:
    """
    Make sure that data can be written as JSON.

    Args:
        value: The data.
        numbers: Look at numbers too, and not only at how deeply the data is nested.

    Raises:
        ValueError: There is a number in it that JSON does not have, or it is nested too deeply.
    """
    # By levels and not by recursion: what is too deep must not end in a RecursionError.
    level = [value]
    for _ in range(LEVELS_MAX + 1):
        deeper: list[JsonValue] = []
        for each in level:
            if type(each) in _LEAVES:
                continue
            if isinstance(each, Mapping):
                deeper += each.values()
            elif isinstance(each, list | tuple):
                deeper += each
            elif numbers and isinstance(each, float) and not math.isfinite(each):
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


def kind_of(value: JsonValue) -> str:
    """
    Say what a JSON value is.

    Example:
        >>> kind_of([1]), kind_of(None)
        ('a list', 'null')
    """
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null" if value is None else type(value).__name__)


def shown(value: JsonValue, length: int = 60) -> str:
    """
    Return a value in one line, cut to *length* characters, for messages: as JSON, a text in single quotes.

    Example:
        >>> shown({"a": [None, True, "b"]}), shown("abc"), shown([1, 2, 3, 4], 6)
        ('{"a": [null, true, "b"]}', "'abc'", '[1, 2…')
    """
    if isinstance(value, str):
        return f"{value[:length]!r:.{length}}"
    try:
        text = json.dumps(value[: length + 1] if isinstance(value, list) else value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"<{type(value).__name__}>"
    return text if len(text) <= length else f"{text[: length - 1]}…"


def described(value: JsonValue) -> str:
    """
    Say what a JSON value is, and show it.

    Example:
        >>> described([1, None]), described(True)
        ('a list ([1, null])', 'true')
    """
    return shown(value) if value is None or isinstance(value, bool) else f"{kind_of(value)} ({shown(value)})"


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"it holds a number that JSON does not have: {name}; write null, or a text")


#: What other dialects have where JSON ends, and what to write.
_DIALECTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"//|/\*|#"), "JSON has no comments"),
    (re.compile(r"'"), "texts and keys stand in double quotes"),
    (re.compile(r"None\b"), "None is written null"),
    (re.compile(r"(?:True|False)\b"), "True and False are written true and false"),
    (re.compile(r"undefined\b"), "undefined is written null"),
    (re.compile(r"[+.]\d|0[xob\d]", re.IGNORECASE), "numbers are written like 16, 0.5 or -1e3"),
    (re.compile(r"[A-Za-z_$]"), "keys and texts stand in double quotes"),
    (re.compile(r"[\x00-\x1f]"), "a line end in a text is written \\n"),
)


def _dialect(error: json.JSONDecodeError) -> str:
    """Say which other language a text was probably written in, empty if it is not known."""
    rest, before = error.doc[error.pos :], error.doc[: error.pos].rstrip()
    if not error.doc.strip():
        return "; it is empty"
    if (before.endswith(",") and rest[:1] in {"}", "]"}) or (rest[:1] == "," and rest[1:].lstrip()[:1] in {"}", "]"}):
        return "; there is no comma before a closing bracket"
    if error.msg == "Extra data" and rest[:1] in {"{", "["}:
        return "; one value is expected, not several"
    if re.search(r"[0-9]$", before) and re.match(r"[0-9A-Za-z_.]", rest):
        rest = ".0"  # a number in another spelling
    found = next((words for pattern, words in _DIALECTS if pattern.match(rest)), None)
    return "" if found is None else f"; {found}"


def _too_deep() -> str:
    return f"it is nested more than {LEVELS_MAX} levels deep"
