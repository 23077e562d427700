"""The behaviour of each task type, one module per family."""

from __future__ import annotations

from collections.abc import Callable

from podium.engine.operators.base import Operator
from podium.engine.operators.do_while import DoWhile
from podium.engine.operators.dynamic_fork import DynamicForkOperator
from podium.engine.operators.event import Event
from podium.engine.operators.fork import ForkOperator
from podium.engine.operators.http_poll import HttpPoll
from podium.engine.operators.join import ExclusiveJoin, JoinOperator
from podium.engine.operators.messages import PullMessages
from podium.engine.operators.served import Served
from podium.engine.operators.sub_workflow import StartWorkflow, SubWorkflow
from podium.engine.operators.switch import LegacyDecision, SwitchOperator
from podium.engine.operators.variables import Noop, SetVariable, TerminateOperator
from podium.engine.operators.waiting import Human, WaitForWebhook, WaitOperator, Yield
from podium.engine.operators.worker import Dynamic, Http, Worker
from podium.engine.tasks.inline import Inline, Lambda
from podium.engine.tasks.jq import JqTransform
from podium.model.statuses import TaskType


def nobody(_task_type: str) -> Operator | None:
    """Know no more types."""
    return None


class Operators:
    """
    The task types that an engine knows; every other type is a worker's.

    Args:
        more: Gives the operator of a type that does not come with the engine, or None; asked once for each type.

    Example:
        >>> type(Operators().of("SWITCH")).__name__
        'Switch'
        >>> type(Operators().of("SEND_FAX")).__name__
        'Worker'
    """

    def __init__(self, more: Callable[[str], Operator | None] = nobody) -> None:
        self._worker = Worker()
        self._more = more
        self._others: dict[str, Operator] = {TaskType.SIMPLE: self._worker}
        self._known: dict[str, Operator] = {
            TaskType.HTTP: Http(),
            TaskType.INLINE: Inline(),
            TaskType.LAMBDA: Lambda(),
            TaskType.JSON_JQ_TRANSFORM: JqTransform(),
            TaskType.SET_VARIABLE: SetVariable(),
            TaskType.WAIT: WaitOperator(),
            TaskType.HUMAN: Human(),
            TaskType.YIELD: Yield(),
            TaskType.WAIT_FOR_WEBHOOK: WaitForWebhook(),
            TaskType.NOOP: Noop(),
            TaskType.START_WORKFLOW: StartWorkflow(),
            TaskType.EVENT: Event(),
            TaskType.PULL_WORKFLOW_MESSAGES: PullMessages(),
            TaskType.HTTP_POLL: HttpPoll(),
            TaskType.GET_WORKFLOW: Served(),
            TaskType.KAFKA_PUBLISH: Served(),
            TaskType.JDBC: Served(),
            TaskType.SWITCH: SwitchOperator(),
            TaskType.DECISION: LegacyDecision(),
            TaskType.FORK_JOIN: ForkOperator(),
            TaskType.FORK_JOIN_DYNAMIC: DynamicForkOperator(),
            TaskType.JOIN: JoinOperator(),
            TaskType.EXCLUSIVE_JOIN: ExclusiveJoin(),
            TaskType.DO_WHILE: DoWhile(),
            TaskType.SUB_WORKFLOW: SubWorkflow(),
            TaskType.TERMINATE: TerminateOperator(),
        }
        self._known[TaskType.DYNAMIC] = Dynamic(self._named)

    def of(self, task_type: str) -> Operator:
        """Return the operator of a type."""
        known = self._known.get(task_type) or self._others.get(task_type)
        if known is None:
            known = self._others[task_type] = self._more(task_type) or self._worker
        return known

    def _named(self, task_type: str) -> Operator:
        operator = self.of(task_type)
        return operator if operator.can_be_named else self._worker
