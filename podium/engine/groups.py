"""
From a group of events to one commit.

A group is bounded by time: what it has no time for goes first in the next. After the events, runs whose last turn was
too short go on, one after the other, as long as that holds nobody up.

A commit may not go through: another process was faster (decide again), the store is gone (`podium.engine.setbacks`), an
event breaks the engine (`podium.engine.mending`). If it does, `podium.engine.publishing` gives out what was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter

from podium.engine.agenda import Agenda
from podium.engine.backlog import Backlog
from podium.engine.batch import Batch, Item
from podium.engine.cache import EngineCache
from podium.engine.config import EngineConfig
from podium.engine.context import DecisionContext, Jitter
from podium.engine.counts import Counts
from podium.engine.mending import EventFailure, FailureHandler
from podium.engine.missing import Missing, Need
from podium.engine.publishing import KernelPort, Publisher
from podium.engine.setbacks import Setbacks
from podium.engine.slots import SlotBook
from podium.engine.start_keys import StartKeys
from podium.engine.state import RunState
from podium.engine.supply import Supply
from podium.engine.timers import Timers
from podium.engine.turn import Share, Turn
from podium.model.assignments import Consumer
from podium.model.errors import (
    CommitUncertain,
    InternalError,
    StaleRun,
    StoreError,
)

#: Milliseconds that a group's events may take, and those of them that runs may take which others set off or which are
#: longer than their turn: the second begins with the group, so these stand back where there is much to do.
_EVENTS_MS = 25
_UNFINISHED_MS = 4

#: Work of a group's events, see `Share.work_max`: so many attempts take longer than `_EVENTS_MS` to decide, but large
#: payloads, 16 MB of them, which are decided quickly, would make a commit that takes long.
_EVENTS_WORK = 1_000

#: What a run gets that breaks the engine: one step of its own.
_ONE_STEP = Share(work_max=0)

#: Events whose runs are read together; those that there is no time for are read again with the next group.
_FETCH_MAX = 64


class Groups:
    """
    Decides and commits groups of events. Belongs to the kernel's thread.

    Attributes:
        before_commit: Called with the time before each commit.
        counts: What has been done so far.
    """

    def __init__(
        self,
        config: EngineConfig,
        cache: EngineCache,
        backlog: Backlog,
        timers: Timers,
        office: KernelPort,
    ) -> None:
        self._ports = config
        self._cache = cache
        self._backlog = backlog
        self._office = office
        self._setbacks = Setbacks(config, backlog)
        self._publisher = Publisher(config, cache, backlog, timers, office=office, setbacks=self._setbacks)
        self._mender = FailureHandler(
            config, cache, backlog, office=office, setbacks=self._setbacks, attempt=self._attempt
        )
        self._supply = Supply(config.backend, cache.library, config.scripts)
        self._turn = Turn(config.share, config.clock.now, lambda: office.is_awaited)
        self._agendas: list[Agenda] = []
        self.before_commit: Callable[[int], None] = lambda _: None
        self.counts = Counts()

    def has_answered(self) -> bool:
        """Return whether somebody who waited was answered since this was asked last."""
        found, self._publisher.has_answered = self._publisher.has_answered, False
        return found

    # -- one group ---------------------------------------------------------------------------------------------------

    def process(self, group: list[Item]) -> None:
        """Decide and commit events and, if there is time, runs that are unfinished; whatever breaks ends its run."""
        for mishap in self._process(group, self._turn, with_unfinished=not group):
            self._mender.mend(mishap)

    def _process(
        self,
        group: list[Item],
        turn: Turn,
        *,
        with_unfinished: bool = False,
    ) -> list[EventFailure]:
        """Decide and commit a group, again if another process was faster; give what breaks by itself."""
        mishaps: list[EventFailure] = []
        tries = 0
        need: Need | None = None
        # Once for the group and not for each try: the registry as it was when the events came is as good as any.
        self._cache.library.expire()
        self._supply.forget()
        while group or with_unfinished:
            touched: dict[str, RunState] = {}
            batch = Batch(self._cache, self._supply, self._context(touched), turn, touched)
            try:
                if need is not None:
                    # Within the same care as the rest: the store may be gone for this as well.
                    self._supply.fetch_now(need)
                    need = None
                self._decide_all(batch, group, mishaps, with_unfinished=with_unfinished)
                self._commit(batch)
            except Missing as missing:
                # Runs of earlier events are half changed in memory, so all of the group is decided anew.
                self._drop(batch)
                need = missing.need
            except StaleRun:
                # Another process was faster with one of the runs. Nothing was written; what it wrote is read now.
                self._drop(batch)
                self._supply.forget()
                tries += 1
                if tries > 20:
                    self._setbacks.refuse_all(group, InternalError("the runs of a group kept changing under it"))
                    break
            except CommitUncertain as error:
                self._after_uncertain(batch, group, error)
                break
            except StoreError as error:
                # Memory is ahead of a store that did not take the group: from now on it would lie.
                self._drop(batch)
                self._setbacks.store_is_gone(group, error)
                break
            except Exception as error:  # noqa: BLE001  # one bad event must not stop the others
                self._drop(batch)
                mishaps += self._isolate(batch, group, error, turn)
            else:
                self._publish_or_repeat(batch, group)
                break
            # They are part of the group by now.
            with_unfinished = False
        return mishaps

    def _decide_all(
        self,
        batch: Batch,
        group: list[Item],
        mishaps: list[EventFailure],
        *,
        with_unfinished: bool,
    ) -> None:
        clock, backlog = self._ports.clock.now, self._backlog
        now = began = batch.began
        count, events = len(group), tuple(group)
        for number, item in enumerate(events):
            # Some at a time: the group may be cut below, and what was read for the rest would be read in vain.
            if number % _FETCH_MAX == 0 and count > 1:
                batch.fetch(events[number : number + _FETCH_MAX])
            # The first event is always decided, so that no slow one can keep the group from going on.
            if number:
                now = clock()
                if now - began >= _EVENTS_MS or batch.work >= _EVENTS_WORK:
                    backlog.put_back(group[-(count - number) :])
                    del group[-(count - number) :]
                    break
            self._decide(batch, item, now, group, mishaps)
        for number in range(backlog.unfinished_count if with_unfinished else 0):
            now = clock()
            is_late = now - began >= _UNFINISHED_MS or batch.work >= self._ports.share.work_max
            if number and (is_late or self._office.is_awaited):
                break
            item = backlog.next_unfinished()
            group.append(item)
            self._decide(batch, item, now, group, mishaps)
        self.counts.decisions += len(group)
        batch.current = None
        self._cache.forget_fetched()

    def _decide(self, batch: Batch, item: Item, now: int, group: list[Item], mishaps: list[EventFailure]) -> None:
        """Decide one event; one that breaks off leaves the group, unless earlier ones have to do with its runs."""
        try:
            while True:
                try:
                    batch.decide(item, now)
                    return
                except Missing as missing:
                    # What earlier events did to the same runs cannot be taken back alone.
                    if not batch.undo():
                        raise
                    self._supply.fetch_now(missing.need)
        except StoreError:
            raise
        except Exception as error:
            self._prove(batch.recalled())  # an old state beside new rows contradicts itself
            # Whose fault it is: of a chain of runs that one event sets off, the run that was in work.
            acting = batch.acting or item.request.run_id
            if not batch.undo():
                raise
            mishaps.append(EventFailure(item, error, acting))
            _remove(group, item)

    def _commit(self, batch: Batch) -> None:
        # The commit compares the revisions of runs that it writes; those that are only looked at are compared here.
        if self._ports.backend.is_shared and (unproven := batch.unproven()):
            self._prove(unproven)
        writes = batch.writes()
        if not writes.is_empty():
            # Others must know of this process before they find runs that it holds.
            self.before_commit(self._ports.clock.now())
            began = perf_counter()
            self._ports.backend.commit(writes)
            self.counts.commits += 1
            self.counts.commit_s += perf_counter() - began
            if writes.definitions:
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

    def _context(self, touched: Mapping[str, RunState]) -> DecisionContext:
        ports = self._ports
        consumers = self._cache.consumers
        consumers.look_anew()
        now = ports.clock.now()
        return DecisionContext(
            now=now,
            jitter=Jitter(ports.random.random()),
            ids=ports.ids,
            scripts=ports.scripts,
            limits=ports.limits,
            library=self._cache.library,
            environment=ports.environment,
            secrets=ports.secrets,
            history=self._supply.history,
            attempts=self._supply.attempts,
            messages=self._supply.messages,
            snapshot=self._supply.snapshot,
            cached=partial(self._supply.cached, now=now),
            slots=SlotBook(now, self._supply.slots, self._cache.capacities),
            agendas=self._agendas,
            start_keys=StartKeys(self._supply.key_holder, touched),
            holder=ports.engine_id,
            takes=consumers.takes,
            has=consumers.has,
            is_served=consumers.is_served,
        )

    def _publish_or_repeat(self, batch: Batch, group: list[Item]) -> None:
        try:
            self._publisher.publish(batch)
        except MemoryError as error:
            # It is committed, and not all of it was given out: the same as when nobody knows.
            self._after_uncertain(batch, group, CommitUncertain(f"it was done, and not all was told: {error!r}"))

    def _drop(self, batch: Batch) -> None:
        """Forget what the group did in memory: the runs are read again."""
        for run_id in batch.touched:
            self._cache.drop(run_id)
        self._cache.restored.clear()
        self._cache.forget_fetched()
        self._cache.is_retrying = True

    def _after_uncertain(self, batch: Batch, group: list[Item], error: CommitUncertain) -> None:
        self._drop(batch)
        self._setbacks.after_uncertain(group, batch.touched, error)

    def _isolate(
        self,
        batch: Batch,
        group: list[Item],
        error: Exception,
        turn: Turn,
    ) -> list[EventFailure]:
        """Take out of a group what breaks: the item in work; of a commit that breaks, by halves."""
        culprit = batch.current
        # It broke in the commit, which does not say by what: halves of the group find it in few tries.
        if culprit is None and len(group) > 1:
            half = len(group) // 2
            halves = (group[:half], group[half:])
            group.clear()
            return [mishap for part in halves for mishap in self._process(part, turn)]
        if culprit is None:
            culprit = group[0]
        _remove(group, culprit)
        return [EventFailure(culprit, error, batch.acting or culprit.request.run_id)]

    def _attempt(self, item: Item) -> list[EventFailure]:
        """Decide and commit one event, in steps as small as they can be: so what breaks is found out."""
        return self._process([item], Turn(_ONE_STEP, self._ports.clock.now))

    def detach(self, consumer: Consumer) -> None:
        """Let a consumer go; what it had not begun is offered to others."""
        self._publisher.detach(consumer)

    def rebalance(self) -> None:
        """Offer to others what waits with one consumer while they may have room."""
        self._publisher.rebalance()


def _remove(group: list[Item], item: Item) -> None:
    """Take this very item out, not one that equals it."""
    group[:] = [one for one in group if one is not item]
