"""``/metadata``: definitions, and what is refused of them in Conductor's words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from server_calls import one_task


def _name(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}".replace("[", "_").replace("]", "")


def test_a_workflow_is_registered_once_unless_it_may_be_overwritten(
    api: httpx.Client, request: pytest.FixtureRequest
) -> None:
    """200 without a body, then 409 in Conductor's words; overwrite replaces it; PUT takes a list and replaces."""
    name = _name(request)
    first = api.post("/metadata/workflow", json=one_task(name))
    assert (first.status_code, first.content) == (200, b"")
    again = api.post("/metadata/workflow", json=one_task(name))
    assert (again.status_code, again.json()["message"]) == (409, f"Workflow with {name}.1 already exists!")
    assert api.post("/metadata/workflow?overwrite=true", json=one_task(name, description="x")).status_code == 200
    bulk = api.put("/metadata/workflow", json=[one_task(name, version=3), one_task(name, version=2)])
    assert bulk.json()["bulkSuccessfulResults"] == [name, name]
    newest = api.get(f"/metadata/workflow/{name}").json()
    assert (newest["version"], newest["ownerApp"], newest["timeoutPolicy"]) == (3, "", "ALERT_ONLY")
    assert newest["createTime"] > 0
    assert api.get(f"/metadata/workflow/{name}", params={"version": 1}).json()["description"] == "x"
    missing = api.get(f"/metadata/workflow/{name}", params={"version": 9})
    assert missing.status_code == 404
    assert missing.json()["message"] == f"No such workflow found by name: {name}, version: 9"


def test_lists_of_workflows(api: httpx.Client, request: pytest.FixtureRequest) -> None:
    """All versions, the names, names with versions, the versions of one, the greatest of each, those of a class."""
    name = _name(request)
    definitions = [one_task(name, version=version) for version in (2, 10)]
    definitions.append(one_task(f"{name}_agent", metadata={"agentDef": {}}))
    api.put("/metadata/workflow", json=definitions).raise_for_status()
    assert [each["version"] for each in api.get("/metadata/workflow").json() if each["name"] == name] == [2, 10]
    assert api.get("/metadata/workflow/names").json().count(name) == 1
    versions = api.get("/metadata/workflow/names-and-versions").json()[name]
    assert [each["version"] for each in versions] == [2, 10]
    assert api.get(f"/metadata/workflow/{name}/versions").json() == versions
    latest = api.get("/metadata/workflow/latest-versions").json()
    assert [each["version"] for each in latest if each["name"] == name] == [10]
    agents = api.get("/metadata/workflow", params={"classifier": "agent"}).json()
    assert [each["name"] for each in agents if each["name"].startswith(name)] == [f"{name}_agent"]


def test_a_workflow_that_is_removed_is_gone_and_its_runs_stay(api: httpx.Client, simple: str) -> None:
    """404 for one that is not there."""
    run_id = api.post("/workflow", json={"name": simple}).text
    assert api.delete(f"/metadata/workflow/{simple}/1").status_code == 200
    assert api.delete(f"/metadata/workflow/{simple}/1").status_code == 404
    assert api.get(f"/metadata/workflow/{simple}").status_code == 404
    assert api.post("/workflow", json={"name": simple}).status_code == 404
    assert api.get(f"/workflow/{run_id}").json()["workflowDefinition"]["name"] == simple


