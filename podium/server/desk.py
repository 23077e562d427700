"""What the handlers of a server work with: an engine in this process, asked without ever blocking the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from podium.client.driving import BlockingCall, Body, DrivingLoop, body_of
from podium.client.embedded_audit import AuditRows, AuditWriter, ReportedChange
from podium.engine.dispatcher import Answer as PollAnswer
from podium.engine.dispatcher import Dispatcher
from podium.engine.requests import Register
from podium.server.access import Gate
from podium.server.calls import Leaving
from podium.server.following import Following
from podium.server.handouts import AssignmentWriter
from podium.server.insight.shelf import RunShelf
from podium.server.metrics import Meter
from podium.server.roster import Roster, is_memorable
from podium.server.searches import Finder
from podium.server.settings import ServerSettings

if TYPE_CHECKING:
    from podium.client.embedded import EmbeddedClient
    from podium.model.assignments import Assignment, Report

#: Most attempts whose queues are remembered, and most queues whose last polls are.
_LENT_MAX, _POLLS_MAX = 100_000, 10_000

#: A task's type, and the domain of its workers.
Queue: TypeAlias = "tuple[str, str | None]"

#: Seconds that each poll waits at least: to fetch what lies open takes a commit.
_PATIENCE_S = 0.1

P = ParamSpec("P")
T = TypeVar("T")


class LentAttempt(NamedTuple):
    """An attempt that a worker was given here."""

    queue: Queue
    #: Epoch milliseconds.
    handed_at: int


class Desk:
    """
    The engine, as handlers reach it. It belongs to the event loop in which it is made.

    Attributes:
        settings: Those of the server.
        client: The client beneath; its verbs are called by `do`.
        engine: Its engine, store and clock.
        gate: Knows who calls; None where nobody is asked.
        dispatcher: What answers polls.
        meter: Counts what the server does.
        finder: Searches the store; its methods block.
        following: Tells pages that runs have changed.
        audit: Writes who has changed what.
        shelf: Gives runs to pages.
        scribe: Writes attempts for workers.
        lent: The attempts that workers have, by their ids; the oldest are forgotten.
        roster: Knows who asks for work, since when, and with which program.
        polls: Who asked last for the attempts of a queue, and when, in epoch milliseconds; the oldest are forgotten.
    """

    def __init__(self, client: EmbeddedClient, settings: ServerSettings) -> None:
        self.settings = settings
        self.client = client
        self.engine = client.engine
        self.gate: Gate | None = Gate(self.engine.backend) if settings.asks_who else None
        self.kernel = client.kernel
        self.dispatcher = Dispatcher(self.kernel, self.engine.clock)
        self.finder = Finder(self.engine.backend, self.engine.reader)
        self.audit = AuditWriter(self.engine.backend, self.engine.clock)
        self._audit_rows = AuditRows(self.engine)
        self.meter = Meter(self.kernel, self.audit)
        self.engine.newsroom.listeners.append(self.meter.tell)
        self.scribe = AssignmentWriter(self.engine.secrets, self.engine.environment)
        self.lent: dict[str, LentAttempt] = {}
        self.shelf = RunShelf(client.get, lambda run_id: self.engine.reader.pulse(run_id)[1])
        self.following = Following(self.kernel.watchers)
        self._loop = DrivingLoop(asyncio.get_running_loop())
        self.polls: dict[Queue, tuple[str, int]] = {}
        self.roster = Roster()
        self._is_draining = False

    async def do(self, verb: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a verb of the client, such as ``desk.do(desk.client.pause, run_id)``; errors as it has them."""
        body = body_of(verb)
        if body is None:
            return await self.look(lambda: verb(*args, **kwargs))
        owner = verb.__self__  # type: ignore[attr-defined]  # verbs are methods of a client or of its parts
        return await self._loop.drive(body(owner, *args, **kwargs))

    async def drive(self, body: Body[T]) -> T:
        """Bring a coroutine that waits for pauses of the engine to its end, such as ``desk.engine.ask(…)``."""
        return await self._loop.drive(body)

    async def register(self, request: Register) -> None:
        """Change the registry."""

        async def registered() -> None:
            await self.kernel.register(request)

        await self.drive(registered())

    async def look(self, call: Callable[[], T]) -> T:
        """Return what a look into the store gives; a thread makes it."""
        return await self._loop.drive(_looked(call))

    async def tell_audit(self, told: Iterable[ReportedChange], *, who: str, address: str) -> None:
        """
        Write changes into the audit; they are durable when this returns, or wait for a store that cannot be reached.

        Args:
            told: The changes.
            who: Such as ``user:ann``.
            address: From where.
        """
        rows = [self._audit_rows.row(each, who, address) for each in told]
        if rows:
            await asyncio.wrap_future(self.audit.write(rows))

    async def poll(
        self, queue: Queue, worker_id: str, *, count: int, timeout_s: float, leaving: Leaving | None = None
    ) -> list[Assignment]:
        """
        Return attempts for a worker elsewhere, each committed as its own; empty when the time is up.

        What a worker would get who leaves meanwhile goes to others.
        """
        answer = self.ask_for(queue, worker_id, count=count, timeout_s=timeout_s)
        gone = None
        if leaving is not None and timeout_s > _PATIENCE_S:
            gone = asyncio.ensure_future(leaving())
            gone.add_done_callback(lambda _: answer.cancel())
        try:
            attempts = await self.given(queue, answer)
        finally:
            if gone is not None:
                gone.cancel()
        if gone is None or not gone.done() or gone.cancelled():
            return attempts
        self.dispatcher.give_back(attempts)  # they were committed as he left
        return []

    def ask_for(self, queue: Queue, worker_id: str, *, count: int = 1, timeout_s: float = _PATIENCE_S) -> PollAnswer:
        """Ask for attempts, and do not wait; `given` waits for what comes of it. To cancel it gives them back."""
        now = self.engine.clock.now()
        task_type, domain = queue
        if is_memorable(task_type, domain or "", worker_id):
            self.polls[queue] = worker_id, now
            _forget(self.polls, _POLLS_MAX)
            self.roster.asks(task_type, domain, worker_id, now)
        if self._is_draining:
            nothing: PollAnswer = Future()
            nothing.set_result([])
            return nothing
        patience_s = max(timeout_s, _PATIENCE_S)
        return self.dispatcher.poll(task_type, worker_id, count=count, timeout_s=patience_s, domain=domain)

    async def given(self, queue: Queue, answer: PollAnswer) -> list[Assignment]:
        """Return the attempts that a poll comes to; none for one that was cancelled."""
        try:
            attempts = await self._loop.outcome(answer)
        except CancelledError:
            return []
        except asyncio.CancelledError:
            answer.cancel()
            raise
        for each in attempts:
            self.lent[each.task_id] = LentAttempt(queue, each.started_at)
            self.meter.handed(queue[0], each.started_at - each.scheduled_at)
        _forget(self.lent, _LENT_MAX)
        return attempts

    def lent_attempt(self, task_id: str, report: Report) -> LentAttempt | None:
        """Return what is known of an attempt of which a worker tells something; None if it was not given here."""
        return self.lent.pop(task_id, None) if report.status.is_terminal else self.lent.get(task_id)

    def count(self, queue: Queue, lent: LentAttempt | None, report: Report) -> None:
        """Count what a worker has said of an attempt, if that ends it."""
        if report.status.is_terminal:
            seconds = None if lent is None else (self.engine.clock.now() - lent.handed_at) / 1000
            self.meter.result(queue[0], report.status.value, seconds)

    @property
    def is_draining(self) -> bool:
        """Whether the server is told to end: nothing waits any more."""
        return self._is_draining

    def close(self) -> None:
        """Answer all polls, and from now on at once; blocks for a moment."""
        self._is_draining = True
        self.following.close()
        self.dispatcher.close()

    def end(self) -> None:
        """Write what is left of the audit; blocks for a moment."""
        self.audit.close()


async def _looked(call: Callable[[], T]) -> T:
    return await BlockingCall(call)


def _forget(known: dict[Any, Any], most: int) -> None:
    """Forget the oldest entries, so that no more are left than may be."""
    while len(known) > most:
        del known[next(iter(known))]
