"""
From a group of events to one commit, and what to do when that does not go through.

A group is bounded by time: what it has no time for goes first in the next. After the events, runs whose last turn was
too short go on, one after the other, as long as that holds nobody up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from podium.engine.backlog import Backlog
from podium.engine.batch import Batch, Item, Request
from podium.engine.burial import bury
from podium.engine.cache import EngineCache
from podium.engine.config import EngineConfig
from podium.engine.consumers import Delivery
from podium.engine.context import DecisionContext
from podium.engine.events import Claim, Continue, Due, Fail, OfferAgain, Pause, Released, TakeOver, Terminate
from podium.engine.missing import Missing, Need, ScriptCall
from podium.engine.replies import Reply, Watchers
from podium.engine.requests import StartRequest
from podium.engine.supply import Supply
from podium.engine.timers import Timers
from podium.engine.turn import Share, Turn
from podium.model.assignments import Assignment, Consumer, Report, TaskStarted
from podium.model.errors import (
    CommitUncertain,
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
_REPEATABLE = (
    StartRequest,
    Report,
    Due,
    TaskStarted,
    Released,
    Claim,
    TakeOver,
    OfferAgain,
    Pause,
    Terminate,
    Continue,
    Fail,
)

#: Tries of an event for which there is no memory: with 100 ms between two, about a second.
_MEMORY_TRIES_MAX = 10
#: Tries of a request whose caller waits while the machine is short of something: about 5 s.
_ASK_TRIES_MAX = 50
#: Milliseconds between two lines of the log about one and the same trouble.
_COMPLAINT_MS = 10_000

#: Events that a run cannot do without: if one breaks, so would the next.
_GOING_ON = TakeOver | Due | Continue

#: Milliseconds that a group's events may take, and those of them that runs may take which others set off or which are
#: longer than their turn: the second begins with the group, so these stand back where there is much to do.
_EVENTS_MS = 25
_UNFINISHED_MS = 10

#: Attempts that a group's events may make or change; fewer than that take longer than `_EVENTS_MS` mostly.
_EVENTS_WORK = 10_000

#: Events whose runs are read together; those that there is no time for are read again with the next group.
_FETCH_MAX = 64

#: What a run gets that breaks the engine: one step of its own, so that what breaks is found out.
_ONE_STEP = Share(work_max=0)

#: Most characters of an error in a run's reason.
_ERROR_MAX = 1_000


class _Mishap(NamedTuple):
    item: Item
    error: Exception
    #: The run that was in work.
    acting: str


class Office(Protocol):
    """What a group needs of the kernel."""

    watchers: Watchers

    @property
    def is_awaited(self) -> bool:
        """Whether events wait for their turn."""

    def bring(self, request: Request, reply: Reply | None = None) -> None:
        """Take an event in from any thread."""


class Groups:
    """
    Decides and commits groups of events. Belongs to the kernel's thread.

    Attributes:
        before_commit: Called with the time before each commit.
    """

    def __init__(
        self,
        config: EngineConfig,
        cache: EngineCache,
        backlog: Backlog,
        timers: Timers,
        office: Office,
    ) -> None:
        self._ports = config
        self._cache = cache
        self._backlog = backlog
        self._timers = timers
        self._office = office
        self._complains_at = 0
        self._late_answers: dict[str, list[Reply]] = {}
        self._supply = Supply(config.backend, cache.library, config.scripts)
        self._turn = partial(Turn, config.share, config.clock.now, lambda: office.is_awaited)
        self.before_commit: Callable[[int], None] = lambda _: None

    # -- one group ---------------------------------------------------------------------------------------------------

    def process(self, group: list[Item]) -> None:
        """Decide and commit events and, if there is time, runs that are unfinished; whatever breaks ends its run."""
        for mishap in self._process(group, self._turn, with_unfinished=not group):
            self._mend(mishap)

    def _process(
        self,
        group: list[Item],
        make_turn: Callable[[], Turn],
        *,
        with_unfinished: bool = False,
    ) -> list[_Mishap]:
        """Decide and commit a group, again if another process was faster; give what breaks by itself."""
        mishaps: list[_Mishap] = []
        tries = 0
        need: Need | None = None
        self._cache.library.expire()
        self._supply.forget()
        while group or with_unfinished:
            batch = Batch(self._cache, self._supply, self._world(), make_turn)
            try:
                if need is not None:
                    self._supply.fetch_now(need)
                    need = None
                self._decide_all(batch, group, mishaps, with_unfinished=with_unfinished)
                self._commit(batch)
            except Missing as missing:
                self._drop(batch)
                need = missing.need
            except StaleRun:
                self._drop(batch)
                self._supply.forget()
                tries += 1
                if tries > 20:
                    self._refuse_all(group, InternalError("the runs of a group kept changing under it"))
                    break
            except CommitUncertain as error:
                self._after_uncertain(batch, group, error)
                break
            except StoreError as error:
                self._drop(batch)
                self._later(group, error)
                break
            except Exception as error:  # noqa: BLE001  # one bad event must not stop the others
                self._drop(batch)
                mishaps += self._isolate(batch, group, error, make_turn)
            else:
                self._publish_or_repeat(batch, group)
                break
            with_unfinished = False
        return mishaps

    def _decide_all(
        self,
        batch: Batch,
        group: list[Item],
        mishaps: list[_Mishap],
        *,
        with_unfinished: bool,
    ) -> None:
        clock, backlog = self._ports.clock.now, self._backlog
        began, count = clock(), len(group)
        events = tuple(group)
        for number, item in enumerate(events):
            if number % _FETCH_MAX == 0:
                batch.fetch(events[number : number + _FETCH_MAX])
            if number and (clock() - began >= _EVENTS_MS or batch.work >= _EVENTS_WORK):
                backlog.put_back(group[-(count - number) :])
                del group[-(count - number) :]
                break
            self._decide(batch, item, group, mishaps)
        for number in range(backlog.unfinished_count if with_unfinished else 0):
            is_late = clock() - began >= _UNFINISHED_MS or batch.work >= self._ports.share.work_max
            if number and (is_late or self._office.is_awaited):
                break
            item = backlog.next_unfinished()
            group.append(item)
            self._decide(batch, item, group, mishaps)
        batch.current = None
        self._cache.forget_fetched()

    def _decide(self, batch: Batch, item: Item, group: list[Item], mishaps: list[_Mishap]) -> None:
        """Decide one event; one that breaks off leaves the group, unless earlier ones have to do with its runs."""
        try:
            while True:
                try:
                    batch.decide(item)
                    return
                except Missing as missing:
                    if not batch.undo():
                        raise
                    self._supply.fetch_now(missing.need)
        except StoreError:
            raise
        except Exception as error:
            self._prove(batch.recalled())  # an old state beside new rows contradicts itself
            acting = batch.acting or item.request.run_id
            if not batch.undo():
                raise
            mishaps.append(_Mishap(item, error, acting))
            _remove(group, item)

    def _commit(self, batch: Batch) -> None:
        if self._ports.backend.is_shared:
            self._prove(batch.unproven())
        writes = batch.writes()
        if not writes.is_empty():
            self.before_commit(self._ports.clock.now())
            self._ports.backend.commit(writes)
            self._cache.library.stored(writes.definitions)
        self._cache.is_retrying = False

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

    def _world(self) -> DecisionContext:
        ports = self._ports
        consumers = self._cache.consumers
        consumers.look_anew()
        return DecisionContext(
            now=ports.clock.now(),
            jitter=ports.random.random(),
            ids=ports.ids,
            scripts=ports.scripts,
            limits=ports.limits,
            library=self._cache.library,
            environment=ports.environment,
            secrets=ports.secrets,
            history=self._supply.history,
            snapshot=self._supply.snapshot,
            holder=ports.engine_id,
            takes=consumers.takes,
            has=consumers.has,
            is_served=consumers.is_served,
        )

    # -- after the commit --------------------------------------------------------------------------------------------

    def _publish_or_repeat(self, batch: Batch, group: list[Item]) -> None:
        try:
            self._publish(batch)
        except MemoryError as error:
            # It is committed, and not all of it was given out: the same as when nobody knows.
            self._after_uncertain(batch, group, CommitUncertain(f"it was done, and not all was told: {error!r}"))

    def _publish(self, batch: Batch) -> None:
        now = self._ports.clock.now()
        batch.saved()
        self._ports.scripts.settled()
        ended = []
        for run_id, state in batch.touched.items():
            self._cache.keep(state)
            if state.run.status.is_terminal and not state.is_unfinished:
                ended.append(run_id)
        self._arm(batch, now)
        self._hand_out(batch)
        for reply, value, refusal in batch.answers:
            if refusal is None:
                reply.resolve(value)
            else:
                reply.reject(refusal)
        if batch.news:
            self._ports.tell(batch.news)
        for run_id, reply in batch.late_answers:
            self._late_answers.setdefault(run_id, []).append(reply)
        for run_id in ended:
            for reply in self._late_answers.pop(run_id, ()):
                reply.resolve(None)
            self._office.watchers.ended(run_id)
        for run_id, call in batch.slow_scripts.items():
            self._run_aside(call, Item(Continue(run_id)))
        waited = self._cache.consumers.next_alone()
        if waited is not None:
            self._backlog.put((Item(OfferAgain(waited)),))
        for run_id in batch.unfinished:
            self._backlog.go_on(run_id, is_ending=batch.touched[run_id].run.ending is not None)

    def _arm(self, batch: Batch, now: int) -> None:
        for due_at, run_id, seq in batch.moments:
            self._timers.add(due_at, run_id, seq, now)
        for state in self._cache.restored:
            if state.run.due_at is not None:
                self._timers.add(state.run.due_at, state.run.run_id, 0, now)
            for record in state.pending.values():
                if record.due_at is not None:
                    self._timers.add(record.due_at, record.run_id, record.seq, now)
        self._cache.restored.clear()

    def _hand_out(self, batch: Batch) -> None:
        chosen: dict[int, Delivery] = {}
        self._cache.consumers.look_anew()
        for state, records in batch.offers:
            # Later events of the group may have ended it, put it to rest, or left it open for others.
            ready = [r for r in records if r.status is TaskStatus.SCHEDULED and not r.wake_at and not r.is_open]
            live = ready if not state.run.status.is_terminal else []
            unplaced = self._cache.consumers.dispatch(state.run, live, chosen)
            self._backlog.put(Item(Released(*key)) for key in unplaced)
        for broken, error in self._cache.consumers.deliver(chosen.values()):
            if is_shortage(error):
                self._backlog.put_off(self._released(broken.assignments))
                continue
            withdrawn = self._cache.consumers.detach(broken.consumer)
            self._give_back([*withdrawn, *(one for one in broken.assignments if one not in withdrawn)])

    def detach(self, consumer: Consumer) -> None:
        """Let a consumer go; what it had not begun is offered to others."""
        self._give_back(self._cache.consumers.detach(consumer))

    def rebalance(self) -> None:
        """Offer to others what waits with one consumer while they may have room."""
        self._give_back(self._cache.consumers.spared())

    def _give_back(self, assignments: Sequence[Assignment]) -> None:
        self._backlog.put(self._released(assignments))

    def _released(self, assignments: Sequence[Assignment]) -> list[Item]:
        for one in assignments:
            self._cache.consumers.in_hand.discard((one.run_id, one.seq))
        return [Item(Released(one.run_id, one.seq)) for one in assignments]

    def _run_aside(self, call: ScriptCall, item: Item) -> None:
        """Run a slow script elsewhere; *item* comes when it has ended."""
        try:
            self._ports.scripts.run_aside(call, partial(self._office.bring, item.request, item.reply))
        except RuntimeError as error:
            self._wait_out(item, error)  # no thread for it now

    # -- when the store does not take a group ------------------------------------------------------------------------

    def _drop(self, batch: Batch) -> None:
        """Forget what the group did in memory: the runs are read again."""
        for run_id in batch.touched:
            self._cache.drop(run_id)
        self._cache.restored.clear()
        self._cache.forget_fetched()
        self._cache.is_retrying = True

    def _after_uncertain(self, batch: Batch, group: list[Item], error: CommitUncertain) -> None:
        """Make repeatable requests again; then offer what may have been committed and not given out."""
        self._drop(batch)
        again = []
        for item in group:
            if isinstance(item.request, _REPEATABLE):
                again.append(item._replace(is_uncertain=True))
            elif item.reply is not None:
                item.reply.reject(error)
        self._backlog.put_off([*again, *(Item(OfferAgain(run_id)) for run_id in batch.touched)])

    def _later(self, group: list[Item], error: StoreError) -> None:
        """The store cannot be reached: callers are told, results of work are kept until it can."""
        kept = []
        for item in group:
            if item.reply is None:
                kept.append(item)
            elif item.is_uncertain:
                item.reply.reject(CommitUncertain("it may have happened at an earlier try, and now the store is gone"))
            else:
                item.reply.reject(error)
        self._backlog.put_off(kept)
        self._complain("the store cannot be reached (%s); %d events wait", error)

    def _refuse_all(self, group: list[Item], error: PodiumError) -> None:
        for item in group:
            if item.reply is not None:
                item.reply.reject(error)
        self._backlog.put_off([item for item in group if item.reply is None])

    # -- when an event breaks the engine -----------------------------------------------------------------------------

    def _isolate(
        self,
        batch: Batch,
        group: list[Item],
        error: Exception,
        make_turn: Callable[[], Turn],
    ) -> list[_Mishap]:
        """Take out of a group what breaks: the item in work; of a commit that breaks, by halves."""
        culprit = batch.current
        if culprit is None and len(group) > 1:
            half = len(group) // 2
            halves = (group[:half], group[half:])
            group.clear()
            return [mishap for part in halves for mishap in self._process(part, make_turn)]
        if culprit is None:
            culprit = group[0]
        _remove(group, culprit)
        return [_Mishap(culprit, error, batch.acting or culprit.request.run_id)]

    def _mend(self, mishap: _Mishap) -> None:
        """
        End the run that an event breaks, with the reason; whoever asked for it is told.

        What an event sets off in other runs is done in steps of their own first, so that it is one of those that ends
        if it is the one that breaks.
        """
        item, error, acting = mishap
        if is_shortage(error) and self._wait_out(item, error):
            return
        if not self._ports.backend.load_runs([acting]):
            acting = item.request.run_id  # what broke was to begin a run: the one that wanted it cannot go on
        reason = f"the engine could not go on: {described(error)}"
        for _ in range(3):
            if isinstance(item.request, StartRequest) and acting == item.request.run_id:
                _say(acting, error)
                item = item._replace(request=item.request._replace(fault=reason))
            elif acting != item.request.run_id or isinstance(item.request, _GOING_ON):
                _say(acting, error)
                self._fail(acting, reason)
            again = self._process([item], self._one_step)
            if not again:
                return
            ((_, error, acting),) = again
        _say(item.request.run_id, error)
        self._fail(item.request.run_id, reason)
        if item.reply is not None:
            wrapped = InternalError(f"the engine could not act on {type(item.request).__name__}: {described(error)}")
            wrapped.__cause__ = error
            item.reply.reject(wrapped)

    def _wait_out(self, item: Item, error: Exception) -> bool:
        """Keep an item for which the machine is short of something now; False if that has gone on for too long."""
        if isinstance(error, MemoryError) and item.tries >= _MEMORY_TRIES_MAX:
            return False  # it is the work itself that needs more than there is
        if item.reply is not None and item.tries >= _ASK_TRIES_MAX:
            item.reply.reject(Shortage(f"the machine is short of something, and nothing was changed: {error!r}"))
            return True
        self._backlog.put_off([item._replace(tries=item.tries + 1)])
        self._complain("the machine is short of something (%r); %d events wait", error)
        return True

    def _complain(self, text: str, error: Exception) -> None:
        """Say what is missing, though not with every try."""
        now = self._ports.clock.now()
        if now >= self._complains_at:
            self._complains_at = now + _COMPLAINT_MS
            _log.warning(text, error, self._backlog.put_off_count)

    def _one_step(self) -> Turn:
        return Turn(_ONE_STEP, self._ports.clock.now)

    def _fail(self, run_id: str, reason: str) -> None:
        """End a run as FAILED, in the simplest way that works."""
        for is_bare in (False, True):
            if not self._process([Item(Fail(run_id, reason, is_bare))], self._one_step):
                return
        self._cache.drop(run_id)
        burial = bury(self._ports.backend, run_id, reason, self._ports.clock.now())
        self._ports.backend.commit(burial.writes)
        self._backlog.put([Item(message) for message in burial.messages])
        self._office.watchers.ended(run_id)


def _say(run_id: str, error: Exception) -> None:
    _log.error("run %s cannot go on and is ended as FAILED", run_id, exc_info=error)


def _remove(group: list[Item], item: Item) -> None:
    """Take this very item out, not one that equals it."""
    group[:] = [one for one in group if one is not item]


def described(error: Exception) -> str:
    """Say what an error is, within bounds."""
    text = str(error)
    shown = text if len(text) <= _ERROR_MAX else f"{text[:_ERROR_MAX]}…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__
