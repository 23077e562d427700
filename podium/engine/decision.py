"""
One decision: what one event does to one run.

The operators (`podium.engine.operators`) say what each task type does; this module keeps the rules that hold for all
of them: what follows an attempt that ended, when a run is complete, how it ends. Nothing here reads a clock, draws a
random number or touches a store. Conductor: ``DeciderService.java``, ``WorkflowExecutorOps.java``; where Conductor
looks at every task of the run, this looks at the attempt that changed and at what waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from podium.engine import ids
from podium.engine.agenda import Agenda
from podium.engine.branches import next_branch
from podium.engine.context import DecisionContext
from podium.engine.contracts import misfit
from podium.engine.deadlines import next_moment
from podium.engine.document import RunDocument
from podium.engine.domains import domain_of
from podium.engine.events import Event
from podium.engine.limits import cut
from podium.engine.loops import keep_broken
from podium.engine.masking import masks_of, payloads_of, shower
from podium.engine.missing import Need
from podium.engine.news import News, TaskUnserved
from podium.engine.plan import Node, Scope
from podium.engine.records import TaskRecord, open_rank
from podium.engine.rows import CachedRow
from podium.engine.slots import limits_of
from podium.engine.state import RunState
from podium.engine.turn import WRITTEN_AS_ONE, Turn
from podium.expressions.secrets import redact
from podium.expressions.template import TaskId
from podium.model.durations import in_milliseconds
from podium.model.errors import LimitExceeded
from podium.model.payloads import dump
from podium.model.statuses import TaskStatus
from podium.model.texts import storable
from podium.model.values import JsonValue

_Json = TypeVar("_Json", bound=JsonValue)


class Decision:
    """
    The working bench of one decision.

    Attributes:
        state: The run; changed in place.
        context: What it may know beside the run and the event.
        offers: Attempts that are ready for this process's workers, in order.
        messages: Events for other runs; they belong to the same commit.
        logs: (attempt, time, text) of lines to keep.
        news: What to tell once it is committed.
        turn: How much more may be done in this commit, by this decision and those that it leads to.
        is_not_ready: The operator that is entered needs another turn to lay its place out.
        missing: What broke the work off: it goes on when that has been fetched (`podium.engine.decider.proceed`).
        was_unfinished: The run had an agenda before the event.
        due_before: When it was due before the event.
        agenda: What is still to do.
    """

    __slots__ = (
        "_document",
        "agenda",
        "context",
        "due_before",
        "is_not_ready",
        "logs",
        "messages",
        "missing",
        "news",
        "offers",
        "run",
        "state",
        "turn",
        "was_unfinished",
    )

    def __init__(self, state: RunState, context: DecisionContext, turn: Turn) -> None:
        self.state = state
        self.run = state.run
        self.context = context
        self.offers: list[TaskRecord] = []
        self.messages: list[Event] = []
        self.logs: list[tuple[TaskRecord, int, str]] = []
        self.news: list[News] = []
        self.turn = turn
        self.missing: Need | None = None
        self.was_unfinished = state.is_unfinished
        self.due_before = state.run.due_at
        self.is_not_ready = False
        # Agendas are large and mostly empty, so finished decisions leave theirs to the next ones.
        agenda = state.agenda
        if agenda is None:
            agenda = state.agenda = context.agendas.pop() if context.agendas else Agenda()
        self.agenda = agenda
        self._document = RunDocument(state, context.history)

    # -- what operators use ------------------------------------------------------------------------------------------

    def enter(self, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay a place out, after those that were asked for before."""
        self.agenda.asked.append((node, iterations))

    def enter_scope(self, scope: Scope, iterations: tuple[int, ...]) -> bool:
        """Lay the first place of a list out; False if the list is empty."""
        first = scope.first
        if first is None:
            return False
        self.enter(first, iterations)
        return True

    def create(
        self,
        node: Node,
        iterations: tuple[int, ...],
        *,
        task_type: str,
        status: TaskStatus,
        inputs: dict[str, JsonValue],
        task_def_name: str | None = None,
    ) -> TaskRecord:
        """Make the first attempt of a place. It has its first turn in this round, if it is not born with an end."""
        now = self.context.now
        run = self.run
        # No number is given twice, also where an attempt is dropped again: late words name attempts by it.
        seq = run.next_seq
        run.next_seq = seq + 1
        record = TaskRecord(
            run_id=run.run_id,
            seq=seq,
            node=node,
            ref=node.ref_in(iterations) if iterations else node.ref,
            iterations=iterations,
            task_type=str(task_type),  # rows hold plain texts, no members of an enumeration
            task_def_name=node.task.name if task_def_name is None else task_def_name,
            status=status,
            input=inputs,
            scheduled_at=now,
            started_at=0 if status is TaskStatus.SCHEDULED else now,
            ended_at=now if status.is_terminal else 0,
            updated_at=now,
        )
        self.lay_out(record)
        return record

    def lay_out(self, record: TaskRecord) -> None:
        """
        Take a new attempt in; nobody sees it before all of its round are laid out.

        One whose input is too large ends before it begins.
        """
        # The branches that a fork makes stand in its input, so that may hold more than another's.
        limits = self.context.limits
        most = limits.fork_bytes if record.node.traits.makes_branches else limits.payload_bytes
        try:
            record.input_bytes = limits.packed(record.input, "the input of task", most, of=record.ref)
            fault = self._misfit(record, "input", record.input) if record.node.task_def.enforce_schema else None
        except LimitExceeded as error:
            record.input, record.input_bytes = {}, None
            fault = str(error)
        if fault is not None:
            record.status = TaskStatus.FAILED_WITH_TERMINAL_ERROR
            record.reason = self.without_masks(fault, record)
            record.ended_at, record.wake_at = self.context.now, 0
        if self.run.task_to_domain:
            domains, is_served = self.run.task_to_domain, self.context.is_served
            record.domain = domain_of(record.task_type, domains, is_served, record.domain)
        self.agenda.lay_out(record)
        self.turn.made += 1 + len(record.input_bytes or b"") // WRITTEN_AS_ONE

    def attempt_of(self, ref: str) -> TaskRecord | None:
        """Return the newest attempt with this full reference name, also one that is only laid out."""
        return self.agenda.laid_out.get(ref) or self.state.by_ref.get(ref)

    def live(self, seq: int) -> TaskRecord | None:
        """Return an attempt that can still change; None if it, or the run, has ended."""
        if self.run.status.is_terminal:
            return None
        # What has ended is pending until that was acted on; another word of its end comes too late.
        record = self.state.pending.get(seq)
        return record if record is not None and not record.status.is_terminal else None

    def next_seq(self) -> int:
        """Take the next number for an attempt."""
        seq = self.run.next_seq
        self.run.next_seq = seq + 1
        return seq

    def resolve(self, node: Node, *, task_id: TaskId = None) -> dict[str, JsonValue]:
        """Return a place's inputs with every ``${…}`` resolved."""
        return node.inputs.resolve(self._document, environment=self.context.environment, task_id=task_id)

    def resolve_extras(self, node: Node) -> dict[str, JsonValue]:
        """Return what a place holds in expressions beside its inputs, resolved."""
        return node.extras.resolve(self._document, environment=self.context.environment, task_id=None)

    @property
    def document(self) -> RunDocument:
        """What expressions see of the run."""
        return self._document

    def upcoming_task_id(self) -> str:
        """Return the id that the next attempt will have, for ``${CPEWF_TASK_ID}``."""
        return ids.task_id(self.run.run_id, self.run.next_seq)

    def output_of(self, record: TaskRecord) -> Mapping[str, JsonValue]:
        """Return an attempt's output; that of a loop is put together from its iterations."""
        return self._document.output_of(record)

    def end(
        self,
        record: TaskRecord,
        status: TaskStatus,
        output: Mapping[str, JsonValue] | None = None,
        reason: str | None = None,
    ) -> None:
        """End an attempt; what follows goes on the agenda."""
        now = self.context.now
        if record.node.traits.is_loop and not status.is_successful:
            keep_broken(record, self.state, self.agenda.seen_below, self.output_of)
        record.status = status
        if reason is not None:
            reason = self.redacted(record, reason)
            output = output and self.redacted(record, dict(output))
        if output is not None:
            record.output = dict(output)
            reason = self._measure(record) or reason
        if record.cache_key is not None and record.status is TaskStatus.COMPLETED:
            self._keep(record.cache_key, record)
        if reason is not None:
            reason = storable(self.context.limits.cut(self.without_masks(reason, record)))
        record.reason = reason
        record.ended_at = now
        record.started_at = record.started_at or now
        record.due_at = None
        record.open_queue = None
        record.wake_at = 0
        record.is_local = False
        state = self.state
        state.changed[record.seq] = record
        self.agenda.ended(record)
        if state.waiting:
            for join in state.waiting.get(record.ref, ()):
                if join.node.traits.looks_early:
                    self.agenda.turn(join, "look")

    def _keep(self, key: str, record: TaskRecord) -> None:
        """Keep an output for other attempts with the same key (`podium.engine.caching`)."""
        config = record.node.task.cache_config
        if config is not None:
            expires_at = self.context.now + in_milliseconds(config.ttl_in_second)
            self.state.beside().kept_outputs.append(CachedRow(key, expires_at, dump(record.output)))

    def _measure(self, record: TaskRecord) -> str | None:
        """
        Pack an output and hold it against its schema.

        One that is too large, or does not fit, fails its attempt for good, because another attempt of the same work
        would give the same; the reason is returned.
        """
        try:
            record.output_bytes = self.context.limits.packed(record.output, "the output of task", of=record.ref)
            self.turn.made += len(record.output_bytes) // WRITTEN_AS_ONE
        except LimitExceeded as error:
            record.output, record.output_bytes = {}, None
            record.status = TaskStatus.FAILED_WITH_TERMINAL_ERROR
            return str(error)
        node = record.node
        if record.status is not TaskStatus.COMPLETED or not node.task_def.enforce_schema or node.traits.is_loop:
            return None
        fault = self._misfit(record, "output", record.output)
        if fault is not None:
            record.status = TaskStatus.FAILED_WITH_TERMINAL_ERROR
        return fault

    def _misfit(self, record: TaskRecord, side: str, value: Mapping[str, JsonValue]) -> str | None:
        """Say why an input or output is not what the task's definition declares; None if it is."""
        subject = f"the {side} of task {record.ref!r:.200}"
        return misfit(record.node.task_def, side, value, subject, self.context.limits)

    def offer(self, record: TaskRecord, *, is_changed: bool = True) -> None:
        """
        Give a SCHEDULED attempt to the workers: this process's if they have room, else to whoever has.

        One that a limit of its task does not let in waits under the limit's name instead, by priority and age.

        Args:
            record: The attempt.
            is_changed: It differs from what the store has, or may.
        """
        if record.node.is_limited and not self.is_admitted(record):
            return
        if self.context.takes(record):
            self.assign(record, is_changed=is_changed)
        else:
            self._lay_open(record, record.queue)
            if not self.context.is_served(record.queue):
                self.news.append(TaskUnserved(record.run_id, record.queue))

    def _lay_open(self, record: TaskRecord, queue: str) -> None:
        if record.open_queue is not None and record.open_queue.startswith("#"):
            self.context.slots.is_awaited = True  # it leaves the line; the next may have what it did not take
        record.open_queue = queue
        record.open_rank = open_rank(self.run.priority, record.scheduled_at)
        self.state.touch(record)

    def is_admitted(self, record: TaskRecord) -> bool:
        """Return whether the limits of its task let a SCHEDULED attempt begin; else it waits for that."""
        slots = self.context.slots
        for limit in limits_of(record.node.task_def, record.task_def_name):
            is_inside = record.slot and not limit.span_ms
            if not is_inside and not slots.has_room(limit, record.run_id, record.seq):
                if record.open_queue != limit.name:
                    self._lay_open(record, limit.name)
                    slots.is_awaited = True
                return False
        return True

    def lets_in(self, record: TaskRecord) -> bool:
        """Let a SCHEDULED attempt begin that the engine itself is at work on, if the limits of its task do."""
        if not self.is_admitted(record):
            return False
        self._take_slots(record)
        record.open_queue = None
        return True

    def assign(self, record: TaskRecord, *, is_changed: bool = True) -> None:
        """
        Give a SCHEDULED attempt to the workers of this process, who have room for it, as its limits have.

        One that was written in an earlier commit is not written again for that (*is_changed* as for `offer`): in whose
        hands it is, the store need not know.
        """
        if record.node.is_limited:
            self._take_slots(record)
            is_changed = True
        queue = self._in_hand
        self.offers.append(record)
        if is_changed or record.open_queue != queue:
            record.open_queue = queue
            self.state.changed[record.seq] = record

    @property
    def _in_hand(self) -> str | None:
        """The queue of what the workers of this process have in hand: none where it has the run too."""
        return None if self.run.holder == self.context.holder else f"@{self.context.holder}"

    def take_back(self, record: TaskRecord) -> None:
        """Take an attempt in hand that a worker of this process has begun, though it was laid open meanwhile."""
        if record.open_queue is not None and not record.open_queue.startswith("@"):
            self.context.slots.is_awaited |= record.open_queue.startswith("#")  # it leaves the line
            record.open_queue = self._in_hand

    def keeps_slot(self, record: TaskRecord, *, is_begun: bool) -> bool:
        """Return whether an attempt that was handed out may begin: its slot was freed if it lay open in between."""
        for limit in limits_of(record.node.task_def, record.task_def_name):
            if not limit.span_ms and not record.slot:
                if not is_begun and not self.context.slots.has_room(limit, record.run_id, record.seq):
                    return False
                record.slot = self.context.slots.take(limit, record.run_id, record.seq)
        return True

    def _take_slots(self, record: TaskRecord) -> None:
        for limit in limits_of(record.node.task_def, record.task_def_name):
            if limit.span_ms:
                self.context.slots.take(limit, record.run_id, record.seq)
            else:
                record.slot = record.slot or self.context.slots.take(limit, record.run_id, record.seq)

    def sleep(self, record: TaskRecord, until: int) -> None:
        """Wake an attempt at a moment: a SCHEDULED one begins then, one in progress goes on."""
        record.wake_at = until
        self.arm(record)

    def arm(self, record: TaskRecord) -> None:
        """Set the moment at which the engine must look at a live attempt."""
        due_at = next_moment(record)
        if due_at != record.due_at:
            record.due_at = due_at
            self.state.touch(record)

    def log(self, record: TaskRecord, lines: Sequence[tuple[int, str]], output: JsonValue = None) -> None:
        """Keep lines that were logged for an attempt; *output* is what it gives with them."""
        if not lines:
            return
        most, chars = self.context.limits.log_lines, self.context.limits.log_chars
        texts = self.redacted(record, [text for _, text in lines[:most]])
        texts = self.without_masks(texts, record, output)
        self.logs.extend(
            (record, at, storable(cut(text, chars))) for (at, _), text in zip(lines[:most], texts, strict=True)
        )
        if len(lines) > most:
            self.logs.append((record, lines[most][0], f"… ({len(lines) - most} lines left out)"))

    @property
    def masks(self) -> list[str]:
        """The names of the fields that the run masks, in order; whatever it starts masks them too."""
        return sorted(masks_of(self.run, self.state.plan))

    def without_masks(self, words: _Json, record: TaskRecord | None, *payloads: JsonValue) -> _Json:
        """
        Return what is to be written of a run, without the texts of its masked fields.

        Args:
            words: What is to be written.
            record: The attempt that it is about.
            payloads: What else such texts may come from.
        """
        names = masks_of(self.run, self.state.plan)
        if not names:
            return words
        shown: _Json = shower(names, [*payloads_of(self.state, record), *payloads])(words)
        return shown

    def redacted(self, record: TaskRecord, value: _Json) -> _Json:
        """Return what is to be written of an attempt's failure, without the secrets that the attempt was given."""
        return redact(value, record.input, self.context.secrets)

    def tell(self, event: Event) -> None:
        """Send an event to another run; it is decided in the same commit."""
        self.messages.append(event)
        self.turn.made += 1

    def terminate(self, record: TaskRecord) -> None:
        """End the run as a TERMINATE says, when all that ended with it has been acted on."""
        self.agenda.terminators.append(record)

    def follow(self, node: Node, iterations: tuple[int, ...]) -> None:
        """
        Lay out what comes after a place.

        At the end of a case that is what follows the SWITCH. At the end of a branch it is nothing, for the JOIN is
        there already, or the next branch of a dynamic fork that does not begin all at once; at the end of a loop's body
        nothing, for the loop sees by itself that its iteration is complete.
        """
        while True:
            follower = node.follower
            if follower is not None:
                self.agenda.asked.append((follower, iterations))
                return
            scope = node.scope
            if scope.owner is not None and scope.owner.traits.makes_branches:
                self._begin_another(scope.owner, iterations)
            if scope.kind != "case" or scope.owner is None:
                return
            node = scope.owner

    def _begin_another(self, fork: Node, iterations: tuple[int, ...]) -> None:
        """A branch of a dynamic fork is over: begin the next, if it does not begin all at once."""
        record = self.attempt_of(fork.ref_in(iterations))
        branch = None if record is None else next_branch(self.state, self.agenda, record)
        if branch is not None:
            self.enter(branch, iterations)
