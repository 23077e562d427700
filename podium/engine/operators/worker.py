"""Tasks that somebody else does: SIMPLE, every unknown type, and the system tasks that need the network."""

from __future__ import annotations

from collections.abc import Callable

from podium.engine import ending
from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.expressions.text import java_text
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskStatus, TaskType
from podium.model.texts import name_fault, shown
from podium.model.values import JsonValue


class Worker(Operator):
    """
    A task that waits in a queue.

    The queue of a SIMPLE task is its name, that of any other type is the type (Conductor: ``SimpleTaskMapper.java``,
    ``UserDefinedTaskMapper.java``).
    """

    can_delay = True
    returns_to_queue = True

    def shown_type(self, task: WorkflowTask) -> str:
        """Return the queue."""
        return task.name if task.type == TaskType.SIMPLE else str(task.type)

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Put the attempt where workers find it; what else was changed of it, is noted already."""
        decision.offer(record, is_changed=False)

    def wake(self, decision: Decision, record: TaskRecord) -> None:
        """The pause that the worker asked for is over: hand the attempt out again."""
        record.status = TaskStatus.SCHEDULED
        decision.offer(record)


class Http(Worker):
    """
    HTTP: the request is sent by the engine process that holds the run.

    Conductor: ``HTTPTaskMapper.java``; ``asyncComplete`` of the place always stands in the input.
    """

    returns_to_queue = False
    can_be_named = True

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Make the attempt, ``asyncComplete`` in its input."""
        inputs = decision.resolve(node, task_id=decision.upcoming_task_id)
        inputs["asyncComplete"] = node.task.async_complete
        decision.create(
            node,
            iterations,
            task_type=TaskType.HTTP,
            status=TaskStatus.SCHEDULED,
            inputs=inputs,
        )


class Dynamic(Operator):
    """
    DYNAMIC: the task's name comes from an input.

    Conductor: ``DynamicTaskMapper.java``. The name of a system task runs that system task; retries and timeouts are
    those of the DYNAMIC task's own definition.
    """

    can_delay = True

    def __init__(self, named: Callable[[str], Operator | None]) -> None:
        self._named = named
        self._worker = Worker()

    def of_attempt(self, task_type: str) -> Operator:
        """Return the system task of that name, or a worker's."""
        return self._named(task_type) or self._worker

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Find the name and make the attempt."""
        inputs = decision.resolve(node, task_id=decision.upcoming_task_id)
        parameter = node.task.dynamic_task_name_param
        name = inputs.get(parameter) if parameter is not None else None
        if not isinstance(name, str) or not name:
            ending.refuse(
                decision,
                "Cannot map a dynamic task based on the parameter and input. "
                f"Parameter= {java_text(parameter)}, input= {java_text(inputs)}",
            )
            return
        if self._named(name) is None:
            advice = "stands in a definition with what belongs to it; name a worker's task, or one such as HTTP"
            ending.refuse(decision, f"Cannot map a dynamic task: {name} {advice}")
            return
        if (words := name_fault(name)) is not None:
            ending.refuse(decision, f"Cannot map a dynamic task: its name {shown(name)} {words}")
            return
        decision.create(
            node,
            iterations,
            task_type=name,
            status=TaskStatus.SCHEDULED,
            inputs=inputs,
            task_def_name=name,
        )

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Wait for the delay of the place, or begin as the task of that name does."""
        if record.node.task.start_delay > 0:
            super().start(decision, record)
        else:
            self.of_attempt(record.task_type).start(decision, record)

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Do as the task of that name does."""
        self.of_attempt(record.task_type).begin(decision, record)

    def wake(self, decision: Decision, record: TaskRecord) -> None:
        """Do as the task of that name does."""
        self.of_attempt(record.task_type).wake(decision, record)

    def look(self, decision: Decision, record: TaskRecord) -> None:
        """Do as the task of that name does."""
        self.of_attempt(record.task_type).look(decision, record)

    def inputs_again(self, decision: Decision, node: Node, record: TaskRecord) -> dict[str, JsonValue]:
        """Resolve the inputs anew; the name stays."""
        return decision.resolve(node, task_id=record.task_id)
