"""What the engine hears of tasks that its own process does, while they are under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from podium.engine.kernel import Kernel
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.errors import EngineStopped
from podium.model.statuses import TaskStatus
from podium.workers.watch import Alertness, Watch

#: Seconds after which a task that is under way is shown as in progress, so that its timeouts count.
_SHOWN_AFTER_S = 0.1

#: A sign of life is due at this part of the response timeout.
_BEAT_AT = 0.8


class _Entry:
    __slots__ = ("assignment", "due_at", "is_shown", "started_at", "worker_id")

    def __init__(self, assignment: Assignment, started_at: int, worker_id: str) -> None:
        self.assignment = assignment
        self.started_at = started_at
        self.worker_id = worker_id
        self.is_shown = False
        self.due_at = monotonic() + _SHOWN_AFTER_S


class ProgressReporter:
    """
    Tells the engine of tasks of the services that take long: that they have begun, and that they are still at it.

    Of one that ends at once it hears by the result, which spares a commit.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._lock = threading.Lock()
        self._entries: set[_Entry] = set()
        self._watch = Watch(self._look)

    @contextmanager
    def watching(self, assignment: Assignment, started_at: int, worker_id: str) -> Iterator[None]:
        """
        Watch over a task while it is done; report its result when this is over, for nothing is said of it after that.

        Args:
            assignment: The task.
            started_at: When it began, in epoch milliseconds.
            worker_id: Who does it.
        """
        entry = _Entry(assignment, started_at, worker_id)
        self._entries.add(entry)
        self._watch.ensure(Alertness.CALM)
        try:
            yield
        finally:
            with self._lock:
                self._entries.discard(entry)

    def close(self) -> None:
        """End the watch when nothing is under way any more."""
        self._watch.close()

    def _look(self) -> Alertness:
        now = monotonic()
        for entry in tuple(self._entries):
            if entry.due_at > now:
                continue
            with self._lock:
                if entry in self._entries:
                    try:
                        self._tell(entry, now)
                    except EngineStopped:
                        self._entries.clear()
        return Alertness.CALM if self._entries else Alertness.ASLEEP

    def _tell(self, entry: _Entry, now: float) -> None:
        assignment = entry.assignment
        run_id, seq = assignment.run_id, assignment.seq
        if entry.is_shown:
            self._kernel.submit(Report(run_id, seq, TaskStatus.IN_PROGRESS, is_heartbeat=True))
        else:
            self._kernel.submit(TaskStarted(run_id, seq, entry.worker_id, entry.started_at, is_local=True))
            entry.is_shown = True
        timeout_s = assignment.task_def.response_timeout_seconds
        entry.due_at = now + timeout_s * _BEAT_AT if timeout_s > 0 else float("inf")
