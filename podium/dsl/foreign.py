"""
Types that JSON does not have, so that operators see something else: a text, or a number of seconds.

``Decimal("1.50") == Decimal("1.5")``, but ``"1.50" != "1.5"``; ``"10.0" + 1`` is ``"10.01"``. Operators on them are
refused at the author's line, but for what means the same: lengths of time among themselves, and an enumeration and its
members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from podium.typed import records
from podium.typed.authored import Authored

#: What to write instead; a datetime is a date too, so it stands before it.
_INSTEAD: Mapping[type, str] = {
    Decimal: "its JSON is a text: write float_(value) for the number in it, or compute in a task",
    datetime: "its JSON is a text: compare str_(value) where all have one form and zone, or compare in a task",
    date: "its JSON is a text: compare str_(value), such as str_(day) < '2026-12-24', or compare in a task",
    time: "its JSON is a text: compare str_(value) where all are written in one form, or compare in a task",
    UUID: "its JSON is a text: compare str_(value) where all are written in one form, or compare in a task",
    PurePath: "its JSON is a text: join with an f-string, such as f'{folder}/{name}'; compare str_(value)",
    timedelta: "its JSON is a number of seconds: write float_(value) for it",
}
#: Operators that mean for lengths of time what they mean for their seconds.
_OF_LENGTHS = frozenset({"+", "-", "%", "negative", "Math.abs", "Math.min", "Math.max"})
_COMPARING = frozenset({"==", "!=", "<", "<=", ">", ">="})


def foreign_type(hint: records.Hint) -> type | None:
    """
    Return the type that JSON has not behind a hint, None if operators see values of the hint as they are in Python.

    Example:
        >>> foreign_type(Decimal | None), foreign_type(str)
        (<class 'decimal.Decimal'>, None)
    """
    kind = records.core(hint)
    while hasattr(kind, "__supertype__"):  # NewType
        kind = records.core(kind.__supertype__)
    if not isinstance(kind, type):
        return None
    if issubclass(kind, Enum):
        return None if issubclass(kind, str | int | float) else kind
    return next((known for known in _INSTEAD if issubclass(kind, known)), None)


def instead_of(kind: type) -> str:
    """Say what to write instead of an operator on values of a type of `foreign_type`."""
    if issubclass(kind, Enum):
        return f"compare it with its members, such as {kind.__name__}.{next(iter(kind.__members__), 'NAME')}"
    return _INSTEAD[kind]


def means_the_same(operator: str, operands: Sequence[Authored], found: Sequence[type | None]) -> bool:
    """
    Return whether an operator on values of such types means in JavaScript what it means in Python.

    Args:
        operator: As `podium.dsl.computations.Computation` has it.
        operands: The operands.
        found: Their types, as `foreign_type` gives them; that of a literal member too.
    """
    if operator in {"Number", "String", "member"}:
        return True  # conversions, and what does not look at the value
    if operator == "choice":
        return found[0] is None
    if operator in {"==", "!="} and any(operand is None for operand in operands):
        return True
    known = {kind for kind, operand in zip(found, operands, strict=True) if not _is_unknown(operand)}
    if known == {timedelta}:
        return operator in _OF_LENGTHS | _COMPARING | {"/"}
    if timedelta in found and operator in {"*", "/"}:
        other = operands[1] if found[0] is timedelta else operands[0]
        return isinstance(other, int | float) and (operator == "*" or found[0] is timedelta)
    is_enum = len(known) == 1 and all(kind is not None and issubclass(kind, Enum) for kind in known)
    return is_enum and operator in {"==", "!=", "includes"}


def _is_unknown(operand: Authored) -> bool:
    """Return whether nothing is known of this reference; there, operators mean what they mean in JavaScript."""
    hint_of_it = getattr(type(operand), "__podium_hint__", None)
    return hint_of_it is not None and hint_of_it(operand) is Any


def hint_of(operator: str, found: Sequence[type | None]) -> records.Hint:
    """Return the type of the result of an operator that `means_the_same`; ``Any`` if it is not known."""
    if timedelta in found and (operator in _OF_LENGTHS or operator == "*" or found.count(timedelta) == 1):
        return timedelta
    if operator == "choice" and found[-1] is not None and found[-1] is found[-2]:
        return found[-1]
    return Any


def type_of(value: Any, hint: records.Hint) -> type | None:
    """Return the type of `foreign_type` of an operand: of a reference by its hint, of a literal member by its class."""
    if isinstance(value, Enum):
        return foreign_type(type(value))
    if isinstance(value, list | tuple):
        kinds = {type_of(item, Any) for item in value}
        return kinds.pop() if len(kinds) == 1 else None
    return foreign_type(hint)
