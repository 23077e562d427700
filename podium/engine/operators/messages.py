"""PULL_WORKFLOW_MESSAGES: take messages from the run's own queue. Conductor: ``PullWorkflowMessages.java``."""

from __future__ import annotations

from datetime import UTC, datetime

from podium.engine import inbox
from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.rows import MessageRow
from podium.model.payloads import parse
from podium.model.statuses import TaskStatus, TaskType
from podium.model.values import JsonObject, JsonValue


class PullMessages(Operator):
    """
    PULL_WORKFLOW_MESSAGES: complete with the oldest messages.

    ``batchSize`` is how many at most (1 without it); with ``blocking`` false (true without it) it completes also when
    there are none, else it waits for one, and has it in the commit in which it comes.
    """

    is_silent = True
    takes_template = False
    can_be_named = True

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the attempt out, in progress from the beginning."""
        inputs = decision.resolve(node, task_id=decision.upcoming_task_id)
        kind = TaskType.PULL_WORKFLOW_MESSAGES
        decision.create(node, iterations, task_type=kind, status=TaskStatus.IN_PROGRESS, inputs=inputs)

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Look when the run is at rest."""
        decision.agenda.later(record, "look")

    def look(self, decision: Decision, record: TaskRecord) -> None:
        """Take what is there; wait if that is nothing and something is wanted."""
        taken = inbox.take(decision, self._most(decision, record.input.get("batchSize")))
        if not taken and record.input.get("blocking") is not False:
            if record.status is TaskStatus.SCHEDULED:  # another attempt, or one of a DYNAMIC task
                record.status = TaskStatus.IN_PROGRESS
                record.started_at = record.updated_at = decision.context.now
            decision.arm(record)
            decision.state.touch(record)
            return
        messages: list[JsonValue] = [_shown(row) for row in taken]
        decision.end(record, TaskStatus.COMPLETED, {"messages": messages, "count": len(messages)})

    @staticmethod
    def _most(decision: Decision, wanted: JsonValue) -> int:
        if not isinstance(wanted, int | float) or isinstance(wanted, bool) or not wanted >= 1:
            return 1
        return int(min(wanted, decision.context.limits.message_batch))


def _shown(row: MessageRow) -> JsonObject:
    """Return a message as the API shows it (Conductor: ``WorkflowMessage.java``)."""
    received = datetime.fromtimestamp(row.created_at / 1000, UTC).isoformat(timespec="milliseconds")
    return {
        "id": row.message_id,
        "workflowId": row.run_id,
        "payload": parse(row.body),
        "receivedAt": received.replace("+00:00", "Z"),
    }
