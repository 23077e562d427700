"""Runs that are moved: jumps to later tasks, and other versions of their workflow."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


def a_task(name: str, **inputs: Any) -> dict[str, Any]:
    """Return a worker task."""
    return {"name": name, "taskReferenceName": name, "inputParameters": inputs}


def a_fork(*branches: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a fork of one task each, and its join."""
    names = [branch["taskReferenceName"] for branch in branches]
    fork = {
        "name": "fork",
        "taskReferenceName": "fork",
        "type": "FORK_JOIN",
        "forkTasks": [[each] for each in branches],
    }
    return [fork, {"name": "join", "taskReferenceName": "join", "type": "JOIN", "joinOn": names}]


def register(api: httpx.Client, name: str, tasks: list[dict[str, Any]], version: int = 1, **more: Any) -> None:
    """Register a version of a workflow."""
    definition = {"name": name, "version": version, "tasks": tasks, **more}
    api.put("/metadata/workflow", json=[definition]).raise_for_status()


def tasks_of(api: httpx.Client, run_id: str) -> dict[str, str]:
    """Return the statuses of a run's tasks, by reference name."""
    return {task["referenceTaskName"]: task["status"] for task in api.get(f"/workflow/{run_id}").json()["tasks"]}


def finish(api: httpx.Client, run_id: str, ref: str, **output: Any) -> None:
    """Complete a live task of a run."""
    api.post(f"/tasks/{run_id}/{ref}/COMPLETED/sync", json=output).raise_for_status()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The name of a workflow of the test's own."""
    return f"{request.node.name}"


def test_a_run_jumps_to_a_later_task(api: httpx.Client, name: str) -> None:
    """What is under way and what lies between is skipped; the body overlays the task's input, and the run goes on."""
    register(api, name, [a_task("a"), a_task("b"), a_task("c", x="${workflow.input.x}", y=1), a_task("d")])
    run_id = api.post(f"/workflow/{name}", json={"x": 5}).text
    api.post(f"/workflow/{run_id}/jump/c", json={"y": 2}).raise_for_status()

    assert tasks_of(api, run_id) == {"a": "SKIPPED", "b": "SKIPPED", "c": "SCHEDULED"}
    (task,) = (one for one in api.get(f"/workflow/{run_id}").json()["tasks"] if one["referenceTaskName"] == "c")
    assert task["inputData"] == {"x": 5, "y": 2}
    finish(api, run_id, "c")
    finish(api, run_id, "d")
    assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"


def test_a_jump_is_taken_as_the_official_sdk_asks_for_it(api: httpx.Client, name: str) -> None:
    """With the name as a parameter, and the path as it stands in its template."""
    register(api, name, [a_task("a"), a_task("b")])
    run_id = api.post(f"/workflow/{name}", json={}).text
    path = f"/workflow/{run_id}/jump/{{taskReferenceName}}"
    api.post(path, json={}, params={"taskReferenceName": "b"}).raise_for_status()
    assert tasks_of(api, run_id) == {"a": "SKIPPED", "b": "SCHEDULED"}


def test_a_jump_leaves_structures_and_their_sub_workflows(api: httpx.Client, name: str) -> None:
    """Branches, joins and children end; a structure can be jumped to too, and takes no other input."""
    register(api, f"{name}_child", [a_task("inner")])
    sub = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": f"{name}_child"}}
    second = {
        "name": "w",
        "taskReferenceName": "w",
        "type": "SWITCH",
        "evaluatorType": "value-param",
        "expression": "k",
    }
    second |= {"inputParameters": {"k": "x"}, "decisionCases": {"x": [a_task("chosen")]}}
    register(api, name, [*a_fork(sub, a_task("b")), second])
    run_id = api.post(f"/workflow/{name}", json={}).text
    (child,) = (
        one["subWorkflowId"] for one in api.get(f"/workflow/{run_id}").json()["tasks"] if one.get("subWorkflowId")
    )
    assert api.post(f"/workflow/{run_id}/jump/w", json={"k": "y"}).status_code == 409
    api.post(f"/workflow/{run_id}/jump/w", json={}).raise_for_status()

    statuses = tasks_of(api, run_id)
    assert (statuses["s"], statuses["b"], statuses["join"], statuses["chosen"]) == (*["SKIPPED"] * 3, "SCHEDULED")
    assert api.get(f"/workflow/{child}").json()["status"] == "TERMINATED"
    finish(api, run_id, "chosen")
    assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"


def test_a_jump_that_makes_no_sense_is_refused(api: httpx.Client, name: str) -> None:
    """To where the run has been, into a structure, to nothing, and in a run that has ended; nothing is changed."""
    register(api, name, [a_task("a"), *a_fork(a_task("b"), a_task("c"))])
    run_id = api.post(f"/workflow/{name}", json={}).text
    for ref in ("a", "b", "none"):
        assert api.post(f"/workflow/{run_id}/jump/{ref}", json={}).status_code == 409
    assert tasks_of(api, run_id) == {"a": "SCHEDULED"}
    api.delete(f"/workflow/{run_id}").raise_for_status()
    assert api.post(f"/workflow/{run_id}/jump/fork", json={}).status_code == 409
    assert api.post("/workflow/none/jump/a", json={}).status_code == 404


