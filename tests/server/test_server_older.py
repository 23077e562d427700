"""What older and Orkes's clients ask beside Conductor's API."""

from __future__ import annotations

from typing import Any

import httpx


def test_rate_limits_are_set_on_a_workflow(api: httpx.Client, simple: str) -> None:
    """They are those of its definition; to remove them lets any number of runs live."""
    path = f"/metadata/tags/workflow/{simple}"
    assert api.get(path).json() == {}
    api.post(path, json={"rateLimit": {"rateLimitKey": "k", "concurrentExecLimit": 1}}).raise_for_status()
    assert api.get(path).json()["rateLimit"]["concurrentExecLimit"] == 1
    assert api.get(f"/metadata/workflow/{simple}").json()["rateLimitConfig"]["rateLimitKey"] == "k"
    api.delete(path).raise_for_status()
    assert api.get(path).json() == {}
    assert api.get("/metadata/tags/workflow/none").status_code == 404


def test_secrets_and_applications_have_tags_only_where_they_are(api: httpx.Client) -> None:
    """What is not there has none."""
    for path in ("/secrets/none/tags", "/applications/none/tags"):
        assert api.get(path).status_code == 404


def test_an_attempt_is_its_workers_until_it_ends(api: httpx.Client, simple: str, finish: Any) -> None:
    """An acknowledgement changes nothing; to take an attempt out of its queue is refused."""
    api.post(f"/workflow/{simple}", json={}).raise_for_status()
    (task,) = api.get(f"/tasks/poll/batch/{simple}").json()
    assert api.post(f"/tasks/{task['taskId']}/ack", params={"workerid": "w"}).json() is True
    result = {"workflowInstanceId": task["workflowInstanceId"], "taskId": task["taskId"], "status": "COMPLETED"}
    api.post("/tasks", json=result).raise_for_status()
    assert api.post(f"/tasks/{task['taskId']}/ack").json() is False
    assert api.delete(f"/tasks/queue/{simple}/{task['taskId']}").status_code == 409


def test_incoming_events_reach_their_handlers(api: httpx.Client, simple: str) -> None:
    """By the name in the body; the queues of active handlers are listed."""
    event = f"conductor:{simple}:paid"
    action = {"action": "start_workflow", "start_workflow": {"name": simple, "input": {"given": "${amount}"}}}
    handler = {"name": simple, "event": event, "active": True, "actions": [action]}
    api.post("/event", json=handler).raise_for_status()
    api.post("/event/handleIncomingEvent", json={"event": event, "amount": 7}).raise_for_status()
    (run,) = api.get("/workflow/search", params={"query": f"workflowType={simple}"}).json()["results"]
    assert api.get(f"/workflow/{run['workflowId']}").json()["input"]["given"] == 7
    assert api.get("/admin/queues").json()[event] == f"{simple}:paid"
    assert api.get("/admin/queues", params={"verbose": True}).json()[event] == {f"{simple}:paid": 0}
    assert api.post("/event/handleIncomingEvent", json={"amount": 7}).status_code == 400


def test_ended_runs_are_deleted_in_bulk(api: httpx.Client, simple: str) -> None:
    """One that lives stays, and the answer says why."""
    ended, live = (api.post(f"/workflow/{simple}", json={}).text for _ in range(2))
    api.delete(f"/workflow/{ended}").raise_for_status()
    found = api.post("/workflow/bulk/delete", json=[ended, live]).json()
    assert (found["bulkSuccessfulResults"], list(found["bulkErrorResults"])) == ([ended], [live])


def test_limits_are_told(api: httpx.Client) -> None:
    """What bounds payloads."""
    assert api.get("/limits").json()["payload_bytes"] > 0
