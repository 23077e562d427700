"""A real server for the tests of its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from server_calls import Finish, one_task

from podium.testing.serving import RunningServer, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server on a memory store, shared by the tests of a module: each takes names of its own."""
    with running_server() as running:
        yield running


@pytest.fixture
def api(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the server's API."""
    with httpx.Client(base_url=server.api, timeout=30) as client:
        yield client


@pytest.fixture
def simple(api: httpx.Client, request: pytest.FixtureRequest) -> str:
    """The name of a registered workflow of one worker task of the same name, of the test's own."""
    name = f"{request.node.name}_{id(request.node):x}".replace("[", "_").replace("]", "")
    api.post("/metadata/workflow", json=one_task(name)).raise_for_status()
    return name


@pytest.fixture
def finish(api: httpx.Client) -> Finish:
    """What polls a task of a type and completes it."""

    def finish(task_type: str, output: Mapping[str, Any]) -> str:
        (task,) = api.get(f"/tasks/poll/batch/{task_type}", params={"timeout": 5000, "workerid": "w"}).json()
        result = {
            "workflowInstanceId": task["workflowInstanceId"],
            "taskId": task["taskId"],
            "status": "COMPLETED",
            "outputData": dict(output),
        }
        api.post("/tasks", json=result).raise_for_status()
        return str(task["taskId"])

    return finish