def test_a_run_goes_on_by_another_version(api: httpx.Client, name: str) -> None:
    """The task under way stays; new ones before it are skipped with the given outputs, later ones run."""
    register(api, name, [a_task("a"), a_task("b")])
    run_id = api.post(f"/workflow/{name}", json={"x": 1}).text
    finish(api, run_id, "a")
    later = a_task("c", from_new="${new.output.v}", x="${workflow.input.x}")
    register(api, name, [a_task("a"), a_task("new"), a_task("b"), later], version=2)
    body = {"name": name, "version": 2, "taskOutput": {"new": {"v": 7}}, "workflowInput": {"x": 2}}
    api.post(f"/workflow/{run_id}/upgrade", json=body).raise_for_status()

    assert tasks_of(api, run_id) == {"a": "COMPLETED", "b": "SCHEDULED", "new": "SKIPPED"}
    finish(api, run_id, "b")
    run = api.get(f"/workflow/{run_id}").json()
    (task,) = (one for one in run["tasks"] if one["referenceTaskName"] == "c")
    assert (run["workflowVersion"], task["inputData"]) == (2, {"from_new": 7, "x": 2})
    finish(api, run_id, "c")
    assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"


def test_joins_of_an_upgraded_run_still_wait(api: httpx.Client, name: str) -> None:
    """A fork goes on with its branches, in which tasks may be added, and its join after them."""
    register(api, name, a_fork(a_task("b"), a_task("c")))
    run_id = api.post(f"/workflow/{name}", json={}).text
    finish(api, run_id, "b")
    register(api, name, [*a_fork(a_task("b"), a_task("c")), a_task("d")], version=2)
    api.post(f"/workflow/{run_id}/upgrade", json={"version": 2}).raise_for_status()
    finish(api, run_id, "c")
    assert tasks_of(api, run_id)["join"] == "COMPLETED"
    finish(api, run_id, "d")
    assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"


def test_a_version_that_does_not_fit_is_refused(api: httpx.Client, name: str) -> None:
    """One that lacks a task to which the run has come, or has it elsewhere; and nothing is changed."""
    register(api, name, [a_task("a"), a_task("b")])
    run_id = api.post(f"/workflow/{name}", json={}).text
    register(api, name, [a_task("b")], version=2)
    register(api, name, a_fork(a_task("a"), a_task("b")), version=3)
    for body in ({"version": 2}, {"version": 3}, {"version": 1, "name": "other"}, {"version": 9}):
        assert api.post(f"/workflow/{run_id}/upgrade", json=body).status_code in {400, 404, 409}
    run = api.get(f"/workflow/{run_id}").json()
    assert (run["workflowVersion"], run["status"]) == (1, "RUNNING")
    api.delete(f"/workflow/{run_id}").raise_for_status()
    assert api.post(f"/workflow/{run_id}/upgrade", json={"version": 1}).status_code == 409


def test_what_was_cancelled_beside_a_sub_workflow_is_done_again_with_it(api: httpx.Client, name: str) -> None:
    """One attempt of it is there, a new one; what the worker of the old one says later changes nothing."""
    api.post("/metadata/taskdefs", json=[{"name": f"{name}_inner", "retryCount": 0}]).raise_for_status()
    register(api, f"{name}_child", [a_task(f"{name}_inner")])
    sub = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": f"{name}_child"}}
    register(api, name, a_fork(sub, a_task("b")))
    run_id = api.post(f"/workflow/{name}", json={}).text
    before = {task["referenceTaskName"]: task for task in api.get(f"/workflow/{run_id}").json()["tasks"]}
    child = before["s"]["subWorkflowId"]
    for verb in ("retry", "rerun"):
        api.post(f"/tasks/{child}/{name}_inner/FAILED/sync", json={}).raise_for_status()
        assert tasks_of(api, run_id)["b"] == "CANCELED"
        body = {"reRunFromTaskId": api.get(f"/workflow/{child}").json()["tasks"][-1]["taskId"]}
        api.post(f"/workflow/{child}/{verb}", json=body).raise_for_status()
        (task,) = (one for one in api.get(f"/workflow/{run_id}").json()["tasks"] if one["referenceTaskName"] == "b")
        assert (task["status"], task["taskId"] == before["b"]["taskId"]) == ("SCHEDULED", False)

    late = {"workflowInstanceId": run_id, "taskId": before["b"]["taskId"], "status": "COMPLETED"}
    api.post("/tasks", json=late)
    assert tasks_of(api, run_id)["b"] == "SCHEDULED"
    finish(api, run_id, "b")
    finish(api, child, f"{name}_inner")
    assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"
