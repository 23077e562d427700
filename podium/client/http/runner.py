"""The consumer of HTTP tasks: their requests, on one event loop in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from time import sleep
from typing import TYPE_CHECKING

from podium.client.http.policy import HttpPolicy
from podium.client.http.queue import ConnectionPlace, RequestQueue
from podium.client.http.tracing import TracedSender
from podium.client.task_progress import ProgressReporter
from podium.engine.kernel import Kernel
from podium.engine.ports import Clock
from podium.engine.service_ports import HttpSender
from podium.engine.tasks.http import perform
from podium.engine.tasks.outcome import Outcome
from podium.expressions.secrets import deliver_secrets
from podium.model.assignments import Assignment, AttemptKey, Report
from podium.model.errors import EngineStopped
from podium.model.spans import are_wanted
from podium.model.statuses import TaskStatus, TaskType
from podium.model.tracing import trace_headers

if TYPE_CHECKING:
    import asyncio

#: Who sends the requests, as attempts show it.
_WORKER = "podium-http"

#: Seconds after which a request gives its place to another, and goes on.
_PLACE_S = 0.5

#: Most connections, where half of this process's descriptors are not fewer.
_OPEN_MAX = 2_000

#: Seconds that requests under way have to end when the engine closes.
_GRACE_S = 2.0

#: Seconds between two tries to make an event loop, while there are no descriptors for one.
_SHORTAGE_S = 0.2


class HttpRunner:
    """
    Sends the requests of HTTP tasks.

    So that slow servers hold up nobody, hosts take turns, and a request that lasts counts no longer among those that
    are bounded.
    """

    queues: frozenset[str] = frozenset({TaskType.HTTP.value, TaskType.HTTP_POLL.value})
    is_patient = True

    def __init__(
        self, kernel: Kernel, clock: Clock, secrets: Mapping[str, str], lasting: ProgressReporter, policy: HttpPolicy
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._secrets = secrets
        self._lasting = lasting
        self._policy = policy
        self._lock = threading.Lock()
        self._queue = RequestQueue(policy.concurrency, policy.per_host)
        self._called = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        #: What asks for an attempt; only the thread's own.
        self._under_way: dict[AttemptKey, asyncio.Task[None]] = {}
        self._wake: asyncio.Event | None = None
        self._is_closing = False
        self._open_max = _open_max()
        self._thread = threading.Thread(target=self._main, name="podium-http", daemon=True)

    def start(self) -> None:
        """Start the thread; it sleeps until there is a task. Made early, because later there may be none to be had."""
        self._thread.start()

    def room(self, queue: str) -> int:
        """Return how many more requests could be sent at once; see `podium.engine.consumers.Consumer`."""
        return self._queue.room

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Take HTTP tasks; see `podium.model.assignments.Consumer`."""
        with self._lock:
            if self._is_closing:
                return  # whoever takes the runs over sends these
            self._queue.put(assignments)
            self._call()

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return tasks whose requests wait for a place, the last ones."""
        with self._lock:
            return self._queue.spare(most)

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Break off the requests of attempts that are wanted no longer; what the server has taken in, it has."""
        wanted_no_longer = frozenset(attempts)
        with self._lock:
            self._queue.drop(wanted_no_longer)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._break_off, wanted_no_longer)

    def withdraw(self) -> Sequence[Assignment]:
        """Return nothing back: it serves as long as the engine runs; see `podium.model.assignments.Consumer`."""
        return ()

    def close(self) -> None:
        """Begin nothing more, and wait a short time for the answers under way, which the engine still takes."""
        with self._lock:
            if self._is_closing:
                return
            self._is_closing = True
            self._queue.clear()
            self._call()
        if self._thread.is_alive():
            self._thread.join(2 * _GRACE_S)

    def _call(self) -> None:
        self._called.set()
        if self._loop is not None and self._wake is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    # -- on the thread -----------------------------------------------------------------------------------------------

    def _main(self) -> None:
        self._called.wait()
        if self._is_closing:
            return
        import asyncio

        while not self._is_closing:
            try:
                loop = asyncio.new_event_loop()
            except OSError:
                sleep(_SHORTAGE_S)  # no descriptors; the tasks wait
                continue
            try:
                loop.run_until_complete(self._serve())
            finally:
                with self._lock:
                    self._loop = None
                loop.close()

    async def _serve(self) -> None:
        import asyncio

        from podium.client.http.sender import HttpcoreSender

        sender = HttpcoreSender(self._policy)
        with self._lock:
            self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
            self._wake.set()
        wake = self._wake
        tasks: set[asyncio.Task[None]] = set()
        while not self._is_closing:
            await wake.wait()
            wake.clear()
            while (turn := self._next(len(tasks))) is not None:
                key = (turn[0].run_id, turn[0].seq)
                task = self._under_way[key] = asyncio.create_task(self._work(*turn, sender))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                task.add_done_callback(partial(self._ended, key))
                task.add_done_callback(lambda _: wake.set())
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_S)
        for task in tasks:
            task.cancel()  # the attempt is repeated when the run is taken up
        await asyncio.gather(*tasks, return_exceptions=True)
        await sender.close()

    def _ended(self, key: AttemptKey, task: asyncio.Task[None]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]

    def _break_off(self, attempts: frozenset[AttemptKey]) -> None:
        for key in attempts & self._under_way.keys():
            self._under_way[key].cancel()

    def _next(self, open_now: int) -> tuple[Assignment, ConnectionPlace] | None:
        with self._lock:
            return None if self._is_closing or open_now >= self._open_max else self._queue.take()

    def _leave(self, place: ConnectionPlace) -> None:
        with self._lock:
            place.leave()
            self._call()

    async def _work(self, assignment: Assignment, place: ConnectionPlace, sender: HttpSender) -> None:
        import asyncio

        started = self._clock.now()
        leaving = asyncio.get_running_loop().call_later(_PLACE_S, self._leave, place)
        try:
            with self._lasting.watching(assignment, started, _WORKER):
                given, trace = deliver_secrets(assignment.input, self._secrets), trace_headers(assignment.trace)
                if are_wanted():
                    sender = TracedSender(sender, assignment)
                outcome = await perform(given, sender, trace)
        except Exception as error:  # noqa: BLE001  # a bug here must end the task, or the run would wait for ever
            outcome = Outcome(TaskStatus.FAILED, {}, f"Failed to invoke HTTP task due to: {error!r}")
        finally:
            leaving.cancel()
            self._leave(place)
        status, output, reason = outcome
        if assignment.queue == TaskType.HTTP_POLL and status is TaskStatus.COMPLETED:
            status = TaskStatus.IN_PROGRESS  # whether that is all that is wanted, the engine decides
        try:
            self._kernel.submit(
                Report(
                    assignment.run_id,
                    assignment.seq,
                    status,
                    output,
                    reason,
                    worker_id=_WORKER,
                    started_at=started,
                ),
            )
        except EngineStopped:
            return  # the engine has stopped; the attempt is repeated when the run is taken up


def _open_max() -> int:
    """Return how many connections this process may hold open."""
    try:
        import resource
    except ImportError:  # Windows has no such bound
        return _OPEN_MAX
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _OPEN_MAX if descriptors == resource.RLIM_INFINITY else max(1, min(_OPEN_MAX, descriptors // 2))
