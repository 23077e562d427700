"""EVENT: a message to a sink. Conductor: ``Event.java``, ``EventTaskMapper.java``."""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine.decision import Decision
from podium.engine.operators.worker import Worker
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.rows import OutboxRow
from podium.expressions.template import TaskId
from podium.expressions.text import java_text
from podium.model.definitions import WorkflowTask
from podium.model.errors import LimitExceeded
from podium.model.messages import INTERNAL
from podium.model.statuses import TaskStatus, TaskType
from podium.model.values import JsonValue


class Event(Worker):
    """
    EVENT: the task's whole output is the message, and names the queue that it goes to.

    A queue inside the engine (``conductor``) has it as soon as the task is committed, and keeps it for event handlers.
    What goes to another sink waits in the queue of the type for the sinks of this process, which may repeat it; its id,
    the task's, stays the same.
    """

    can_delay = False
    returns_to_queue = False
    takes_template = False
    can_be_named = True

    def extras(self, task: WorkflowTask) -> Mapping[str, JsonValue]:
        """Return the sink."""
        return {"sink": task.sink}

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the attempt out, with the sink and ``asyncComplete`` in its input."""
        inputs = self._inputs(decision, node, decision.upcoming_task_id)
        decision.create(node, iterations, task_type=TaskType.EVENT, status=TaskStatus.SCHEDULED, inputs=inputs)

    def inputs_again(self, decision: Decision, node: Node, record: TaskRecord) -> dict[str, JsonValue]:
        """Resolve the sink anew too."""
        return self._inputs(decision, node, record.task_id)

    @staticmethod
    def _inputs(decision: Decision, node: Node, task_id: TaskId) -> dict[str, JsonValue]:
        inputs = decision.resolve(node, task_id=task_id)
        return {**inputs, **decision.resolve_extras(node), "asyncComplete": node.task.async_complete}

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Put the message together, and send it on its way."""
        run = decision.run
        output: dict[str, JsonValue] = {
            **record.input,
            "workflowInstanceId": run.run_id,
            "workflowType": run.name,
            "workflowVersion": run.version,
            "correlationId": run.correlation_id,
            "taskToDomain": dict(run.task_to_domain),
        }
        queue = _queue_of(record.input.get("sink"), run.name, record.ref)
        if queue is None:
            reason = f"Invalid / Unsupported sink specified: {java_text(record.input.get('sink'))}"
            decision.end(record, TaskStatus.FAILED, output, reason)
            return
        output["event_produced"] = queue
        if not queue.startswith(f"{INTERNAL}:"):
            record.output = output
            decision.offer(record)
            return
        # Its handlers hear of it when this is committed; under the id of the attempt, however often they do.
        limits = decision.context.limits
        try:
            body = limits.packed(
                {"sink": queue, "payload": output}, "the message", limits.payload_bytes + len(queue) + 64
            )
        except LimitExceeded as error:
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=str(error))
            return
        message = OutboxRow(record.task_id, decision.context.holder, decision.context.now, body)
        decision.state.beside().outbox.append(message)
        if record.node.task.async_complete:
            record.status = TaskStatus.IN_PROGRESS
            record.started_at = record.updated_at = decision.context.now
            record.output = output
            decision.arm(record)
            decision.state.touch(record)
        else:
            decision.end(record, TaskStatus.COMPLETED, output)


def _queue_of(sink: JsonValue, workflow: str, ref: str) -> str | None:
    """Return the whole name of the queue that a sink means; None if it is no sink."""
    if not isinstance(sink, str) or not sink:
        return None
    if not sink.startswith(INTERNAL):
        return sink
    if sink == INTERNAL:
        return f"{INTERNAL}:{workflow}:{ref}"
    return f"{INTERNAL}:{workflow}:{sink.replace('conductor:', '')}" if sink.startswith(f"{INTERNAL}:") else None
