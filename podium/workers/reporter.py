"""What stands between a pool and its transport: what is in work, and what waits to be handed over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from podium.model.assignments import Assignment, Report, TaskStarted, Transport, Word
from podium.model.errors import EngineStopped, Shortage, StoreError
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue
from podium.workers.attempt_logs import tell
from podium.workers.attempts import Attempt

_log = logging.getLogger("podium.workers")

#: Results that are handed over together at most.
BATCH_MAX = 64

#: Seconds that a result may wait for others.
PATIENCE_S = 0.001

#: Seconds after which an attempt that runs is shown as in progress.
SHOWN_AFTER_S = 0.1

#: A sign of life is due at this part of the response timeout, as in Conductor's own workers.
_BEAT_AT = 0.8

#: Seconds between two tries to reach a store that is away.
_PAUSE_S = 0.1


class Observer(Protocol):
    """Hears what a pool does, from whichever thread does it; it must return at once and raise nothing."""

    def given(self, assignments: Sequence[Assignment]) -> None:
        """Attempts were handed to the pool; it may give some back before they begin."""

    def ended(self, assignment: Assignment, report: Report, seconds: float, failure: str) -> None:
        """An attempt has ended, so and after so many seconds; *failure* names what its function raised, if anything."""


class ResultReporter:
    """
    Collects results and hands them over in batches: a hand-over wakes the engine, which costs more than a short task.

    Attributes:
        now: Gives the engine's time in epoch milliseconds.
        reveal: Puts secrets into a value of an attempt's input.
        worker_id: How attempts name this pool.
        is_stopped: The engine has stopped; nothing more can be handed over.
    """

    def __init__(
        self,
        transport: Transport,
        worker_id: str,
        when_stopped: Callable[[], None],
        observe: Observer | None = None,
    ) -> None:
        self.now: Callable[[], int] = transport.now
        self.reveal: Callable[[JsonValue], JsonValue] = transport.reveal
        self.worker_id = worker_id
        self.is_stopped: bool = False
        self._report = transport.report
        self._confirm = transport.confirm
        self._when_stopped = when_stopped
        self._observe = observe
        self._lock = threading.Lock()
        self._quiet = threading.Condition(self._lock)
        #: Somebody waits for quiet: to tell nobody for each result takes a while, too.
        self._is_quiet_awaited = False
        # Held from the taking of a batch to its hand-over, so that batches keep their order.
        self._handing_over = threading.Lock()
        self._waiting: list[Word] = []
        self._since = 0.0
        self._running: set[Attempt] = set()
        self._pause = threading.Event()

    @property
    def is_waiting(self) -> bool:
        """Results wait to be handed over."""
        return bool(self._waiting)

    @property
    def running(self) -> Sequence[Attempt]:
        """The attempts in work."""
        return tuple(self._running)

    def busy_count(self, *, is_async: bool) -> int:
        """Return how many attempts of one kind of function are in work."""
        return sum(attempt.is_async is is_async for attempt in self.running)

    def begin(self, attempt: Attempt) -> None:
        """Note that an attempt begins; from now on somebody waits for its result."""
        attempt.began = monotonic()
        attempt.started_at = self.now()
        self._running.add(attempt)

    def finish(self, attempt: Attempt, report: Report, now: float) -> bool:
        """Take a result; tells whether it is time to hand over."""
        if self._observe is not None:
            self._observe.ended(attempt.assignment, report, now - attempt.began, attempt.failure)
        if _log.isEnabledFor(logging.INFO):
            tell(attempt.assignment, report, now - attempt.began)
        with self._lock:
            self._running.discard(attempt)
            waiting = self._waiting
            if not waiting:
                self._since = now
            waiting.append(report)
            if self._is_quiet_awaited and not self._running:
                self._quiet.notify_all()
            return len(waiting) >= BATCH_MAX or now - self._since >= PATIENCE_S

    def hand_over(self) -> None:
        """Hand over what waits."""
        if not self._waiting:
            return
        with self._handing_over:
            with self._lock:
                batch, self._waiting = self._waiting, []
            if not batch or self.is_stopped:
                return
            try:
                self._report(batch)
            except EngineStopped as error:
                self.is_stopped = True
                _log.warning("the workers stop: %s; %d results are lost, their tasks are repeated", error, len(batch))
        if self.is_stopped:
            self._when_stopped()

    def hand_over_if_due(self, now: float) -> None:
        """Hand over what has waited long enough."""
        if self._waiting and now - self._since >= PATIENCE_S:
            self.hand_over()

    def watch_over(self, attempt: Attempt, now: float) -> None:
        """Tell the engine of an attempt that takes long, and give its signs of life."""
        if attempt.beat_at:
            if now >= attempt.beat_at:
                self._tell(attempt, now, is_heartbeat=True)
        elif now - attempt.began >= SHOWN_AFTER_S:
            self._tell(attempt, now, is_heartbeat=False)

    def record(self, attempt: Attempt) -> bool:
        """
        Let the store know that an attempt begins, before it does: if it takes this process down, that shall be known.

        Returns:
            False if the engine has stopped, so that the attempt must not begin.
        """
        assignment = attempt.assignment
        attempt.beat_at = float("inf")  # the watch need not say it as well
        word = TaskStarted(assignment.run_id, assignment.seq, self.worker_id, attempt.started_at, is_local=True)
        while not self.is_stopped:
            try:
                self._confirm(word)
            except (StoreError, Shortage):
                self._pause.wait(_PAUSE_S)
            except EngineStopped:
                break
            else:
                attempt.beat_at = self._next_beat(attempt, monotonic())
                return True
        with self._lock:
            self._running.discard(attempt)
            self._quiet.notify_all()
        return False

    def beat(self, attempt: Attempt) -> None:
        """Give a sign of life now."""
        self._tell(attempt, monotonic(), is_heartbeat=True)
        self.hand_over()

    def _tell(self, attempt: Attempt, now: float, *, is_heartbeat: bool) -> None:
        assignment = attempt.assignment
        run_id, seq = assignment.run_id, assignment.seq
        with self._lock:
            # Under the lock, because nothing may be said of an attempt after its result.
            if attempt not in self._running:
                return
            if not self._waiting:
                self._since = now
            if not attempt.beat_at:
                self._waiting.append(TaskStarted(run_id, seq, self.worker_id, attempt.started_at, is_local=True))
            if is_heartbeat:
                self._waiting.append(Report(run_id, seq, TaskStatus.IN_PROGRESS, is_heartbeat=True))
            attempt.beat_at = self._next_beat(attempt, now)

    @staticmethod
    def _next_beat(attempt: Attempt, now: float) -> float:
        timeout_s = attempt.assignment.task_def.response_timeout_seconds
        return now + timeout_s * _BEAT_AT if timeout_s > 0 else float("inf")

    def wait_until_quiet(self, deadline: float) -> bool:
        """Wait until nothing is in work, at most to a moment on the monotonic clock; tells whether it is so."""
        with self._quiet:
            self._is_quiet_awaited = True
            return self._quiet.wait_for(lambda: not self._running, max(0.0, deadline - monotonic()))
