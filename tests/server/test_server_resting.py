"""When a run has come to rest, as a synchronous answer waits for it."""

from __future__ import annotations

import pytest

from podium.model.definitions import WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.server.resting import is_evaluating

BODY = WorkflowTask(name="work", task_reference_name="work", type="SIMPLE")
LOOP = WorkflowTask(name="loop", task_reference_name="loop", type="DO_WHILE", loop_over=(BODY,))


def attempt(ref: str, task_type: str, status: TaskStatus) -> TaskRun:
    """Return an attempt of a task."""
    task = LOOP if ref == "loop" else None
    return TaskRun(reference_task_name=ref, task_type=task_type, status=status, workflow_task=task)


LIVE_LOOP = attempt("loop", "DO_WHILE", TaskStatus.IN_PROGRESS)
DONE, OPEN = (attempt("work__1", "work", status) for status in (TaskStatus.COMPLETED, TaskStatus.SCHEDULED))


@pytest.mark.parametrize(
    ("tasks", "goes_on"),
    [
        ([], True),
        ([DONE], True),
        ([LIVE_LOOP, DONE], True),
        ([LIVE_LOOP, OPEN], False),
        ([OPEN], False),
        ([OPEN, attempt("script", "INLINE", TaskStatus.SCHEDULED)], True),
        ([attempt("ask", "HUMAN", TaskStatus.IN_PROGRESS)], False),
    ],
)
def test_what_needs_no_worker_is_waited_for(tasks: list[TaskRun], goes_on: bool) -> None:
    """A script, the condition of a loop in which nothing lives, and whatever comes where nothing lives at all."""
    run = WorkflowRun(workflow_id="r", status=RunStatus.RUNNING, tasks=tuple(tasks))
    assert is_evaluating(run) is goes_on
    assert not is_evaluating(WorkflowRun(workflow_id="r", status=RunStatus.COMPLETED, tasks=tuple(tasks)))
