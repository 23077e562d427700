"""What waits for an engine, in memory."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import DueRow, TaskRow

if TYPE_CHECKING:
    from podium.engine.ports import Listening


class MemoryWork(MemoryPart):
    """The `podium.engine.ports.WorkStore` in memory."""

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        with self._lock:
            return [
                DueRow(due_at, run_id, seq, self._tables.runs[run_id].holder if run_id in self._tables.runs else None)
                for due_at, (run_id, seq) in self._tables.timers.first(until, limit)
            ]

    def open_tasks(self, queues: Collection[str], limit: int) -> Sequence[TaskRow]:
        """Return attempts that any engine may take from these queues, by run_id and seq."""
        with self._lock:
            keys = (key for queue in set(queues) for key in self._tables.open.get(queue, ()))
            return [self._tables.attempts[run_id].rows[seq] for run_id, seq in heapq.nsmallest(limit, keys)]

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        with self._lock:
            return heapq.nsmallest(limit, self._tables.held.get(holder, ()))

    def listen(self) -> Listening | None:
        """Return nothing: there are no other processes."""
        return None
