"""FORK_JOIN: several lists of tasks run side by side, and a JOIN waits for them."""

from __future__ import annotations

from podium.engine import ending
from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.model.statuses import TaskStatus, TaskType

#: The type that attempts of both forks show (Conductor: ``ForkJoinTaskMapper.java``).
FORK = "FORK"


class ForkOperator(Operator):
    """FORK_JOIN. The next task of the same list must be its JOIN. Conductor: ``ForkJoinTaskMapper.java``."""

    has_branches = True
    is_retried = False
    takes_template = False

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay out the fork, the first task of each branch, then the JOIN."""
        follower = node.follower
        if follower is None or follower.task.type != TaskType.JOIN:
            ending.refuse(decision, "Fork task definition is not followed by a join task.  Check the blueprint")
            return
        decision.create(
            node,
            iterations,
            task_type=FORK,
            status=TaskStatus.COMPLETED,
            inputs=decision.resolve(node),
            task_def_name=FORK,
        )
        for branch in node.branches:
            decision.enter_scope(branch, iterations)
        decision.enter(follower, iterations)

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """Nothing follows: the JOIN came with the fork."""
