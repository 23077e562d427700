"""``/scheduler``: schedules, their pauses, what they did and will do."""

from __future__ import annotations

import itertools
import time
from typing import Any

import httpx
import pytest


def _schedule(name: str, workflow: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "cronExpression": "0 0 6 * * ?",
        "zoneId": "Europe/Berlin",
        "startWorkflowRequest": {"name": workflow, "version": 1, "input": {"a": 1}},
        **more,
    }


def test_a_schedule_is_saved_shown_found_and_deleted(api: httpx.Client, simple: str) -> None:
    """A second save replaces it; deleting one that is not there is fine, asking for it is 404."""
    saved = api.post("/scheduler/schedules", json=_schedule(simple, simple))
    assert saved.status_code == 200
    assert (saved.json()["name"], saved.json()["paused"]) == (simple, False)
    assert saved.json()["nextRunTime"] > time.time() * 1000
    again = api.post("/scheduler/schedules", json=_schedule(simple, simple, description="daily", paused=True))
    assert "nextRunTime" not in again.json()
    shown = api.get(f"/scheduler/schedules/{simple}").json()
    assert (shown["description"], shown["startWorkflowRequest"]["input"]) == ("daily", {"a": 1})
    assert [each["name"] for each in api.get("/scheduler/schedules", params={"workflowName": simple}).json()] == [
        simple
    ]
    found = api.get("/scheduler/schedules/search", params={"scheduleName": simple, "paused": True}).json()
    assert found == {"totalHits": 1, "results": [shown]}
    assert api.get("/scheduler/schedules/search", params={"freeText": "no such"}).json()["totalHits"] == 0
    for _ in range(2):
        assert api.delete(f"/scheduler/schedules/{simple}").status_code == 200
    assert api.get(f"/scheduler/schedules/{simple}").status_code == 404


@pytest.mark.parametrize("verb", ["PUT", "GET"])
def test_a_schedule_is_paused_and_resumed_by_either_verb(api: httpx.Client, simple: str, verb: str) -> None:
    """Clients do not agree on the verb; resuming one that is not paused is 404."""
    api.post("/scheduler/schedules", json=_schedule(simple, simple)).raise_for_status()
    assert api.request(verb, f"/scheduler/schedules/{simple}/resume").status_code == 404
    assert api.request(verb, f"/scheduler/schedules/{simple}/pause", params={"reason": "holidays"}).status_code == 200
    assert api.get(f"/scheduler/schedules/{simple}").json()["pausedReason"] == "holidays"
    assert api.request(verb, f"/scheduler/schedules/{simple}/resume").status_code == 200
    assert api.get(f"/scheduler/schedules/{simple}").json()["paused"] is False
    assert api.request(verb, "/scheduler/schedules/none/pause").status_code == 404


def test_many_schedules_are_paused_at_once(api: httpx.Client, simple: str) -> None:
    """What was done and what was refused, by name."""
    api.post("/scheduler/schedules", json=_schedule(simple, simple)).raise_for_status()
    found = api.put("/scheduler/bulk/pause", json=[simple, "none"]).json()
    assert (found["bulkSuccessfulResults"], list(found["bulkErrorResults"])) == ([simple], ["none"])
    assert api.put("/scheduler/bulk/resume", json=[simple]).json()["bulkSuccessfulResults"] == [simple]


def test_the_next_moments_of_an_expression(api: httpx.Client) -> None:
    """At most five, in epoch milliseconds; an expression that cannot be read is refused."""
    params: dict[str, Any] = {"cronExpression": "0 0 6 * * ?", "scheduleStartTime": 1_900_000_000_000}
    found = api.get("/scheduler/nextFewSchedules", params=params).json()
    assert len(found) == 5
    assert {later - at for at, later in itertools.pairwise(found)} == {24 * 3600 * 1000}
    assert found[0] >= 1_900_000_000_000
    assert api.get("/scheduler/nextFewSchedules", params={**params, "limit": 2}).json() == found[:2]
    assert api.get("/scheduler/nextFewSchedules", params={**params, "limit": 10}).json() == found
    assert api.get("/scheduler/nextFewSchedules", params={"cronExpression": "nonsense"}).status_code == 400
    assert api.get("/scheduler/nextFewSchedules").status_code == 400


def test_what_a_schedule_did_is_found(api: httpx.Client, simple: str) -> None:
    """Each moment with its run and state, by the conditions that Conductor takes."""
    every_second = _schedule(simple, simple, cronExpression="* * * * * ?", zoneId="UTC")
    api.post("/scheduler/schedules", json=every_second).raise_for_status()
    query = f"scheduleName IN ({simple}) AND state IN (EXECUTED) AND scheduledTime > 5"
    deadline = time.monotonic() + 20
    while not (results := api.get("/scheduler/search/executions", params={"query": query}).json()["results"]):
        assert time.monotonic() < deadline
    api.delete(f"/scheduler/schedules/{simple}")
    assert (results[0]["workflowName"], results[0]["state"]) == (simple, "EXECUTED")
    run = api.get(f"/workflow/{results[0]['workflowId']}").json()
    assert run["input"]["a"] == 1
    assert run["input"]["_scheduledTime"] == results[0]["scheduledTime"]
    assert api.get("/scheduler/search/executions", params={"query": "what is this"}).status_code == 400


def test_a_schedule_may_come_before_its_workflow(api: httpx.Client, simple: str) -> None:
    """As in Conductor, which looks for the workflow when it starts one."""
    saved = api.post("/scheduler/schedules", json=_schedule(simple, "registered_later"))
    assert saved.status_code == 200
    api.delete(f"/scheduler/schedules/{simple}")
    assert api.post("/scheduler/schedules", json=_schedule(simple, simple, cronExpression="x")).status_code == 400
