"""What an operator is: the behaviour of one task type, apart from the rules that hold for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from podium.engine.decision import Decision
from podium.engine.events import ChildEnded
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.traits import Traits
from podium.model.durations import in_milliseconds
from podium.model.errors import InternalError
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue


class Operator(Traits):
    """
    The behaviour of one task type.

    The defaults are those of a leaf: its inputs are resolved and its attempt is laid out, it begins in its turn, and
    what follows it follows.
    """

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """The flow has reached this place: lay its first attempt out, and the places that come with it."""
        decision.create(
            node,
            iterations,
            task_type=node.shown_type,
            status=TaskStatus.SCHEDULED,
            inputs=decision.resolve(node, task_id=decision.upcoming_task_id),
        )

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Take the first turn of an attempt: begin, or see that it begins when it may."""
        delay = record.node.task.start_delay if self.can_delay and record.retried_task_id is None else 0
        if delay > 0:
            record.start_delay_s = record.callback_after_s = delay
            # From when it was scheduled: its turn comes later than that, if a script before it is slow.
            decision.sleep(record, record.scheduled_at + in_milliseconds(delay))
        elif self.is_queued:
            decision.agenda.later(record, "begin")
        else:
            self.begin(decision, record)

    def resume(self, decision: Decision, record: TaskRecord) -> None:
        """Go on in place in a run that had ended."""
        self.start(decision, record)

    def set_back(self, decision: Decision, record: TaskRecord, number: int) -> None:
        """Be in an iteration that was over: the run is rerun from there."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} has no iterations")

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """A SCHEDULED attempt may begin now."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} is never begun by itself")

    def wake(self, decision: Decision, record: TaskRecord) -> None:
        """An attempt in progress asked to be woken at this moment."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} was woken without having asked for it")

    def look(self, decision: Decision, record: TaskRecord) -> None:
        """What this attempt waits for may be there: look for it."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} has nothing to look for")

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """Something that this attempt waits for has ended, and its end has been acted on."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} does not wait for others")

    def make_do(self, decision: Decision, record: TaskRecord) -> bool:
        """Nothing else can happen in the run: end with what there is; False if this waits for what can never come."""
        return False

    def child_ended(self, decision: Decision, record: TaskRecord, event: ChildEnded) -> None:
        """The run that this attempt has started has ended."""
        raise InternalError(f"{record.task_type} attempt {record.task_id} does not wait for another run")

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """The attempt has ended and the flow goes on."""
        decision.follow(record.node, record.iterations)

    def inputs_again(self, decision: Decision, node: Node, record: TaskRecord) -> dict[str, JsonValue]:
        """Return the inputs for another attempt; they are laid over those of the old one."""
        return decision.resolve(node, task_id=record.task_id)

    def inputs_given(self, record: TaskRecord, given: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Return the input of another attempt for which an operator gives one, which replaces the old one."""
        return given


#: Gives the behaviour of a place's type: the traits that `podium.engine.operators` gives are its operators. It is asked
#: for at each step, so without a call of Python.
operator_of: Callable[[Node], Operator] = attrgetter("traits")


def tell_joins(decision: Decision, record: TaskRecord) -> None:
    """Let the joins that wait for an attempt know that they need not any more."""
    for join in decision.state.waiting.pop(record.ref, ()):
        if join.is_pending and not join.status.is_terminal:
            join.awaited -= 1
            operator_of(join.node).notice(decision, join)
