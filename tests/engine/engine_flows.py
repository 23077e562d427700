"""Short spellings for the engine's tests: definitions, and workers in the test's hands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.engine.events import ReportByName
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus, TaskType
from podium.testing.bench import EPOCH_MS, Bench

__all__ = ["EPOCH_MS", "Crew"]


def flow(*tasks: WorkflowTask, name: str = "flow", **fields: Any) -> WorkflowDef:
    """Make a workflow."""
    return WorkflowDef(name=name, tasks=tasks, **fields)


def task(kind: str, ref: str, **fields: Any) -> WorkflowTask:
    """Make a task of a type; ``inputs`` is short for ``input_parameters``, the name is the reference's."""
    inputs = fields.pop("inputs", {})
    return WorkflowTask(
        name=fields.pop("name", ref), task_reference_name=ref, type=kind, input_parameters=inputs, **fields
    )


def simple(ref: str, **fields: Any) -> WorkflowTask:
    """Make a worker's task that is not retried, unless ``retry_count`` or a definition says so."""
    if "task_definition" not in fields:
        fields.setdefault("retry_count", 0)
    return task(TaskType.SIMPLE, ref, **fields)


def defined(ref: str, **definition: Any) -> WorkflowTask:
    """Make a worker's task with a task definition of its own; the fields are those of `TaskDef`."""
    place = {key: definition.pop(key) for key in ("optional", "permissive", "start_delay") if key in definition}
    return simple(ref, task_definition=TaskDef(name=ref, **definition), **place)


def inline(ref: str, expression: str, **inputs: Any) -> WorkflowTask:
    """Make an INLINE task."""
    return task(TaskType.INLINE, ref, inputs={"evaluatorType": "javascript", "expression": expression, **inputs})


def switch(
    ref: str,
    value: str,
    cases: Mapping[str, list[WorkflowTask]],
    default: list[WorkflowTask] | None = None,
    **fields: Any,
) -> WorkflowTask:
    """Make a SWITCH over a value, such as ``${workflow.input.kind}``."""
    return task(
        TaskType.SWITCH,
        ref,
        evaluator_type="value-param",
        expression="value",
        inputs={"value": value},
        decision_cases={label: tuple(body) for label, body in cases.items()},
        default_case=tuple(default or ()),
        **fields,
    )


def fork(ref: str, *branches: list[WorkflowTask]) -> WorkflowTask:
    """Make a FORK_JOIN; its JOIN comes from `join`."""
    return task(TaskType.FORK_JOIN, ref, fork_tasks=tuple(tuple(branch) for branch in branches))


def join(ref: str, *on: str, **fields: Any) -> WorkflowTask:
    """Make a JOIN."""
    return task(TaskType.JOIN, ref, join_on=on, **fields)


def loop(ref: str, condition: str | None, *body: WorkflowTask, **fields: Any) -> WorkflowTask:
    """Make a DO_WHILE."""
    return task(TaskType.DO_WHILE, ref, loop_condition=condition, loop_over=body, **fields)


def times(ref: str, count: int, *body: WorkflowTask, **fields: Any) -> WorkflowTask:
    """Make a DO_WHILE that runs so many times."""
    return loop(ref, f"$.{ref}['iteration'] < {count}", *body, **fields)


def sub(ref: str, name: str | None, version: int | None = None, **fields: Any) -> WorkflowTask:
    """Make a SUB_WORKFLOW; ``params`` are further fields of `SubWorkflowParams`."""
    params = SubWorkflowParams(name=name, version=version, **fields.pop("params", {}))
    return task(TaskType.SUB_WORKFLOW, ref, sub_workflow_param=params, **fields)


def wait(ref: str, duration: str | None = None, **fields: Any) -> WorkflowTask:
    """Make a WAIT, by duration or for an update from outside."""
    inputs = fields.pop("inputs", {} if duration is None else {"duration": duration})
    return task(TaskType.WAIT, ref, inputs=inputs, **fields)


def terminate(ref: str, status: str, **inputs: Any) -> WorkflowTask:
    """Make a TERMINATE."""
    return task(TaskType.TERMINATE, ref, inputs={"terminationStatus": status, **inputs})


class Crew:
    """
    Workers in the test's hands, by reference name.

    An attempt waits in `waiting` until the test begins, completes or fails it.
    """

    def __init__(self, bench: Bench, *queues: str) -> None:
        self.bench = bench
        self.worker = bench.serve(*queues)

    @property
    def waiting(self) -> list[str]:
        """The full reference names of what waits, in the order offered."""
        return [one.ref for one in self.worker.waiting]

    def take(self, ref: str) -> Assignment:
        """Take an attempt out of the queue."""
        for one in self.worker.waiting:
            if one.ref == ref:
                self.worker.waiting.remove(one)
                return one
        raise AssertionError(f"no attempt of {ref!r} waits, only {self.waiting}")

    def begin(self, ref: str) -> Assignment:
        """Take an attempt and say that work on it has begun."""
        one = self.take(ref)
        self.bench.kernel.submit(TaskStarted(one.run_id, one.seq, "hand", self.bench.clock.now()))
        self.bench.settle()
        return one

    def complete(self, ref: str, output: Mapping[str, Any] | None = None) -> Assignment:
        """End an attempt well."""
        one = self.take(ref)
        self.bench.complete(one, output)
        return one

    def fail(self, ref: str, reason: str = "no reason", *, terminal: bool = False) -> Assignment:
        """End an attempt badly."""
        one = self.take(ref)
        self.bench.fail(one, reason, terminal=terminal)
        return one

    def complete_all(self, output: Mapping[str, Any] | None = None, rounds: int = 10_000) -> None:
        """End everything well that waits, until nothing waits any more."""
        for _ in range(rounds):
            if not self.worker.waiting:
                return
            self.bench.complete(self.worker.waiting.popleft(), output)
        raise AssertionError("the queue does not run dry")


def update(bench: Bench, run_id: str, ref: str, output: Mapping[str, Any] | None = None, **fields: Any) -> None:
    """Say from outside how the newest attempt of a task stands."""
    attempt = attempt_of(bench.run(run_id), ref)
    status = fields.pop("status", TaskStatus.COMPLETED)
    bench.ask(Report(run_id, attempt.seq, status, output or {}, **fields))


def complete_by_name(bench: Bench, run_id: str, ref: str, output: Mapping[str, Any] | None = None) -> None:
    """Complete the live attempt of a task by its reference name."""
    bench.ask(ReportByName(run_id, ref, TaskStatus.COMPLETED, output or {}))


def attempt_of(run: WorkflowRun, ref: str) -> TaskRun:
    """Return the newest attempt of a task."""
    found = run.task(ref)
    assert found is not None, f"no attempt of {ref!r}, only {refs(run)}"
    return found


def attempts_of(run: WorkflowRun, ref: str) -> list[TaskRun]:
    """Return every attempt with this full reference name, oldest first."""
    return [one for one in run.tasks if one.reference_task_name == ref]


def refs(run: WorkflowRun) -> list[str]:
    """Name the attempts in order."""
    return [one.reference_task_name for one in run.tasks]


def statuses(run: WorkflowRun) -> dict[str, str]:
    """Return the status of the newest attempt by full reference name."""
    return {one.reference_task_name: one.status.value for one in run.tasks}
