"""The event loop of async functions, in a thread of its own: it never meddles with a loop of the caller."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Coroutine, Mapping, Sequence
from time import monotonic
from typing import Any

from podium.model.assignments import Assignment, AttemptKey
from podium.workers.attempts import Attempt
from podium.workers.functions import WorkerFunction
from podium.workers.ready import Ready
from podium.workers.reporter import ResultReporter
from podium.workers.watch import Alertness, Watch

#: Seconds that a cancelled function has for its clean-up.
_CLEAN_UP_S = 1.0


class Coroutines:
    """Runs async functions, at most *concurrency* at once. The thread starts with `start`."""

    def __init__(
        self, concurrency: int, functions: Mapping[str, WorkerFunction], reporter: ResultReporter, watch: Watch
    ) -> None:
        self._concurrency = concurrency
        self._functions = functions
        self._reporter = reporter
        self._watch = watch
        self._lock = threading.Lock()
        self._ready = Ready()
        self._is_called = False
        self._is_closing = False
        self._is_hand_over_due = False
        self._tasks: dict[asyncio.Task[None], Attempt] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> asyncio.AbstractEventLoop:
        """Start the loop's thread unless it runs already."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._main,
                    args=(self._loop,),
                    name="podium-worker-loop",
                    daemon=True,
                )
                self._thread.start()
            return self._loop

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine for a plain function and wait for its result; called by a working thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.start()).result()

    def put(self, assignments: Sequence[Assignment]) -> None:
        """Take assignments; returns at once."""
        with self._lock:
            self._ready.push(assignments)
            if self._is_called or self._is_closing or self._loop is None:
                return
            self._is_called = True
            self._loop.call_soon_threadsafe(self._begin)

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
        """Begin no further attempt; those that run go on."""
        with self._lock:
            self._is_closing = True

    def cancel(self) -> None:
        """Cancel what runs; the attempts are put back as they were."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel_all)

    def call_off(self, attempts: Collection[Attempt]) -> None:
        """Cancel attempts that are not wanted any more."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel_some, attempts)

    def join(self) -> None:
        """Stop the loop and wait a short time for its thread's end."""
        if self._loop is None or self._thread is None or self._thread is threading.current_thread():
            return
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLEAN_UP_S)

    # -- on the loop -------------------------------------------------------------------------------------------------

    def _main(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    def _begin(self) -> None:
        with self._lock:
            self._is_called = False
            begun: list[Attempt] = []
            while self._ready and not self._is_closing and len(self._tasks) + len(begun) < self._concurrency:
                assignment = self._ready.pop()
                attempt = Attempt(assignment, self._reporter, is_async=True)
                self._reporter.begin(attempt)
                begun.append(attempt)
        for attempt in begun:
            task = asyncio.get_running_loop().create_task(self._perform(attempt), name=attempt.assignment.ref)
            self._tasks[task] = attempt
            task.add_done_callback(self._done)

    async def _perform(self, attempt: Attempt) -> None:
        reporter = self._reporter
        self._watch.ensure(Alertness.CALM)
        if attempt.assignment.deaths and not await asyncio.to_thread(reporter.record, attempt):
            return
        report = await self._functions[attempt.assignment.queue].run_async(attempt)
        attempt.is_over = True
        if reporter.finish(attempt, report, monotonic()):
            reporter.hand_over()
        elif not self._is_hand_over_due:
            # What ends in the same turn of the loop goes together.
            self._is_hand_over_due = True
            asyncio.get_running_loop().call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._is_hand_over_due = False
        self._reporter.hand_over()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if self._ready:
            self._begin()

    def _cancel_all(self) -> None:
        for task, attempt in list(self._tasks.items()):
            attempt.call_off()
            task.cancel()

    def _cancel_some(self, attempts: Collection[Attempt]) -> None:
        for task, attempt in list(self._tasks.items()):
            if attempt in attempts:
                task.cancel()
