"""
What a JSONPath means, once it is read: steps, and the conditions in its filters.

The names are Podium's; what each does is what Jayway's json-path 2.9.0 does, the library in Conductor's server.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from podium.model.values import JsonValue


class PathError(ValueError):
    """A text that is no path, or a step that cannot be taken: such a path has no value, and a filter does not match."""


@attrs.frozen
class Members:
    """``.name``, ``['name']`` or ``['a','b']``."""

    names: tuple[str, ...]


@attrs.frozen
class Indexes:
    """``[0]``, ``[-1]`` or ``[0,2]``."""

    indexes: tuple[int, ...]


@attrs.frozen
class Slice:
    """``[1:3]``, ``[1:]`` or ``[:3]``."""

    start: int | None
    end: int | None


@attrs.frozen
class EveryMember:
    """``[*]`` or ``.*``."""


@attrs.frozen
class Deep:
    """``..``: the step behind it is tried at every depth."""


@attrs.frozen
class Filter:
    """``[?(...)]``."""

    condition: Condition


@attrs.frozen
class JsonParameter:
    """A parameter of a function that is written as JSON."""

    text: str


@attrs.frozen
class FunctionCall:
    """``.length()`` and the like."""

    name: str
    parameters: tuple[PathSyntax | JsonParameter, ...]


Step: TypeAlias = Members | Indexes | Slice | EveryMember | Deep | Filter | FunctionCall


def _are_upstream_definite(path: PathSyntax) -> tuple[bool, ...]:
    flags: list[bool] = []
    definite = True
    for at in range(len(path.steps)):
        flags.append(definite)
        definite = definite and path.is_step_definite(at)
    return (*flags, definite)


@attrs.frozen
class PathSyntax:
    """A path."""

    #: From the root, outermost first.
    steps: tuple[Step, ...]
    #: Whether it starts with ``$``, at the document; else with ``@``, at the item that a filter looks at.
    starts_at_root: bool = True
    #: For each step, and for the end, whether all steps in front of it select one place.
    upstream_definite: tuple[bool, ...] = attrs.field(
        init=False, default=attrs.Factory(_are_upstream_definite, takes_self=True)
    )

    def is_step_definite(self, at: int) -> bool:
        """Return whether a step selects one place; several names do at the end, where they select one object."""
        step = self.steps[at]
        if isinstance(step, Members):
            return len(step.names) == 1 or at == len(self.steps) - 1
        return isinstance(step, FunctionCall) or (isinstance(step, Indexes) and len(step.indexes) == 1)

    @property
    def is_definite(self) -> bool:
        """Whether the path has one value, or null; else it has a list of values."""
        return self.upstream_definite[-1]

    @property
    def is_function(self) -> bool:
        """Whether it ends in a function."""
        return bool(self.steps) and isinstance(self.steps[-1], FunctionCall)

    @property
    def needs_root(self) -> bool:
        """Whether a filter or a parameter in it looks at the document."""
        return any(
            _looks_at_root(step.condition)
            if isinstance(step, Filter)
            else isinstance(step, FunctionCall) and any(isinstance(each, PathSyntax) for each in step.parameters)
            for step in self.steps
        )


@attrs.frozen
class PathOperand:
    """A path in a filter: its value, or, standing alone, whether there is one."""

    path: PathSyntax
    #: Whether it is asked for the place, not for the value.
    is_check: bool = False
    #: What the answer shall be; ``!@.x`` wants it to be missing.
    should_exist: bool = True


@attrs.frozen
class JsonLiteral:
    """``[...]`` or ``{...}`` in a filter."""

    text: str
    value: JsonValue = attrs.field(eq=False)


@attrs.frozen
class PatternLiteral:
    """``/.../i``."""

    text: str
    #: What ``google-re2`` compiled; it ships no annotations.
    compiled: Any = attrs.field(eq=False, repr=False)


#: What is compared; a number is exact.
Operand: TypeAlias = PathOperand | JsonLiteral | PatternLiteral | str | int | Decimal | bool | None


@attrs.frozen
class PathComparison:
    """Two operands and an operator, in capitals if it is a word."""

    left: Operand
    operator: str
    right: Operand


@attrs.frozen
class AnyOf:
    """``a || b``."""

    parts: tuple[Condition, ...]


@attrs.frozen
class AllOf:
    """``a && b``."""

    parts: tuple[Condition, ...]


@attrs.frozen
class Not:
    """``!(a)``."""

    part: Condition


Condition: TypeAlias = PathComparison | AnyOf | AllOf | Not


def _looks_at_root(condition: Condition) -> bool:
    match condition:
        case PathComparison(left, _, right):
            return any(
                isinstance(each, PathOperand) and (each.path.starts_at_root or each.path.needs_root)
                for each in (left, right)
            )
        case Not(part):
            return _looks_at_root(part)
        case _:
            return any(_looks_at_root(part) for part in condition.parts)
