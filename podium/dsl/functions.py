"""
What Python's operators cannot say about a value that is known only while the workflow runs.

Each gives an `podium.dsl.Expression`, for ``when``, ``switch``, ``loop(...).until``, ``inline`` and the like. The
meaning is Python's, unless a function says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podium.dsl.expressions import Expression
from podium.dsl.refs import refuse


def is_in(value: object, options: Sequence[object]) -> Any:
    """
    Tell whether *value* is one of *options*.

    Example:
        >>> from podium.dsl.refs import ref
        >>> is_in(ref("workflow.input.speed"), ["POST", "EXPRESS"])
        <Expression ["POST", "EXPRESS"].includes(${workflow.input.speed})>
    """
    return Expression("includes", list(options), value)


def contains(value: object, item: object) -> Any:
    """Tell whether *value*, a text or a list, holds *item*."""
    return Expression("includes", value, item)


def len_(value: object) -> Any:
    """Give the length of a list, or of a text in UTF-16 units (as Python counts it, unless it has emoji)."""
    return Expression("length", value)


def is_null(value: object) -> Any:
    """Tell whether a value is null or missing; ``~is_null(value)`` for the opposite."""
    return Expression("==", value, None)


def not_(condition: object) -> Any:
    """Give the opposite of a condition; ``~condition`` does the same."""
    return Expression("!", condition)


def if_(condition: object, then: object, otherwise: object) -> Any:
    """
    Give *then* where a condition holds, else *otherwise*: Python's ``then if condition else otherwise``.

    Example:
        >>> from podium.dsl.refs import ref
        >>> if_(ref("workflow.input.amount", int) > 1000, "large", "small")
        <Expression ${workflow.input.amount} > 1000 ? "large" : "small">
    """
    return Expression("choice", condition, then, otherwise)


def starts_with(text: object, prefix: object) -> Any:
    """Tell whether a text begins with *prefix*."""
    return Expression("startsWith", text, prefix)


def ends_with(text: object, suffix: object) -> Any:
    """Tell whether a text ends with *suffix*."""
    return Expression("endsWith", text, suffix)


def lower(text: object) -> Any:
    """Give a text in lower case."""
    return Expression("toLowerCase", text)


def upper(text: object) -> Any:
    """Give a text in upper case."""
    return Expression("toUpperCase", text)


def strip(text: object) -> Any:
    """Give a text without the white space at both ends (JavaScript's idea of it, which knows some more characters)."""
    return Expression("trim", text)


def min_(*values: object) -> Any:
    """
    Give the smallest of several numbers.

    Raises:
        AuthoringError: P1, there are fewer than two.
    """
    return Expression("Math.min", *_several("min_", values))


def max_(*values: object) -> Any:
    """
    Give the largest of several numbers.

    Raises:
        AuthoringError: P1, there are fewer than two.
    """
    return Expression("Math.max", *_several("max_", values))


def floor(number: object) -> Any:
    """Give the largest whole number that is not above *number*."""
    return Expression("Math.floor", number)


def ceil(number: object) -> Any:
    """Give the smallest whole number that is not below *number*."""
    return Expression("Math.ceil", number)


def _several(name: str, values: Sequence[object]) -> Sequence[object]:
    if len(values) < 2:
        refuse(f"{name}() takes two numbers or more; for the extreme of a list use jq('name', '.items | min', items=…)")
    return values
