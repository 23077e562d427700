"""From the registration of a workflow to the end of its run, over HTTP."""

from __future__ import annotations

import httpx
from server_calls import Finish


def test_a_run_goes_from_its_start_to_its_end_by_the_words_of_a_worker(
    api: httpx.Client, simple: str, finish: Finish
) -> None:
    """A start answers a bare id; a poll brings the attempt, with its definitions, and its result ends the run."""
    started = api.post("/workflow", json={"name": simple, "input": {"given": 1}})
    assert started.status_code == 200
    assert started.headers["content-type"].startswith("text/plain")
    run_id = started.text
    task_id = finish(simple, {"result": 2})
    run = api.get(f"/workflow/{run_id}").json()
    assert run["status"] == "COMPLETED"
    assert run["output"] == {"result": 2}
    assert run["tasks"][0]["taskId"] == task_id
    assert run["startTime"] == run["createTime"]
    assert run["ownerApp"] == ""
    assert run["workflowDefinition"]["restartable"] is True