def test_task_definitions(api: httpx.Client, request: pytest.FixtureRequest) -> None:
    """POST takes a list and replaces, PUT takes one that must be there; the defaults are Conductor's."""
    name = _name(request)
    assert api.put("/metadata/taskdefs", json={"name": name}).json()["message"] == f"No such task by name {name}"
    assert api.post("/metadata/taskdefs", json=[{"name": name}]).status_code == 200
    found = api.get(f"/metadata/taskdefs/{name}").json()
    assert (found["retryCount"], found["responseTimeoutSeconds"], found["retryLogic"]) == (3, 3600, "FIXED")
    assert api.put("/metadata/taskdefs", json={"name": name, "retryCount": 9}).status_code == 200
    assert api.get(f"/metadata/taskdefs/{name}").json()["retryCount"] == 9
    assert name in {each["name"] for each in api.get("/metadata/taskdefs").json()}
    assert api.delete(f"/metadata/taskdefs/{name}").status_code == 200
    assert api.delete(f"/metadata/taskdefs/{name}").status_code == 404
    missing = api.get(f"/metadata/taskdefs/{name}")
    assert missing.json()["message"] == f"No such taskType found by name: {name}"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"type": "SWITCH"}, "evaluatorType field is required for taskType: SWITCH taskName: n"),
        (
            {"type": "SWITCH", "evaluatorType": "value-param", "expression": "x"},
            "decisionCases should have atleast one task for taskType: SWITCH taskName: n",
        ),
        ({"type": "DECISION"}, "caseValueParam or caseExpression field is required for taskType: DECISION taskName: n"),
        ({"type": "DYNAMIC"}, "dynamicTaskNameParam field is required for taskType: DYNAMIC taskName: n"),
        ({"type": "FORK_JOIN"}, "forkTasks should have atleast one task for taskType: FORK_JOIN taskName: n"),
        ({"type": "EVENT"}, "sink field is required for taskType: EVENT taskName: n"),
        ({"type": "SUB_WORKFLOW"}, "subWorkflowParam field is required for taskType: SUB_WORKFLOW taskName: n"),
        ({"type": "DO_WHILE"}, "loopCondition field is required for taskType: DO_WHILE taskName: n"),
        ({"type": "JSON_JQ_TRANSFORM"}, "inputParameters.queryExpression field is required"),
        ({"type": "HTTP"}, "inputParameters.http_request or inputParameters.uri field is required"),
        ({"type": "KAFKA_PUBLISH"}, "inputParameters.kafka_request field is required"),
        ({"type": "TERMINATE"}, "terminate task must have an terminationStatus parameter"),
        (
            {"type": "TERMINATE", "optional": True, "inputParameters": {"terminationStatus": "FAILED"}},
            "terminate task cannot be optional, taskName: n",
        ),
        (
            {"type": "WAIT", "inputParameters": {"duration": "1s", "until": "2030-01-01"}},
            "Both 'duration' and 'until' specified. Please provide only one input",
        ),
        ({"inputParameters": {"a": "${gone.output.x}"}}, "taskReferenceName: gone for given task: n input value:"),
        ({"name": ""}, "WorkflowTask name cannot be empty or null"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_conductor_refuses_is_refused_in_its_words(api: httpx.Client, task: dict[str, Any], message: str) -> None:
    """400 by all three ways, and nothing is stored."""
    definition = {"name": "refused", "tasks": [{"name": "n", "taskReferenceName": "n", **task}]}
    for answer in (
        api.post("/metadata/workflow", json=definition),
        api.post("/metadata/workflow/validate", json=definition),
        api.put("/metadata/workflow", json=[one_task("fine_beside_it"), definition]),
    ):
        assert answer.status_code == 400
        assert answer.json()["message"] == "Validation failed, check below errors for detail."
        assert any(fault["message"].startswith(message) for fault in answer.json()["validationErrors"]), answer.text
    assert api.get("/metadata/workflow/refused").status_code == 404
    assert api.get("/metadata/workflow/fine_beside_it").status_code == 404


def test_names_must_be_there_and_unique(api: httpx.Client) -> None:
    """The whole tree of tasks counts, loops too; a definition without name and tasks says both."""
    twice = [{"name": "n", "taskReferenceName": "same"}] * 2
    answer = api.post("/metadata/workflow", json={"name": "w", "tasks": twice})
    words = "taskReferenceName: same should be unique across tasks for a given workflowDefinition: w"
    assert [fault["message"] for fault in answer.json()["validationErrors"]] == [words]
    faults = api.post("/metadata/workflow", json={}).json()["validationErrors"]
    assert [fault["message"] for fault in faults] == [
        "WorkflowDef name cannot be null or empty",
        "WorkflowTask list cannot be empty",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"responseTimeoutSeconds": 0},
        {"timeoutSeconds": 60},
        {"timeoutSeconds": 7200, "totalTimeoutSeconds": 7199},
        {"concurrentExecLimit": -1},
        {"backoffScaleFactor": 0},
        {"timeoutSeconds": -1},
        {"pollTimeoutSeconds": -1},
    ],
    ids=str,
)
def test_task_definitions_that_cannot_be_right_are_refused(api: httpx.Client, change: dict[str, Any]) -> None:
    """Such as a timeout shorter than the default time of silence."""
    assert api.post("/metadata/taskdefs", json=[{"name": "refused", **change}]).status_code == 400
    assert api.get("/metadata/taskdefs/refused").status_code == 404


