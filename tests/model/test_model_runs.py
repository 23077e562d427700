"""What a run answers about its tasks."""

from __future__ import annotations

from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus


def test_a_place_whose_name_has_two_underscores_is_found_in_its_loop() -> None:
    """Only the numbers at a name's end are iterations."""
    attempt = TaskRun(
        task_type="t", status=TaskStatus.COMPLETED, reference_task_name="get__data__3", iteration=3, seq=1
    )
    run = WorkflowRun(status=RunStatus.RUNNING, tasks=(attempt,))

    assert run.task("get__data") is attempt
    assert run.task("get") is None
