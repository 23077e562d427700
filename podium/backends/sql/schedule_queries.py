"""The SQL of schedules; a part of `podium.backends.sql.queries`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Executable, Select, bindparam, literal_column, select, update

from podium.backends.sql.tables import schedules


def update_schedule() -> Executable:
    """Replace a schedule, if its revision is the one that the writer knows."""
    return (
        update(schedules)
        .where(schedules.c.name == bindparam("key_name"), schedules.c.revision == bindparam("stored"))
        .values({name: bindparam(name) for name in schedules.c.keys()[1:]})
    )


def due_schedules() -> Select[Any]:
    """Return the schedules that are due, earliest first."""
    return (
        select(schedules)
        .where(schedules.c.due_at.is_not(None), schedules.c.due_at <= bindparam("until"))
        .order_by(schedules.c.due_at, schedules.c.name)
        .limit(bindparam("limit"))
        .offset(literal_column("0", BigInteger))  # as `podium.backends.sql.queries` has it
    )
