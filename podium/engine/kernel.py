"""
The kernel: one loop that turns events into commits.

It takes whatever events are there, decides them as one group, commits the group in one transaction, and only then
answers the callers and gives the work out. That makes durability cheap: one fsync for a group, not for a step.
`Kernel.step` is the loop's body and may be called without a thread, which is how the simulation runs it.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from queue import Empty, SimpleQueue
from time import sleep
from typing import NamedTuple

from podium.engine.backlog import Backlog
from podium.engine.batch import Item, Request
from podium.engine.cache import EngineCache
from podium.engine.config import EngineConfig
from podium.engine.counts import LATE_MS, Counts
from podium.engine.events import Due
from podium.engine.expiry import ExpiryService
from podium.engine.groups import Groups
from podium.engine.listening import CommitListener, tell_watchers
from podium.engine.ports import Heard
from podium.engine.recall import RecallService
from podium.engine.registering import write_definitions
from podium.engine.replies import Reply, StartGate, Watchers
from podium.engine.requests import Attach, Detach, Register, StartRequest
from podium.engine.retention_service import RetentionService
from podium.engine.schedule_service import ScheduleService
from podium.engine.services import DueService, LimitService, OpenWorkService, RescueService, Service
from podium.engine.settings_service import SettingsService
from podium.engine.thread_loans import IdleWork
from podium.engine.timers import Timers
from podium.model.assignments import AttemptKey, Loan
from podium.model.errors import EngineStopped, PodiumError, StoreError

_log = logging.getLogger("podium.engine")

#: Milliseconds until the others are looked at, after one of them committed something; and until they are told of
#: consumers that come and go, since most of those that come at the start come together.
_NEWS_MS, _ANNOUNCE_MS = 100, 20

#: Seconds that those who were answered get to take their answer, before others' work is done on the kernel's thread.
_COURTESY_S = 0.00003

#: Seconds after which Python takes the interpreter from a thread that computes and gives it to one that waits; 5 ms
#: without it. A step takes several such changes, so with 5 ms four functions that compute made every step 100 ms late.
#: With half of it two processes on one database do a sixth less together, each being interrupted so often.
_INTERPRETER_S = 0.001

#: Most events that are looked at before the next group.
_INBOX_MAX = 10_000

#: Seconds between two looks which thread is the kernel's, while its end is awaited.
_PATIENCE_S = 0.1


class _Registration(NamedTuple):
    request: Register
    reply: Reply


class _Look(NamedTuple):
    """Somebody else has committed something, or there may be work in some queues."""

    queues: Collection[str] | None = None


class Kernel:
    """
    The engine of one process on one store.

    Submitting is safe from any thread. Everything else happens on the thread that calls `step`: the kernel's own after
    `start`, the caller's otherwise.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._ports = config
        self._inbox: SimpleQueue[Item | Attach | Detach | _Registration | _Look | None] = SimpleQueue()
        self._backlog = Backlog(config.clock)
        self._cache = EngineCache(config.backend, config.types, config.limits, config.recent.plans)
        self._timers = Timers(config.horizon_ms)
        self.watchers = Watchers()
        self._groups = Groups(config, self._cache, self._backlog, self._timers, self)
        rescue = RescueService(self, config)
        self._groups.before_commit = rescue.announce
        self._rescue = rescue
        self._open_work = OpenWorkService(self, config)
        self._limits = LimitService(self, config, self._cache.capacities)
        self._schedules = ScheduleService(self, config)
        self._services: list[Service] = [
            rescue,
            DueService(self, config),
            self._open_work,
            self._limits,
            self._schedules,
            RecallService(self, config),
            ExpiryService(self, config),
            RetentionService(self, config),
            SettingsService(self, config),
        ]
        self._thread: threading.Thread | None = None
        self._listener: CommitListener | None = None
        self._is_told_to_look = False
        self._heard_at = 0  # when another process was last heard to change what may be in memory here
        self._is_stopping = False
        self._has_ended = False
        self._failure: BaseException | None = None
        self._is_at_rest = False
        self._errands = IdleWork(lambda: self.is_awaited or self._backlog.has_unfinished, self._go_on_elsewhere)
        self._unanswered: set[Reply] = set()
        self._gate = StartGate(config.limits.waiting_starts)

    # -- from any thread ---------------------------------------------------------------------------------------------

    def submit(self, request: Request) -> None:
        """Hand in an event without waiting for it; it must not be refused."""
        self._take_in(Item(request))

    def submit_all(self, requests: Sequence[Request]) -> None:
        """Hand in events that belong together, in order."""
        self._take_in(*map(Item, requests))

    def ask(self, request: Request) -> Reply:
        """Hand in a request; the reply is resolved after its commit."""
        return self._ask(request, self._unanswered.discard)

    def _ask(self, request: Request, forget: Callable[[Reply], None]) -> Reply:
        self.refuse_if_down()
        reply = Reply(forget)
        self._unanswered.add(reply)
        self._take_in(Item(request, reply))
        return reply

    async def admit(self, request: StartRequest) -> Reply:
        """
        Hand a start in as soon as there is room for it: `Limits.waiting_starts` may wait for their commit.

        Whatever brings runs on needs no admission: it must never wait for those who want to begin more.
        """
        turn = self._gate.enter()
        if turn is not None:
            try:
                await turn
            except BaseException:
                self._gate.give_up(turn)
                raise
        return self._ask(request, self._leave)

    def _leave(self, reply: Reply) -> None:
        self._unanswered.discard(reply)
        self._gate.leave()

    def register(self, request: Register) -> Reply:
        """Put definitions into the registry; the reply comes after all that was told of earlier commits."""
        self.refuse_if_down()
        reply = Reply(self._unanswered.discard)
        self._unanswered.add(reply)
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
            sys.setswitchinterval(min(sys.getswitchinterval(), _INTERPRETER_S))
            self._go_on_elsewhere()
            listening = self._ports.backend.listen()
            if listening is not None:
                self._listener = CommitListener(listening, self._heard)
                self._listener.start()

    def _go_on_elsewhere(self) -> None:
        """Let the loop be another thread's from now on."""
        thread = threading.Thread(target=self._loop, name="podium-kernel", daemon=True)
        before, self._thread = self._thread, thread
        try:
            thread.start()
        except RuntimeError:
            self._thread = before
            raise

    def lend(self, work: Callable[[Loan], None]) -> bool:
        """Do some quick work on the kernel's thread; see `podium.model.assignments.Lender`."""
        # Where time is made to pass, nobody is held up, and it must not pass meanwhile.
        if threading.current_thread() is not self._thread or self._ports.pass_time is not None:
            return False
        self._errands.add(work)
        return True

    def _heard(self, heard: Heard) -> None:
        """Another process has committed something: perhaps work for this one, or the end of a run awaited here."""
        if heard.taken is None or heard.taken:
            self._heard_at = self._ports.clock.now()
        if heard.queues is None or not heard.is_plain:
            self._ports.backend.meet(has_company=True)  # if it has gone, the look at the others says so
            self.look()
        elif mine := list(filter(self.serves, heard.queues)):
            self.look(mine)
        tell_watchers(heard, self.watchers, self._ports.backend)

    def look(self, queues: Collection[str] | None = None) -> None:
        """Look soon for work that lies open in the store, in some queues or for whatever there is; from any thread."""
        if queues is not None:
            self._inbox.put(_Look(queues))
        elif not self._is_told_to_look:
            self._is_told_to_look = True
            self._inbox.put(_Look())

    @property
    def hears_of_ends(self) -> bool:
        """Whether `watchers` are told of every run's end, also of those that other processes work on."""
        return self._listener is not None or not self._ports.backend.is_shared

    def stands_here(self, run_id: str) -> tuple[bool, int] | None:
        """
        Return whether a run has ended, and its revision, if nobody else was heard to change what is in memory.

        What has ended may have been deleted or begun anew since, before that is heard: so it is told once.
        """
        state = self._cache.peek(run_id)
        run = self._ports.recent.first_sight(run_id) if state is None else state.run
        is_known = self.hears_of_ends and run is not None and run.updated_at > self._heard_at
        return (state is None, run.revision) if run is not None and is_known else None

    def hurry(self) -> None:
        """Hear of what other processes commit as soon as can be for a while: somebody waits for it."""
        # A process that comes is heard of in time; to wake the listener for each wait costs as much as a step.
        if self._listener is not None and self._rescue.has_company:
            self._listener.hurry()
        if self._ports.pass_time is not None:
            self.look()

    def stop(self) -> None:
        """
        End the loop after the events that are there. Stopping twice is fine.

        Runs that live stay in the store; another process, or the next start, takes them up.
        """
        if self._is_stopping:
            return
        self._is_stopping = True
        self._inbox.put(None)
        while (thread := self._thread) is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE_S)  # another one may take its place meanwhile
            if not thread.is_alive() and thread is self._thread:
                break
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
        is_mine = True
        try:
            # To stop is to finish: what was handed in before is decided, so nobody is left without an answer.
            while not self._is_stopping or not self._inbox.empty() or self._backlog:
                if self._errands and not self._run_errands():
                    is_mine = False
                    return
                self._is_at_rest = not self.step(wait_s=self._wait_s())
                if self._backlog.has_unfinished:
                    sleep(0)  # lets the other threads have the interpreter: those that work, and those that ask
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            _log.critical("the engine stops because of a bug", exc_info=True)
            self._failure = error
            self._farewell()  # this process lives on, but others may take its runs over
        finally:
            if is_mine:
                self._end()

    def _run_errands(self) -> bool:
        """Do quick work for others, if nothing else is to do; False if this thread is the kernel's no more."""
        # Whoever was answered waits for the interpreter, which this thread would keep to itself until its next commit.
        # Who starts one run after the other shares that then; who starts one and waits is served best by its end.
        if self._groups.has_answered() and len(self._cache.consumers.in_hand) > 1:
            self._await(_COURTESY_S)
        return self._errands.run()

    def _end(self) -> None:
        """Let nobody wait for an engine that does nothing any more."""
        # First, for `_take_in` looks at it after it has put something in: one of the two answers what comes now.
        self._has_ended = True
        if self._listener is not None:
            self._listener.close()
        self._let_go()
        self.watchers.engine_ended()

    def _let_go(self) -> None:
        """Answer whoever still waits, wherever the request is: not read, in work, or waiting for a script."""
        why = "has been stopped" if self._failure is None else f"has stopped because of {self._failure!r}"
        self._gate.close(EngineStopped(f"the engine {why}; the start waited for its turn and did not happen"))
        while self._unanswered:
            try:
                reply = self._unanswered.pop()
            except KeyError:
                return  # another thread was faster
            reply.reject(EngineStopped(f"the engine {why}; what was asked for may not have happened"))

    def _wait_s(self) -> float:
        """Return the seconds to wait for something to happen; none while time is made to pass instead."""
        pass_time = self._ports.pass_time
        if pass_time is None:
            return 0.0 if self.is_awaited else self._patience_s()
        if not self._is_at_rest:
            return 0.0
        is_quiet = not self._cache.consumers.in_hand and self._inbox.empty()
        return 0.0 if is_quiet and pass_time(self.next_due()) else self._patience_s()

    def _patience_s(self) -> float:
        clock = self._ports.clock
        moments = [service.next_at for service in self._services]
        if self._backlog.next_at is not None:
            moments.append(self._backlog.next_at)
        waits = [moment - clock.now() for moment in moments]
        if self._timers.next_at is not None:
            waits.append(self._timers.next_at - clock.passed())
        return max(0, min(waits, default=1_000)) / 1_000

    def step(self, wait_s: float = 0.0) -> bool:
        """
        Collect events, decide and commit them.

        Args:
            wait_s: Seconds to wait for the first event.

        Returns:
            Whether there was anything to do.
        """
        group = self._collect(wait_s)
        now, backlog = self._ports.clock.now(), self._backlog
        if self._cache.consumers.turned_away:
            self._open_work.is_watchful = True
        for service in self._services:
            if service.is_watchful or service.next_at <= now:
                service.run_if_due(now)
        if len(group) < self._ports.group_max and backlog:
            group += backlog.take(self._ports.group_max - len(group))  # what the services have found
        has_unfinished = backlog.has_unfinished
        if group:
            self._groups.process(group)
        if has_unfinished:
            # In a commit of its own: nobody who asked for something waits for it.
            self._groups.process([])
        return bool(group) or has_unfinished or self.is_awaited

    @property
    def counts(self) -> Counts:
        """What it has done so far."""
        return self._groups.counts

    @property
    def is_idle(self) -> bool:
        """Whether no event waits, neither to be read nor to be tried again."""
        return self._backlog.next_at is None and self._inbox.empty()

    def next_due(self) -> int | None:
        """Return the next moment at which `step` has something to do by itself, or None."""
        moments = [self._timers.next_at, self._backlog.next_at, *(service.due_at for service in self._services)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _collect(self, wait_s: float) -> list[Item]:
        limit = self._ports.group_max
        backlog, inbox = self._backlog, self._inbox
        if self._timers:
            passed = self._ports.clock.passed()
            for at, run, seq in self._timers.pop_due(passed, limit):
                self.counts.timers += 1
                self.counts.late_timers += passed - at > LATE_MS
                backlog.add(Item(Due(run, seq, at)))
        # Only an idle engine waits; the rest is taken as it is there, so that a group is as large as the load.
        if wait_s > 0 and not backlog and not backlog.has_unfinished:
            self._await(wait_s)
        # What comes meanwhile is for the next group: those who submit faster than it reads would keep it from deciding.
        for _ in range(min(inbox.qsize(), _INBOX_MAX)):
            entry = inbox.get_nowait()
            if type(entry) is Item:  # as nearly all are
                backlog.add(entry)
            else:
                self._sort_in(entry)
        return backlog.take(limit)

    def _await(self, timeout_s: float) -> None:
        """Take in what comes first, if anything comes in time."""
        inbox = self._inbox
        try:
            try:
                entry = inbox.get_nowait()
            except Empty:
                # Only after that: a queue that was read to its end in another way still has its lock free. CPython then
                # takes that, sees that nothing is there, and waits for what is left of the time; if that is less than
                # nothing, as it is where another thread had the interpreter, it waits for ever.
                entry = inbox.get(timeout=timeout_s)
        except Empty:
            return
        self._sort_in(entry)

    def _sort_in(self, entry: Item | Attach | Detach | _Registration | _Look | None) -> None:
        if isinstance(entry, Item):
            self._backlog.add(entry)
            return
        if entry is None:
            return
        if isinstance(entry, _Look):
            self._open_work.look(entry.queues)
            if entry.queues is not None:
                return
            self._is_told_to_look = False
            self._limits.look()
            self._schedules.look_within(self._ports.clock.now() + _NEWS_MS)
            self._rescue.look_within(self._ports.clock.now() + _NEWS_MS)
            return
        # What changes the context of decisions comes after the events before it.
        group = self._backlog.take(self._ports.group_max)
        if group:
            self._groups.process(group)
        if isinstance(entry, Attach):
            self._cache.consumers.attach(entry.consumer)
            self._open_work.look()
            self._rescue.look_within(self._ports.clock.now() + _ANNOUNCE_MS)
        elif isinstance(entry, Detach):
            self._groups.detach(entry.consumer)
            self._rescue.look_within(self._ports.clock.now() + _ANNOUNCE_MS)
        else:
            self._register(entry.request, entry.reply)

    def _register(self, request: Register, reply: Reply) -> None:
        try:
            write_definitions(self._ports, request)
        except PodiumError as error:
            reply.reject(error)
        else:
            reply.resolve(None)

    # -- what services use -------------------------------------------------------------------------------------------

    @property
    def is_awaited(self) -> bool:
        """Whether events wait for their turn."""
        return not self._inbox.empty() or bool(self._backlog)

    def bring(self, request: Request, reply: Reply | None = None) -> None:
        """Take an event in from a thread of the engine's own, whether or not the engine is stopping."""
        self._inbox.put(Item(request, reply))

    def look_at_schedules(self) -> None:
        """See what is due next, for schedules were changed."""
        self._schedules.look()

    def look_at_limits(self) -> None:
        """Let those in who wait for a slot, as far as there is room."""
        self._limits.look()

    @property
    def queues(self) -> frozenset[str]:
        """The queues that consumers of this process serve."""
        return self._cache.consumers.queues

    def serves(self, queue: str) -> bool:
        """Return whether a consumer of this process serves a queue; from any thread."""
        return self._cache.consumers.serves(queue)

    def rooms(self) -> Sequence[Mapping[str, int]]:
        """Return the room of each consumer that has any, by queue."""
        return self._cache.consumers.rooms()

    def turned_away(self) -> Collection[str]:
        """Return the queues of attempts that were left open here for want of room since this was last asked."""
        consumers = self._cache.consumers
        found, consumers.turned_away = consumers.turned_away, set()
        return found

    @property
    def in_hand(self) -> frozenset[AttemptKey]:
        """The attempts that consumers of this process have in hand."""
        return frozenset(self._cache.consumers.in_hand)

    def revision_here(self, run_id: str) -> int | None:
        """Return the revision of a run that is in memory here; None if it is not."""
        return self._cache.revision(run_id)

    def can_read(self, digest: str) -> bool:
        """Return whether the definition is fine that runs keep under a digest."""
        try:
            self._cache.library.of_digest(digest)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  # what is wrong with it, its runs will tell
            return False
        return True

    def take_away(self, attempts: Collection[AttemptKey]) -> None:
        """Tell the consumers that attempts are not wanted any more."""
        self._cache.consumers.take_away(attempts)
        self._cache.consumers.call_off()

    def rebalance(self) -> None:
        """Offer to others what waits with one consumer while they may have room."""
        self._groups.rebalance()

    def meet(self, queues: frozenset[str]) -> None:
        """Take note of the queues that other processes serve."""
        if queues != self._cache.consumers.elsewhere:
            self._cache.consumers.elsewhere = queues
            self._open_work.look()

    def tell_followers(self) -> None:
        """Let those look who follow runs: another process may have brought them on."""
        self.watchers.changed(None)

    def remind(self, due_at: int, run_id: str, seq: int) -> None:
        """Look at a run or an attempt at a moment."""
        self._timers.add(due_at, run_id, seq, self._ports.clock.now())

    def enqueue(self, request: Request) -> None:
        """Take an event in from a service."""
        self._backlog.add(Item(request))