def test_schemas(api: httpx.Client, request: pytest.FixtureRequest) -> None:
    """One or several are registered; a definition may name one, which a start is held against; they can be removed."""
    name = _name(request)
    schema = {"name": name, "version": 1, "type": "JSON", "data": {"type": "object", "required": ["given"]}}
    assert api.post("/schema", json=schema).status_code == 200
    assert api.post("/schema", json=[schema], params={"newVersion": True}).status_code == 200
    assert [each["version"] for each in api.get("/schema").json() if each["name"] == name] == [1, 2]
    found = api.get(f"/schema/{name}/1").json()
    assert (found["type"], found["data"]) == ("JSON", schema["data"])
    api.post("/metadata/workflow", json=one_task(name, inputSchema={"name": name, "version": 1, "type": "JSON"}))
    assert api.post("/workflow", json={"name": name}).status_code == 400
    assert api.post("/workflow", json={"name": name, "input": {"given": 1}}).status_code == 200
    assert api.delete(f"/schema/{name}/2").status_code == 200
    assert api.delete(f"/schema/{name}").status_code == 200
    assert api.delete(f"/schema/{name}").status_code == 404
    assert api.get(f"/schema/{name}/1").status_code == 404


def test_a_schema_that_is_none_is_kept_and_refused_where_it_is_enforced(
    api: httpx.Client, request: pytest.FixtureRequest
) -> None:
    """As with Orkes, whose own clients register such; the start says which place of it is wrong."""
    name = _name(request)
    api.post("/schema", json={"name": name, "version": 1, "type": "JSON", "data": {"type": 5}}).raise_for_status()
    api.post("/metadata/workflow", json=one_task(name, inputSchema={"name": name, "version": 1, "type": "JSON"}))

    refused = api.post("/workflow", json={"name": name})

    assert refused.status_code == 400
    assert "no JSON Schema: at $.type" in refused.text


def test_tags(api: httpx.Client, request: pytest.FixtureRequest) -> None:
    """Put, added one by one, listed, and taken away; 404 for what is not there."""
    name = _name(request)
    api.post("/metadata/workflow", json=one_task(name)).raise_for_status()
    first, second = {"key": "team", "value": "a"}, {"key": "cost", "value": 7, "type": "METADATA"}
    path = f"/metadata/workflow/{name}/tags"
    assert api.get(path).json() == []
    assert api.put(path, json=[first]).status_code == 200
    assert api.post(path, json=second).status_code == 200
    assert api.get(path).json() == [{**first, "type": "METADATA"}, second]
    assert second in api.get("/metadata/tags").json()
    assert api.request("DELETE", path, json=first).status_code == 200
    assert api.get(path).json() == [second]
    assert api.get("/metadata/task/none/tags").status_code == 404
    assert api.get("/scheduler/schedules/none/tags").status_code == 404
    assert api.put(path, json=[{"value": 1}]).status_code == 400


def test_one_of_several_that_register_a_workflow_at_once_does(api: httpx.Client) -> None:
    """All others hear that it is there, and nobody's definition is replaced."""
    with ThreadPoolExecutor(8) as pool:
        bodies = [{**one_task("raced"), "description": str(number)} for number in range(8)]
        answers = list(pool.map(lambda body: api.post("/metadata/workflow", json=body), bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    (kept,) = (body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200)
    assert api.get("/metadata/workflow/raced").json()["description"] == kept["description"]
