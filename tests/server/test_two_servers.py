"""Two servers on one PostgreSQL: each takes any request, work goes where it is asked for, and one may die."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx
import pytest

from podium.testing.servers import DatabaseServer
from podium.testing.serving import RunningServer, server_process


class Place(NamedTuple):
    """A server, and its API."""

    server: RunningServer
    api: httpx.Client


@pytest.fixture
def places(postgresql: DatabaseServer) -> Iterator[tuple[Place, Place]]:
    """Two server processes on one empty database."""
    url = postgresql.url()
    with ExitStack() as stack:

        def place() -> Place:
            server = stack.enter_context(server_process(url))
            return Place(server, stack.enter_context(httpx.Client(base_url=server.api, timeout=30)))

        yield place(), place()


def polled(api: httpx.Client, name: str) -> dict[str, Any]:
    """Wait at a server for one attempt of a task."""
    answer = api.get(f"/tasks/poll/batch/{name}", params={"timeout": 5_000, "count": 1})
    assert answer.is_success, answer.text
    (attempt,) = answer.json()
    found: dict[str, Any] = attempt
    return found


def report(api: httpx.Client, attempt: dict[str, Any], **output: object) -> None:
    """Tell a server the result of an attempt."""
    result = {"workflowInstanceId": attempt["workflowInstanceId"], "taskId": attempt["taskId"]}
    api.post("/tasks", json={**result, "status": "COMPLETED", "outputData": output}).raise_for_status()


def define(api: httpx.Client, name: str, *tasks: str) -> None:
    """Register a chain of tasks."""
    steps = [{"name": task, "taskReferenceName": f"{task}_{number}"} for number, task in enumerate(tasks)]
    api.post("/metadata/workflow", json={"name": name, "tasks": steps}).raise_for_status()


def test_a_run_goes_to_and_fro_between_servers(places: tuple[Place, Place]) -> None:
    """What one server was told, the other gives out at once: definitions, attempts, results and the end."""
    one, other = (place.api for place in places)
    define(one, "there_and_back", "a", "b", "a", "b")
    run_id = other.post("/workflow", json={"name": "there_and_back"}).text
    for number in range(2):
        report(other, polled(one, "a"), n=number)  # whoever has polled may report elsewhere
        report(one, polled(other, "b"), n=number)
    run = one.get(f"/workflow/{run_id}").json()
    assert (run["status"], [task["outputData"] for task in run["tasks"]]) == (
        "COMPLETED",
        [{"n": 0}, {"n": 0}, {"n": 1}, {"n": 1}],
    )


def test_who_waits_at_one_server_hears_of_the_end_at_the_other(places: tuple[Place, Place]) -> None:
    """A request that waits for a run is answered when its last result comes in elsewhere, not at the next look."""
    one, other = (place.api for place in places)
    define(one, "awaited", "a")
    answers: list[dict[str, Any]] = []

    def execute() -> None:
        answers.append(one.post("/workflow/execute/awaited/1", json={}, params={"waitForSeconds": 25}).json())

    waiter = threading.Thread(target=execute)
    waiter.start()
    report(other, polled(other, "a"), n=7)
    waiter.join(timeout=20)
    assert not waiter.is_alive()
    assert answers[0]["status"] == "COMPLETED"


def test_the_other_server_goes_on_when_one_is_killed(places: tuple[Place, Place]) -> None:
    """What it had accepted is there; its workers' results count at the other, which gives out what follows."""
    one, other = places
    define(one.api, "survived", "a", "b")
    run_ids = [one.api.post("/workflow", json={"name": "survived"}).text for _ in range(3)]
    attempts = [polled(one.api, "a") for _ in run_ids]
    one.server.kill()
    for attempt in attempts:
        report(other.api, attempt)
    for _ in run_ids:
        report(other.api, polled(other.api, "b"))
    assert [other.api.get(f"/workflow/{run_id}").json()["status"] for run_id in run_ids] == ["COMPLETED"] * 3
