"""
A group of events, decided together and written in one commit.

What the group needs is loaded, each event is decided, its messages to other runs right after it; then everything is
written at once. Nothing is visible outside before the commit: neither the answers, nor the work for consumers, nor the
timers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from weakref import proxy

from podium.engine.cache import EngineCache
from podium.engine.context import DecisionContext
from podium.engine.decider import begin, decide, filled, input_misfit, proceed, put_aside
from podium.engine.decision import Decision
from podium.engine.events import Event, Follow, OfferAgain, Restart, Start, Terminate, Upgrade
from podium.engine.masking import shower
from podium.engine.missing import Missing, ScriptCall
from podium.engine.news import News
from podium.engine.plan import Plan
from podium.engine.records import TaskRecord
from podium.engine.replies import Reply
from podium.engine.requests import RestartRequest, ScheduleRequest, StartRequest, UpgradeRequest
from podium.engine.rows import LogRow, WriteSet
from podium.engine.start_keys import KeyTaken
from podium.engine.state import RunState
from podium.engine.supply import Supply
from podium.engine.turn import Turn
from podium.engine.writing import written
from podium.model.assignments import AttemptKey, Report
from podium.model.definitions import WorkflowDef
from podium.model.errors import (
    AlreadyExists,
    DefinitionError,
    InvalidRequest,
    LimitReached,
    PayloadRefused,
    RequestError,
    RunNotFound,
    StaleRun,
)
from podium.model.later import later
from podium.model.statuses import RunStatus

if TYPE_CHECKING:
    from podium.engine import schedule_desk
else:
    schedule_desk = later("podium.engine.schedule_desk")

#: What a group is made of.
Request: TypeAlias = Event | StartRequest | RestartRequest | UpgradeRequest | ScheduleRequest


class Item(NamedTuple):
    """One request and whoever waits for its answer."""

    request: Request
    reply: Reply | None = None
    #: It may have been committed by an earlier try.
    is_uncertain: bool = False
    #: How often the machine was short of something for it.
    tries: int = 0


class Batch:
    """
    One group in work.

    Attributes:
        touched: The runs that the group has to do with, by id.
        answers: What to tell the callers after the commit, in order.
        late_answers: Those who wait for a run's end that takes several commits.
        offers: Attempts that became ready, in order, with their runs.
        moments: (due_at, run_id, seq) of what becomes due; known after `saved`.
        desk: The schedules that the group has to do with; None for none.
        news: What to tell after the commit, in order.
        unfinished: Runs that go on in a later commit; known after `saved`.
        slow_scripts: What runs wait for, by run.
        has_posted: There are messages to send; known after `writes`.
        has_moved_slots: A slot was freed or will expire, or somebody waits for one now; known after `writes`.
        began: When it began, in epoch milliseconds.
        current: The item in work.
        acting: The run in work.
    """

    def __init__(
        self,
        cache: EngineCache,
        supply: Supply,
        context: DecisionContext,
        turn: Turn,
        touched: dict[str, RunState],
    ) -> None:
        self._cache = cache
        self._supply = supply
        self._keys = context.start_keys
        self._world = context
        self.touched: dict[str, RunState] = touched
        self.answers: list[tuple[Reply, Any, RequestError | DefinitionError | None]] = []
        self.late_answers: list[tuple[str, Reply]] = []
        self.offers: list[tuple[RunState, list[TaskRecord]]] = []
        self.moments: list[tuple[int, str, int]] = []
        self.news: list[News] = []
        self.unfinished: list[str] = []
        self.slow_scripts: dict[str, ScriptCall] = {}
        self.has_moved_slots = False
        self.has_posted = False
        self.current: Item | None = None
        self.acting: str | None = None
        self._work = 0
        self._messages: deque[Event] = deque()
        #: Runs of schedules that have ended: (schedule, run).
        self._ended: deque[tuple[str, str]] = deque()
        self.desk: schedule_desk.ScheduleDesk | None = None
        self._logs: list[LogRow] = []
        self._recalled: list[str] = []
        self._turn = turn
        self.began = context.now
        turn.made = 0
        #: The runs and keys that only the item in work has to do with, and how much there was before it.
        self._own: set[str] = set()
        self._marks = (0, 0, 0, 0)
        self._is_entangled = False

    @property
    def work(self) -> int:
        """How much was done for the items so far."""
        return self._work + self._turn.made

    def fetch(self, items: Sequence[Item]) -> None:
        """Read the runs of some requests, as far as memory does not hold them, before they are decided."""
        run_ids = [item.request.run_id for item in items if type(item.request) is not StartRequest]
        self._cache.fetch([run_id for run_id in run_ids if run_id and run_id not in self.touched])

    def decide(self, item: Item, now: int) -> None:
        """
        Decide one request and everything that it sets off in other runs.

        A request that is refused changes nothing and is answered with its error.

        Args:
            item: The request.
            now: The time at which its turn begins, in epoch milliseconds.
        """
        self.current = item
        self._work = self.work
        self.acting = None
        self._turn.begin(now)
        self._own.clear()
        if self._keys.undone:
            self._keys.mark()
        if self.desk is not None:
            self.desk.mark()
        self._marks = (len(self.offers), len(self.news), len(self._logs), len(self._world.slots.taken))
        self._is_entangled = False
        request = item.request
        try:
            if type(request) is Report:  # as most are
                value = None
                self._event(request)
            else:
                value = self._request(request)
        except (RequestError, DefinitionError) as error:
            is_refusal = isinstance(error, PayloadRefused) or not isinstance(error, DefinitionError | InvalidRequest)
            if self._is_acting and not is_refusal:
                raise  # a decision broke in its middle
            self._keys.undo()
            if self.desk is not None:
                self.desk.undo()
            if item.reply is not None:
                self.answers.append((item.reply, None, error))
            return
        if self._messages or self._ended:
            self._spread()
        if item.reply is None:
            return
        run_id = request.run_id
        if isinstance(request, Terminate) and self.touched[run_id].run.ending is not None:
            self.late_answers.append((run_id, item.reply))
        else:
            self.answers.append((item.reply, value, None))

    def _spread(self) -> None:
        """Let what follows in other runs happen in the same commit: no parent sees a child end without its result."""
        while self._messages or self._ended:
            if not self._messages:
                self._schedules.ended(*self._ended.popleft())
                continue
            wave, self._messages = self._messages, deque()
            if len(wave) > 1:
                self._cache.fetch(event.run_id for event in wave if event.run_id not in self.touched)
            for event in wave:
                self._message(event)

    @property
    def _is_acting(self) -> bool:
        return self.acting is not None

    def undo(self) -> bool:
        """Take the item in work back, which broke off; False if it has to do with runs of items before it."""
        if self._is_entangled:
            return False
        for run_id in self._own:
            self.touched.pop(run_id, None)
            self.slow_scripts.pop(run_id, None)
            self._cache.drop(run_id)
        self._cache.restored = [state for state in self._cache.restored if state.run.run_id not in self._own]
        self._recalled = [run_id for run_id in self._recalled if run_id not in self._own]
        self._keys.undo()
        offers, news, logs, taken = self._marks
        self._world.slots.undo(taken)
        del self.offers[offers:], self.news[news:], self._logs[logs:]
        self._messages.clear()
        self._ended.clear()
        if self.desk is not None:
            self.desk.undo()
        return True

    @property
    def _schedules(self) -> schedule_desk.ScheduleDesk:
        if self.desk is None:
            # No more than a proxy, or each group with all its runs would be left to the collector of circles.
            self.desk = schedule_desk.ScheduleDesk(self._cache.backend, self._world.ids, self._world.now, proxy(self))
        return self.desk

    def _request(self, request: Request) -> str | None:
        if isinstance(request, StartRequest):
            return self.start(request)
        if isinstance(request, RestartRequest):
            state = self._state(request.run_id)
            plan = self.plan_of(state.run.name, None) if request.use_latest else None
            self._event(Restart(request.run_id, plan, request.undone))
        elif isinstance(request, UpgradeRequest):
            plan = self.plan_of(self._state(request.run_id).run.name, request.version)
            self._event(Upgrade(request.run_id, plan, request.input, request.outputs))
        elif isinstance(request, ScheduleRequest):
            return self._schedules.act(request)
        else:
            self._event(request)
        return None

    def _message(self, event: Event) -> None:
        if isinstance(event, Start):
            try:
                self._begin(event)
            except LimitReached as error:
                self._begin(event._replace(fault=str(error)))  # nobody is there to be refused
            return
        try:
            self._event(event)
        except RunNotFound:
            if isinstance(event, Follow):
                raise StaleRun(f"run {event.run_id} was removed while another was to follow it") from None
            # The other run was removed; nobody is left to be told.
            return

    def _event(self, event: Event) -> None:
        run_id = event.run_id
        state = self._state(run_id)
        if type(event) is Report and not event.is_heartbeat:
            self._cache.consumers.in_hand.discard((run_id, event.seq))
        self.acting = run_id
        decision = decide(state, event, self._world, self._turn)
        if decision.missing is not None:
            self._complete(decision)
        if decision.offers and type(event) is not OfferAgain:
            # What is offered is in nobody's hands; who had it gave it back, perhaps by way of another process.
            self._cache.consumers.forget(decision.offers)
        self._took(decision)

    def start(self, request: StartRequest) -> str:
        """Start a run and return its id; that of another where an idempotency key says so."""
        plan = self.plan_of(request.name or "", request.version, request.definition)
        self._turn.begin_now()  # to read and compile a definition, once, is not the first run's work
        if request.fault is None:
            given = filled(request.input, plan.definition)
            if (fault := input_misfit(given, plan.definition, self._world.limits)) is not None:
                raise InvalidRequest(shower(plan.masks, [given])(fault))
        # Its own run is there if an earlier try was committed and nobody knew; another may have the key since.
        if request.idempotency_key is not None and self._known(request.run_id) is None:
            key, strategy = request.idempotency_key, request.idempotency_strategy
            try:
                self._keys.take(plan.definition.name, key, strategy, request.run_id)
            except KeyTaken as taken:
                if taken.may_share:
                    return taken.holder.run_id
                raise AlreadyExists(str(taken)) from None
        self._begin(
            Start(
                request.run_id,
                plan,
                request.input,
                correlation_id=request.correlation_id,
                priority=request.priority,
                task_to_domain=request.task_to_domain,
                created_by=request.created_by,
                idempotency_key=request.idempotency_key,
                fault=request.fault,
                is_checked=True,
                schedule=request.schedule,
                event=request.event,
                trace=request.trace,
            ),
        )
        return request.run_id

    def is_live(self, run_id: str) -> bool:
        """Return whether a run is there and has not ended."""
        state = self.touched.get(run_id)
        if state is not None:
            return not state.run.status.is_terminal or state.run.ending is not None
        pulse = self._cache.backend.pulses([run_id]).get(run_id)
        return pulse is not None and not RunStatus(pulse.status).is_terminal

    def send(self, event: Event) -> None:
        """Let an event happen in this commit."""
        self._messages.append(event)

    def plan_of(self, name: str, version: int | None, definition: WorkflowDef | None = None) -> Plan:
        """Return the plan of a definition, or of a registered workflow; what it takes is read."""
        library = self._cache.library
        while True:
            try:
                return library.find(name, version) if definition is None else library.compile(definition)
            except Missing as missing:
                self._supply.fetch_now(missing.need)

    def _begin(self, event: Start) -> None:
        if self._known(event.run_id) is not None:
            return  # the commit of an earlier try went through after all
        self._own.add(event.run_id)
        self.acting = event.run_id
        decision = begin(event, self._world, self._turn)
        if decision.missing is not None:
            self._complete(decision)
        self.touched[event.run_id] = decision.state
        self._took(decision)

    def _known(self, run_id: str) -> RunState | None:
        return self.touched.get(run_id) or (self._cache.find(run_id) if self._cache.is_retrying else None)

    def _complete(self, decision: Decision) -> None:
        """Fetch what a decision lacks, time and again; leave it waiting for a script that takes long."""
        while (need := decision.missing) is not None:
            if self._supply.fetch(need):
                proceed(decision)
            elif isinstance(need, ScriptCall):
                self.slow_scripts[decision.run.run_id] = need
                put_aside(decision)
                return

    def _took(self, decision: Decision) -> None:
        self._turn.made += 1  # a run that makes no attempt counts too: no chain of runs is endless
        if decision.offers:
            self.offers.append((decision.state, decision.offers))
        if decision.news:
            self.news += decision.news
        if decision.messages:
            self._messages.extend(decision.messages)
        run = decision.run
        if run.schedule is not None and run.status.is_terminal and run.ending is None:
            self._ended.append((run.schedule, run.run_id))
        if decision.logs:
            self._logs.extend(LogRow(record.run_id, record.seq, at, text) for record, at, text in decision.logs)

    def _state(self, run_id: str) -> RunState:
        state = self.touched.get(run_id)
        if state is not None:
            self._is_entangled = self._is_entangled or run_id not in self._own
        else:
            self._own.add(run_id)
            state = self._cache.recall(run_id)
            if state is not None:
                self._recalled.append(run_id)
            else:
                acting, self.acting = self.acting, run_id  # should it not let itself be restored
                state = self._cache.find(run_id)
                if state is None:
                    raise RunNotFound(f"No such workflow found by id: {run_id}")
                self.acting = acting
            self.touched[run_id] = state
        return state

    def writes(self) -> WriteSet:
        """Return what is to be written; empty if nothing changed."""
        states = [state for state in self.touched.values() if state.touched]
        slots, freed_slots = self._world.slots.settle(states)
        will_expire = slots and any(slot.expires_at for slot in slots)
        self.has_moved_slots = bool(self._world.slots.is_awaited or will_expire or freed_slots)
        writes = written(states, self._world.holder)
        self.has_posted = bool(writes.outbox)
        writes.slots, writes.freed_slots = slots, freed_slots
        # A restart may have brought another definition.
        if self._cache.library.has_unstored:
            writes.definitions = self._cache.library.to_store(state.run.digest for state in states)
        if self._keys.are_taken:
            writes.start_keys = list(self._keys.rows({run.run_id for run in writes.new_runs}))
        writes.logs = self._logs
        if self.desk is not None:
            writes.schedules, writes.deleted_schedules = self.desk.rows()
        return writes

    def recalled(self) -> dict[str, int]:
        """Return the runs that came from memory, with the revision that they are known in."""
        return {run_id: state.run.revision for run_id in self._recalled if (state := self.touched.get(run_id))}

    def unproven(self) -> dict[str, int]:
        """Return those of the recalled runs that are not written, so that no commit compares their revision."""
        return {run_id: state.run.revision for run_id in self._recalled if not (state := self.touched[run_id]).touched}

    def saved(self) -> None:
        """Note that everything has been committed, and gather what becomes due."""
        in_hand = self._cache.consumers.in_hand
        ended: list[AttemptKey] = []
        for run_id, state in self.touched.items():
            if state.is_unfinished and not state.awaits_script:
                self.unfinished.append(run_id)
            if state.touched:
                run = state.run
                if run.due_at is not None:
                    self.moments.append((run.due_at, run_id, 0))
                for seq, record in state.changed.items():
                    if record.due_at is not None:
                        self.moments.append((record.due_at, run_id, seq))
                    if record.status.is_terminal and (run_id, seq) in in_hand:
                        ended.append((run_id, seq))
                    # Packed payloads were for this commit; kept, they would hold every payload twice.
                    record.input_bytes = record.output_bytes = None
                    record.is_new = False
                run.revision += 1
                state.saved()
        if ended:
            # Without a word from where they are in hand.
            self._cache.consumers.take_away(ended)
