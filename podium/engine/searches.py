"""
What runs and attempts can be searched by: conditions that a store answers.

A condition is true or false of a row, never unknown: what is not there (None) is equal to nothing, unequal to
everything, and neither before nor behind anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Any, Final, Literal, NamedTuple, TypeAlias

#: The fields of a run: columns of `podium.engine.rows.RunRow`, and ``duration``, the milliseconds from start to end.
RUN_FIELDS: Final = (
    *("run_id", "name", "version", "status", "priority", "correlation_id", "parent_id"),
    *("created_at", "updated_at", "ended_at", "duration", "reason", "data", "input", "output", "variables"),
)
#: The fields of an attempt: columns of `podium.engine.rows.TaskRow`; ``duration``; ``waited``, the milliseconds from
#: its scheduling to its start; and the name and the correlation id of its run.
TASK_FIELDS: Final = (
    *("run_id", "seq", "ref", "base_ref", "task_type", "task_def_name", "status"),
    *("scheduled_at", "started_at", "ended_at", "updated_at", "duration", "waited", "reason"),
    *("data", "input", "output", "run_name", "run_correlation_id"),
)
#: Those that are bytes of JSON, and can only be looked through.
PAYLOADS: Final = frozenset({"data", "input", "output", "variables"})

#: ``like`` takes a text with ``*`` for any letters; ``holds`` looks for a text in a payload, and ``has`` in a text.
Op: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "null", "not null", "like", "has", "holds"]
OPS: Final[tuple[Op, ...]] = ("=", "!=", "<", "<=", ">", ">=", "null", "not null", "like", "has", "holds")


class Compare(NamedTuple):
    """One field is held against a value; ``null`` and ``not null`` have none."""

    field: str
    op: Op
    value: str | int | None = None


class Every(NamedTuple):
    """All parts hold; none for whatever there is."""

    parts: tuple[Condition, ...] = ()


class Either(NamedTuple):
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Compare | Every | Either


class Order(NamedTuple):
    """A field to sort by."""

    field: str
    is_descending: bool = False


class Search(NamedTuple):
    """What is searched for, in which order, and which part of it is wanted."""

    where: Condition = Every()
    #: Rows that are equal in all of these come by their key, descending if the first field is.
    order: tuple[Order, ...] = (Order("created_at", is_descending=True),)
    limit: int = 100
    offset: int = 0


#: Gives the value of a field.
Values: TypeAlias = "Callable[[str], Any]"

_COMPARING: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def holds(condition: Condition, value_of: Values) -> bool:
    """
    Return whether a condition holds.

    Args:
        condition: The condition.
        value_of: Gives the value of a field; bytes for a payload.

    Example:
        >>> where = Every((Compare("name", "like", "or*r"), Compare("version", ">", 1)))
        >>> holds(where, {"name": "order", "version": 2}.get)
        True
    """
    if isinstance(condition, Every):
        return all(holds(part, value_of) for part in condition.parts)
    if isinstance(condition, Either):
        return any(holds(part, value_of) for part in condition.parts)
    return _test(condition.op, value_of(condition.field), condition.value)


def _test(op: Op, found: Any, wanted: Any) -> bool:
    if op in {"null", "not null"}:
        return (found is None) is (op == "null")
    if op == "!=":
        return bool(found != wanted)
    if found is None:
        return False
    if op == "=":
        return bool(found == wanted)
    if op == "like":
        return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), found, re.DOTALL) is not None
    if op in {"has", "holds"}:
        return (wanted.encode() if op == "holds" else wanted) in found
    return _COMPARING[op](found, wanted)


def fields_of(condition: Condition) -> frozenset[str]:
    """Return the fields that a condition looks at."""
    if isinstance(condition, Compare):
        return frozenset({condition.field})
    return frozenset().union(*map(fields_of, condition.parts))
