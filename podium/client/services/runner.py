"""The consumer of task types that a service in this process does: a few threads for each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from podium.client.task_progress import ProgressReporter
from podium.engine.kernel import Kernel
from podium.engine.ports import Clock
from podium.engine.tasks.outcome import Outcome, failed
from podium.expressions.secrets import deliver_secrets, redact
from podium.model.assignments import Assignment, AttemptKey, Report
from podium.model.errors import EngineStopped
from podium.model.shortages import is_shortage

_log = logging.getLogger("podium.client")


class TaskService(Protocol):
    """Does the tasks of one type."""

    @property
    def task_type(self) -> str:
        """The type, which is the name of its queue."""

    @property
    def size(self) -> int:
        """Most tasks at once; each has a thread."""

    def perform(self, assignment: Assignment) -> Outcome:
        """
        Do a task; its input has the secrets in it.

        What it raises fails the task, which may be tried again.
        """

    def close(self) -> None:
        """Free what it holds; no task is begun after it."""


class ServiceRunner:
    """
    Lets a service do its tasks, in the order in which they come.

    Threads are made when there is work for them, up to the service's size, and stay.
    """

    is_patient: bool = True

    def __init__(
        self, service: TaskService, kernel: Kernel, clock: Clock, secrets: Mapping[str, str], lasting: ProgressReporter
    ) -> None:
        self.queues: frozenset[str] = frozenset({service.task_type})
        self._service = service
        self._kernel = kernel
        self._clock = clock
        self._secrets = secrets
        self._lasting = lasting
        self._waiting: SimpleQueue[Assignment | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._busy = 0
        self._is_closing = False

    # -- as a consumer -----------------------------------------------------------------------------------------------

    def room(self, queue: str) -> int:
        """Return how many more tasks could begin at once; see `podium.model.assignments.Consumer`."""
        return self._service.size - self._busy - self._waiting.qsize()

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take tasks; see `podium.model.assignments.Consumer`."""
        if self._is_closing:
            return  # whoever takes the runs over does these
        wanted = min(self._service.size, self._busy + self._waiting.qsize() + len(assignments))
        while self._threads < wanted:
            thread = threading.Thread(target=self._serve, name=f"podium-{self._service.task_type}", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                if not (self._threads and is_shortage(error)):
                    raise
                break  # those that are there do it
            self._threads += 1
        for assignment in assignments:
            self._waiting.put(assignment)

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return tasks that have not begun; see `podium.model.assignments.Consumer`."""
        spared: list[Assignment] = []
        try:
            while len(spared) < most and (assignment := self._waiting.get_nowait()) is not None:
                spared.append(assignment)
        except Empty:
            pass
        return spared

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Do nothing: what is under way ends by itself, and its result is passed over."""

    def withdraw(self) -> Sequence[Assignment]:
        """Return nothing back: it serves as long as the engine runs; see `podium.model.assignments.Consumer`."""
        return ()

    def close(self) -> None:
        """Begin nothing more; what is not done is done when the runs are taken up."""
        self._is_closing = True
        for _ in range(self._threads):
            self._waiting.put(None)
        self._service.close()

    # -- on the threads ----------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (assignment := self._waiting.get()) is not None and not self._is_closing:
            self._count(1)
            try:
                self._do(assignment)
            except EngineStopped:
                return  # the task is done again when the run is taken up
            finally:
                self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._busy += more

    def _do(self, assignment: Assignment) -> None:
        started = self._clock.now()
        worker = f"podium-{self._service.task_type.lower()}"
        try:
            given = deliver_secrets(dict(assignment.input), self._secrets)
            with self._lasting.watching(assignment, started, worker):
                outcome = self._service.perform(assignment._replace(input=given))
        except Exception as error:  # noqa: BLE001  # a bug there must end the task, or the run would wait for ever
            outcome = failed(f"{assignment.queue} failed: {error!r}")
            words = redact(repr(error), dict(assignment.input), self._secrets)
            _log.warning("the service for %s failed at the task %s: %s", assignment.queue, assignment.task_id, words)
        status, output, reason = outcome
        place = assignment.run_id, assignment.seq
        self._kernel.submit(Report(*place, status, output, reason, worker_id=worker, started_at=started))
