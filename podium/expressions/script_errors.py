"""
The texts of errors in scripts, as Conductor's server words them.

The server runs GraalJS, Podium QuickJS. Both give the same errors, but word some of them differently, and the server
names a line only where the engine itself raised the error, or where something that is no error was thrown.
"""

from __future__ import annotations

import re
from typing import TypeAlias

#: QuickJS's words, GraalJS's, and whether the server names the line: built-in functions have none.
_Rule: TypeAlias = tuple[str, str, bool]
_RULES: tuple[_Rule, ...] = (
    (
        r"TypeError: cannot (read|set) property '(.*)' of (null|undefined)",
        r"TypeError: Cannot \1 property '\2' of \3",
        True,
    ),
    (r"ReferenceError: (.*) is not (?:defined|initialized)", r"ReferenceError: \1 is not defined", True),
    (r"TypeError: '(.*)' is read-only", r'TypeError: Assignment to constant "\1"', True),
    (r"TypeError: (?:.* is )?not (a function|a constructor|iterable)", r"\g<0>", True),
    (r"TypeError: value is not iterable", r"\g<0>", True),
    (r"TypeError: cannot convert BigInt to number", "TypeError: Cannot convert a BigInt value to a number", True),
    (r"TypeError: cannot convert symbol to (.*)", r"TypeError: Cannot convert a Symbol value to a \1", True),
    (r"TypeError: Cannot convert undefined or null to object", r"\g<0>", True),
    (r"TypeError: class constructors must be invoked with 'new'", r"\g<0>", True),
    (
        r"TypeError: invalid 'instanceof' right operand",
        "TypeError: Right-hand-side of instanceof is not an object",
        True,
    ),
    (r"RangeError: invalid array length", "RangeError: Invalid array length", True),
    (r"RangeError: Maximum call stack size exceeded", r"\g<0>", True),
    (r"TypeError: circular reference", "TypeError: Converting circular structure to JSON", False),
    (r"TypeError: BigInt are forbidden in JSON.stringify", "TypeError: Do not know how to serialize a BigInt", False),
    (r"TypeError: empty array", "TypeError: Reduce of empty array with no initial value", False),
    (r"RangeError: Date value is NaN", "RangeError: time value is not a finite number", False),
    (r"RangeError: invalid repeat count", "RangeError: illegal repeat count", False),
    (r"RangeError: invalid string length", "RangeError: Invalid string length", False),
    (r"RangeError: invalid number of digits", "RangeError: toFixed() fraction digits need to be in range 0-100", False),
    (r"RangeError: toString\(\) radix .*", "RangeError: toString() expects radix in range 2-36", False),
    (r"URIError: .*", "URIError: illegal escape sequence", False),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), words, has_line) for pattern, words, has_line in _RULES)
#: The same for a script that cannot be compiled; what stands at the place is called TOKEN.
_SYNTAX: tuple[tuple[str, str], ...] = (
    (r"unexpected token in expression: ''", "Expected an operand but found eof"),
    (r"unexpected token in expression: '(.*)'", r"Expected an operand but found \1"),
    (r"expecting '(.*)'", r"Expected \1 but found TOKEN"),
    (r"unexpected end of string", "Missing close quote"),
    (r"return not in a function", "Invalid return statement"),
    (r"break must be inside .*", "Illegal break statement"),
    (r"continue must be inside .*", "Illegal continue statement"),
    (r"invalid assignment left-hand side", "Invalid left hand side for assignment"),
    (r"invalid increment/decrement operand", "Invalid left hand side for assignment"),
)
_BIG_INTEGER = re.compile(r"\bBigInt\b|\dn\b")
#: For scripts that use no such integers themselves.
_BIG_INPUT = ": an integer of the input is beyond 2**53, write Number($.x) + 1 (rounded) or BigInt($.x) + 1n (exact)"
_TOKEN = re.compile(r"\s*([\w$]+|\S)?")
_THROW = re.compile(r"\bthrow\b")
_CALLER = re.compile(r"[\w$.]*$")
#: Longest line of a script that a text shows, and how far back it is looked at, in characters.
_SHOWN_MAX = 500
_CALLED = re.compile(r"\s*([\w$.]*)")


def official_text(message: str, place: tuple[int, int] | None, script: str, *, is_error: bool) -> str:
    """
    Word an error as the server does.

    Args:
        message: QuickJS's words, with the name of the error's class.
        place: The line and the column where it came up, from 1, if that is known.
        script: The script.
        is_error: Whether it is an error; anything else can be thrown as well.

    Returns:
        The text, such as ``Error evaluating the script `TypeError: ...` at line 1``.
    """
    if not is_error:
        return error_text(message, _line_of_throw(script))
    for pattern, words, has_line in _COMPILED:
        match = pattern.fullmatch(message)
        if match is not None:
            worded = match.expand(words)
            worded = worded.replace("'Symbol.iterator'", "'Symbol(Symbol.iterator)'")
            if "BigInt" in worded and _BIG_INTEGER.search(script) is None:
                worded += _BIG_INPUT
            return error_text(_with_name(worded, place, script), place[0] if has_line and place else None)
    return error_text(message, None)


def syntax_text(message: str, place: tuple[int, int] | None, script: str) -> str:
    """Word the error of a script that does not compile, with the line and a mark under the place."""
    if place is None:
        return error_text(message, None)
    line, column = place
    words = message.removeprefix("SyntaxError: ")
    source = (script.split("\n")[line - 1 : line] or [""])[0]
    found = (_TOKEN.match(source, column - 1) or ["", ""])[1] or "eof"
    for pattern, official in _SYNTAX:
        match = re.fullmatch(pattern, words, re.DOTALL)
        if match is not None:
            words = match.expand(official).replace("TOKEN", found)
            break
    before = source[max(0, column - _SHOWN_MAX) : column - 1].rstrip()
    if words.startswith("Expected an operand") and found in {*")],}"} and (not before or before[-1] in ";{}"):
        words = f"Expected {'eof' if found == '}' else ';'} but found {found}"
    shown = f"\n{source}\n{' ' * (column - 1)}^\n" if len(source) <= _SHOWN_MAX else ""
    return error_text(f"SyntaxError: inline:{line}:{column - 1} {words}{shown}", line)


def error_text(message: str, line: int | None) -> str:
    """Write an error as Conductor does."""
    return f"Error evaluating the script `{message}`" + (f" at line {line}" if line is not None else "")


def _with_name(message: str, place: tuple[int, int] | None, script: str) -> str:
    """Name what is no function, as far as the script shows it."""
    if place is None or not message.startswith("TypeError: not a"):
        return message
    source = (script.split("\n")[place[0] - 1 : place[0]] or [""])[0]
    before = _CALLER.search(source[max(0, place[1] - _SHOWN_MAX) : place[1] - 1])
    behind = _CALLED.match(source, place[1] - 1)
    name = (before[0] if before else "") + (behind[1] if behind else "")
    return message.replace("not a", f"{name} is not a", 1) if name and not name.startswith(".") else message


def _line_of_throw(script: str) -> int | None:
    """Return the only line of a script with a ``throw``; what is no error does not know where it was thrown."""
    lines = (number for number, line in enumerate(script.split("\n"), 1) if _THROW.search(line))
    first = next(lines, None)
    return first if next(lines, None) is None else None
