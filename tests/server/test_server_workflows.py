"""``/workflow`` and ``/workflow/bulk``: what is asked of runs, and the answers that clients rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from server_calls import Finish, one_task

from podium.server.resources import workflows


@pytest.fixture
def start(api: httpx.Client, simple: str) -> Callable[..., str]:
    """What starts a run of the test's workflow and gives its id."""

    def start(**more: Any) -> str:
        answer = api.post("/workflow", json={"name": simple, **more})
        assert answer.status_code == 200, answer.text
        return answer.text

    return start


def test_ids_are_bare_texts(api: httpx.Client, simple: str) -> None:
    """Both ways to start answer the id as text/plain, and a start by name takes the input as its body."""
    for answer in (
        api.post("/workflow", json={"name": simple}),
        api.post(f"/workflow/{simple}", params={"correlationId": "c", "priority": 7}, json={"given": 1}),
    ):
        assert answer.headers["content-type"].startswith("text/plain")
        assert api.get(f"/workflow/{answer.text}").json()["status"] == "RUNNING"
    run = api.get(f"/workflow/{answer.text}").json()
    assert (run["input"], run["correlationId"], run["priority"]) == ({"given": 1}, "c", 7)


def test_a_start_of_nothing_that_is_registered_is_not_found(api: httpx.Client) -> None:
    """404, in Conductor's words; an error has status, message, instance and retryable."""
    answer = api.post("/workflow", json={"name": "nobody_has_it"})
    assert answer.status_code == 404
    body = answer.json()
    assert body["message"] == "No such workflow defined. name=nobody_has_it, version=latest"
    assert body["status"] == 404
    assert body["retryable"] is False
    assert body["instance"]


@pytest.mark.parametrize(
    ("body", "path"), [({}, "name"), ({"name": ""}, "name"), ({"name": "x", "priority": 100}, "priority")]
)
def test_a_start_says_which_of_its_fields_is_wrong(api: httpx.Client, body: dict[str, Any], path: str) -> None:
    """400 with the faults by their paths."""
    answer = api.post("/workflow", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Validation failed, check below errors for detail."
    assert answer.json()["validationErrors"][0]["path"] == path
    assert "instance" not in answer.json()


def test_a_run_can_bring_its_definition(api: httpx.Client) -> None:
    """``workflowDef`` is run as it is and registered nowhere; who started it and its key are kept."""
    definition = {"name": "inline_one", "tasks": [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}]}
    body = {"name": "inline_one", "workflowDef": definition, "createdBy": "ann", "idempotencyKey": "k"}
    run = api.get(f"/workflow/{api.post('/workflow', json=body).text}").json()
    assert (run["status"], run["createdBy"], run["idempotencyKey"]) == ("COMPLETED", "ann", "k")
    assert api.get("/metadata/workflow/inline_one").status_code == 404


def test_a_key_starts_one_run(api: httpx.Client, start: Callable[..., str], simple: str) -> None:
    """What the official documentation says of idempotency keys: FAIL is 409, RETURN_EXISTING the same id."""
    first = start(idempotencyKey="once")
    assert start(idempotencyKey="once", idempotencyStrategy="RETURN_EXISTING") == first
    assert api.post("/workflow", json={"name": simple, "idempotencyKey": "once"}).status_code == 409


def test_a_run_is_shown_whole_or_in_part(api: httpx.Client, start: Callable[..., str]) -> None:
    """With its attempts unless they are not wanted; its status alone, with output and variables if asked for."""
    run_id = start(correlationId="c")
    assert len(api.get(f"/workflow/{run_id}").json()["tasks"]) == 1
    assert api.get(f"/workflow/{run_id}", params={"includeTasks": "false"}).json()["tasks"] == []
    status = api.get(f"/workflow/{run_id}/status").json()
    assert status == {"workflowId": run_id, "correlationId": "c", "status": "RUNNING"}
    more = api.get(f"/workflow/{run_id}/status", params={"includeOutput": True, "includeVariables": True}).json()
    assert (more["output"], more["variables"]) == ({}, {})
    tasks = api.get(f"/workflow/{run_id}/tasks", params={"status": "COMPLETED"}).json()
    assert tasks == {"totalHits": 0, "results": []}
    assert api.get(f"/workflow/{run_id}/tasks").json()["results"][0]["referenceTaskName"] == "work"


