"""What an operator is: the behaviour of one task type, apart from the rules that hold for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.model.errors import InternalError
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.engine.decision import Decision


class Operator:
    """
    The behaviour of one task type.

    The defaults are those of a leaf: its inputs are resolved, its attempt is made, it begins, and what follows it
    follows.
    """

    #: ``WorkflowTask.startDelay`` counts for this type.
    can_delay = False

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """The flow has reached this place: make its first attempt."""
        inputs = decision.resolve(node, task_id=decision.upcoming_task_id())
        record = decision.create(
            node,
            iterations,
            task_type=self.task_type(node),
            status=TaskStatus.SCHEDULED,
            inputs=inputs,
        )
        self.start(decision, record)

    def task_type(self, node: Node) -> str:
        """Name the type that the attempt shows."""
        return node.task.type

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Begin a new attempt, or see that it begins after the delay of its place."""
        delay = record.node.task.start_delay if self.can_delay else 0
        if delay > 0:
            record.start_delay_s = record.callback_after_s = delay
            decision.sleep(record, decision.world.now + delay * 1000)
        else:
            self.begin(decision, record)

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """A SCHEDULED attempt may begin now."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} is never begun by itself")

    def wake(self, decision: Decision, record: TaskRecord) -> None:
        """An attempt in progress asked to be woken at this moment."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} was woken without having asked for it")

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """Something that this attempt waits for has ended."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} does not wait for others")

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """The attempt has ended and the flow goes on."""
        decision.follow(record.node, record.iterations)

    def inputs_again(self, decision: Decision, node: Node, record: TaskRecord) -> dict[str, JsonValue]:
        """Give the inputs for another attempt; they are laid over those of the old one."""
        return decision.resolve(node, task_id=record.task_id)
