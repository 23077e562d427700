"""The behaviour of each task type, one module per family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from podium.engine.operators.base import Operator
from podium.engine.operators.worker import Dynamic, Worker
from podium.model.later import named
from podium.model.statuses import TaskType

#: Whose behaviour is where; it is loaded with the first task of the type, or when an engine begins.
_OPERATORS: Final[Mapping[str, str]] = {
    TaskType.HTTP: "podium.engine.operators.worker:Http",
    TaskType.INLINE: "podium.engine.tasks.inline:Inline",
    TaskType.LAMBDA: "podium.engine.tasks.inline:Lambda",
    TaskType.JSON_JQ_TRANSFORM: "podium.engine.tasks.jq:JqTransform",
    TaskType.SET_VARIABLE: "podium.engine.operators.variables:SetVariable",
    TaskType.WAIT: "podium.engine.operators.waiting:WaitOperator",
    TaskType.HUMAN: "podium.engine.operators.waiting:Human",
    TaskType.YIELD: "podium.engine.operators.waiting:Yield",
    TaskType.WAIT_FOR_WEBHOOK: "podium.engine.operators.waiting:WaitForWebhook",
    TaskType.NOOP: "podium.engine.operators.variables:Noop",
    TaskType.START_WORKFLOW: "podium.engine.operators.sub_workflow:StartWorkflow",
    TaskType.EVENT: "podium.engine.operators.event:Event",
    TaskType.PULL_WORKFLOW_MESSAGES: "podium.engine.operators.messages:PullMessages",
    TaskType.HTTP_POLL: "podium.engine.operators.http_poll:HttpPoll",
    TaskType.GET_WORKFLOW: "podium.engine.operators.served:Served",
    TaskType.KAFKA_PUBLISH: "podium.engine.operators.served:Served",
    TaskType.JDBC: "podium.engine.operators.served:Served",
    TaskType.SWITCH: "podium.engine.operators.switch:SwitchOperator",
    TaskType.DECISION: "podium.engine.operators.switch:LegacyDecision",
    TaskType.FORK_JOIN: "podium.engine.operators.fork:ForkOperator",
    TaskType.FORK_JOIN_DYNAMIC: "podium.engine.operators.dynamic_fork:DynamicForkOperator",
    TaskType.JOIN: "podium.engine.operators.join:JoinOperator",
    TaskType.EXCLUSIVE_JOIN: "podium.engine.operators.join:ExclusiveJoin",
    TaskType.DO_WHILE: "podium.engine.operators.do_while:DoWhile",
    TaskType.SUB_WORKFLOW: "podium.engine.operators.sub_workflow:SubWorkflow",
    TaskType.TERMINATE: "podium.engine.operators.variables:TerminateOperator",
}


#: The types that the engine does itself, or has done for it.
OWN_TYPES: Final = frozenset({*_OPERATORS, TaskType.DYNAMIC})


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
        'SwitchOperator'
        >>> type(Operators().of("SEND_FAX")).__name__
        'Worker'
    """

    def __init__(self, more: Callable[[str], Operator | None] = nobody) -> None:
        self._worker = Worker()
        self._more = more
        self._known: dict[str, Operator] = {TaskType.SIMPLE: self._worker, TaskType.DYNAMIC: Dynamic(self._named)}

    def of(self, task_type: str) -> Operator:
        """Return the operator of a type."""
        known = self._known.get(task_type)
        if known is None:
            known = self._known[task_type] = self._made(task_type)
        return known

    def load(self) -> None:
        """Load all that come with the engine: later there may be no file descriptor for it."""
        for task_type in _OPERATORS:
            self.of(task_type)

    def _made(self, task_type: str) -> Operator:
        if task_type in _OPERATORS:
            made: Operator = named(_OPERATORS[task_type])()
            return made
        return self._more(task_type) or self._worker

    def _named(self, task_type: str) -> Operator | None:
        """Return the operator of a type that a DYNAMIC task names; None for one that it cannot be."""
        operator = self.of(task_type)
        if operator.can_be_named:
            return operator
        return None if task_type in _OPERATORS or task_type == TaskType.DYNAMIC else self._worker
