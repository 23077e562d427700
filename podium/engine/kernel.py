"""
The kernel: one loop that turns events into commits.

It takes whatever events are there, decides them as one group, commits the group in one transaction, and only then
answers the callers and gives the work out. That makes durability cheap: one fsync for a group, not for a step.
`Kernel.step` is the loop's body and may be called without a thread, which is how the simulation runs it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from podium.engine.batch import Batch, Item, Request, history_reader, snapshot_maker
from podium.engine.consumers import Assignment, Delivery
from podium.engine.events import Adopt, Claim, Due, OfferAgain, Pause, Released, Report, Taken, Terminate
from podium.engine.library import definition_body
from podium.engine.operators import Operators
from podium.engine.replies import Reply, Watchers
from podium.engine.requests import Attach, Detach, Register, StartRequest
from podium.engine.rows import TaskDefRow, WorkflowRow, WriteSet
from podium.engine.runtime import Runtime
from podium.engine.scripts import ScriptPending
from podium.engine.services import DueService, OpenWorkService, RescueService, Service
from podium.engine.surroundings import Surroundings
from podium.engine.timers import Timers
from podium.engine.world import World
from podium.model.errors import (
    CommitUncertain,
    EngineStopped,
    InternalError,
    PodiumError,
    Shortage,
    StaleRun,
    StoreError,
)
from podium.model.shortages import is_shortage
from podium.model.statuses import TaskStatus

_log = logging.getLogger("podium.engine")

#: Requests that may be made again when it is uncertain whether they were committed: a repetition changes nothing.
_REPEATABLE = (StartRequest, Report, Due, Taken, Released, Claim, Adopt, OfferAgain, Pause, Terminate)

#: Tries of an event for which there is no memory: with 100 ms between two, about a second.
_MEMORY_TRIES_MAX = 10
#: Tries of a request whose caller waits while the machine is short of something: about 5 s.
_ASK_TRIES_MAX = 50
#: Milliseconds between two lines of the log about one and the same trouble.
_COMPLAINT_MS = 10_000


class _Registration(NamedTuple):
    request: Register
    reply: Reply


class Kernel:
    """
    The engine of one process on one store.

    Submitting is safe from any thread. Everything else happens on the thread that calls `step`: the kernel's own after
    `start`, the caller's otherwise.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._ports = surroundings
        self._inbox: SimpleQueue[Item | Attach | Detach | _Registration | None] = SimpleQueue()
        self._again: deque[Item] = deque()
        self._runtime = Runtime(surroundings.backend, Operators())
        self._timers = Timers(surroundings.horizon_ms)
        self._history = history_reader(self._runtime)
        self._snapshot = snapshot_maker(self._runtime)
        self._rescue = RescueService(self, surroundings)
        self._services: list[Service] = [
            self._rescue,
            DueService(self, surroundings),
            OpenWorkService(self, surroundings),
        ]
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._has_ended = False
        self._failure: BaseException | None = None
        self._unanswered: set[Reply] = set()
        self._paused_until = 0
        self._complains_at = 0
        self.watchers = Watchers()

    # -- from any thread ---------------------------------------------------------------------------------------------

    def submit(self, request: Request) -> None:
        """Hand in an event without waiting for it; it must not be refused."""
        self._take_in(Item(request))

    def submit_all(self, requests: Sequence[Request]) -> None:
        """Hand in events that belong together, in order."""
        self._take_in(*map(Item, requests))

    def ask(self, request: Request) -> Reply:
        """Hand in a request; the reply is resolved after its commit."""
        self.refuse_if_down()
        reply = Reply(self._unanswered)
        self._take_in(Item(request, reply))
        return reply

    def register(self, request: Register) -> Reply:
        """Put definitions into the registry."""
        self.refuse_if_down()
        reply = Reply(self._unanswered)
        self._take_in(_Registration(request, reply))
        return reply

    def _take_in(self, *entries: Item | _Registration) -> None:
        self.refuse_if_down()
        for entry in entries:
            self._inbox.put(entry)
        if self._has_ended:
            self._let_go()  # the loop has ended since the look above, so nobody will read the inbox

    def attach(self, request: Attach | Detach) -> None:
        """Let a consumer begin or stop to serve its queues."""
        self._inbox.put(request)

    def start(self) -> None:
        """Run the loop on a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="podium-kernel", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """
        End the loop after the events that are there. Stopping twice is fine.

        Runs that live stay in the store; another process, or the next start, takes them up.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        self._inbox.put(None)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._end()
        self._ports.scripts.close()
        self._farewell()

    def _farewell(self) -> None:
        for service in self._services:
            service.stop()

    def refuse_if_down(self) -> None:
        """
        Do nothing while the engine runs.

        Raises:
            EngineStopped: It has been stopped, or has stopped because of a bug.
        """
        if self._failure is not None:
            raise EngineStopped(f"the engine has stopped because of {self._failure!r}") from self._failure
        if self._is_stopping:
            raise EngineStopped("the engine has been stopped")

    # -- the loop ----------------------------------------------------------------------------------------------------

    def _loop(self) -> None:
        try:
            while not self._is_stopping or not self._inbox.empty() or self._has_leftovers():
                self.step(wait_s=self._patience_s())
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            _log.critical("the engine stops because of a bug", exc_info=True)
            self._failure = error
            self._farewell()  # this process lives on, but others may take its runs over
        finally:
            self._end()

    def _end(self) -> None:
        """Let nobody wait for an engine that does nothing any more."""
        self._has_ended = True
        self._let_go()
        self.watchers.engine_ended()

    def _let_go(self) -> None:
        """Answer whoever still waits, wherever the request is: not read, in work, or waiting for a script."""
        why = "has been stopped" if self._failure is None else f"has stopped because of {self._failure!r}"
        while self._unanswered:
            try:
                reply = self._unanswered.pop()
            except KeyError:
                return  # another thread was faster
            reply.reject(EngineStopped(f"the engine {why}; what was asked for may not have happened"))

    def _patience_s(self) -> float:
        moments = [service.next_at for service in self._services]
        if self._timers.next_at is not None:
            moments.append(self._timers.next_at)
        wait_ms = max(0, min(moments) - self._ports.clock.now()) if moments else 1_000
        if self._again:
            wait_ms = min(wait_ms, max(0, self._paused_until - self._ports.clock.now()))
        return wait_ms / 1_000

    def step(self, wait_s: float = 0.0) -> bool:
        """
        Collect events, decide and commit them.

        Args:
            wait_s: Seconds to wait for the first event.

        Returns:
            Whether there was anything to do.
        """
        group = self._collect(wait_s)
        for service in self._services:
            service.run_if_due(self._ports.clock.now())
        if group:
            self._process(group)
        return bool(group) or self._has_leftovers() or not self._inbox.empty()

    def _has_leftovers(self) -> bool:
        return bool(self._again) and self._ports.clock.now() >= self._paused_until

    @property
    def is_idle(self) -> bool:
        """Whether no event waits, neither to be read nor to be tried again."""
        return not self._again and self._inbox.empty()

    def next_due(self) -> int | None:
        """Give the next moment at which `step` has something to do by itself, or None."""
        moments = [self._timers.next_at] if self._timers.next_at is not None else []
        if self._again:
            moments.append(self._paused_until)
        return min(moments, default=None)

    def _collect(self, wait_s: float) -> list[Item]:
        now = self._ports.clock.now()
        group: list[Item] = []
        if self._has_leftovers():
            group += self._again
            self._again.clear()
        group += [Item(Due(run, seq, at)) for at, run, seq in self._timers.pop_due(now, self._ports.group_max)]
        limit = self._ports.group_max - len(group)
        try:
            if not group and wait_s > 0:
                self._sort_in(self._inbox.get(timeout=wait_s), group)
            for _ in range(limit):
                self._sort_in(self._inbox.get_nowait(), group)
        except Empty:
            pass
        return group

    def _sort_in(self, entry: Item | Attach | Detach | _Registration | None, group: list[Item]) -> None:
        if isinstance(entry, Item):
            group.append(entry)
            return
        if entry is None:
            return
        # What changes the surroundings of decisions comes after the events before it.
        if group:
            self._process(list(group))
            group.clear()
        if isinstance(entry, Attach):
            self._runtime.consumers.attach(entry.consumer)
            self._services[-1].next_at = 0
        elif isinstance(entry, Detach):
            self._give_back(self._runtime.consumers.detach(entry.consumer))
        else:
            self._register(entry.request, entry.reply)

    def _give_back(self, assignments: Sequence[Assignment]) -> None:
        for one in assignments:
            self._runtime.consumers.in_hand.discard((one.run_id, one.seq))
        self._again.extend(Item(Released(one.run_id, one.seq)) for one in assignments)

    def _register(self, request: Register, reply: Reply) -> None:
        now = self._ports.clock.now()
        try:
            writes = WriteSet(
                workflows=[WorkflowRow(w.name, w.version, now, now, definition_body(w)) for w in request.workflows],
                task_defs=[TaskDefRow(t.name, definition_body(t)) for t in request.task_defs],
            )
            self._ports.backend.commit(writes)
        except PodiumError as error:
            reply.reject(error)
        else:
            reply.resolve(None)

    # -- one group ---------------------------------------------------------------------------------------------------

    def _process(self, group: list[Item]) -> None:
        """Decide and commit a group, again if another process was faster, item by item if it breaks."""
        tries = 0
        while group:
            batch = Batch(self._runtime, self._world())
            try:
                self._decide_and_commit(batch, group)
            except ScriptPending as pending:
                group = self._set_aside(batch, group, pending)
            except StaleRun:
                self._drop(batch)
                tries += 1
                if tries > 20:
                    self._refuse_all(group, InternalError("the runs of a group kept changing under it"))
                    return
            except CommitUncertain as error:
                self._after_uncertain(batch, group, error)
                return
            except StoreError as error:
                self._drop(batch)
                self._later(group, error)
                return
            except Exception as error:  # noqa: BLE001  # one bad event must not stop the others
                self._drop(batch)
                self._isolate(group, error)
                return
            else:
                self._publish_or_repeat(batch, group)
                return

    def _publish_or_repeat(self, batch: Batch, group: list[Item]) -> None:
        try:
            self._publish(batch)
        except MemoryError as error:
            # It is committed, and not all of it was given out: the same as when nobody knows.
            self._after_uncertain(batch, group, CommitUncertain(f"it was done, and not all was told: {error!r}"))

    def _decide_and_commit(self, batch: Batch, group: list[Item]) -> None:
        self._runtime.library.expire()
        try:
            for item in group:
                batch.decide(item)
        except StoreError:
            raise
        except Exception:
            self._prove(batch.recalled())  # an old state beside new rows contradicts itself
            raise
        if self._ports.backend.is_shared:
            self._prove(batch.unproven())
        writes = batch.writes()
        if not writes.is_empty():
            self._rescue.announce(self._ports.clock.now())
            self._ports.backend.commit(writes)
            self._runtime.library.stored(writes.definitions)
        self._runtime.is_retrying = False

    def _prove(self, revisions: Mapping[str, int]) -> None:
        """
        Look again at runs that were recalled from memory in these revisions.

        A commit compares the revisions of those that it writes. To do nothing, or to refuse, is as wrong on an old
        state: a result would be lost, and an operator would get an answer of yesterday.

        Raises:
            StaleRun: Another process has changed one of them.
        """
        if not revisions or not self._ports.backend.is_shared:
            return
        rows = self._ports.backend.load_runs(list(revisions))
        if any(run_id not in rows or rows[run_id].revision != revision for run_id, revision in revisions.items()):
            raise StaleRun("another process has changed a run that is in memory here")

    def _world(self) -> World:
        ports = self._ports
        return World(
            now=ports.clock.now(),
            jitter=ports.random.random(),
            ids=ports.ids,
            scripts=ports.scripts,
            library=self._runtime.library,
            environment=ports.environment,
            secrets=ports.secrets,
            history=self._history,
            snapshot=self._snapshot,
            holder=ports.engine_id,
            serves=self._runtime.consumers.serves,
        )

    def _publish(self, batch: Batch) -> None:
        now = self._ports.clock.now()
        batch.saved()
        self._ports.scripts.settled()
        ended = []
        for run_id, state in batch.touched.items():
            self._runtime.keep(state)
            if state.run.status.is_terminal:
                ended.append(run_id)
        self._arm(batch, now)
        chosen: dict[int, Delivery] = {}
        for state, records in batch.offers:
            # Later events of the group may have ended it, or put it to rest.
            ready = [r for r in records if r.status is TaskStatus.SCHEDULED and not r.wake_at]
            live = ready if not state.run.status.is_terminal else []
            self._runtime.consumers.dispatch(state.run, live, chosen)
        for broken, error in self._runtime.consumers.deliver(chosen.values()):
            if is_shortage(error):
                self._give_back(broken.assignments)
                self._wait_for_store()
                continue
            withdrawn = self._runtime.consumers.detach(broken.consumer)
            self._give_back([*withdrawn, *(one for one in broken.assignments if one not in withdrawn)])
        for reply, value, refusal in batch.answers:
            if refusal is None:
                reply.resolve(value)
            else:
                reply.reject(refusal)
        if batch.news:
            self._ports.tell(batch.news)
        for run_id in ended:
            self.watchers.ended(run_id)
        waited = self._runtime.consumers.next_alone()
        if waited is not None:
            self._again.append(Item(OfferAgain(waited)))

    def _arm(self, batch: Batch, now: int) -> None:
        for due_at, run_id, seq in batch.moments:
            self._timers.add(due_at, run_id, seq, now)
        for state in self._runtime.taken_up:
            if state.run.due_at is not None:
                self._timers.add(state.run.due_at, state.run.run_id, 0, now)
            for record in state.pending.values():
                if record.due_at is not None:
                    self._timers.add(record.due_at, record.run_id, record.seq, now)
        self._runtime.taken_up.clear()

    # -- when a group does not go through ----------------------------------------------------------------------------

    def _drop(self, batch: Batch) -> None:
        """Forget what the group did in memory: the runs are read again."""
        for run_id in batch.touched:
            self._runtime.drop(run_id)
        self._runtime.taken_up.clear()
        self._runtime.is_retrying = True

    def _set_aside(self, batch: Batch, group: list[Item], pending: ScriptPending) -> list[Item]:
        """Take the item whose script is slow out of the group; it comes back when the script has ended."""
        self._drop(batch)
        slow = batch.current
        if slow is None:
            raise InternalError("a script ran outside a decision") from pending
        try:
            self._ports.scripts.run_aside(pending, lambda: self._inbox.put(slow))
        except RuntimeError as error:
            self._wait_out(slow, error)  # no thread for it now
        return [item for item in group if item is not slow]

    def _after_uncertain(self, batch: Batch, group: list[Item], error: CommitUncertain) -> None:
        """Make repeatable requests again; then offer what may have been committed and not given out."""
        self._drop(batch)
        for item in group:
            if isinstance(item.request, _REPEATABLE):
                self._again.append(item._replace(is_uncertain=True))
            elif item.reply is not None:
                item.reply.reject(error)
        self._again.extend(Item(OfferAgain(run_id)) for run_id in batch.touched)
        self._wait_for_store()

    def _later(self, group: list[Item], error: StoreError) -> None:
        """The store cannot be reached: callers are told, results of work are kept until it can."""
        for item in group:
            if item.reply is None:
                self._again.append(item)
            elif item.is_uncertain:
                item.reply.reject(CommitUncertain("it may have happened at an earlier try, and now the store is gone"))
            else:
                item.reply.reject(error)
        self._complain("the store cannot be reached (%s); %d events wait", error)
        self._wait_for_store()

    def _wait_for_store(self) -> None:
        self._paused_until = self._ports.clock.now() + 100

    def _isolate(self, group: list[Item], error: Exception) -> None:
        """One item of a group breaks the engine: find it, answer it, and go on with the others."""
        if len(group) > 1:
            for item in group:
                self._process([item])
            return
        (item,) = group
        if is_shortage(error) and self._wait_out(item, error):
            return
        _log.error("the engine could not act on %r", item.request, exc_info=error)
        if item.reply is not None:
            wrapped = InternalError(f"the engine could not act on {type(item.request).__name__}: {error!r}")
            wrapped.__cause__ = error
            item.reply.reject(wrapped)
        elif isinstance(item.request, Report):
            self._fail_for(item.request, error)

    def _wait_out(self, item: Item, error: Exception) -> bool:
        """Keep an item for which the machine is short of something now; False if that has gone on for too long."""
        if isinstance(error, MemoryError) and item.tries >= _MEMORY_TRIES_MAX:
            return False  # it is the work itself that needs more than there is
        if item.reply is not None and item.tries >= _ASK_TRIES_MAX:
            item.reply.reject(Shortage(f"the machine is short of something, and nothing was changed: {error!r}"))
            return True
        self._again.append(item._replace(tries=item.tries + 1))
        self._complain("the machine is short of something (%r); %d events wait", error)
        self._wait_for_store()
        return True

    def _complain(self, text: str, error: Exception) -> None:
        """Say what is missing, though not with every try."""
        now = self._ports.clock.now()
        if now >= self._complains_at:
            self._complains_at = now + _COMPLAINT_MS
            _log.warning(text, error, len(self._again))

    def _fail_for(self, report: Report, error: Exception) -> None:
        """End an attempt whose result cannot be taken: nobody has it in hand any more, so it would wait for ever."""
        if report.is_heartbeat or report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR:
            return
        reason = f"the engine could not take the result: {error!r}"
        self._process([Item(Report(report.run_id, report.seq, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason))])

    def _refuse_all(self, group: list[Item], error: PodiumError) -> None:
        for item in group:
            if item.reply is not None:
                item.reply.reject(error)
            else:
                self._again.append(item)
        self._wait_for_store()

    # -- what services use -------------------------------------------------------------------------------------------

    @property
    def queues(self) -> frozenset[str]:
        """The queues that consumers of this process serve."""
        return self._runtime.consumers.queues

    def serves(self, queue: str) -> bool:
        """Tell whether a consumer of this process serves a queue; from any thread."""
        return self._runtime.consumers.serves(queue)

    @property
    def in_hand(self) -> int:
        """How many attempts consumers of this process have and have not reported on."""
        return len(self._runtime.consumers.in_hand)

    def remind(self, due_at: int, run_id: str, seq: int) -> None:
        """Look at a run or an attempt at a moment."""
        self._timers.add(due_at, run_id, seq, self._ports.clock.now())

    def enqueue(self, request: Request) -> None:
        """Take an event in from a service."""
        self._again.append(Item(request))
