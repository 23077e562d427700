"""Schedules in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.database import Writer
from podium.backends.sql.part import SqlPart
from podium.backends.sql.statements import Statements
from podium.engine.rows import ScheduleRow, WriteSet
from podium.model.errors import StaleRun


class SqlSchedules(SqlPart):
    """The `podium.engine.ports.ScheduleStore` over a database."""

    def schedule(self, name: str) -> ScheduleRow | None:
        """Return a schedule, or None."""
        rows = self._database.fetch(self._sql.schedule, (name,))
        return ScheduleRow._make(rows[0]) if rows else None

    def schedules(self) -> Sequence[ScheduleRow]:
        """Return every schedule, by name."""
        return [ScheduleRow._make(row) for row in self._database.fetch(self._sql.schedules, ())]

    def due_schedules(self, until: int, limit: int) -> Sequence[ScheduleRow]:
        """Return the schedules that are due at or before *until*, earliest first, then by name."""
        return [ScheduleRow._make(row) for row in self._database.fetch(self._sql.due_schedules, (until, limit))]

    def next_schedule_at(self) -> int | None:
        """Return the earliest moment at which a schedule is due, or None."""
        ((moment,),) = self._database.fetch(self._sql.next_schedule_at, ())
        return None if moment is None else int(moment)


def write_schedules(cursor: Writer, sql: Statements, writes: WriteSet) -> None:
    """
    Write the schedules of a commit.

    Raises:
        StaleRun: Another process has changed one of them first.
    """
    if writes.deleted_schedules:
        cursor.executemany(sql.delete_schedule, [(name,) for name in writes.deleted_schedules])
    if not writes.schedules:
        return
    new = [row for row in writes.schedules if row.revision == 1]
    changed = [row for row in writes.schedules if row.revision > 1]
    if new:
        made = "another process made a schedule first: one of"
        cursor.change(sql.insert_schedule, new, lambda: StaleRun(f"{made} {_names(new)}"))
    if changed:
        rows = [(*row[1:], row.name, row.revision - 1) for row in changed]
        late = "another process changed a schedule first: one of"
        cursor.change(sql.update_schedule, rows, lambda: StaleRun(f"{late} {_names(changed)}"))


def _names(rows: Sequence[ScheduleRow]) -> str:
    return ", ".join(row.name for row in rows)
