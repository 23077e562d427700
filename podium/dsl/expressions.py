"""
Conditions and arithmetic on references, compiled to a small JavaScript.

Python's comparison and arithmetic operators, ``& | ~``, `is_in` and `contains` build an `Expression`; Python's ``and``,
``or``, ``not``, ``in`` and chained comparisons cannot be seen by us and raise an `AuthoringError` with code P1.

``==`` is JavaScript's: it differs from Python's only between types (``"5" == 5`` is true there). ``//`` and ``%`` round
as Python's do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeAlias

from attrs import field, frozen

from podium.dsl.places import here
from podium.model.errors import AuthoringError
from podium.model.values import JsonValue

#: Gives the JavaScript that reads an operand which is not a literal: a `podium.dsl.refs.Ref`, or a text with ``${…}``.
Bind: TypeAlias = Callable[[JsonValue], str]

#: How strongly JavaScript's operators bind; a higher number binds more strongly.
_RANKS: Mapping[str, int] = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
    "**": 7,
    "!": 8,
    "negative": 8,
}
_ATOM = 10


def _refusal(message: str) -> AuthoringError:
    return AuthoringError(message, code="P1", place=here())


class Operators:
    """Python's operators, giving an `Expression`; the base of references and of expressions."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise NotImplementedError  # the classes below say why

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]  # a comparison that happens later
        return Expression("==", self, other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]  # a comparison that happens later
        return Expression("!=", self, other)

    def __lt__(self, other: object) -> Expression:
        return Expression("<", self, other)

    def __le__(self, other: object) -> Expression:
        return Expression("<=", self, other)

    def __gt__(self, other: object) -> Expression:
        return Expression(">", self, other)

    def __ge__(self, other: object) -> Expression:
        return Expression(">=", self, other)

    def __and__(self, other: object) -> Expression:
        return Expression("&&", self, other)

    def __rand__(self, other: object) -> Expression:
        return Expression("&&", other, self)

    def __or__(self, other: object) -> Expression:
        return Expression("||", self, other)

    def __ror__(self, other: object) -> Expression:
        return Expression("||", other, self)

    def __invert__(self) -> Expression:
        return Expression("!", self)

    def __add__(self, other: object) -> Expression:
        return Expression("+", self, other)

    def __radd__(self, other: object) -> Expression:
        return Expression("+", other, self)

    def __sub__(self, other: object) -> Expression:
        return Expression("-", self, other)

    def __rsub__(self, other: object) -> Expression:
        return Expression("-", other, self)

    def __mul__(self, other: object) -> Expression:
        return Expression("*", self, other)

    def __rmul__(self, other: object) -> Expression:
        return Expression("*", other, self)

    def __truediv__(self, other: object) -> Expression:
        return Expression("/", self, other)

    def __rtruediv__(self, other: object) -> Expression:
        return Expression("/", other, self)

    def __floordiv__(self, other: object) -> Expression:
        return Expression("Math.floor", Expression("/", self, other))

    def __rfloordiv__(self, other: object) -> Expression:
        return Expression("Math.floor", Expression("/", other, self))

    def __mod__(self, other: object) -> Expression:
        return _modulo(self, other)

    def __rmod__(self, other: object) -> Expression:
        return _modulo(other, self)

    def __pow__(self, other: object) -> Expression:
        return Expression("**", self, other)

    def __rpow__(self, other: object) -> Expression:
        return Expression("**", other, self)

    def __neg__(self) -> Expression:
        return Expression("negative", self)

    def __abs__(self) -> Expression:
        return Expression("Math.abs", self)

    def is_in(self, options: Sequence[object]) -> Expression:
        """Tell whether the value is one of *options*; what Python's ``in`` would say."""
        return Expression("includes", list(options), self)

    def contains(self, item: object) -> Expression:
        """Tell whether the value, a text or a list, holds *item*."""
        return Expression("includes", self, item)


def _modulo(left: object, right: object) -> Expression:
    # JavaScript's remainder has the sign of the left side, Python's of the right side.
    return Expression("%", Expression("+", Expression("%", left, right), right), right)


class Expression(Operators):
    """A computation that happens while the workflow runs."""

    __slots__ = ("operands", "operator", "place")

    def __init__(self, operator: str, *operands: JsonValue) -> None:
        self.operator = operator
        self.operands = operands
        self.place = here()
        for operand in operands:
            _check_operand(operand)

    def __bool__(self) -> bool:
        raise _refusal(
            f"the condition {self!r} is known only while the workflow runs, so Python's if, and, or, not, in and "
            "a < b < c cannot see it; use when(...), join conditions with & | ~ and put each in parentheses; "
            "for 'in' write is_in(value, [...])",
        )

    def __hash__(self) -> int:
        raise _refusal(
            f"{self!r} cannot be a key or a member of a set: its value is known only while the workflow runs"
        )

    def __str__(self) -> str:
        raise _refusal(f"{self!r} has no text: ${{...}} cannot compute; use inline('name', expression) and its .output")

    def __format__(self, spec: str) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<Expression {compile_js(self, str)}>"


