"""SET_VARIABLE, NOOP and TERMINATE: tasks that are done as soon as the flow reaches them."""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.model.errors import LimitExceeded
from podium.model.statuses import RunStatus, TaskStatus, TaskType


class SetVariable(Operator):
    """SET_VARIABLE: each input becomes a variable of the run, replaced whole. Conductor: ``SetVariable.java``."""

    takes_template = False
    can_be_named = True

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the attempt out; its inputs do not know its id."""
        decision.create(
            node,
            iterations,
            task_type=TaskType.SET_VARIABLE,
            status=TaskStatus.SCHEDULED,
            inputs=decision.resolve(node),
        )

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Set the variables, unless they would grow too large."""
        run = decision.run
        variables = {**run.variables, **record.input}
        limits = decision.context.limits
        try:
            packed = limits.packed(variables, "the variables payload")
        except LimitExceeded as error:
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=str(error))
            return
        if len(packed) > limits.variables_bytes:
            reason = (
                f"The variables payload size: {len(packed)} of workflow: {run.run_id} is greater than the permissible "
                f"limit: {limits.variables_bytes // 1024} kilobytes"
            )
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)
            return
        run.variables = variables
        run.variables_bytes = packed
        decision.end(record, TaskStatus.COMPLETED)


class Noop(Operator):
    """NOOP: nothing, not even an input. Conductor: ``NoopTaskMapper.java``, ``Noop.java``."""

    can_be_named = True

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the attempt out."""
        decision.create(node, iterations, task_type=TaskType.NOOP, status=TaskStatus.SCHEDULED, inputs={})

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Complete at once."""
        decision.end(record, TaskStatus.COMPLETED)


class TerminateOperator(Operator):
    """TERMINATE: the run ends here with the given status and output. Conductor: ``Terminate.java``."""

    ends_run = True
    takes_template = False

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Check the status; `after` ends the run."""
        status = record.input.get("terminationStatus")
        if not isinstance(status, str) or status not in {RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.TERMINATED}:
            decision.end(record, TaskStatus.FAILED, reason="given termination status is not valid")
            return
        output = record.input.get("workflowOutput")
        if output is None:
            output = {}
        decision.end(
            record,
            TaskStatus.COMPLETED,
            output if isinstance(output, Mapping) else {"output": output},
        )

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """End the run; everything else that lives is cancelled."""
        if record.status is TaskStatus.COMPLETED:
            decision.terminate(record)
        else:
            decision.follow(record.node, record.iterations)