def test_a_run_that_is_not_there_is_not_found(api: httpx.Client) -> None:
    """Each operation says so, with the words that clients look for."""
    unknown = "018bcfe5-6800-7000-8000-000700000000"
    answers = [
        api.get(f"/workflow/{unknown}"),
        api.get(f"/workflow/{unknown}/status"),
        api.put(f"/workflow/{unknown}/pause"),
        api.put(f"/workflow/{unknown}/resume"),
        api.post(f"/workflow/{unknown}/retry"),
        api.post(f"/workflow/{unknown}/restart"),
        api.post(f"/workflow/{unknown}/rerun", json={}),
        api.put(f"/workflow/decide/{unknown}"),
        api.delete(f"/workflow/{unknown}"),
        api.delete(f"/workflow/{unknown}/remove"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["message"] for answer in answers} == {f"No such workflow found by id: {unknown}"}


def test_operations_answer_as_clients_expect(api: httpx.Client, start: Callable[..., str]) -> None:
    """Pause, resume and terminate are 200 without a body, restart, retry and resetcallbacks 204; bodies may be {}."""
    run_id = start()
    for answer in (
        api.put(f"/workflow/{run_id}/pause", json={}),
        api.put(f"/workflow/{run_id}/pause"),
        api.put(f"/workflow/{run_id}/resume"),
        api.put(f"/workflow/decide/{run_id}"),
        api.request("DELETE", f"/workflow/{run_id}", params={"reason": "enough"}, json={}),
    ):
        assert (answer.status_code, answer.content) == (200, b"")
        assert "content-type" not in answer.headers
    assert api.get(f"/workflow/{run_id}").json()["reasonForIncompletion"] == "enough"
    for answer in (api.post(f"/workflow/{run_id}/restart"), api.post(f"/workflow/{run_id}/resetcallbacks", json={})):
        assert (answer.status_code, answer.content) == (204, b"")
    api.delete(f"/workflow/{run_id}")
    assert api.post(f"/workflow/{run_id}/retry").status_code == 204


def test_illegal_transitions_have_the_statuses_of_conductor(
    api: httpx.Client, start: Callable[..., str], simple: str, finish: Finish
) -> None:
    """Of a RUNNING run: resume 500, retry 404, restart and rerun 409, skipping what has begun 500; then by its end."""
    run_id = start()
    assert api.put(f"/workflow/{run_id}/resume").status_code == 500
    assert api.post(f"/workflow/{run_id}/retry").status_code == 404
    assert api.post(f"/workflow/{run_id}/restart").status_code == 409
    assert api.post(f"/workflow/{run_id}/rerun", json={}).status_code == 409
    assert api.put(f"/workflow/{run_id}/skiptask/work", json={}).status_code == 500
    assert api.delete(f"/workflow/{run_id}/remove").status_code == 400
    finish(simple, {})
    assert api.delete(f"/workflow/{run_id}").status_code == 409
    assert api.put(f"/workflow/{run_id}/pause").status_code == 409
    assert api.post(f"/workflow/{run_id}/retry").status_code == 409


def test_a_definition_may_forbid_a_restart(
    api: httpx.Client, simple: str, start: Callable[..., str], finish: Finish
) -> None:
    """A COMPLETED run of one that is not restartable answers 404."""
    api.put("/metadata/workflow", json=[one_task(simple, restartable=False)]).raise_for_status()
    run_id = start()
    finish(simple, {})
    answer = api.post(f"/workflow/{run_id}/restart")
    assert (answer.status_code, "non-restartable" in answer.json()["message"]) == (404, True)


def test_a_rerun_goes_on_from_a_task(api: httpx.Client, simple: str, start: Callable[..., str], finish: Finish) -> None:
    """The answer is the run's id; the task has the input that was given; one that is not there is 400."""
    run_id = start()
    task_id = finish(simple, {})
    assert api.post(f"/workflow/{run_id}/rerun", json={"reRunFromTaskId": "none"}).status_code == 400
    answer = api.post(f"/workflow/{run_id}/rerun", json={"reRunFromTaskId": task_id, "taskInput": {"given": 9}})
    assert answer.text == run_id
    run = api.get(f"/workflow/{run_id}").json()
    assert (run["status"], run["tasks"][-1]["inputData"]) == ("RUNNING", {"given": 9})


def test_a_task_can_be_skipped_with_an_output(api: httpx.Client, simple: str) -> None:
    """The body says what the task shows; Conductor ignores it."""
    tasks = [{"name": simple, "taskReferenceName": name} for name in ("one", "two")]
    api.put("/metadata/workflow", json=[{"name": simple, "tasks": tasks}]).raise_for_status()
    run_id = api.post("/workflow", json={"name": simple}).text
    answer = api.put(f"/workflow/{run_id}/skiptask/two", json={"taskInput": {}, "taskOutput": {"made": 1}})
    assert answer.status_code == 200
    api.post(f"/tasks/{run_id}/one/COMPLETED", json={})
    run = api.get(f"/workflow/{run_id}").json()
    assert [(each["status"], each["outputData"]) for each in run["tasks"]] == [
        ("COMPLETED", {}),
        ("SKIPPED", {"made": 1}),
    ]


def test_a_run_that_is_removed_is_gone(api: httpx.Client, start: Callable[..., str]) -> None:
    """Without archiveWorkflow one that runs too; and terminate-remove ends it first."""
    first, second = start(), start()
    assert api.delete(f"/workflow/{first}/remove", params={"archiveWorkflow": False}).status_code == 200
    assert api.delete(f"/workflow/{second}/terminate-remove", params={"reason": "x"}).status_code == 200
    assert {api.get(f"/workflow/{run_id}").status_code for run_id in (first, second)} == {404}


def test_runs_are_found_by_their_correlation_id(api: httpx.Client, simple: str, start: Callable[..., str]) -> None:
    """Those that run, and with includeClosed all; by one id a list, by several a map of lists."""
    ended, running = start(correlationId="same"), start(correlationId="same")
    api.delete(f"/workflow/{ended}")

    def ids(runs: list[dict[str, Any]]) -> set[str]:
        return {run["workflowId"] for run in runs}

    assert ids(api.get(f"/workflow/{simple}/correlated/same").json()) == {running}
    assert ids(api.get(f"/workflow/{simple}/correlated/same?includeClosed=true").json()) == {ended, running}
    found = api.post(f"/workflow/{simple}/correlated", json=["same", "none"], params={"includeClosed": True}).json()
    assert (ids(found["same"]), found["none"]) == ({ended, running}, [])
    assert found["same"][0]["tasks"] == []


def test_the_ids_of_running_runs_are_listed(api: httpx.Client, simple: str, start: Callable[..., str]) -> None:
    """All that run; with both times all that started between them."""
    ended, running = start(), start()
    api.delete(f"/workflow/{ended}")
    assert api.get(f"/workflow/running/{simple}").json() == [running]
    all_of_them = api.get(f"/workflow/running/{simple}", params={"startTime": 0, "endTime": 9_999_999_999_999}).json()
    assert set(all_of_them) == {ended, running}


def test_an_execution_waits_for_the_end_or_for_a_task(api: httpx.Client, simple: str) -> None:
    """The run as it stands: ended, waiting at a WAIT, or late; version 0 is the greatest."""
    wait = {"name": "hold", "taskReferenceName": "hold", "type": "WAIT"}
    api.put("/metadata/workflow", json=[{"name": simple, "tasks": [wait]}]).raise_for_status()
    answer = api.post(f"/workflow/execute/{simple}/0", params={"requestId": "r"}, json={"input": {"a": 1}})
    found = answer.json()
    assert answer.status_code == 200
    assert (found["targetWorkflowStatus"], found["requestId"], found["input"]) == ("RUNNING", "r", {"a": 1})
    assert (found["signalTimeout"], found["responseType"]) == (False, "TARGET_WORKFLOW")
    assert found["tasks"][0]["taskType"] == "WAIT"
    blocking = api.post(
        f"/workflow/execute/{simple}/1", params={"returnStrategy": "BLOCKING_TASK"}, json={"input": {}}
    ).json()
    assert (blocking["referenceTaskName"], blocking["status"]) == ("hold", "IN_PROGRESS")
    api.put("/metadata/workflow", json=[one_task(simple)]).raise_for_status()
    late = api.post(f"/workflow/execute/{simple}/1", params={"waitForSeconds": 1}, json={}).json()
    assert late["signalTimeout"] is True
    assert late["requestId"], "one is made where none was given"
    assert api.post("/workflow/execute/none/1", json={}).status_code == 404
    assert api.post(f"/workflow/execute/{simple}/x", json={}).status_code == 400


def test_many_runs_are_asked_at_once(api: httpx.Client, start: Callable[..., str]) -> None:
    """What was done and what was refused, by id; 200 in any case."""
    first, second, unknown = start(), start(), "018bcfe5-6800-7000-8000-000700000000"
    paused = api.put("/workflow/bulk/pause", json=[first, unknown])
    assert paused.status_code == 200
    assert paused.json()["bulkSuccessfulResults"] == [first]
    assert paused.json()["bulkErrorResults"] == {unknown: f"No such workflow found by id: {unknown}"}
    assert paused.json()["message"] == "Bulk Request has been processed."
    assert api.put("/workflow/bulk/resume", json=[first, second]).json()["bulkErrorResults"].keys() == {second}
    ended = api.post("/workflow/bulk/terminate", params={"reason": "all"}, json=[first, second]).json()
    assert ended["bulkSuccessfulResults"] == [first, second]
    assert api.post("/workflow/bulk/restart", json=[first]).json()["bulkSuccessfulResults"] == [first]
    assert api.post("/workflow/bulk/retry", json=[second]).json()["bulkSuccessfulResults"] == [second]
    runs = api.post("/workflow/bulk/search", json=[first, unknown]).json()
    assert [run["workflowId"] for run in runs["bulkSuccessfulResults"]] == [first]
    assert runs["bulkErrorResults"].keys() == {unknown}
    gone = api.request("DELETE", "/workflow/bulk/remove", json=[first]).json()
    assert gone["bulkErrorResults"].keys() == {first}
    gone = api.request("DELETE", "/workflow/bulk/terminate-remove", json=[first, second]).json()
    assert gone["bulkSuccessfulResults"] == [first, second]
    assert api.get(f"/workflow/{first}").status_code == 404


def test_no_more_than_a_thousand_runs_are_asked_at_once(api: httpx.Client) -> None:
    """400, and nothing is done."""
    assert api.put("/workflow/bulk/pause", json=["x"] * 1001).status_code == 400
    assert api.put("/workflow/bulk/pause", json=["x", 1]).status_code == 400


def test_a_message_goes_into_the_queue_of_a_run(api: httpx.Client, start: Callable[..., str]) -> None:
    """The answer is its id; 404 for no run, 409 for one that does not run."""
    run_id = start()
    assert api.post(f"/workflow/{run_id}/messages", json={"paid": 1}).status_code == 200
    api.delete(f"/workflow/{run_id}")
    assert api.post(f"/workflow/{run_id}/messages", json={}).status_code == 409
    assert api.post("/workflow/none/messages", json={}).status_code == 404


def test_a_workflow_is_tested_with_mocks(api: httpx.Client, simple: str) -> None:
    """A list for each task, one element for each attempt; sub-workflows have their own; nothing is kept."""
    call = {"name": "call", "taskReferenceName": "call", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": simple}}
    parent = {"name": f"{simple}_parent", "tasks": [call], "outputParameters": {"got": "${call.output.result}"}}
    api.post("/metadata/workflow", json=parent).raise_for_status()
    api.post(
        "/metadata/taskdefs", json=[{"name": simple, "retryCount": 1, "retryDelaySeconds": 3600}]
    ).raise_for_status()
    mocks = [{"status": "FAILED", "output": {}}, {"status": "COMPLETED", "output": {"result": 7}, "executionTime": 50}]
    body = {"name": f"{simple}_parent", "subWorkflowTestRequest": {"call": {"taskRefToMockOutput": {"work": mocks}}}}
    run = api.post("/workflow/test", json=body).json()
    assert (run["status"], run["output"]) == ("COMPLETED", {"got": 7})
    assert api.get(f"/workflow/{run['workflowId']}").status_code == 404
    inline = {"name": "x", "workflowDef": one_task("x"), "taskRefToMockOutput": {"work": mocks[1:]}}
    assert api.post("/workflow/test", json=inline).json()["output"] == {"result": 7}
    assert api.post("/workflow/test", json={"name": "nobody_has_it"}).status_code == 404
    assert api.post("/workflow/test", json={**inline, "taskRefToMockOutput": {"none": []}}).status_code == 400


def test_a_sub_workflow_that_is_made_at_run_time_shows_its_version(api: httpx.Client, simple: str) -> None:
    """As one that a definition names does since the start of its run."""
    fork = {
        "name": "fork",
        "taskReferenceName": "fork",
        "type": "FORK_JOIN_DYNAMIC",
        "dynamicForkTasksParam": "tasks",
        "dynamicForkTasksInputParamName": "inputs",
        "inputParameters": {"tasks": "${workflow.input.tasks}", "inputs": "${workflow.input.inputs}"},
    }
    join = {"name": "join", "taskReferenceName": "join", "type": "JOIN"}
    parent = {"name": f"{simple}_parent", "tasks": [fork, join]}
    api.post("/metadata/workflow", json=parent).raise_for_status()
    call = {"name": "x", "taskReferenceName": "x", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": simple}}
    body = {"name": f"{simple}_parent", "input": {"tasks": [call], "inputs": {"x": {}}}}
    run = api.get(f"/workflow/{api.post('/workflow', json=body).text}").json()
    (made,) = (task for task in run["tasks"] if task["referenceTaskName"] == "x")
    assert made["inputData"]["subWorkflowVersion"] == 1
    uses_id = {
        "name": "x",
        "tasks": [{"name": "t", "taskReferenceName": "t", "inputParameters": {"id": "${CPEWF_TASK_ID}"}}],
    }
    assert api.post("/metadata/workflow/validate", json=uses_id).status_code == 200


def test_a_wait_shows_how_long_it_takes(api: httpx.Client, simple: str) -> None:
    """In ``callbackAfterSeconds``, as long as it waits."""
    wait = {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": "90 seconds"}}
    api.put("/metadata/workflow", json=[{"name": simple, "tasks": [wait]}]).raise_for_status()
    run_id = api.post("/workflow", json={"name": simple}).text
    assert api.get(f"/workflow/{run_id}").json()["tasks"][0]["callbackAfterSeconds"] == 90
    api.post(f"/tasks/{run_id}/w/COMPLETED", json={}).raise_for_status()
    assert api.get(f"/workflow/{run_id}").json()["tasks"][0]["callbackAfterSeconds"] == 0


def test_variables_and_state_of_a_run_are_set(api: httpx.Client, simple: str) -> None:
    """The answer is the run; a state update ends a task too, and waits for what comes of it."""
    wait = {"name": "w", "taskReferenceName": "w", "type": "WAIT"}
    definition = {"name": simple, "tasks": [wait], "outputParameters": {"colour": "${workflow.variables.colour}"}}
    api.put("/metadata/workflow", json=[definition]).raise_for_status()
    run_id = api.post("/workflow", json={"name": simple}).text
    run = api.post(f"/workflow/{run_id}/variables", json={"colour": "red"}).json()
    assert run["variables"] == {"colour": "red"}
    result = {"status": "COMPLETED", "outputData": {"a": 1}}
    body = {"taskReferenceName": "w", "taskResult": result, "variables": {"colour": "blue"}}
    found = api.post(f"/workflow/{run_id}/state", json=body, params={"requestId": "r"}).json()
    assert (found["targetWorkflowStatus"], found["output"]) == ("COMPLETED", {"colour": "blue"})
    assert (found["requestId"], found["tasks"][0]["outputData"]) == ("r", {"a": 1})
    assert api.post(f"/workflow/{run_id}/variables", json={}).status_code == 409
    assert api.post(f"/workflow/{run_id}/state", json={"taskResult": result}).status_code == 400
    assert api.post("/workflow/none/variables", json={}).status_code == 404


def test_a_workflow_is_called_like_a_function(api: httpx.Client, simple: str) -> None:
    """The body is its input and the answer its output."""
    script = {"evaluatorType": "javascript", "expression": "$.number * 2", "number": "${workflow.input.number}"}
    task = {"name": "t", "taskReferenceName": "t", "type": "INLINE", "inputParameters": script}
    definition = {"name": simple, "tasks": [task], "outputParameters": {"doubled": "${t.output.result}"}}
    api.put("/metadata/workflow", json=[definition]).raise_for_status()
    assert api.post(f"/workflow/execute/{simple}", json={"number": 21}).json() == {"doubled": 42}
    assert api.get(f"/workflow/execute/{simple}").status_code == 200
    run_id = api.post(f"/workflow/start/{simple}/1", json={"number": 1}, params={"correlationId": "c"}).text
    assert api.get(f"/workflow/{run_id}").json()["output"] == {"doubled": 2}
    body = {"workflowNames": [simple], "correlationIds": ["c", "d"]}
    found = api.post("/workflow/correlated/batch", json=body, params={"includeClosed": True}).json()
    assert ([run["workflowId"] for run in found["c"]], found["d"]) == ([run_id], [])


def test_a_run_that_is_deleted_meanwhile_takes_no_others_away(
    api: httpx.Client, simple: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the list of what correlates and the look at each a run may go; the others are told."""
    run_id = api.post(f"/workflow/{simple}", params={"correlationId": "c"}, json={}).text
    monkeypatch.setattr(workflows, "run_ids_of", lambda *_: [f"{run_id[:-8]}ffffffff", run_id])
    found = api.get(f"/workflow/{simple}/correlated/c").json()
    assert [each["workflowId"] for each in found] == [run_id]
