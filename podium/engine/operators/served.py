"""System tasks that a service does for the engine, outside of the decision: `podium.client.serving` has them."""

from __future__ import annotations

from podium.engine.decision import Decision
from podium.engine.operators.worker import Worker
from podium.engine.plan import Node
from podium.model.statuses import TaskStatus


class Served(Worker):
    """
    A task that a service of an engine process does, such as KAFKA_PUBLISH, JDBC and GET_WORKFLOW.

    It waits in the queue of its type, which every engine process serves. Where the place is completed from outside, the
    service finds ``asyncComplete`` in the input, and what it says to go on is not handed out again.
    """

    returns_to_queue = False
    can_be_named = True

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the attempt out."""
        inputs = decision.resolve(node, task_id=decision.upcoming_task_id)
        if node.task.async_complete:
            inputs.setdefault("asyncComplete", True)
        decision.create(node, iterations, task_type=node.task.type, status=TaskStatus.SCHEDULED, inputs=inputs)
