"""
What Python's operators cannot say about a value that is known only while the workflow runs.

Each gives an `podium.dsl.Expression`, for ``when``, ``switch``, ``loop(...).until``, ``inline`` and the like. The
meaning is Python's, unless a function says otherwise. To the type checker each gives the value that it will have while
the workflow runs, as references do; hence the casts. What may be null is taken, because no type checker can follow
``is_null(name) | starts_with(name, "x")``. A null that is really met fails the step where a text or list is expected,
and counts as 0 where a number is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar, cast

from podium.dsl.expressions import Expression, OperatorOverloads
from podium.dsl.refs import refuse

T = TypeVar("T")
U = TypeVar("U")


def is_in(value: object, options: Collection[object]) -> bool:
    """
    Return whether *value* is one of *options*: Python's ``value in options``.

    Args:
        value: What to look for.
        options: A list of values, or a reference to a list.

    Example:
        >>> from podium.dsl.refs import ref
        >>> is_in(ref("workflow.input.speed"), ["POST", "EXPRESS"])
        <Expression ["POST", "EXPRESS"].includes(${workflow.input.speed})>
    """
    if isinstance(options, str):
        refuse(f"is_in() takes a list; for a part of the text {options!r:.40} write contains({options!r:.40}, value)")
    if isinstance(options, set | frozenset):
        options = sorted(options, key=repr)  # a set's own order differs from one process to the next
    return cast(
        "bool", Expression("includes", options if isinstance(options, OperatorOverloads) else list(options), value)
    )


def contains(value: object, item: object) -> bool:
    """Return whether *value*, a text or a list, holds *item*: Python's ``item in value``."""
    return cast("bool", Expression("includes", value, item))


def len_(value: object) -> int:
    """Return the length of a list, or of a text in UTF-16 units (as Python counts it, unless it has emoji)."""
    return cast("int", Expression("length", value))


def is_null(value: object) -> bool:
    """Return whether a value is null or missing; ``~is_null(value)`` for the opposite."""
    return cast("bool", Expression("==", value, None))


def not_(condition: object) -> bool:
    """Return the opposite of a condition; ``~condition`` does the same."""
    return cast("bool", Expression("!", condition))


def if_(condition: object, then: T, otherwise: U) -> T | U:
    """
    Return *then* where a condition holds, else *otherwise*: Python's ``then if condition else otherwise``.

    Example:
        >>> from podium.dsl.refs import ref
        >>> if_(ref("workflow.input.amount", int) > 1000, "large", "small")
        <Expression ${workflow.input.amount} > 1000 ? "large" : "small">
    """
    return cast("T | U", Expression("choice", condition, then, otherwise))


def starts_with(text: str | None, prefix: str) -> bool:
    """Return whether a text begins with *prefix*."""
    return cast("bool", Expression("startsWith", text, prefix))


def ends_with(text: str | None, suffix: str) -> bool:
    """Return whether a text ends with *suffix*."""
    return cast("bool", Expression("endsWith", text, suffix))


def lower(text: str | None) -> str:
    """Return a text in lower case."""
    return cast("str", Expression("toLowerCase", text))


def upper(text: str | None) -> str:
    """Return a text in upper case."""
    return cast("str", Expression("toUpperCase", text))


def strip(text: str | None) -> str:
    """Return a text without the white space at both ends, as JavaScript knows it: some characters more."""
    return cast("str", Expression("trim", text))


def min_(*values: T) -> T:
    """
    Return the smallest of several numbers.

    Raises:
        AuthoringError: P1, there are fewer than two.
    """
    return cast("T", Expression("Math.min", *_several("min_", values)))


def max_(*values: T) -> T:
    """
    Return the largest of several numbers.

    Raises:
        AuthoringError: P1, there are fewer than two.
    """
    return cast("T", Expression("Math.max", *_several("max_", values)))


def floor(number: float | None) -> int:
    """Return the largest whole number that is not above *number*."""
    return cast("int", Expression("Math.floor", number))


def ceil(number: float | None) -> int:
    """Return the smallest whole number that is not below *number*."""
    return cast("int", Expression("Math.ceil", number))


def int_(value: str | float | None) -> int:
    """
    Return a number or a text of digits as a whole number, cut towards zero: Python's ``int(value)``.

    A text that is no number gives NaN, which equals nothing and is neither below nor above anything.
    """
    return cast("int", Expression("Math.trunc", Expression("Number", value)))


def float_(value: str | float | None) -> float:
    """Return a number, or the number that a text holds: Python's ``float(value)``; NaN for any other text."""
    return cast("float", Expression("Number", value))


def str_(value: str | float | None) -> str:
    """Return a number as a text: Python's ``str(value)``, but without the ``.0`` that whole numbers never have here."""
    return cast("str", Expression("String", value))


def _several(name: str, values: Sequence[object]) -> Sequence[object]:
    if len(values) < 2:
        refuse(f"{name}() takes two numbers or more; for the extreme of a list use jq('name', '.items | min', items=…)")
    return values
