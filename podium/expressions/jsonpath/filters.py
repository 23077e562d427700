"""
The syntax of a filter, ``[?(...)]``, as Conductor's library reads it (Jayway's `FilterCompiler`, 2.9.0).

    either     = both { "||" both }
    both       = operand { "&&" operand }
    operand    = comparison | "(" either ")" | "!" operand
    comparison = value [ operator value ]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from podium.expressions.jsonpath import patterns
from podium.expressions.jsonpath.cursor import TextCursor
from podium.expressions.jsonpath.escapes import unescape
from podium.expressions.jsonpath.loose_json import LooseJsonError, read_loosely
from podium.expressions.jsonpath.nodes import (
    AllOf,
    AnyOf,
    Condition,
    JsonLiteral,
    Not,
    Operand,
    PathComparison,
    PathError,
    PathOperand,
    PathSyntax,
    PatternLiteral,
)
from podium.expressions.refusals import PathFault

_ReadPath: TypeAlias = Callable[[str], PathSyntax]

_OPERATORS = frozenset(
    {">=", "<=", "==", "===", "!=", "!==", "<", ">", "=~", "NIN", "IN", "CONTAINS", "ALL", "SIZE", "EXISTS", "TYPE"}
    | {"MATCHES", "EMPTY", "SUBSETOF", "ANYOF", "NONEOF"}
)

_SIGNS = "<>=~!"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")


def read_filter(text: str, read_path: _ReadPath) -> Condition:
    """
    Read a filter.

    Args:
        text: All of it, from ``[?`` to ``]``.
        read_path: Reads the paths in it.

    Raises:
        PathError: It does not compile.
    """
    cursor = TextCursor(text)
    cursor.trim()
    for opening in "[?":
        if cursor.char != opening:
            raise PathError("a filter is written [?(...)]")
        cursor.at += 1
        if opening == "[":
            cursor.last -= 1
        cursor.trim()
    if cursor.char != "(" or text[cursor.last] != ")":
        raise PathError("a filter is written [?(...)]")
    try:
        condition = _Reader(cursor, read_path).either()
        cursor.skip_blanks()
    except PathFault as exc:
        raise PathError(str(exc)) from None
    if cursor.is_inside:
        raise PathError("something stands behind the condition")
    return condition


class _Reader:
    """
    Reads one filter.

    A value that cannot be read raises `PathError` where the comparison in front of it may still be no comparison at
    all, and `PathFault` where the whole filter is none.
    """

    def __init__(self, cursor: TextCursor, read_path: _ReadPath) -> None:
        self._cursor = cursor
        self._read_path = read_path

    def either(self) -> Condition:
        parts = [self._both()]
        while self._passed("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._operand()]
        while self._passed("&&"):
            parts.append(self._operand())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _passed(self, word: str) -> bool:
        """Pass over a word if it comes next."""
        cursor = self._cursor
        start = cursor.at
        while cursor.at < cursor.last and cursor.is_inside and cursor.char == " ":
            cursor.at += 1
        if cursor.at + 1 <= cursor.last and cursor.text.startswith(word, cursor.at):
            cursor.at += len(word)
            return True
        cursor.at = start
        return False

    def _operand(self) -> Condition:
        cursor = self._cursor
        char = cursor.skip_blanks()
        start = cursor.at
        if char == "!":
            cursor.at += 1
            if cursor.skip_blanks() not in "$@":
                return Not(self._operand())
            cursor.at = start
        if cursor.char == "(":
            cursor.at += 1
            condition = self.either()
            if cursor.skip_blanks() != ")":
                raise PathFault("a bracket is not closed")
            cursor.at += 1
            return condition
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._value()
        start = self._cursor.at
        try:
            return PathComparison(left, self._operator(), self._value())
        except PathError:
            self._cursor.at = start
        if not isinstance(left, PathOperand):
            raise PathFault("a value alone is no condition")
        return PathComparison(
            PathOperand(left.path, is_check=True, should_exist=left.should_exist), "EXISTS", left.should_exist
        )

    def _operator(self) -> str:
        cursor = self._cursor
        in_signs = cursor.skip_blanks() in _SIGNS
        start = cursor.at
        while cursor.is_inside and (cursor.char in _SIGNS if in_signs else cursor.char != " "):
            cursor.at += 1
        operator = cursor.text[start : cursor.at].upper()
        if operator not in _OPERATORS:
            raise PathError(f"no operator: {operator}")
        return operator

    def _value(self) -> Operand:
        cursor = self._cursor
        char = cursor.skip_blanks()
        if char == "!":
            cursor.at += 1
            if cursor.skip_blanks() not in "$@":
                raise PathError("! stands in front of a path or a bracket")
            return self._path()
        match char:
            case "$" | "@":
                return self._path()
            case "'" | '"':
                return self._text(char)
            case "t" | "f":
                return self._word({"t": "true", "f": "false"}[char]) == "true"
            case "n":
                self._word("null")
                return None
            case "[" | "{":
                return self._json(char)
            case "/":
                return self._pattern()
        return self._number()

    def _word(self, word: str) -> str:
        if not self._cursor.text.startswith(word, self._cursor.at):
            raise PathError(f"expected {word}")
        self._cursor.at += len(word)
        return word

    def _text(self, quote: str) -> str:
        start = self._cursor.at
        closing = self._cursor.find_unescaped(quote, start)
        if closing < 0:
            raise PathError("a text is not closed")
        self._cursor.at = closing + 1
        return unescape(self._cursor.text[start + 1 : closing])

    def _number(self) -> int | Decimal:
        cursor = self._cursor
        start = cursor.at
        while cursor.is_inside and (cursor.char.isdecimal() or cursor.char in "-.Ee"):
            cursor.at += 1
        number = number_of(cursor.text[start : cursor.at])
        if number is None:
            raise PathFault("no number")
        return number

    def _json(self, opening: str) -> JsonLiteral:
        cursor = self._cursor
        start = cursor.at
        closing = cursor.find_closing(start, "]" if opening == "[" else "}", over_patterns=False)
        if closing < 0:
            raise PathError("a bracket is not closed")
        cursor.at = closing + 1
        text = cursor.text[start : cursor.at]
        try:
            return JsonLiteral(text, read_loosely(text))
        except LooseJsonError as exc:
            raise PathFault(str(exc)) from None

    def _pattern(self) -> PatternLiteral:
        cursor = self._cursor
        start = cursor.at
        closing = cursor.find_unescaped("/", start)
        if closing < 0:
            raise PathError("a pattern is not closed")
        end = closing + 1
        while end <= cursor.last and cursor.text[end] in patterns.FLAGS:
            end += 1
        cursor.at = end
        source, flags = cursor.text[start + 1 : closing], cursor.text[closing + 1 : end]
        return PatternLiteral(cursor.text[start:end], patterns.compile_pattern(source, flags))

    def _path(self) -> PathOperand:
        cursor = self._cursor
        start = cursor.at
        is_negated = cursor.text[cursor.significant_before(start)] == "!"
        cursor.at += 1
        while cursor.is_inside:
            if cursor.char == "[":
                closing = cursor.find_closing(cursor.at, "]", over_patterns=False)
                if closing < 0:
                    raise PathError("a bracket is not closed")
                cursor.at = closing + 1
            closes = cursor.char == ")" and not self._closes_function(start)
            if not cursor.is_inside or cursor.char in _SIGNS or cursor.char == " " or closes:
                break
            cursor.at += 1
        path = self._read_path(cursor.text[start : cursor.at])
        return PathOperand(path, should_exist=not is_negated)

    def _closes_function(self, start: int) -> bool:
        """Return whether the bracket here closes a function without parameters, such as ``@.length()``."""
        text = self._cursor.text
        place = self._cursor.significant_before(self._cursor.at)
        return place >= 0 and text[place] == "(" and "." in text[start + 1 : place]


def number_of(text: str) -> int | Decimal | None:
    """Read a number as Java's ``BigDecimal`` does; None if it is none."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return int(text) if text.lstrip("+-").isdecimal() and len(text) < 4000 else number
