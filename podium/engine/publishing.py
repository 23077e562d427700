"""
After a commit: answers, work and timers leave the engine.

Nothing of it happens before, so what anybody sees is durable.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from podium.engine.backlog import Backlog
from podium.engine.batch import Batch, Item, Request
from podium.engine.cache import EngineCache
from podium.engine.config import EngineConfig
from podium.engine.consumers import Delivery
from podium.engine.events import Continue, OfferAgain, Released
from podium.engine.masking import hider
from podium.engine.missing import ScriptCall
from podium.engine.records import RunRecord
from podium.engine.replies import Reply, Watchers
from podium.engine.setbacks import Setbacks
from podium.engine.timers import Timers
from podium.model.assignments import Assignment, Consumer
from podium.model.shortages import is_shortage


class KernelPort(Protocol):
    """What it needs of the kernel."""

    watchers: Watchers

    @property
    def is_awaited(self) -> bool:
        """Whether events wait for their turn."""

    def look_at_schedules(self) -> None:
        """See what is due next, for schedules were changed."""

    def look_at_limits(self) -> None:
        """Let those in who wait for a slot, as far as there is room."""

    def bring(self, request: Request, reply: Reply | None = None) -> None:
        """Take an event in from any thread."""


class Publisher:
    """
    Gives out what a commit has decided. Belongs to the kernel's thread.

    Attributes:
        has_answered: Somebody who waited was answered since this was last set to False.
    """

    def __init__(
        self,
        config: EngineConfig,
        cache: EngineCache,
        backlog: Backlog,
        timers: Timers,
        *,
        office: KernelPort,
        setbacks: Setbacks,
    ) -> None:
        self._ports = config
        self._cache = cache
        self._backlog = backlog
        self._timers = timers
        self._office = office
        self._setbacks = setbacks
        self._late_answers: dict[str, list[Reply]] = {}
        self.has_answered = False

    def publish(self, batch: Batch) -> None:
        """Arm, hand out, answer and tell, in this order: who is answered may look, and finds it done."""
        batch.saved()
        # Only now: a decision that is made again needs the results of its scripts once more.
        self._ports.scripts.settled()
        ended = self._keep(batch)
        # Timers first. Should giving out break, what was committed is still looked at when it is due.
        if batch.moments or self._cache.restored:
            self._arm(batch)
        self._hand_out(batch)
        self._cache.consumers.call_off()
        self._answer(batch)
        news = batch.news if batch.desk is None else [*batch.news, *batch.desk.news]
        if news:
            self._ports.tell(news)
        if batch.has_posted:
            self._ports.post()
        for run_id, reply in batch.late_answers:
            self._late_answers.setdefault(run_id, []).append(reply)
        for run in ended:
            for reply in self._late_answers.pop(run.run_id, ()):
                reply.resolve(None)
            self.has_answered |= self._office.watchers.ended(run.run_id, run.revision)
        if self._office.watchers.followers:
            self._office.watchers.changed(batch.touched)
        for run_id, call in batch.slow_scripts.items():
            self._run_aside(call, Item(Continue(run_id)))
        waited = self._cache.consumers.next_alone()
        if waited is not None:
            self._backlog.add(Item(OfferAgain(waited)))
        # Behind whoever waits: a run that is longer than its turn holds up no other.
        for run_id in batch.unfinished:
            self._backlog.go_on(run_id, is_ending=batch.touched[run_id].run.ending is not None)

    def _keep(self, batch: Batch) -> list[RunRecord]:
        """Keep the runs that go on; returns those that have ended."""
        cache, recent = self._cache, self._ports.recent
        ended = []
        for run_id, state in batch.touched.items():
            if state.run.status.is_terminal and not state.is_unfinished:
                ended.append(state.run)
                cache.drop(run_id)
                recent.add(state)
            elif cache.keep(state):
                recent.forget(run_id)  # it may have ended before, and goes on
        return ended

    def _answer(self, batch: Batch) -> None:
        self.has_answered |= bool(batch.answers)
        for reply, value, refusal in batch.answers:
            if refusal is None:
                reply.resolve(value)
            else:
                reply.reject(refusal)

    def _arm(self, batch: Batch) -> None:
        now = self._ports.clock.now()
        for due_at, run_id, seq in batch.moments:
            self._timers.add(due_at, run_id, seq, now)
        # Runs that came from the store have timers that no process holds in memory, or a dead one.
        for state in self._cache.restored:
            if state.run.due_at is not None:
                self._timers.add(state.run.due_at, state.run.run_id, 0, now)
            for record in state.pending.values():
                if record.due_at is not None:
                    self._timers.add(record.due_at, record.run_id, record.seq, now)
        self._cache.restored.clear()

    def _hand_out(self, batch: Batch) -> None:
        if batch.desk is not None and batch.desk.is_changed:
            self._office.look_at_schedules()
        if batch.has_moved_slots:
            self._office.look_at_limits()
        if not batch.offers:
            return
        chosen: dict[int, Delivery] = {}
        self._cache.consumers.look_anew()
        for state, records in batch.offers:
            # Later events of the group may have ended it.
            if state.run.status.is_terminal:
                continue
            unplaced = self._cache.consumers.dispatch(state.run, records, chosen, hider(state))
            if unplaced:
                self._backlog.put(Item(Released(*key)) for key in unplaced)
        for broken, error in self._cache.consumers.deliver(chosen.values()):
            # A worker that has no thread now is whole; one that refuses for another reason is let go.
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
            self._setbacks.wait_out(item, error)  # no thread for it now
