"""The way between workers and a server: long polls out, results back, on one event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic, time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from podium.client.driving import Body, DrivingLoop
from podium.client.remote.calls import HttpAnswer
from podium.client.remote.polls import PollLine
from podium.client.remote.refusals import named_refusal
from podium.client.remote.results import BATCH_MAX, ResultOutbox, WaitingResult, is_refusal
from podium.client.remote.server import Server
from podium.client.remote.session import Session
from podium.client.remote.wire import Wire
from podium.model.assignments import Assignment, AttemptKey, Consumer, Report, TaskStarted, Transport, Word
from podium.model.errors import (
    EngineStopped,
    InvalidRequest,
    LimitExceeded,
    NotOffered,
    PodiumError,
    RequestError,
    ServerFailed,
    TaskNotFound,
)
from podium.model.handouts import assignment_of, result_of
from podium.model.shortages import is_shortage
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

_log = logging.getLogger("podium.workers")

T = TypeVar("T")

#: Seconds between two looks whether there is room, and whether what is here is still wanted.
_ROOM_S, _LOOK_S, _WANTED_S = 0.1, 1.0, 5.0
#: Results that may wait before nothing more is asked for.
_WAITING_MAX = 1_000
#: Most runs that are remembered because an attempt failed here.
_REMEMBERED_MAX = 100
#: Seconds that results have to be taken when workers leave.
_PATIENCE_S = 30.0


class _Held(NamedTuple):
    """An attempt that a consumer has."""

    assignment: Assignment
    line: PollLine
    since: float


class RemoteTransport:
    """
    Hands attempts of a server to consumers, and their words to the server. Every method may be called by any thread.

    Args:
        wire: The way to the server; the transport's own.
        worker_id: Who polls, as the server shows it; None for the host and the process.
    """

    def __init__(self, wire: Wire, worker_id: str | None = None) -> None:
        self.worker_id: str = worker_id or f"{socket.gethostname()}-{os.getpid()}"
        self._wire = wire
        self._server = Server(Session(wire, patience_s=0.0))
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: DrivingLoop | None = None
        self._is_closed = False
        self._held: dict[AttemptKey, _Held] = {}
        self._lines: list[PollLine] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._outbox = ResultOutbox(self._send, self._most_at_once, self._changed_here)
        self._changed = asyncio.Event()
        self._is_podium = False
        self._knows_server = False
        self._has_update_v2 = True
        self._away: str | None = None
        self._said: list[WaitingResult] = []
        self._failed: deque[str] = deque(maxlen=_REMEMBERED_MAX)
        self._gave_up = False
        #: Seconds that results have to be taken when workers leave.
        self.patience_s: float = _PATIENCE_S

    @property
    def failed_runs(self) -> list[str]:
        """The last runs of which an attempt failed here, once their server has heard of it."""
        self.flush()
        return list(self._failed)

    # -- as a transport ----------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return the time in epoch milliseconds."""
        return round(time() * 1000)

    def attach(self, consumer: Consumer) -> None:
        """Poll a consumer's queues from now on."""
        lines = [PollLine(queue, consumer) for queue in sorted(consumer.queues)]
        self._lines += lines  # already now: who leaves before the loop has begun to serve them must find them
        self._call(partial(self._attach, lines))

    def detach(self, consumer: Consumer) -> None:
        """Poll no more for a consumer; what it had not begun goes back to the server."""
        for line in self._lines:
            if line.consumer is consumer:
                line.is_closing = True
        self._give_back(consumer.withdraw())
        self._call(self._leave)

    def report(self, words: Sequence[Word]) -> None:
        """Pass words on; they are kept until the server has taken them."""
        said = [one for word in words if isinstance(word, Report) and (one := self._waiting(word)) is not None]
        if said:
            with self._lock:
                is_first = not self._said
                self._said += said
            if is_first:
                self._call(self._take_said)

    def confirm(self, word: TaskStarted) -> None:
        """Do nothing: what a server hands out is recorded before."""

    def reveal(self, value: JsonValue) -> JsonValue:
        """Return the value: the server has put the secrets in."""
        return value

    # -- for its owner -----------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, object]:
        """How it stands, for whoever watches over a worker: the server, whether it answers, what waits."""
        found: dict[str, object] = {"server": self._wire.settings.base, "waiting_results": self._outbox.count}
        return found | ({"away": self._away} if self._away else {})

    @property
    def waiting_count(self) -> int:
        """How many results the server has not taken."""
        return self._outbox.count

    @property
    def is_away(self) -> bool:
        """Whether the server did not answer the last poll, or did not take the last result."""
        return self._away is not None or self._outbox.is_away

    def flush(self) -> bool:
        """Wait until the server has taken all that was said; tells whether it has, within `patience_s`."""
        if self._thread is None or self._is_closed:
            return not self._outbox.count
        timeout_s = 0.0 if self._gave_up and self._outbox.is_away else self.patience_s
        future = asyncio.run_coroutine_threadsafe(self._flushed(timeout_s), self._started().loop)
        self._gave_up = not future.result()
        return not self._gave_up

    def close(self) -> None:
        """Poll no more, and send what was said; what the server does not take in time is told in the log."""
        for line in self._lines:
            line.is_closing = True
        if self._thread is None or self._is_closed:
            self._is_closed = True
            return
        self.flush()
        with self._lock:
            self._is_closed = True
        loop = self._started().loop
        asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(5.0)

    # -- threads -----------------------------------------------------------------------------------------------------

    def _started(self) -> DrivingLoop:
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                self._loop = DrivingLoop(loop)
                self._thread = threading.Thread(target=self._main, args=(loop,), name="podium-remote", daemon=True)
                self._thread.start()
            return self._loop

    def _main(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(self._look_after())
        try:
            loop.run_forever()
        finally:
            loop.close()

    def _call(self, call: Callable[[], object]) -> None:
        if self._is_closed:
            raise EngineStopped("the client of these workers is closed")
        self._started().loop.call_soon_threadsafe(call)

    def _waiting(self, report: Report) -> WaitingResult | None:
        """Return what is said of an attempt that is here."""
        key = (report.run_id, report.seq)
        held = self._held.get(key) if report.is_heartbeat else self._held.pop(key, None)
        if held is None:
            return None
        if report.status.is_terminal and not report.status.is_successful and report.run_id not in self._failed:
            self._failed.append(report.run_id)
        return WaitingResult(result_of(held.assignment, report), held.line.queue, is_beat=report.is_heartbeat)

    def _give_back(self, assignments: Sequence[Assignment]) -> None:
        """Let others have what has not begun."""
        back = TaskStatus.IN_PROGRESS
        self.report([Report(one.run_id, one.seq, back, one.output, None, self.worker_id) for one in assignments])

    # -- on the loop: polls ------------------------------------------------------------------------------------------

    def _ask(self, body: Body[T]) -> Coroutine[Any, Any, T]:
        assert self._loop is not None
        return self._loop.drive(body)

    def _attach(self, lines: Sequence[PollLine]) -> None:
        for line in lines:
            task = asyncio.get_running_loop().create_task(self._serve(line))
            self._serving.add(task)
            task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._serving.discard(task)
        if not task.cancelled():
            task.result()

    async def _serve(self, line: PollLine) -> None:
        """Poll one queue until its consumer leaves."""
        while not line.is_closing:
            count = line.count(self._lines) if self._outbox.count < _WAITING_MAX else 0
            if not count:
                await self._change(_ROOM_S)
                continue
            began = monotonic()
            line.reserved = 0 if line.is_idle else count
            try:
                tasks = await self._polled(line, count)
            except PodiumError as error:
                self._tell_away(str(error))
                pause = line.failed()
            else:
                self._tell_back()
                pause = line.found(len(tasks), monotonic() - began)
                self._hand_over(line, tasks)
            finally:
                line.reserved = 0
            until = monotonic() + pause
            while not line.is_closing and (left := until - monotonic()) > 0:
                await self._change(left)
        self._lines.remove(line)

    async def _polled(self, line: PollLine, count: int) -> list[Assignment]:
        query = {"workerid": self.worker_id, "domain": line.domain, "count": count, "timeout": line.wait_ms}
        how: dict[str, Any] = {"query": query, "waits_s": line.wait_ms / 1000, "is_repeatable": False}
        call = self._server.ask("GET", "tasks", "poll", "batch", line.task_type, **how)
        found = (await self._ask(call)).json
        return self._read(found if isinstance(found, list) else [found], line)

    def _read(self, tasks: Sequence[Any], line: PollLine) -> list[Assignment]:
        try:
            return [assignment_of(task if isinstance(task, dict) else {}, line.queue) for task in tasks]
        except InvalidRequest as error:
            raise ServerFailed(f"{self._wire.settings.base} answers a poll: {error}") from error

    def _hand_over(self, line: PollLine, found: Sequence[Assignment]) -> None:
        """Give attempts to the consumer of a line, or back to the server if it leaves."""
        for one in found:
            self._held[one.run_id, one.seq] = _Held(one, line, monotonic())
        if line.is_closing:
            self._give_back(found)
        elif found:
            try:
                line.consumer.offer(found)
            except Exception as error:  # noqa: BLE001  # whatever a consumer raises, its attempts must go to others
                self._give_back(found)
                if not is_shortage(error):
                    line.is_closing = True
                    _log.exception("the consumer of %s is detached", line.queue)

    def _leave(self) -> None:
        """Let polls that wait come back at once, where the server can do that; others come back when they are over."""
        self._changed_here()
        if self._is_podium and any(line.is_closing for line in self._lines):
            asyncio.get_running_loop().create_task(self._left())

    async def _left(self) -> None:
        # Again, because a poll may have been on its way.
        while any(line.is_closing for line in self._lines):
            try:
                await self._ask(self._server.ask("POST", "podium", "workers", self.worker_id, "leave"))
            except PodiumError as error:
                _log.debug("polls are not told that their worker leaves: %s", error)
                return
            await self._change(_ROOM_S)

    def _tell_away(self, why: str) -> None:
        if self._away is None:
            _log.warning("no work can be had, and the server is asked again: %s", why)
        self._away = why

    def _tell_back(self) -> None:
        if self._away is not None:
            _log.info("the server answers again")
        self._away = None

    # -- on the loop: results ----------------------------------------------------------------------------------------

    def _take_said(self) -> None:
        with self._lock:
            said, self._said = self._said, []
        self._outbox.put(said)
        self._changed_here()

    def _most_at_once(self) -> int:
        return BATCH_MAX if self._is_podium else 1

    async def _send(self, some: Sequence[WaitingResult]) -> list[PodiumError | None]:
        if self._is_podium:
            return await self._send_together(some)
        return [await self._send_alone(one) for one in some]

    async def _send_together(self, some: Sequence[WaitingResult]) -> list[PodiumError | None]:
        body: JsonValue = {"results": [one.result for one in some]}
        try:
            answer = await self._ask(
                self._server.ask("POST", "podium", "tasks", "update", body=body, is_repeatable=True)
            )
        except NotOffered:
            self._is_podium = self._knows_server = False  # another server has taken its place
            raise
        except LimitExceeded:
            return [await self._send_alone(one) for one in some]  # together they are too large
        outcomes: Any = self._server.object(answer)["outcomes"]
        refused = [None if one is None else named_refusal(one) for one in outcomes]
        for error in refused:
            if error is not None and not is_refusal(error):
                raise error  # to say the others again changes nothing
        return refused

    async def _send_alone(self, one: WaitingResult) -> PodiumError | None:
        """Send a result; take the next attempt with the answer, if there is room and the server gives it so."""
        line = next((each for each in self._lines if each.queue == one.queue and not each.is_closing), None)
        wants_next = line is not None and not one.is_beat and line.count(self._lines) > 0
        body = one.result
        try:
            if wants_next and self._has_update_v2 and line is not None:
                try:
                    answer = await self._ask(self._posted("update-v2", body))
                except (NotOffered, TaskNotFound) as error:
                    # A 404 is of the path or of the attempt: what becomes of the old way tells which.
                    await self._ask(self._posted(None, body))
                    self._has_update_v2 = False
                    _log.info("results go the older way from now on: %s", error)
                    return None
                if answer.content.strip():
                    self._hand_over(line, self._read([answer.json], line))
            else:
                await self._ask(self._posted(None, body))
        except PodiumError as error:
            if not is_refusal(error):
                raise
            return error
        return None

    async def _posted(self, verb: str | None, body: JsonValue) -> HttpAnswer:
        parts = ("tasks",) if verb is None else ("tasks", verb)
        return await self._server.ask("POST", *parts, body=body, is_repeatable=True, missing=TaskNotFound)

    # -- on the loop: what is done again and again -------------------------------------------------------------------

    async def _look_after(self) -> None:
        """Find out what server it is, give back what cannot begin here, and let go of what nobody wants any more."""
        wanted_at = 0.0
        while True:
            if not self._knows_server:
                await self._find_out()
            now = monotonic()
            self._spare(now)
            if now >= wanted_at:
                wanted_at = now + _WANTED_S
                await self._let_go(now)
            await asyncio.sleep(_LOOK_S)

    async def _find_out(self) -> None:
        try:
            self._is_podium = (await self._ask(self._server.session.kind())).is_podium
        except PodiumError:
            return  # the polls say so
        self._knows_server = True

    def _spare(self, now: float) -> None:
        """Give back what has waited here for a while without room to begin: others may have some."""
        for line in self._lines:
            excess = -line.consumer.room(line.queue)
            old = [one for one in list(self._held.values()) if one.line is line and now - one.since >= _LOOK_S]
            if excess > 0 and old:
                self._give_back(line.consumer.spare([line.queue], min(excess, len(old))))

    async def _let_go(self, now: float) -> None:
        """Tell consumers of attempts that have ended elsewhere: nobody else does so."""
        old = {key: one for key, one in list(self._held.items()) if now - one.since >= _WANTED_S}
        for key, one in old.items():
            try:
                is_wanted = not (await self._ask(self._server.task(one.assignment.task_id))).status.is_terminal
            except RequestError as error:
                is_wanted = not isinstance(error, TaskNotFound)
            except PodiumError:
                return  # the server is away, and nothing is known
            if not is_wanted and self._held.pop(key, None) is not None:
                one.line.consumer.call_off({key})

    async def _change(self, seconds: float) -> None:
        """Wait until something has changed here, or so many seconds."""
        with suppress(TimeoutError):
            # Not `wait_for`: before Python 3.12 it takes a cancellation for an answer that comes at the same moment.
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _changed_here(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _flushed(self, timeout_s: float) -> bool:
        deadline = monotonic() + timeout_s
        while (self._outbox.count or self._said or any(line.is_closing for line in self._lines)) and (
            monotonic() < deadline
        ):
            await self._change(min(_ROOM_S, max(0.0, deadline - monotonic())))
        return not self._outbox.count

    async def _end(self) -> None:
        for task in list(self._serving):
            task.cancel()
        left = self._outbox.cancel()
        if left:
            ids = ", ".join(one.task_id for one in left[:10])
            _log.error("%d results were not taken by the server, and their tasks are repeated: %s", len(left), ids)
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._wire.close_async()


if TYPE_CHECKING:
    _conforms: type[Transport] = RemoteTransport
