"""Schedules in memory."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import ScheduleRow


class MemorySchedules(MemoryPart):
    """The `podium.engine.ports.ScheduleStore` in memory."""

    def schedule(self, name: str) -> ScheduleRow | None:
        """Return a schedule, or None."""
        with self._lock:
            return self._tables.schedules.get(name)

    def schedules(self) -> Sequence[ScheduleRow]:
        """Return every schedule, by name."""
        with self._lock:
            return [self._tables.schedules[name] for name in sorted(self._tables.schedules)]

    def due_schedules(self, until: int, limit: int) -> Sequence[ScheduleRow]:
        """Return the schedules that are due at or before *until*, earliest first, then by name."""
        with self._lock:
            due = ((row.due_at, row.name, row) for row in self._tables.schedules.values() if row.due_at is not None)
            return [row for _, _, row in heapq.nsmallest(limit, (entry for entry in due if entry[0] <= until))]

    def next_schedule_at(self) -> int | None:
        """Return the earliest moment at which a schedule is due, or None."""
        with self._lock:
            moments = (row.due_at for row in self._tables.schedules.values())
            return min((moment for moment in moments if moment is not None), default=None)
