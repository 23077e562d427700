"""What PostgreSQL cannot keep, a text with U+0000: refused in words where it enters, and nothing stops by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from podium.testing.servers import DatabaseServer
from podium.testing.serving import running_server

NUL = "a\0b"
#: Too long for an index, however it is packed.
LONG = "".join(Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_000))
FORKING = {"dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "in"}
TASK = {"name": "t", "taskReferenceName": "t", "type": "SIMPLE"}


def _url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'x.db'}"
    server: DatabaseServer = request.getfixturevalue(kind)
    return server.url()


@pytest.fixture(params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server over each kind of store."""
    url = _url(request.param, request, tmp_path)
    with running_server(url) as running, httpx.Client(base_url=running.api, timeout=30) as client:
        yield client


def inline(*tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the body of a start with its definition."""
    return {"name": "inline", "workflowDef": {"name": "inline", "tasks": list(tasks)}, **more}


def test_no_name_that_a_store_cannot_keep_gets_in(api: httpx.Client) -> None:
    """Names of definitions, schemas, handlers, references and domains are refused; what is asked for is not there."""
    action = {"action": "start_workflow", "start_workflow": {"name": "w"}}
    refused = [
        api.post("/metadata/taskdefs", json=[{"name": NUL}]),
        api.post("/metadata/workflow", json={"name": NUL, "tasks": [TASK]}),
        api.post("/schema", json={"name": NUL, "version": 1, "type": "JSON", "data": {}}),
        api.post("/event", json={"name": NUL, "event": "conductor:q", "actions": [action]}),
        api.post("/workflow", json=inline({**TASK, "name": NUL})),
        api.post("/workflow", json=inline({**TASK, "taskReferenceName": NUL})),
        api.post("/workflow", json=inline({**TASK, "type": NUL})),
        api.post("/workflow", json=inline(TASK, taskToDomain={"t": NUL})),
    ]
    assert [answer.status_code for answer in refused] == [400] * len(refused)
    assert all("U+0000" in answer.text for answer in refused)

    call = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": NUL}}
    assert api.put("/metadata/taskdefs", json={"name": NUL}).status_code == 404
    assert api.post("/workflow", json=inline(call)).status_code == 404
    assert api.post("/workflow/w/correlated", json=[NUL]).json() == {NUL: []}
    assert NUL in api.put("/scheduler/bulk/pause", json=[NUL]).json()["bulkErrorResults"]
    assert api.get("/health").json()["healthy"] is True


@pytest.mark.parametrize(
    ("task", "status"),
    [
        ({"type": "DYNAMIC", "dynamicTaskNameParam": "name"}, "FAILED"),
        ({"type": "FORK_JOIN_DYNAMIC", **FORKING}, "FAILED"),
        ({"type": "START_WORKFLOW"}, "FAILED"),
        ({"type": "SIMPLE"}, "RUNNING"),
    ],
)
def test_a_run_that_is_given_such_a_name_ends_in_words(api: httpx.Client, task: dict[str, Any], status: str) -> None:
    """The engine goes on; and in values, such a text is a text like any other."""
    given = {"name": NUL, "tasks": [{**TASK, "name": NUL}], "in": {}, "startWorkflow": {"name": NUL, "input": {}}}
    body = inline({"name": "x", "taskReferenceName": "x", "inputParameters": given, **task})
    run_id = api.post("/workflow", json=body).text
    if status != "RUNNING":
        api.get(f"/podium/runs/{run_id}/wait", params={"timeoutMillis": 20_000})
    run = api.get(f"/workflow/{run_id}").json()
    assert run["status"] == status
    assert "postgresql" not in run.get("reasonForIncompletion", "")
    if status == "RUNNING":
        assert run["tasks"][0]["inputData"]["name"] == NUL
    assert api.post("/workflow", json=inline(TASK)).status_code == 200


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_name_that_is_too_long_for_a_database_is_refused(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """It is no trouble of the store that goes by, for which everybody would wait; a run that is given one fails."""
    with (
        running_server(_url(kind, request, tmp_path)) as running,
        httpx.Client(base_url=running.api, timeout=30) as api,
    ):
        refused = [
            api.post("/metadata/taskdefs", json=[{"name": LONG}]),
            api.post("/metadata/workflow", json={"name": LONG, "tasks": [TASK]}),
        ]
        assert [answer.status_code for answer in refused] == [400] * len(refused)
        assert all("255 characters" in answer.json()["message"] for answer in refused)

        second = {"name": "x", "taskReferenceName": "x", "type": "DYNAMIC", "dynamicTaskNameParam": "name"}
        tasks = TASK, {**second, "inputParameters": {"name": "${t.output.name}"}}
        run_id = api.post("/workflow", json=inline(*tasks)).text
        api.post(f"/tasks/{run_id}/t/COMPLETED", json={"name": LONG}).raise_for_status()
        api.get(f"/podium/runs/{run_id}/wait", params={"timeoutMillis": 20_000})
        run = api.get(f"/workflow/{run_id}").json()
        assert (run["status"], "255 characters" in run["reasonForIncompletion"]) == ("FAILED", True)
        assert api.post("/workflow", json=inline(TASK)).status_code == 200
