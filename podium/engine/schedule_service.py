"""The duty of schedules: to see when a moment comes."""

from __future__ import annotations

from podium.engine.requests import FireSchedule
from podium.engine.services import FAR_MS, Service


class ScheduleService(Service):
    """
    Lets the moments of schedules be dealt with when they come.

    It looks when a schedule was changed here, when another process has committed something, and when one is due. Each
    process of a store does; the first commit is the one that counts.
    """

    #: For what nobody has heard of.
    interval_ms = 1_000
    #: Most schedules that are due at once; the rest comes with the next turn.
    batch = 200

    def look(self) -> None:
        """Look at the next turn."""
        self.next_at = 0

    def look_within(self, moment: int) -> None:
        """Look not later than at a moment."""
        self.next_at = min(self.next_at, moment)

    def duty(self, now: int) -> None:
        """Let what is due be dealt with, and see when the next moment comes."""
        backend = self._ports.backend
        self.due_at = backend.next_schedule_at()
        if self.due_at is not None and self.due_at <= now:
            self.due_at = None  # known when these have been dealt with
            for row in backend.due_schedules(now, self.batch):
                self._host.enqueue(FireSchedule(row.name, row.due_at or 0))
        elif self.due_at is not None:
            self.next_at = min(self.next_at, self.due_at)
        if not backend.is_shared:
            self.next_at = now + FAR_MS if self.due_at is None else self.due_at  # only this process changes them
