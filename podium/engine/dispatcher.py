"""
Work for workers elsewhere that ask for it and wait: thousands of long polls on one engine.

A queue is attached to the engine when it is first polled, and stays as long as somebody polls it: a poll comes and goes
without a word to the engine but that there is room. What a poll gets is committed before, so no death loses it.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from itertools import count as counter
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TypeAlias

from podium.engine.events import Released
from podium.engine.replies import Reply
from podium.engine.requests import Attach, Detach
from podium.model.assignments import Assignment, AttemptKey, Consumer, TaskStarted, queue_of
from podium.model.errors import EngineStopped, InvalidRequest, PodiumError

if TYPE_CHECKING:
    from podium.engine.ports import Clock

#: Seconds without a poll after which a queue counts as served no longer (Conductor: ``activeWorkerLastPollTimeout``).
IDLE_S = 10.0

#: What a poll comes to; a thread waits for its ``result()``, an event loop by ``asyncio.wrap_future``.
Answer: TypeAlias = "Future[list[Assignment]]"


class WorkSource(Protocol):
    """The part of `podium.engine.kernel.Kernel` that hands work out."""

    def attach(self, request: Attach | Detach) -> None:
        """Let a consumer begin or stop to serve its queues."""

    def look(self, queues: Collection[str] | None = None) -> None:
        """Look soon for work that lies open in some queues."""

    def ask(self, request: TaskStarted) -> Reply:
        """Hand in an event; the reply comes after its commit."""

    def submit(self, request: Released) -> None:
        """Hand in an event without waiting for it."""


class _Poll:
    """One that waits."""

    __slots__ = ("answer", "count", "given", "is_waiting", "unanswered", "worker_id")

    def __init__(self, worker_id: str, count: int) -> None:
        self.worker_id = worker_id
        self.count = count
        self.answer: Answer = Future()
        self.is_waiting = True
        self.given: list[Assignment] = []
        #: How many of those given are not committed yet.
        self.unanswered = 0


class _Line:
    """The polls of one queue, as a consumer of the engine; under the dispatcher's lock."""

    is_patient = False

    def __init__(self, queue: str, dispatcher: Dispatcher) -> None:
        self.queues = frozenset({queue})
        self.polls: deque[_Poll] = deque()
        self.wanted = 0
        self.polled_at = monotonic()
        self._dispatcher = dispatcher

    def room(self, queue: str) -> int:
        """Return how many attempts the polls wait for."""
        return self.wanted

    def offer(self, assignments: Sequence[Assignment]) -> None:
        """Give attempts to the polls, first come, first served."""
        self._dispatcher.give(self, assignments)

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        """Return nothing: nothing waits here."""
        return ()

    def call_off(self, attempts: Collection[AttemptKey]) -> None:
        """Do nothing: a worker elsewhere hears of it when it reports, or gives a sign of life."""

    def withdraw(self) -> Sequence[Assignment]:
        """Return nothing: nothing waits here."""
        return ()


