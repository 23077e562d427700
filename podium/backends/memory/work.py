"""What waits for an engine, in memory."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import DueRow, HeldRun, HeldTask, OpenRow

if TYPE_CHECKING:
    from podium.engine.ports import Listening

_of_run, _of_task = attrgetter(*HeldRun._fields), attrgetter(*HeldTask._fields)
_open_order = attrgetter("rank", "run_id", "seq")


class MemoryWork(MemoryPart):
    """The `podium.engine.ports.WorkStore` in memory."""

    def due(self, until: int, limit: int) -> Sequence[DueRow]:
        """Return what becomes due at or before *until*, earliest first, then by run_id and seq."""
        with self._lock:
            return [
                DueRow(due_at, run_id, seq, self._tables.runs[run_id].holder if run_id in self._tables.runs else None)
                for due_at, (run_id, seq) in self._tables.timers.first(until, limit)
            ]

    def claim(self, rooms: Mapping[str, int], limit: int, claimant: str) -> Sequence[OpenRow]:
        """Return open attempts, by rank, run_id and seq; whoever commits first has them."""
        with self._lock:
            # Nothing is reserved: whoever commits second is refused by the revision, as with a database without locks.
            found = [row for queue, room in rooms.items() for row in self._first(queue, min(room, limit))]
        return sorted(found, key=_open_order)[:limit]

    def lying_in(self, queue: str, limit: int) -> Sequence[OpenRow]:
        """Return attempts that lie in a queue, by rank, run_id and seq."""
        with self._lock:
            return self._first(queue, limit)

    def _first(self, queue: str, limit: int) -> list[OpenRow]:
        return [OpenRow(queue, *entry) for entry in self._tables.open.get(queue, ())[:limit]]

    def queue_sizes(self) -> Mapping[str, int]:
        """Return how many attempts lie open, by queue."""
        with self._lock:
            return {queue: len(entries) for queue, entries in self._tables.open.items() if entries}

    def held_runs(self, holder: str | None, limit: int) -> Sequence[str]:
        """Return the ids of live runs with this holder, or with none, by id."""
        with self._lock:
            return heapq.nsmallest(limit, self._tables.held.get(holder, ()))

    def held(self, run_ids: Collection[str]) -> Mapping[str, tuple[HeldRun, Sequence[HeldTask]]]:
        """Return little of the runs that exist, and of their current attempts, by run."""
        with self._lock:
            runs = [self._tables.runs[run_id] for run_id in run_ids if run_id in self._tables.runs]
            return {run.run_id: (HeldRun(*_of_run(run)), self._held_tasks(run.run_id)) for run in runs}

    def _held_tasks(self, run_id: str) -> Sequence[HeldTask]:
        attempts = self._tables.attempts.get(run_id)
        return [HeldTask(*_of_task(task)) for task in attempts.current()] if attempts and attempts.seqs else []

    def listen(self) -> Listening | None:
        """Return nothing: there are no other processes."""
        return None
