"""GET_WORKFLOW: a run looks at another one of its store."""

from __future__ import annotations

from typing import Any

import pytest

import podium
from podium.dsl import runs
from podium.model.runs import WorkflowRun


@podium.workflow
def first(n: int) -> dict[str, Any]:
    """Compute something."""
    return {"twice": podium.inline("double", "$.n * 2", n=n).output}


@podium.workflow
def second(run_id: str) -> dict[str, Any]:
    """Look at a run, with its tasks and without."""
    whole = runs.get("whole", id=run_id)
    brief = runs.get("brief", id=run_id, include_tasks=False)
    return {"twice": whole.output.output["result"]["twice"], "tasks": whole.output.tasks, "none": brief.output.tasks}


def looked(url: str, run_id: object) -> WorkflowRun:
    """Run one GET_WORKFLOW with this id."""
    step = podium.Workflow("look")
    step >> podium.system_task("look", "GET_WORKFLOW", id=run_id)
    with podium.connect(url) as client:
        return client.run(step, {}, timeout=30)


def test_a_run_is_the_output(url: str) -> None:
    """The output is the other run as the API shows it; its tasks are there unless they are not wanted."""
    with podium.connect(url) as client:
        run_id = client.start(first, {"n": 4})
        client.wait(run_id, 30)
        run = client.run(second, {"run_id": run_id}, timeout=30)

    found = run.output["result"]
    assert found["twice"] == 8
    assert [task["referenceTaskName"] for task in found["tasks"]] == ["double"]
    assert found["none"] == []
    assert run.tasks[0].output_data["workflowId"] == run_id
    assert run.tasks[0].output_data["status"] == "COMPLETED"


def test_a_run_that_is_not_there_fails_the_task(url: str) -> None:
    """The reason names the id that nobody has, and another try may find it."""
    run = looked(url, "nobody")

    assert run.tasks[0].status == "FAILED"
    assert run.tasks[0].reason_for_incompletion == "No such workflow found by id: nobody"


@pytest.mark.parametrize("wrong", [None, 7, " "])
def test_what_is_no_id_is_refused(url: str, wrong: object) -> None:
    """Without an id no retry helps, and the reason says which input is meant."""
    run = looked(url, wrong)

    assert run.tasks[0].status == "FAILED_WITH_TERMINAL_ERROR"
    assert "needs the id of a run in its input 'id'" in (run.tasks[0].reason_for_incompletion or "")
