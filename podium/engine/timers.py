"""The moments at which this process must look at a run or an attempt."""

from __future__ import annotations

import heapq


class Timers:
    """
    A heap of due moments. Entries are never removed early: who is woken looks whether it still matters.

    Only the near future is kept here; the store keeps the rest, and `podium.engine.services.DueService` fetches it in
    time.
    """

    def __init__(self, horizon_ms: int) -> None:
        self._heap: list[tuple[int, str, int]] = []
        self._known: set[tuple[int, str, int]] = set()
        self.horizon_ms = horizon_ms

    def add(self, due_at: int, run_id: str, seq: int, now: int) -> None:
        """Remember a moment, unless it lies beyond the horizon."""
        entry = (due_at, run_id, seq)
        if due_at <= now + self.horizon_ms and entry not in self._known:
            self._known.add(entry)
            heapq.heappush(self._heap, entry)

    def __bool__(self) -> bool:
        return bool(self._heap)

    @property
    def next_at(self) -> int | None:
        """The earliest moment, or None."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: int, limit: int) -> list[tuple[int, str, int]]:
        """Take out up to *limit* entries that are due: (due_at, run_id, seq), earliest first."""
        due: list[tuple[int, str, int]] = []
        while self._heap and self._heap[0][0] <= now and len(due) < limit:
            entry = heapq.heappop(self._heap)
            self._known.discard(entry)
            due.append(entry)
        return due