def _check_operand(operand: object) -> None:
    if isinstance(operand, Operators | str | bool | int | Enum) or operand is None:
        return
    if isinstance(operand, float):
        if not math.isfinite(operand):
            raise _refusal(f"{operand} cannot be written in a condition: JSON has no such number")
        return
    if isinstance(operand, list | tuple):
        for item in operand:
            _check_operand(item)
        return
    raise _refusal(
        f"a {type(operand).__name__} cannot stand in a condition; use a reference, a text, a number or a list"
    )


def is_in(value: object, options: Sequence[object]) -> Any:
    """
    Tell, while the workflow runs, whether *value* is one of *options*.

    Example:
        >>> from podium.dsl.refs import ref
        >>> is_in(ref("workflow.input.speed"), ["POST", "EXPRESS"])
        <Expression ["POST", "EXPRESS"].includes(${workflow.input.speed})>
    """
    return Expression("includes", list(options), value)


def contains(value: object, item: object) -> Any:
    """Tell, while the workflow runs, whether *value*, a text or a list, holds *item*."""
    return Expression("includes", value, item)


def length_of(value: object) -> Any:
    """Give, while the workflow runs, the length of a text or a list."""
    return Expression("length", value)


def not_(condition: object) -> Any:
    """Give the opposite of a condition; ``~condition`` does the same."""
    return Expression("!", condition)


@frozen(kw_only=True)
class Script:
    """
    A script as the author wrote it, and the values it reads as ``$.name``.

    Make one with `js` or `python`.
    """

    text: str
    #: Conductor's ``evaluatorType``.
    language: str = "javascript"
    inputs: Mapping[str, JsonValue] = field(factory=dict)


def js(text: str, /, *, evaluator: str = "javascript", **inputs: JsonValue) -> Script:
    """
    Give a JavaScript to run where a condition or an inline script is expected; the way out of the operators.

    Args:
        text: Its value is that of the last statement; it reads its inputs as ``$.name``.
        evaluator: ``javascript``, or ``graaljs`` for Conductor's other name of the same engine.
        inputs: The values it reads.

    Example:
        >>> js("$.text.trim().length > 3", text="abc").language
        'javascript'
    """
    return Script(text=text, language=evaluator, inputs=inputs)


def python(text: str, /, **inputs: JsonValue) -> Script:
    """Give a Python body to run while the workflow runs; it needs ``return`` and sees each input as a variable."""
    return Script(text=text, language="python", inputs=inputs)


def compile_js(value: JsonValue, bind: Bind) -> str:
    """
    Write an expression as JavaScript, with no more parentheses than it needs.

    Args:
        value: An expression, a reference or a literal.
        bind: Gives the JavaScript for what is not a literal.
    """
    return _write(value, bind)[0]


def _write(value: JsonValue, bind: Bind) -> tuple[str, int]:
    if isinstance(value, Expression):
        return _write_expression(value, bind)
    if isinstance(value, Operators) or (isinstance(value, str) and "${" in value):
        return bind(value), _ATOM
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, list | tuple):
        return "[" + ", ".join(compile_js(item, bind) for item in value) + "]", _ATOM
    text = json.dumps(value, ensure_ascii=False)
    return text, _RANKS["negative"] if text.startswith("-") else _ATOM


def _write_expression(expression: Expression, bind: Bind) -> tuple[str, int]:
    operator, operands = expression.operator, expression.operands
    if operator == "includes":
        return f"{_at_least(operands[0], _ATOM, bind)}.includes({compile_js(operands[1], bind)})", _ATOM
    if operator == "length":
        return f"{_at_least(operands[0], _ATOM, bind)}.length", _ATOM
    if operator.startswith("Math."):
        return f"{operator}({compile_js(operands[0], bind)})", _ATOM
    rank = _RANKS[operator]
    if len(operands) == 1:
        sign = "-" if operator == "negative" else operator
        return sign + _at_least(operands[0], rank + 1, bind), rank
    left_rank, right_rank = rank, rank + 1
    if operator == "**":  # binds to the right, and JavaScript refuses a sign on its left side
        left_rank, right_rank = _RANKS["!"] + 1, rank
    return f"{_at_least(operands[0], left_rank, bind)} {operator} {_at_least(operands[1], right_rank, bind)}", rank


def _at_least(value: JsonValue, rank: int, bind: Bind) -> str:
    text, own = _write(value, bind)
    return text if own >= rank else f"({text})"
