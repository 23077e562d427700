"""The behaviour of each task type, one module per family."""

from __future__ import annotations

from podium.engine.operators.base import Operator
from podium.engine.operators.do_while import DoWhile
from podium.engine.operators.dynamic_fork import DynamicFork
from podium.engine.operators.event import Event
from podium.engine.operators.fork import Fork
from podium.engine.operators.join import ExclusiveJoin, Join
from podium.engine.operators.messages import PullMessages
from podium.engine.operators.served import Served
from podium.engine.operators.sub_workflow import StartWorkflow, SubWorkflow
from podium.engine.operators.switch import LegacyDecision, Switch
from podium.engine.operators.variables import Noop, SetVariable, Terminate
from podium.engine.operators.waiting import Human, Wait, WaitForWebhook, Yield
from podium.engine.operators.worker import Dynamic, Http, Worker
from podium.engine.tasks.inline import Inline, Lambda
from podium.engine.tasks.jq import JqTransform
from podium.model.statuses import TaskType


class Operators:
    """
    The task types that an engine knows; every other type is a worker's.

    Example:
        >>> type(Operators().of("SWITCH")).__name__
        'Switch'
        >>> type(Operators().of("SEND_FAX")).__name__
        'Worker'
    """

    def __init__(self) -> None:
        self._worker = Worker()
        self._known: dict[str, Operator] = {
            TaskType.HTTP: Http(),
            TaskType.INLINE: Inline(),
            TaskType.LAMBDA: Lambda(),
            TaskType.JSON_JQ_TRANSFORM: JqTransform(),
            TaskType.SET_VARIABLE: SetVariable(),
            TaskType.WAIT: Wait(),
            TaskType.HUMAN: Human(),
            TaskType.YIELD: Yield(),
            TaskType.WAIT_FOR_WEBHOOK: WaitForWebhook(),
            TaskType.NOOP: Noop(),
            TaskType.START_WORKFLOW: StartWorkflow(),
            TaskType.EVENT: Event(),
            TaskType.PULL_WORKFLOW_MESSAGES: PullMessages(),
            TaskType.GET_WORKFLOW: Served(),
            TaskType.KAFKA_PUBLISH: Served(),
            TaskType.JDBC: Served(),
            TaskType.SWITCH: Switch(),
            TaskType.DECISION: LegacyDecision(),
            TaskType.FORK_JOIN: Fork(),
            TaskType.FORK_JOIN_DYNAMIC: DynamicFork(),
            TaskType.JOIN: Join(),
            TaskType.EXCLUSIVE_JOIN: ExclusiveJoin(),
            TaskType.DO_WHILE: DoWhile(),
            TaskType.SUB_WORKFLOW: SubWorkflow(),
            TaskType.TERMINATE: Terminate(),
        }
        named = {name: operator for name, operator in self._known.items() if operator.can_be_named}
        self._known[TaskType.DYNAMIC] = Dynamic(named, self._worker)

    def of(self, task_type: str) -> Operator:
        """Return the operator of a type."""
        return self._known.get(task_type, self._worker)
