"""
Expressions written as JavaScript, in the small part of it that means the same everywhere.

Only forms are used that GraalJS, where ``$`` holds Java's maps and lists, and our own evaluator agree on: members,
operators, ``.length`` and ``.includes`` of lists and texts, methods of texts, ``Math``. (Left out on purpose: ``in``
and ``Object.keys``, which see a Java map's methods; ``===`` with null, because a missing key is undefined.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeAlias

from podium.dsl.computations import Computed, Later, computation_of
from podium.typed.authored import Authored
from podium.typed.plain import written

#: Gives the JavaScript that reads an operand which is not a literal: a `podium.dsl.refs.Ref`, or a text with ``${…}``.
Bind: TypeAlias = Callable[[Authored], str]

#: How strongly JavaScript's operators bind; a higher number binds more strongly.
RANKS: Mapping[str, int] = {
    "choice": 0,
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
_CONVERSIONS = frozenset({"Number", "String"})
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def compile_js(value: Authored, bind: Bind, *, rank: int = 0) -> str:
    """
    Write an expression as JavaScript, with no more parentheses than it needs.

    Args:
        value: An expression, a reference or a literal.
        bind: Gives the JavaScript for what is not a literal.
        rank: That of the operator beside which it will stand, from `RANKS`.
    """
    text, own = _write(value, bind)
    return text if own >= rank else f"({text})"


def _write(value: Authored, bind: Bind) -> tuple[str, int]:
    if isinstance(value, Computed):
        return _write_expression(value, bind)
    if isinstance(value, Later) or (isinstance(value, str) and "${" in value):
        return bind(value), _ATOM
    if isinstance(value, Enum):
        value = written(value, str(value))
    if isinstance(value, list | tuple):
        return "[" + _listed(value, bind) + "]", _ATOM
    text = json.dumps(value, ensure_ascii=False)
    return text, RANKS["negative"] if text.startswith("-") else _ATOM


def _write_expression(expression: Computed, bind: Bind) -> tuple[str, int]:
    found = computation_of(expression)
    operator, operands = found.operator, found.operands
    if operator in RANKS:
        return _write_operator(operator, operands, bind), RANKS[operator]
    if operator.startswith("Math.") or operator in _CONVERSIONS:
        return f"{operator}({_listed(operands, bind)})", _ATOM
    subject = compile_js(operands[0], bind, rank=_ATOM)
    if operator == "includes" and _has_null(operands[0]):
        # A list holds null, and never the undefined of what is missing; everywhere else the two are equal.
        return f"{subject}.includes({compile_js(operands[1], bind, rank=_ATOM)} ?? null)", _ATOM
    if operator == "member":
        return f"{subject}{_member(operands[1], bind)}", _ATOM
    if operator == "length":
        return f"{subject}.length", _ATOM
    return f"{subject}.{operator}({_listed(operands[1:], bind)})", _ATOM


def _write_operator(operator: str, operands: tuple[Authored, ...], bind: Bind) -> str:
    rank = RANKS[operator]
    if operator == "choice":
        condition, first, second = operands
        chosen = (compile_js(condition, bind, rank=1), compile_js(first, bind, rank=1), compile_js(second, bind))
        return "{} ? {} : {}".format(*chosen)
    if len(operands) == 1:
        sign = "-" if operator == "negative" else operator
        return sign + compile_js(operands[0], bind, rank=rank + 1)
    left_rank, right_rank = rank, rank + 1
    if operator == "**":  # binds to the right, and JavaScript refuses a sign on its left side
        left_rank, right_rank = RANKS["!"] + 1, rank
    left, right = compile_js(operands[0], bind, rank=left_rank), compile_js(operands[1], bind, rank=right_rank)
    return f"{left} {operator} {right}"


def _has_null(value: Authored) -> bool:
    return isinstance(value, list | tuple) and any(item is None for item in value)


def _member(key: Authored, bind: Bind) -> str:
    if isinstance(key, int) and key < 0:
        return f".at({key})"  # from the end, as in ${…}
    if isinstance(key, str) and _IDENTIFIER.fullmatch(key):
        return f".{key}"
    return f"[{compile_js(key, bind)}]"


def _listed(values: tuple[Authored, ...] | list[Authored], bind: Bind) -> str:
    return ", ".join(compile_js(value, bind) for value in values)