class Dispatcher:
    """
    Answers polls. May be used from any thread.

    Args:
        engine: The kernel.
        clock: The engine's time.

    Example:
        >>> import podium
        >>> from podium.client.system import SystemClock
        >>> with podium.connect("memory://") as client:
        ...     dispatcher = Dispatcher(client.kernel, SystemClock())
        ...     nothing = dispatcher.poll("resize", "worker-1", timeout_s=0.01).result()
        ...     dispatcher.close()
        >>> nothing
        []
    """

    def __init__(self, engine: WorkSource, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._called = threading.Condition(self._lock)
        self._lines: dict[str, _Line] = {}
        self._numbers = counter()
        #: When something is to be looked at: a poll whose time is up, or a line that may be idle.
        self._moments: list[tuple[float, int, _Line, _Poll | None]] = []
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def poll(
        self, task_type: str, worker_id: str, *, count: int = 1, timeout_s: float = 0.1, domain: str | None = None
    ) -> Answer:
        """
        Ask for attempts; the answer comes as soon as there is one, or empty when the time is up.

        Args:
            task_type: The task.
            worker_id: Who asks, as the attempts will show it.
            count: How many at most.
            timeout_s: Seconds to wait. To fetch what lies open takes a commit, some milliseconds.
            domain: Of the worker; None for the attempts without one.

        Returns:
            A future of the attempts, each committed as in progress with this worker. To cancel it gives them back.

        Raises:
            InvalidRequest: *count* is not positive, or the dispatcher is closed.
        """
        if count < 1:
            raise InvalidRequest(f"count: a whole number from 1 upwards is expected, not {count!r}")
        queue, poll = queue_of(task_type, domain), _Poll(worker_id, count)
        with self._lock:
            if self._is_closed:
                raise InvalidRequest("this dispatcher is closed")
            line = self._lines.get(queue)
            if line is None:
                line = self._lines[queue] = _Line(queue, self)
                self._engine.attach(Attach(line))
                self._remind(IDLE_S, line, None)
            line.polls.append(poll)
            line.wanted += count
            line.polled_at = monotonic()
            self._remind(timeout_s, line, poll)
        self._engine.look([queue])
        return poll.answer

    @property
    def waiting_count(self) -> int:
        """How many polls wait."""
        with self._lock:
            return sum(not poll.answer.cancelled() for line in self._lines.values() for poll in line.polls)

    def hurry(self, task_type: str, domain: str | None, answer: Answer) -> None:
        """Answer a poll of a queue with what it has been given by now, as if its time were up."""
        with self._lock:
            line = self._lines.get(queue_of(task_type, domain))
            # Whoever is in a hurry has come lately.
            places = range(len(line.polls) - 1, -1, -1) if line is not None else ()
            at = next((at for at in places if line is not None and line.polls[at].answer is answer), None)
            if line is None or at is None:
                return
            poll = line.polls[at]
            del line.polls[at]
            poll.is_waiting = False
            line.wanted -= poll.count
        self._settle(poll)

    def release(self, worker_id: str) -> None:
        """Answer the polls of a worker that leaves with nothing, so that it need not wait until their time is up."""
        with self._lock:
            found: list[_Poll] = []
            for line in self._lines.values():
                for poll in [one for one in line.polls if one.is_waiting and one.worker_id == worker_id]:
                    poll.is_waiting = False
                    line.wanted -= poll.count
                    line.polls.remove(poll)
                    found.append(poll)
        for poll in found:
            self._settle(poll)

    def close(self) -> None:
        """Answer all polls with what they have, and take no more; closing twice is fine."""
        with self._lock:
            self._is_closed = True
            lines, self._lines = list(self._lines.values()), {}
            left = [poll for line in lines for poll in line.polls if poll.is_waiting]
            for line in lines:
                line.polls.clear()
                line.wanted = 0
                self._engine.attach(Detach(line))
            self._called.notify()
        for poll in left:
            self._settle(poll)
        if self._thread is not None:
            self._thread.join()

    # -- what the engine gives ---------------------------------------------------------------------------------------

    def give(self, line: _Line, assignments: Sequence[Assignment]) -> None:
        """Give attempts to the polls of a line; called by the engine's thread."""
        waiting, now = deque(assignments), self._clock.now()
        served: list[_Poll] = []
        with self._lock:
            while waiting and line.polls:
                poll = line.polls.popleft()
                if not poll.is_waiting:
                    continue
                poll.is_waiting = False
                line.wanted -= poll.count
                if poll.answer.cancelled():
                    continue
                taken = [waiting.popleft() for _ in range(min(poll.count, len(waiting)))]
                poll.given = [each if each.started_at else each._replace(started_at=now) for each in taken]
                poll.unanswered = len(poll.given)
                served.append(poll)
        for assignment in waiting:  # their polls have gone meanwhile
            self._release(assignment)
        for poll in served:
            for assignment in tuple(poll.given):
                self._hand_out(poll, assignment)

    def _hand_out(self, poll: _Poll, assignment: Assignment) -> None:
        word = TaskStarted(assignment.run_id, assignment.seq, poll.worker_id, assignment.started_at)
        try:
            reply = self._engine.ask(word)
        except EngineStopped:
            self._handed_out(poll, assignment, is_done=False)  # whoever takes the run over hands it out
            return
        reply.tell(lambda: self._answered(poll, assignment, reply))

    def _answered(self, poll: _Poll, assignment: Assignment, reply: Reply) -> None:
        try:
            _ = reply.value
        except PodiumError:
            self._release(assignment)
            self._handed_out(poll, assignment, is_done=False)
        else:
            self._handed_out(poll, assignment, is_done=True)

    def _handed_out(self, poll: _Poll, assignment: Assignment, *, is_done: bool) -> None:
        with self._lock:
            if not is_done:
                poll.given.remove(assignment)
            poll.unanswered -= 1
            is_last = not poll.unanswered
        if is_last:
            self._settle(poll)

    def _settle(self, poll: _Poll) -> None:
        """Answer a poll; one that was cancelled gives back what it got."""
        if poll.answer.set_running_or_notify_cancel():
            poll.answer.set_result(poll.given)
        else:
            self.give_back(poll.given)

    def give_back(self, assignments: Iterable[Assignment]) -> None:
        """Let others have attempts whose worker has left before it was told of them; from any thread."""
        for assignment in assignments:
            self._release(assignment)

    def _release(self, assignment: Assignment) -> None:
        try:
            self._engine.submit(Released(assignment.run_id, assignment.seq))
        except EngineStopped:
            return  # whoever takes the run over hands it out

    # -- time --------------------------------------------------------------------------------------------------------

    def _remind(self, after_s: float, line: _Line, poll: _Poll | None) -> None:
        """Look at a poll or a line after some time; under the lock."""
        entry = (monotonic() + after_s, next(self._numbers), line, poll)
        heapq.heappush(self._moments, entry)
        if self._thread is None:
            self._thread = threading.Thread(target=self._main, name="podium-polls", daemon=True)
            self._thread.start()
        elif self._moments[0] is entry:
            self._called.notify()

    def _main(self) -> None:
        while True:
            expired: list[_Poll] = []
            with self._lock:
                if self._is_closed:
                    return
                now = monotonic()
                while self._moments and self._moments[0][0] <= now:
                    _, _, line, poll = heapq.heappop(self._moments)
                    if poll is None:
                        self._look_at(line, now)
                    elif poll.is_waiting:
                        poll.is_waiting = False
                        line.wanted -= poll.count
                        line.polls.remove(poll)
                        expired.append(poll)
                if not expired:
                    self._called.wait(self._moments[0][0] - now if self._moments else None)
            for poll in expired:
                self._settle(poll)

    def _look_at(self, line: _Line, now: float) -> None:
        """Let a line go that nobody polls any more; under the lock."""
        left_s = line.polled_at + IDLE_S - now
        if line.polls or left_s > 0:
            self._remind(max(left_s, 1.0), line, None)
            return
        (queue,) = line.queues
        if self._lines.get(queue) is line:
            del self._lines[queue]
            self._engine.attach(Detach(line))


if TYPE_CHECKING:
    _conforms: type[Consumer] = _Line
