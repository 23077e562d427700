"""
The syntax of JSONPath as Conductor's library reads it (Jayway's `PathCompiler`, 2.9.0).

It is lenient where Jayway is: one character behind a complete path is passed over, and a name holds whatever is neither
a point, a bracket nor a blank.
"""

from __future__ import annotations

import re

from podium.expressions.jsonpath.cursor import TextCursor
from podium.expressions.jsonpath.escapes import unescape
from podium.expressions.jsonpath.filters import read_filter
from podium.expressions.jsonpath.nodes import (
    Deep,
    EveryMember,
    Filter,
    FunctionCall,
    Indexes,
    JsonParameter,
    Members,
    PathError,
    PathSyntax,
    Slice,
    Step,
)

#: Java's ``int``, which indexes must fit.
_INT_MAX = 2**31
_PAIRS = {")": "(", "]": "[", "}": "{"}
_INT = re.compile(r"[+-]?[0-9]+")


def read_path(text: str) -> PathSyntax:
    """
    Read a path.

    Args:
        text: What stands between the braces of a reference; ``$.`` in front may be left out.

    Raises:
        PathError: The text does not compile.
    """
    try:
        if not text.startswith(("$", "@")):
            text = f"$.{text}"
        cursor = TextCursor(text)
        cursor.trim()
        if text[cursor.last] == ".":
            raise PathError("a path does not end with a point")
        return _read(cursor)
    except (IndexError, RecursionError, ValueError) as exc:
        raise PathError(str(exc)) from None


def _read(cursor: TextCursor) -> PathSyntax:
    """Read from ``$`` or ``@`` to the end."""
    while cursor.is_inside and cursor.char in " \t\r\n":
        cursor.at += 1
    root = cursor.char
    if root not in "$@":
        raise PathError("a path starts with $ or @")
    steps: list[Step] = []
    if not cursor.is_at_tail():
        cursor.at += 1
        if cursor.char not in ".[":
            raise PathError("a point or a bracket must follow")
        while True:
            steps.append(_step(cursor))
            # A scan is never the last step.
            if cursor.is_at_tail() and not isinstance(steps[-1], Deep):
                break
    return _turned(PathSyntax(tuple(steps), root == "$"))


def _turned(path: PathSyntax) -> PathSyntax:
    """Make ``$..x.sum()`` the sum of all that ``$..x`` selects; behind other beginnings a function sees one value."""
    steps = path.steps
    if not steps or not isinstance(steps[0], Deep) or not isinstance(steps[-1], FunctionCall):
        return path
    at, function = next((at, step) for at, step in enumerate(steps) if isinstance(step, FunctionCall))
    subject = PathSyntax(steps[:at])
    return PathSyntax((FunctionCall(function.name, (subject,)), *steps[at + 1 :]), path.starts_at_root)


def _step(cursor: TextCursor) -> Step:
    """Read the next step."""
    if cursor.char == ".":
        if cursor.text[cursor.at + 1 : cursor.last + 1].startswith("."):
            cursor.at += 2
            if cursor.char == ".":
                raise PathError("three points")
            return Deep()
        if cursor.at >= cursor.last:
            raise PathError("a path does not end with a point")
        cursor.at += 1
        if cursor.char == ".":
            raise PathError("two points")
    match cursor.char:
        case "[":
            return _bracket(cursor)
        case "*":
            cursor.at += 1
            return EveryMember()
        case _:
            return _name_or_function(cursor)


def _bracket(cursor: TextCursor) -> Step:
    """Read what stands between ``[`` and ``]``."""
    first = cursor.next_significant()
    if first in "'\"":
        return _quoted(cursor, first)
    if first.isdecimal() or first in "-:":
        return _places(cursor)
    if first == "*":
        closing = cursor.find_next_significant(cursor.significant_from(cursor.at), "]")
        if closing < 0:
            raise PathError("[* is not closed")
        cursor.at = closing + 1
        return EveryMember()
    if first == "?":
        return _filter(cursor)
    raise PathError("expected ?, ', 0-9 or *")


def _filter(cursor: TextCursor) -> Filter:
    opening = cursor.find_next_significant(cursor.significant_from(cursor.at), "(")
    if opening < 0:
        raise PathError("a filter is written [?(...)]")
    closing = cursor.find_closing(opening, ")", over_patterns=True)
    end = cursor.find_next_significant(closing, "]") if closing >= 0 else -1
    if end < 0:
        raise PathError("a filter ends with )]")
    condition = read_filter(cursor.text[cursor.at : end + 1], read_path)
    cursor.at = end + 1
    return Filter(condition)


