"""What is known only while the workflow runs, and what is computed then: the nouns behind Python's operators."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from podium.typed import records
from podium.typed.authored import Authored


class Later:
    """A value that is known only while the workflow runs; the base of references and of expressions."""

    __slots__ = ()

    def __podium_hint__(self) -> records.Hint:
        """Return the declared type of the value, ``Any`` if it is not known."""
        return Any


@frozen(eq=False)
class Computation:
    """What an expression computes."""

    #: JavaScript's operator or function; ``member`` for an index, ``choice`` for a ternary, ``negative`` for a sign.
    operator: str
    operands: tuple[Authored, ...]
    #: The type of the result, ``Any`` if it is not known.
    hint: records.Hint


class Computed(Later):
    """A value that is computed; the author has it as a `podium.dsl.expressions.Expression`."""

    __slots__ = ("__podium__",)

    __podium__: Computation


def computation_of(value: Computed) -> Computation:
    """Return how a value is computed."""
    return value.__podium__
