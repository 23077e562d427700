"""
One decision: what one event does to one run.

The operators (`podium.engine.operators`) say what each task type does; this module keeps the rules that hold for all
of them: what follows an attempt that ended, when a run is complete, how it ends. Nothing here reads a clock, draws a
random number or touches a store. Conductor: ``DeciderService.java``, ``WorkflowExecutorOps.java``; where Conductor
looks at every task of the run, this looks at the attempt that changed and at what waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from podium.engine import ending, failures, ids, timeouts
from podium.engine.document import RunDocument
from podium.engine.expressions.secrets import redact
from podium.engine.loops import by_loop, loop_output
from podium.engine.plan import Node, Scope
from podium.engine.records import TaskRecord
from podium.engine.state import RunState
from podium.engine.world import World
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.texts import storable
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.engine.events import Event
    from podium.engine.operators import Operators

_Json = TypeVar("_Json")


class _Step(Enum):
    ENTER = 1
    ENDED = 2
    CONSUME = 3
    CALL = 4


_Entry: TypeAlias = tuple[_Step, Node | TaskRecord | Callable[[], None], tuple[int, ...], TaskRecord | None]


class Decision:
    """
    The working bench of one decision.

    Attributes:
        state: The run; changed in place.
        world: The surroundings.
        offers: Attempts that are ready for this process's workers, in order.
        messages: Events for other runs; they belong to the same commit.
        logs: (attempt, time, text) of lines to keep.
        made: How many attempts were made so far, by this decision and those that led to it in the same commit.
    """

    __slots__ = (
        "_agenda",
        "_document",
        "_source",
        "logs",
        "made",
        "messages",
        "offers",
        "operators",
        "run",
        "state",
        "world",
    )

    def __init__(self, state: RunState, world: World, operators: Operators, *, made: int = 0) -> None:
        self.state = state
        self.run = state.run
        self.world = world
        self.operators = operators
        self.offers: list[TaskRecord] = []
        self.messages: list[Event] = []
        self.logs: list[tuple[TaskRecord, int, str]] = []
        self.made = made
        # Work in hand; a queue, because a chain of inline tasks would outgrow the stack. An attempt is consumed after
        # its followers were made: so the count of a loop's pending attempts reaches zero only at the iteration's end.
        # The last part of an entry is the attempt whose end put it there.
        self._agenda: deque[_Entry] = deque()
        self._source: TaskRecord | None = None
        self._document = RunDocument(state, self.output_of)

    # -- what operators use ------------------------------------------------------------------------------------------

    def enter(self, node: Node, iterations: tuple[int, ...]) -> None:
        """Put a place on the agenda."""
        self._agenda.append((_Step.ENTER, node, iterations, self._source))

    def enter_scope(self, scope: Scope, iterations: tuple[int, ...]) -> bool:
        """Put the first place of a list on the agenda; False if the list is empty."""
        first = scope.first
        if first is None:
            return False
        self._agenda.append((_Step.ENTER, first, iterations, self._source))
        return True

    def then(self, step: Callable[[], None]) -> None:
        """Put a step on the agenda, after what is there."""
        self._agenda.append((_Step.CALL, step, (), self._source))

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
        """
        Make the first attempt of a place.

        One that is born with a terminal status goes on the agenda at once.
        """
        now = self.world.now
        is_done = status.is_terminal
        record = TaskRecord(
            run_id=self.run.run_id,
            seq=self.next_seq(),
            node=node,
            ref=node.ref_in(iterations),
            iterations=iterations,
            task_type=task_type,
            task_def_name=node.task.name if task_def_name is None else task_def_name,
            status=status,
            input=inputs,
            scheduled_at=now,
            first_scheduled_at=now,
            started_at=0 if status is TaskStatus.SCHEDULED else now,
            ended_at=now if is_done else 0,
            updated_at=now,
        )
        self.add(record)
        if is_done:
            self._agenda.append((_Step.ENDED, record, (), None))
        return record

    def add(self, record: TaskRecord) -> None:
        """Take in a new attempt and arm its timeouts."""
        self.state.add(record)
        self.made += 1
        if not record.status.is_terminal:
            timeouts.arm(self, record)

    def next_seq(self) -> int:
        """Take the next number for an attempt."""
        seq = self.run.next_seq
        self.run.next_seq = seq + 1
        return seq

    def resolve(self, node: Node, *, task_id: str | None = None) -> dict[str, JsonValue]:
        """Give a place's inputs with every ``${…}`` resolved."""
        return node.inputs.resolve(self._document, environment=self.world.environment, task_id=task_id)

    def resolve_extras(self, node: Node) -> dict[str, JsonValue]:
        """Give what a place holds in expressions beside its inputs, resolved."""
        extras: dict[str, JsonValue] = node.extras.resolve(
            self._document,
            environment=self.world.environment,
            task_id=None,
        )
        return extras

    @property
    def document(self) -> RunDocument:
        """What expressions see of the run."""
        return self._document

    def upcoming_task_id(self) -> str:
        """Give the id that the next attempt will have, for ``${CPEWF_TASK_ID}``."""
        return ids.task_id(self.run.run_id, self.run.next_seq)

    def output_of(self, record: TaskRecord) -> Mapping[str, JsonValue]:
        """Give an attempt's output; that of a loop is put together from its iterations."""
        if record.task_type == TaskType.DO_WHILE:
            bodies = self.world.history(self.state, record.node.body_refs, record.seq)
            return loop_output(record, by_loop(bodies))
        return record.output

    def end(
        self,
        record: TaskRecord,
        status: TaskStatus,
        output: Mapping[str, JsonValue] | None = None,
        reason: str | None = None,
    ) -> None:
        """End an attempt; what follows goes on the agenda."""
        now = self.world.now
        record.status = status
        if reason is not None:
            reason = self.redacted(record, reason)
            output = output and self.redacted(record, dict(output))
        if output is not None:
            record.output = dict(output)
        record.reason = reason
        record.ended_at = now
        record.started_at = record.started_at or now
        record.due_at = None
        record.open_queue = None
        record.wake_at = 0
        record.is_local = False
        self.state.touch(record)
        self.settle(record)

    def settle(self, record: TaskRecord) -> None:
        """Put an attempt that has ended on the agenda."""
        self._agenda.append((_Step.ENDED, record, (), None))

    def offer(self, record: TaskRecord) -> None:
        """Give a SCHEDULED attempt to the workers: this process's if it has any, else to whoever looks for work."""
        if self.world.serves(record.task_type):
            record.open_queue = None if self.run.holder == self.world.holder else f"@{self.world.holder}"
            self.offers.append(record)
        else:
            record.open_queue = record.task_type
        self.state.touch(record)

    def sleep(self, record: TaskRecord, until: int) -> None:
        """Wake an attempt at a moment: a SCHEDULED one begins then, one in progress goes on."""
        record.wake_at = until
        timeouts.arm(self, record)

    def refuse(self, reason: str) -> None:
        """End the run as FAILED, because its definition or its data cannot be acted on."""
        ending.end_run(self, RunStatus.FAILED, reason)

    def log(self, record: TaskRecord, lines: Sequence[tuple[int, str]]) -> None:
        """Keep lines that were logged for an attempt."""
        if lines:
            texts = self.redacted(record, [text for _, text in lines])
            self.logs.extend((record, at, storable(text)) for (at, _), text in zip(lines, texts, strict=True))

    def redacted(self, record: TaskRecord, value: _Json) -> _Json:
        """Return what is to be written of an attempt's failure, without the secrets that the attempt was given."""
        redacted: _Json = redact(value, record.input, self.world.secrets)
        return redacted

    def tell(self, event: Event) -> None:
        """Send an event to another run; it is decided in the same commit."""
        self.messages.append(event)

    def follow(self, node: Node, iterations: tuple[int, ...]) -> None:
        """
        Put on the agenda what comes after a place.

        At the end of a case that is what follows the SWITCH. At the end of a branch it is nothing, for the JOIN is
        there already; at the end of a loop's body nothing, for the loop sees by itself that its iteration is complete.
        """
        while True:
            follower = node.follower
            if follower is not None:
                self._agenda.append((_Step.ENTER, follower, iterations, self._source))
                return
            scope = node.scope
            if scope.kind != "case" or scope.owner is None:
                return
            node = scope.owner

    # -- the flow ----------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Work the agenda off; then see whether the run is complete."""
        entry: _Entry | None = None
        while self._agenda and not self.run.status.is_terminal:
            entry = self._agenda.popleft()
            step, item, iterations, _ = entry
            if isinstance(item, Node):
                self._enter(item, iterations)
            elif not isinstance(item, TaskRecord):
                item()
            elif step is _Step.ENDED:
                self._ended(item)
            else:
                self._consume(item)
        if self.run.status.is_terminal:
            if entry is not None:
                self._agenda.appendleft(entry)
            self._break_off()
        elif self.run.status is RunStatus.RUNNING:
            self._see_whether_complete()

    def _break_off(self) -> None:
        """
        Clear the agenda of a run that has ended.

        Where the end came before a follower was made, the attempt before it has not been acted on after all: so an
        operator's retry goes on there.
        """
        while self._agenda:
            _, item, iterations, source = self._agenda.popleft()
            is_made = isinstance(item, Node) and item.ref_in(iterations) in self.state.by_ref
            if source is not None and not is_made:
                source.executed = False
                self.state.touch(source)

    def _enter(self, node: Node, iterations: tuple[int, ...]) -> None:
        known = self.state.by_ref.get(node.ref_in(iterations))
        if known is not None and known.status is TaskStatus.SKIPPED:
            self.follow(node, iterations)
        elif known is None:
            self.operators.of(node.task.type).enter(self, node, iterations)

    def _ended(self, record: TaskRecord) -> None:
        if self.run.status is RunStatus.PAUSED or not record.is_pending:
            return  # what ended during a pause is acted on when the run is resumed
        if not record.status.is_successful and not failures.settle(self, record):
            return
        record.executed = True
        self.state.touch(record)
        self._source = record
        self.operators.of(record.node.task.type).after(self, record)
        self._source = None
        self._agenda.append((_Step.CONSUME, record, (), None))

    def _consume(self, record: TaskRecord) -> None:
        # Those who waited for this attempt are told when its followers exist.
        completed_loop = self.state.consume(record)
        for join in self.state.waiting.pop(record.ref, ()):
            if join.is_pending and not join.status.is_terminal:
                join.awaited -= 1
                self.operators.of(join.node.task.type).notice(self, join)
        if completed_loop is not None:
            loop = self.state.by_ref.get(completed_loop)
            if loop is not None and loop.is_pending and not loop.status.is_terminal:
                self.operators.of(TaskType.DO_WHILE).notice(self, loop)

    def _see_whether_complete(self) -> None:
        if not self.state.pending:
            ending.complete(self)
        elif not self.state.active:
            stuck = [r for r in self.state.pending.values() if r.task_type != TaskType.DO_WHILE]
            resting = any(r.wake_at for r in self.state.pending.values())
            if stuck and not resting:
                ending.give_up(self, stuck)