def _places(cursor: TextCursor) -> Indexes | Slice:
    """Read indexes or a slice."""
    end = cursor.find("]", cursor.at + 1)
    if end < 0:
        raise PathError("a bracket is not closed")
    content = cursor.text[cursor.at + 1 : end].strip()
    cursor.at = end + 1
    if ":" not in content:
        return Indexes(tuple(_integer(part) for part in re.split(r"\s*,\s*", content)))
    start, _, rest = content.partition(":")
    stop = rest.partition(":")[0]
    if not (start or stop):
        raise PathError("a slice needs an end")
    return Slice(_integer(start) if start else None, _integer(stop) if stop else None)


def _integer(text: str) -> int:
    if _INT.fullmatch(text) is None or not -_INT_MAX <= int(text) < _INT_MAX:
        raise PathError(f"no index: {text}")
    return int(text)


def _quoted(cursor: TextCursor, quote: str) -> Members:
    """Read one or more quoted names."""
    names: list[str] = []
    place = cursor.at + 1
    closed = 0
    after_comma = False
    while place <= cursor.last:
        char = cursor.text[place]
        if char == "\\":
            place += 1
        elif char == quote:
            closed = cursor.find_unescaped(quote, place)
            if closed < 0 or cursor.next_significant(closed) not in "],":
                raise PathError("a name is not closed, or something stands behind it")
            names.append(unescape(cursor.text[place + 1 : closed]))
            after_comma = False
            place = closed
        elif char in ",]":
            if after_comma:
                raise PathError("an empty name")
            if char == "]":
                break
            after_comma = True
        place += 1
    cursor.at = cursor.find_next_significant(closed, "]") + 1
    if not cursor.at or not names:
        raise PathError("a bracket is not closed")
    return Members(tuple(names))


def _name_or_function(cursor: TextCursor) -> Members | FunctionCall:
    """Read up to the next point or bracket."""
    start = cursor.at
    if cursor.char == " ":
        raise PathError("names with blanks stand in brackets and quotes")
    end = start
    while end <= cursor.last and cursor.text[end] not in " .[(":
        end += 1
    name = cursor.text[start:end]
    if end > cursor.last or cursor.text[end] != "(":
        if end <= cursor.last and cursor.text[end] == " ":
            raise PathError("names with blanks stand in brackets and quotes")
        cursor.at = end
        return Members((name,))
    _require_closed(cursor, end)
    if end + 1 <= cursor.last and cursor.text[end + 1] != ")":
        cursor.at = end + 1
        return FunctionCall(name, _parameters(cursor))
    cursor.at = end + 1
    return FunctionCall(name, ())


def _require_closed(cursor: TextCursor, opening: int) -> None:
    opened = 0
    for char in cursor.text[opening : cursor.last + 1]:
        opened += (char == "(") - (char == ")")
        if opened == 0:
            return
    raise PathError("the parameters are not closed")


def _parameters(cursor: TextCursor) -> tuple[PathSyntax | JsonParameter, ...]:
    """Read a function's parameters up to the bracket that closes them, and that as well."""
    return _Parameters().read(cursor)


class _Parameters:
    """Reads the parameters of one function, by Jayway's count of brackets: those in quotes count as well."""

    def __init__(self) -> None:
        self._found: list[PathSyntax | JsonParameter] = []
        self._opened = {"(": 1, "[": 0, "{": 0}
        self._quotes = 0
        #: What the parameter that is read is: JSON, a path, or not known yet; and its text so far.
        self._kind = self._before = ""
        self._text: list[str] = []

    def read(self, cursor: TextCursor) -> tuple[PathSyntax | JsonParameter, ...]:
        is_over = False
        while cursor.is_inside and not is_over:
            is_over = self._take(cursor.char)
            cursor.at += 1
        if any(self._opened.values()):
            raise PathError("the parameters are not closed")
        return tuple(self._found)

    def _take(self, char: str) -> bool:
        """Take one character; tell whether it is the last one."""
        if not self._kind:
            if char in " \t\r\n":
                return False
            self._kind = "json" if char in '{"-' or char.isdecimal() else "path" if char in "$@" else ""
        self._count(char)
        if char == ")" and (self._opened["("] < 0 or self._before == "("):
            self._text.append(char)
        level = self._opened["("]
        is_apart = not (self._opened["["] or self._opened["{"])
        ends = char in ",)" and is_apart and not self._quotes and (level == 1 or (level == 0 and char == ")"))
        if ends:
            if self._kind:
                text = "".join(self._text)
                self._found.append(JsonParameter(text) if self._kind == "json" else _read(TextCursor(text)))
            self._kind = ""
            self._text.clear()
        if self._kind and not (char == "," and is_apart and level == 1):
            self._text.append(char)
        self._before = char
        return ends and level == 0

    def _count(self, char: str) -> None:
        """Count what opens and closes."""
        if char == '"':
            self._quotes += -1 if self._before != "\\" and self._quotes > 0 else 1
        elif char in self._opened:
            self._opened[char] += 1
        elif char in _PAIRS:
            self._opened[_PAIRS[char]] -= 1
            if self._opened[_PAIRS[char]] < 0 and char != ")":
                raise PathError(f"nothing to close with {char}")
