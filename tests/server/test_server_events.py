"""``/event``: event handlers, and what they do when a run publishes an event."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from server_calls import one_task


def _handler(name: str, event: str, **changes: Any) -> dict[str, Any]:
    action = {"action": "start_workflow", "start_workflow": {"name": name, "input": {"order": "${order}"}}}
    return {"name": name, "event": event, "actions": [action], "active": True, **changes}


def test_handlers_are_added_once_changed_listed_and_removed(api: httpx.Client) -> None:
    """409 for a name that is there, 404 for one that is not, and lists by event, active ones unless all are wanted."""
    handler = _handler("told", "conductor:a:b", evaluatorType="javascript", condition="true")
    first = api.post("/event", json=handler)
    assert (first.status_code, first.content) == (200, b"")
    again = api.post("/event", json=handler)
    assert (again.status_code, again.json()["message"]) == (409, "EventHandler with name told already exists!")
    assert api.put("/event", json={**handler, "active": False}).status_code == 200
    assert api.put("/event", json={**handler, "name": "none"}).status_code == 404
    assert "told" in [each["name"] for each in api.get("/event").json()]
    assert api.get("/event/conductor:a:b").json() == []
    found = api.get("/event/conductor:a:b", params={"activeOnly": False}).json()
    assert [(each["name"], each["active"], each["actions"]) for each in found] == [("told", False, handler["actions"])]
    assert (api.delete("/event/told").status_code, api.delete("/event/told").status_code) == (200, 404)


@pytest.mark.parametrize("broken", [{"actions": []}, {"event": ""}, {"actions": [{"action": "dance"}]}, {"name": None}])
def test_a_handler_that_cannot_be_is_refused_with_the_place(api: httpx.Client, broken: dict[str, Any]) -> None:
    """400 and validationErrors with the path of what is wrong."""
    answer = api.post("/event", json={**_handler("bad", "conductor:a:b"), **broken})
    assert answer.status_code == 400
    assert [each["path"].split("[")[0] for each in answer.json()["validationErrors"]] == list(broken)


def test_only_an_active_handler_must_name_a_queue(api: httpx.Client) -> None:
    """Conductor's clients keep drafts: nothing listens for them until they are active."""
    draft = _handler("draft", "anything", active=False)
    assert api.post("/event", json=draft).status_code == 200
    refused = api.put("/event", json={**draft, "active": True})
    assert refused.status_code == 400
    assert "write kind:queue" in refused.text


def test_an_event_task_of_a_run_starts_another_run(api: httpx.Client, request: pytest.FixtureRequest) -> None:
    """What a run publishes to the engine's own queue starts what an active handler says, with its payload."""
    name = request.node.name
    task = {"name": "tell", "taskReferenceName": "tell", "type": "EVENT", "sink": "conductor:x"}
    task["inputParameters"] = {"order": "${workflow.input.order}"}  # type: ignore[assignment]  # a map among texts
    api.post("/metadata/workflow", json=one_task(name))
    api.post("/metadata/workflow", json={**one_task(f"{name}_tells"), "tasks": [task]})
    api.post("/event", json=_handler(name, f"conductor:{name}_tells:x"))
    api.post(f"/workflow/{name}_tells", json={"order": 5})
    found: list[Any] = []
    for _ in range(200):
        found = api.get("/workflow/search", params={"query": f"workflowType='{name}'"}).json()["results"]
        if found:
            break
        api.get("/tasks/poll/batch/nobody", params={"timeout": 50})  # a moment
    run = api.get(f"/workflow/{found[0]['workflowId']}").json()
    assert (run["input"]["order"], run["event"]) == (5, f"conductor:{name}_tells:x")
