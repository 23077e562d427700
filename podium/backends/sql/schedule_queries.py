"""The SQL of schedules; a part of `podium.backends.sql.queries`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from podium.backends.sql.spelling import StatementCompiler
from podium.backends.sql.tables import schedules


def writing(text: StatementCompiler) -> dict[str, str]:
    """Return the texts that write, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "insert_schedule": text(insert(schedules), *schedules.c.keys()),
        "update_schedule": text(_update_schedule(), *schedules.c.keys()[1:], "key_name", "stored"),
        "delete_schedule": text(delete(schedules).where(schedules.c.name == bindparam("name")), "name"),
    }


def reading(text: StatementCompiler) -> dict[str, str]:
    """Return the texts that read, likewise."""
    return {
        "schedule": text(select(schedules).where(schedules.c.name == bindparam("name")), "name"),
        "schedules": text(select(schedules).order_by(schedules.c.name)),
        "due_schedules": text(_due_schedules(), "until", "limit"),
        "next_schedule_at": text(select(func.min(schedules.c.due_at))),
    }


def _update_schedule() -> Executable:
    """Replace a schedule, if its revision is the one that the writer knows."""
    return (
        update(schedules)
        .where(schedules.c.name == bindparam("key_name"), schedules.c.revision == bindparam("stored"))
        .values({name: bindparam(name) for name in schedules.c.keys()[1:]})
    )


def _due_schedules() -> Select[Any]:
    """Return the schedules that are due, earliest first."""
    return (
        select(schedules)
        .where(schedules.c.due_at.is_not(None), schedules.c.due_at <= bindparam("until"))
        .order_by(schedules.c.due_at, schedules.c.name)
        .limit(bindparam("limit"))
        .offset(literal_column("0", BigInteger))  # as `podium.backends.sql.queries` has it
    )
