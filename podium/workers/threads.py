"""
The threads of plain functions.

A thread takes one assignment after the other as long as there are any, so trivial functions stay on one thread: a hop
to another costs more than they do. Further threads are woken when the work at hand is slow: because the function is
known to be, because nobody knows it yet, or because the watch sees a call that does not return.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from time import monotonic

from podium.model.assignments import Assignment, AttemptKey, Loan
from podium.model.errors import Shortage
from podium.model.shortages import is_shortage
from podium.workers.attempts import Attempt
from podium.workers.functions import WorkerFunction
from podium.workers.ready import Ready
from podium.workers.reporter import ResultReporter
from podium.workers.watch import Alertness, Watch

#: Seconds that quick work may take on the engine's thread, and after which a call there holds the engine up.
_LOAN_S, _HELD_UP_S = 0.002, 0.005

#: Seconds after which a call that was expected to be short counts as slow.
_OVERDUE_S = 0.001


class Threads:
    """
    At most *concurrency* threads, made when they are needed.

    Each thread that is awake and not in a slow call is *free*. As long as one is free, it comes back for more by
    itself; whenever work waits and none is free, another is woken.
    """

    def __init__(
        self,
        concurrency: int,
        functions: Mapping[str, WorkerFunction],
        reporter: ResultReporter,
        watch: Watch,
        lend: Callable[[Callable[[Loan], None]], bool] | None = None,
    ) -> None:
        self._lend = lend
        self._has_asked = False
        self._concurrency = concurrency
        self._functions = functions
        self._reporter = reporter
        self._watch = watch
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._ready = Ready()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._free = 0
        self._is_closing = False

    def put(self, assignments: Sequence[Assignment]) -> None:
        """
        Take assignments; returns at once.

        Raises:
            Shortage: There is no thread and can be none for now; nothing was taken.
        """
        with self._lock:
            self._ready.push(assignments)
            if self._does_it_there():
                return
            self._wake_if_needed()
            if not self._threads and not self._is_closing:
                self._ready.take_all()
                raise Shortage("no thread can be started for a worker")

    @property
    def waiting_count(self) -> int:
        """How many assignments have not begun."""
        return len(self._ready)

    def spare(self, queues: Collection[str], most: int) -> list[Assignment]:
        """Return what has not begun, the last ones."""
        with self._lock:
            return self._ready.spare(queues, most)

    def drop(self, attempts: Collection[AttemptKey]) -> None:
        """Let go of what has not begun and is not wanted any more."""
        with self._lock:
            self._ready.drop(attempts)

    def take_back(self) -> list[Assignment]:
        """Return what has not begun."""
        with self._lock:
            return self._ready.take_all()

    def close(self) -> None:
        """Begin nothing more; threads end when they have finished what they do."""
        with self._lock:
            self._is_closing = True
            self._work.notify_all()

    def join(self, deadline: float) -> None:
        """Wait for the threads' end, at most to a moment on the monotonic clock."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - monotonic()))

    def look(self, now: float) -> Alertness:
        """See to it that work does not wait behind a call that does not return; called by the watch."""
        with self._lock:
            if not self._ready or self._is_closing:
                return Alertness.ASLEEP
            for attempt in self._reporter.running:
                is_ours = not attempt.is_async and attempt.loan is None
                if is_ours and not attempt.is_over and not attempt.is_slow and now - attempt.began > _OVERDUE_S:
                    attempt.is_slow = True
                    self._free -= 1
            self._wake_if_needed()
            return Alertness.KEEN if self._free else Alertness.CALM

    # -- on the engine's thread --------------------------------------------------------------------------------------

    def _does_it_there(self) -> bool:
        """Return whether the thread that hands out will do what is ready, or begin it; under the lock."""
        if self._has_asked:
            return True
        if self._lend is None or self._free or self._is_closing or not self._is_quick(self._ready.first):
            return False
        self._has_asked = self._lend(self._work_there)
        return self._has_asked

    def _is_quick(self, assignment: Assignment | None) -> bool:
        return assignment is not None and not assignment.deaths and self._functions[assignment.queue].is_quick

    def _work_there(self, loan: Loan) -> None:
        """Do quick work on the thread of the engine until it is wanted back; others do the rest."""
        self._has_asked = False
        until = monotonic() + _LOAN_S
        # Its results wait for the end: as long as nobody wants the thread back, nobody else waits for the engine.
        while self._ready and not loan.is_wanted and (attempt := self._next_quick(loan)) is not None:
            self._watch.ensure(Alertness.CALM)
            self._call(attempt)
            attempt.is_over = True
            if monotonic() > until:
                break
        self._reporter.hand_over()
        with self._lock:
            self._wake_if_needed()

    def _next_quick(self, loan: Loan) -> Attempt | None:
        with self._lock:
            if self._is_closing or not self._is_quick(self._ready.first):
                return None
            attempt = Attempt(self._ready.pop(), self._reporter, is_async=False)
            attempt.loan = loan  # before anybody sees it: the watch would take it for one of our own threads' work
            self._reporter.begin(attempt)
            return attempt

    def look_after_engine(self, attempt: Attempt, now: float) -> None:
        """Let the engine go on, whose thread a function holds up; called by the watch."""
        if attempt.loan is not None and not attempt.is_slow and now - attempt.began > _HELD_UP_S:
            try:
                attempt.loan.call_off()
            except RuntimeError as error:
                if not is_shortage(error):  # of threads: the next look tries again
                    raise
                return
            attempt.is_slow = True
            self._functions[attempt.assignment.queue].held_up()

    # -- under the lock ----------------------------------------------------------------------------------------------

    def _wake_if_needed(self) -> None:
        if self._free or not self._ready or self._is_closing:
            return
        if self._idle:
            self._idle -= 1
            self._free += 1
            self._work.notify()
        elif len(self._threads) < self._concurrency:
            name = f"podium-worker-{len(self._threads) + 1}"
            thread = threading.Thread(target=self._main, name=name, daemon=True)
            self._free += 1
            try:
                thread.start()
            except RuntimeError as error:
                self._free -= 1
                if not is_shortage(error):  # of threads: those that are there do the work, one after the other
                    raise
            else:
                self._threads.append(thread)

    def _leave(self, attempt: Attempt) -> None:
        attempt.is_over = True
        if attempt.is_slow:
            self._free += 1

    def _next(self) -> Attempt | None:
        """Take the next assignment, None if this thread had better rest."""
        if not self._ready or self._is_closing:
            return None
        if self._free > 1:
            return None  # another thread is at it, and two would only wait for each other
        assignment = self._ready.pop()
        attempt = Attempt(assignment, self._reporter, is_async=False)
        self._reporter.begin(attempt)
        if self._functions[assignment.queue].is_slow:
            attempt.is_slow = True
            self._free -= 1
            self._wake_if_needed()
        return attempt

    # -- a thread ----------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        attempt: Attempt | None = None
        while True:
            attempt = self._take(attempt)
            if attempt is None:
                return
            self._perform(attempt)

    def _take(self, last: Attempt | None) -> Attempt | None:
        with self._lock:
            if last is not None:
                self._leave(last)
            attempt = self._next()
        if attempt is not None:
            return attempt
        self._reporter.hand_over()
        with self._lock:
            while True:
                if self._is_closing:
                    self._free -= 1
                    return None
                attempt = self._next()
                if attempt is not None:
                    return attempt
                self._free -= 1
                self._idle += 1
                self._work.wait()

    def _perform(self, attempt: Attempt) -> None:
        reporter = self._reporter
        if reporter.is_waiting and attempt.is_slow:
            reporter.hand_over()
        if attempt.assignment.deaths and not reporter.record(attempt):
            return
        is_followed = reporter.is_waiting or (bool(self._ready) and not attempt.is_slow)
        self._watch.ensure(Alertness.KEEN if is_followed else Alertness.CALM)
        if self._call(attempt):
            reporter.hand_over()

    def _call(self, attempt: Attempt) -> bool:
        """Call the function and keep its result; tells whether it is time to hand over."""
        function = self._functions[attempt.assignment.queue]
        report = function.run(attempt)
        now = monotonic()
        function.took(now - attempt.began)
        return self._reporter.finish(attempt, report, now)
