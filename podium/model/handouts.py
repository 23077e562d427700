"""Attempts as servers hand them out to workers elsewhere, and what those say, as servers take it."""

from __future__ import annotations

from typing import Any, Final

from podium.model.assignments import Assignment, Report
from podium.model.attempts import TaskLog, TaskResult, TaskRun
from podium.model.definitions import TaskDef

#: The key of an attempt that is handed out, under which stand the texts in it that its worker must not log.
HIDDEN: Final = "hidden"


def assignment_of(task: TaskRun, queue: str) -> Assignment:
    """
    Return an attempt that a server has handed out, as workers take it.

    Args:
        task: The attempt.
        queue: Where it was found.
    """
    return Assignment(
        run_id=task.run_id,
        seq=task.seq,
        task_id=task.task_id,
        queue=queue,
        ref=task.reference_task_name,
        retry_count=task.retry_count,
        input=task.input_data,
        output=task.output_data,
        workflow_name=task.workflow_type or "",
        correlation_id=task.correlation_id,
        priority=task.workflow_priority,
        task_def=_definition(task),
        hidden=_hidden(task),
        task=task.workflow_task,
        scheduled_at=task.scheduled_time,
        iteration=task.iteration,
    )


def _hidden(task: TaskRun) -> frozenset[str] | None:
    """Return the texts that must not be logged, as a Podium server names them; None if there are none."""
    told = task.extra.get(HIDDEN)
    return frozenset(str(one) for one in told) if isinstance(told, list) else None


def _definition(task: TaskRun) -> TaskDef:
    if task.task_definition is not None:
        return task.task_definition
    timeout_s: Any = task.response_timeout_seconds
    return TaskDef(name=task.task_def_name or task.task_type, response_timeout_seconds=timeout_s)


def result_of(assignment: Assignment, report: Report) -> TaskResult:
    """Return what a worker says of an attempt, as servers take it."""
    task_id = assignment.task_id
    return TaskResult(
        workflow_instance_id=assignment.run_id,
        task_id=task_id,
        status=report.status,
        output_data=dict(report.output),
        reason_for_incompletion=report.reason,
        worker_id=report.worker_id,
        callback_after_seconds=report.callback_after_s,
        logs=tuple(TaskLog(log=text, task_id=task_id, created_time=at) for at, text in report.logs),
        extend_lease=report.is_heartbeat,
        sub_workflow_id=report.sub_workflow_id,
    )
