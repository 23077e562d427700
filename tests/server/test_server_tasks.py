"""``/tasks``: polls, results, signals, logs and queues, as workers in any language use them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import httpx
import pytest
from server_calls import Finish

from podium.model.codec import from_dict
from podium.model.definitions import WorkflowDef
from podium.server.app import create_app
from podium.testing.serving import RunningServer


def _result(task: dict[str, Any], status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    return {"workflowInstanceId": task["workflowInstanceId"], "taskId": task["taskId"], "status": status, **more}


def _poll(api: httpx.Client, task_type: str, **params: Any) -> list[dict[str, Any]]:
    answer = api.get(f"/tasks/poll/batch/{task_type}", params={"timeout": 5000, "workerid": "w1", **params})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


def test_an_attempt_comes_with_everything_that_sdks_read(api: httpx.Client, simple: str) -> None:
    """Its input, ids, times, who has it, its place and its definitions; as GET shows it afterwards."""
    definition = {"name": simple, "responseTimeoutSeconds": 7, "retryCount": 1, "inputTemplate": {"more": True}}
    api.post("/metadata/taskdefs", json=[definition]).raise_for_status()
    run_id = api.post(
        "/workflow", json={"name": simple, "input": {"given": 1}, "correlationId": "c", "priority": 3}
    ).text
    (task,) = _poll(api, simple)
    shown = api.get(f"/tasks/{task['taskId']}").json()
    assert {key for key, value in task.items() if shown.get(key) != value} <= {"updateTime"}
    assert task["inputData"] == {"given": 1, "more": True}
    assert (task["status"], task["workerId"], task["pollCount"]) == ("IN_PROGRESS", "w1", 1)
    assert (task["workflowInstanceId"], task["workflowType"], task["taskDefName"]) == (run_id, simple, simple)
    assert (task["correlationId"], task["workflowPriority"], task["responseTimeoutSeconds"]) == ("c", 3, 7)
    assert task["taskDefinition"]["retryCount"] == 1
    assert task["workflowTask"]["taskReferenceName"] == "work"
    assert shown.keys() - task.keys() == set()


def test_a_result_may_rest_for_parts_of_a_second(api: httpx.Client, simple: str) -> None:
    """As definitions do: whole seconds, rounded up, and ``exactSeconds`` beside them."""
    api.post("/workflow", json={"name": simple, "input": {}}).raise_for_status()
    (task,) = _poll(api, simple)
    rest = {"callbackAfterSeconds": 2, "exactSeconds": {"callbackAfterSeconds": 1.25}}
    api.post("/tasks", json=_result(task, "IN_PROGRESS", **rest)).raise_for_status()
    shown = api.get(f"/tasks/{task['taskId']}").json()
    assert (shown["callbackAfterSeconds"], shown["exactSeconds"]) == (2, {"callbackAfterSeconds": 1.25})


def test_polls_that_find_nothing(api: httpx.Client, simple: str) -> None:
    """A single poll answers 204, a batch an empty list; longer than five seconds is 400."""
    assert api.get(f"/tasks/poll/{simple}").status_code == 204
    assert _poll(api, simple, timeout=10) == []
    assert api.get(f"/tasks/poll/batch/{simple}", params={"count": 0}).json() == []
    answer = api.get(f"/tasks/poll/batch/{simple}", params={"timeout": 5001})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Long Poll Timeout value cannot be more than 5 seconds"
    assert api.get(f"/tasks/poll/batch/{simple}", params={"count": "many"}).status_code == 400


def test_a_poll_that_waits_is_answered_at_once(api: httpx.Client, server: RunningServer, simple: str) -> None:
    """It has the attempt when the start is committed, long before its time is up."""
    found: list[Any] = []

    def wait() -> None:
        with httpx.Client(base_url=server.api, timeout=30) as other:
            began = time.monotonic()
            found.extend(_poll(other, simple))
            found.append(time.monotonic() - began)

    thread = threading.Thread(target=wait)
    thread.start()
    while simple not in {each["queueName"] for each in api.get("/tasks/queue/polldata/all").json()}:
        pass
    run_id = api.post("/workflow", json={"name": simple}).text
    thread.join()
    task, took = found
    assert task["workflowInstanceId"] == run_id
    assert took < 4


def test_a_batch_takes_as_many_as_are_there(api: httpx.Client, simple: str) -> None:
    """Up to its count, in the order of priority and age."""
    runs = [api.post("/workflow", json={"name": simple, "priority": priority}).text for priority in (0, 9, 0)]
    tasks = _poll(api, simple, count=2)
    assert [task["workflowInstanceId"] for task in tasks] == [runs[1], runs[0]]
    assert [task["workflowInstanceId"] for task in _poll(api, simple, count=5)] == [runs[2]]


def test_workers_of_a_domain_get_its_attempts(api: httpx.Client, simple: str) -> None:
    """``taskToDomain`` of the start says which; others do not see them."""
    api.post("/workflow", json={"name": simple, "taskToDomain": {simple: "gpu"}}).raise_for_status()
    assert _poll(api, simple, timeout=50) == []
    (task,) = _poll(api, simple, domain="gpu")
    assert task["domain"] == "gpu"


def test_results_that_come_late_are_taken_and_change_nothing(api: httpx.Client, simple: str) -> None:
    """The answer is the attempt's id each time."""
    run_id = api.post("/workflow", json={"name": simple}).text
    (task,) = _poll(api, simple)
    for output in ({"result": 1}, {"result": 2}):
        answer = api.post("/tasks", json=_result(task, outputData=output))
        assert (answer.status_code, answer.text) == (200, task["taskId"])
        assert answer.headers["content-type"].startswith("text/plain")
    assert api.get(f"/workflow/{run_id}").json()["output"] == {"result": 1}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"taskId": None}, 400),
        ({"workflowInstanceId": ""}, 400),
        ({"taskId": "none"}, 404),
        ({"status": "SCHEDULED"}, 400),
        ({"status": None}, 400),
        ({"outputData": 5}, 400),
        ({"callbackAfterSeconds": -1}, 400),
        ({"logs": ["x"]}, 400),
    ],
)
def test_a_result_that_is_wrong_is_refused(api: httpx.Client, simple: str, change: dict[str, Any], status: int) -> None:
    """400 where a field is wrong, 404 where there is no such attempt; the attempt goes on."""
    api.post("/workflow", json={"name": simple}).raise_for_status()
    (task,) = _poll(api, simple)
    assert api.post("/tasks", json={**_result(task), **change}).status_code == status
    assert api.get(f"/tasks/{task['taskId']}").json()["status"] == "IN_PROGRESS"


def test_missing_ids_of_a_result_are_named(api: httpx.Client) -> None:
    """In the words of Conductor, both at once."""
    faults = api.post("/tasks", json={"status": "COMPLETED"}).json()["validationErrors"]
    assert [fault["message"] for fault in faults] == [
        "Workflow Id cannot be null or empty",
        "Task ID cannot be null or empty",
    ]


def test_a_result_brings_the_next_attempt(api: httpx.Client, simple: str) -> None:
    """update-v2 polls the queue of the attempt for the same worker; 204 when there is none, or it is not done."""
    tasks = [{"name": simple, "taskReferenceName": name} for name in ("one", "two")]
    api.put("/metadata/workflow", json=[{"name": simple, "tasks": tasks}]).raise_for_status()
    api.post("/workflow", json={"name": simple}).raise_for_status()
    (task,) = _poll(api, simple)
    assert api.post("/tasks/update-v2", json=_result(task, extendLease=True)).status_code == 204
    following = api.post("/tasks/update-v2", json=_result(task, workerId="w2"))
    assert following.status_code == 200
    assert (following.json()["referenceTaskName"], following.json()["workerId"]) == ("two", "w2")
    assert api.post("/tasks/update-v2", json=_result(following.json())).status_code == 204


def test_a_lease_is_extended_and_nothing_else(api: httpx.Client, simple: str) -> None:
    """All other fields are ignored."""
    api.post("/workflow", json={"name": simple}).raise_for_status()
    (task,) = _poll(api, simple)
    body = _result(task, "IN_PROGRESS", extendLease=True, outputData={"not": "kept"})
    assert api.post("/tasks", json=body).text == task["taskId"]
    shown = api.get(f"/tasks/{task['taskId']}").json()
    assert (shown["status"], shown["outputData"]) == ("IN_PROGRESS", {})
    assert shown["updateTime"] >= task["updateTime"]


def test_an_attempt_that_is_not_done_comes_again(api: httpx.Client, simple: str) -> None:
    """IN_PROGRESS puts it back into its queue with what it has given so far."""
    api.post("/workflow", json={"name": simple}).raise_for_status()
    (task,) = _poll(api, simple)
    api.post("/tasks", json=_result(task, "IN_PROGRESS", outputData={"half": 1})).raise_for_status()
    (again,) = _poll(api, simple)
    assert (again["taskId"], again["pollCount"], again["outputData"]) == (task["taskId"], 2, {"half": 1})


def test_a_failed_attempt_is_followed_by_another(api: httpx.Client, simple: str) -> None:
    """Which says of which it is the retry."""
    api.post("/metadata/taskdefs", json=[{"name": simple, "retryCount": 1, "retryDelaySeconds": 0}]).raise_for_status()
    run_id = api.post("/workflow", json={"name": simple}).text
    (task,) = _poll(api, simple)
    api.post("/tasks", json=_result(task, "FAILED", reasonForIncompletion="no luck")).raise_for_status()
    (again,) = _poll(api, simple)
    assert (again["retryCount"], again["retriedTaskId"]) == (1, task["taskId"])
    assert api.get(f"/workflow/{run_id}").json()["tasks"][0]["reasonForIncompletion"] == "no luck"


def test_attempts_are_updated_by_their_names(api: httpx.Client, simple: str) -> None:
    """The answer is the id; where nothing lives an empty 200, and 404 of the variant that gives the run."""
    run_id = api.post("/workflow", json={"name": simple}).text
    assert api.post(f"/tasks/{run_id}/none/COMPLETED", json={}).content == b""
    assert api.post(f"/tasks/{run_id}/none/COMPLETED/sync", json={}).status_code == 404
    assert api.post(f"/tasks/{run_id}/work/WRONG", json={}).status_code == 400
    run = api.post(f"/tasks/{run_id}/work/COMPLETED/sync", params={"workerid": "me"}, json={"result": 3}).json()
    assert (run["status"], run["output"], run["tasks"][0]["workerId"]) == ("COMPLETED", {"result": 3}, "me")
    second = api.post("/workflow", json={"name": simple}).text
    answer = api.post(f"/tasks/{second}/work/FAILED", json={})
    assert answer.text == api.get(f"/workflow/{second}").json()["tasks"][0]["taskId"]


def test_a_signal_ends_the_wait_of_a_run(api: httpx.Client, simple: str) -> None:
    """Silent where the run waits at nothing, 404 of the variant that answers; 404 for no run."""
    waits = [{"name": name, "taskReferenceName": name, "type": "WAIT"} for name in ("one", "two")]
    api.put("/metadata/workflow", json=[{"name": simple, "tasks": waits}]).raise_for_status()
    run_id = api.post("/workflow", json={"name": simple}).text
    first = api.post(f"/tasks/{run_id}/COMPLETED/signal", json={"a": 1})
    assert (first.status_code, first.content) == (200, b"")
    found = api.post(f"/tasks/{run_id}/COMPLETED/signal/sync", json={"b": 2}).json()
    assert (found["targetWorkflowStatus"], found["responseType"]) == ("COMPLETED", "TARGET_WORKFLOW")
    assert [task["outputData"] for task in found["tasks"]] == [{"a": 1}, {"b": 2}]
    assert api.post(f"/tasks/{run_id}/COMPLETED/signal", json={}).status_code == 200
    assert api.post(f"/tasks/{run_id}/COMPLETED/signal/sync", json={}).status_code == 404
    assert api.post("/tasks/none/COMPLETED/signal", json={}).status_code == 404


def test_lines_are_kept_for_an_attempt(api: httpx.Client, simple: str) -> None:
    """The body is the line, whatever its content type says; 204 where there is none."""
    api.post("/workflow", json={"name": simple}).raise_for_status()
    (task,) = _poll(api, simple)
    assert api.get(f"/tasks/{task['taskId']}/log").status_code == 204
    raw = {"content": "half way, 50 %", "headers": {"content-type": "application/json"}}
    assert api.post(f"/tasks/{task['taskId']}/log", **raw).status_code == 200
    api.post("/tasks", json=_result(task, logs=[{"log": "done", "createdTime": 5}])).raise_for_status()
    lines = api.get(f"/tasks/{task['taskId']}/log").json()
    assert {line["log"] for line in lines} == {"half way, 50 %", "done"}
    assert api.post(f"/tasks/{task['taskId']}/log", content=b"afterwards").status_code == 200
    assert len(api.get(f"/tasks/{task['taskId']}/log").json()) == 3
    assert api.post("/tasks/none/log", content=b"x").status_code == 404
    assert {line["taskId"] for line in lines} == {task["taskId"]}


def test_an_attempt_that_is_not_there(api: httpx.Client) -> None:
    """404 in Conductor's words."""
    answer = api.get("/tasks/none")
    assert (answer.status_code, answer.json()["message"]) == (404, "Task not found for taskId: none")


def test_queues_tell_what_waits_and_who_asks(api: httpx.Client, simple: str) -> None:
    """Sizes by task and queue, and the last poll of each."""
    _poll(api, simple, timeout=0)
    for _ in range(2):
        api.post("/workflow", json={"name": simple}).raise_for_status()
    api.post("/workflow", json={"name": simple, "taskToDomain": {simple: "gpu"}}).raise_for_status()
    assert api.get("/tasks/queue/sizes", params={"taskType": [simple, "none"]}).json() == {simple: 2, "none": 0}
    assert api.get("/tasks/queue/size", params={"taskType": simple, "domain": "gpu"}).json() == 1
    assert api.get("/tasks/queue/all").json()[simple] == 2
    assert api.get("/tasks/queue/all/verbose").json()[f"gpu:{simple}"] == {"a": {"size": 1, "uacked": 0}}
    (polled,) = api.get("/tasks/queue/polldata", params={"taskType": simple}).json()
    assert (polled["queueName"], polled["workerId"]) == (simple, "w1")
    assert polled["lastPollTime"] > 0
    assert api.post(f"/tasks/queue/requeue/{simple}").text == "2"
    assert len(api.get(f"/admin/task/{simple}").json()) == 3


def test_secrets_and_settings_are_put_in_for_the_worker_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an input names and what a definition's runtimeMetadata names; the store keeps the name alone."""
    from podium.testing.serving import running_server

    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", "hush-hush")
    monkeypatch.setenv("CONDUCTOR_ENV_PLACE", "here")
    with running_server() as own, httpx.Client(base_url=own.api, timeout=30) as api:
        task = {"name": "w", "taskReferenceName": "w", "inputParameters": {"key": "${workflow.secrets.KEY}"}}
        api.post(
            "/metadata/taskdefs", json=[{"name": "w", "runtimeMetadata": ["KEY", "PLACE", "NONE"]}]
        ).raise_for_status()
        api.post("/metadata/workflow", json={"name": "w", "tasks": [task]}).raise_for_status()
        run_id = api.post("/workflow", json={"name": "w"}).text
        (handed,) = _poll(api, "w")
        assert handed["inputData"] == {"key": "hush-hush"}
        assert handed["runtimeMetadata"] == {"KEY": "hush-hush", "PLACE": "here"}
        assert "hush-hush" not in api.get(f"/workflow/{run_id}").text


def test_whole_numbers_keep_their_digits(api: httpx.Client, simple: str, finish: Finish) -> None:
    """Also those beyond 64 bits, which quick readers take as fractions."""
    big = 12345678901234567890123
    run_id = api.post("/workflow", json={"name": simple, "input": {"given": big}}).text
    (task,) = _poll(api, simple)
    assert task["inputData"] == {"given": big}
    api.post("/tasks", json=_result(task, outputData={"result": big})).raise_for_status()
    assert api.get(f"/workflow/{run_id}").json()["output"] == {"result": big}


def test_the_default_event_queue_ends_tasks(api: httpx.Client, simple: str) -> None:
    """By name or by id, with an output; 404 where nothing lives."""
    waits = [{"name": name, "taskReferenceName": name, "type": "WAIT"} for name in ("one", "two")]
    api.put("/metadata/workflow", json=[{"name": simple, "tasks": waits}]).raise_for_status()
    run_id = api.post("/workflow", json={"name": simple}).text
    assert api.post(f"/queue/update/{run_id}/one/COMPLETED", json={"a": 1}).status_code == 200
    second = api.get(f"/workflow/{run_id}").json()["tasks"][1]["taskId"]
    assert api.post(f"/queue/update/{run_id}/task/{second}/COMPLETED", json={"b": 2}).status_code == 200
    run = api.get(f"/workflow/{run_id}").json()
    assert [task["outputData"] for task in run["tasks"]] == [{"a": 1}, {"b": 2}]
    assert api.post(f"/queue/update/{run_id}/one/COMPLETED", json={}).status_code == 404
    assert api.get("/queue/").json().keys() == api.get("/queue/size").json().keys() == {"COMPLETED", "FAILED"}


def test_a_poll_without_patience_gets_all_that_is_there(api: httpx.Client, simple: str) -> None:
    """A timeout of 0 waits for nobody, and still for the commit of what lies open."""
    for _ in range(8):
        api.post("/workflow", json={"name": simple}).raise_for_status()
    assert len(_poll(api, simple, count=10, timeout=0)) == 8


def test_a_result_may_name_another_run(api: httpx.Client, simple: str) -> None:
    """As Conductor takes it: the attempt's id says which run it is of."""
    run_id = api.post("/workflow", json={"name": simple}).text
    (task,) = _poll(api, simple)
    api.post("/tasks", json={**_result(task), "workflowInstanceId": "another"}).raise_for_status()
    assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"


def test_what_a_worker_would_get_who_has_left_goes_to_others(
    api: httpx.Client, server: RunningServer, simple: str
) -> None:
    """A poll ends with its connection: an attempt that becomes ready afterwards is not lost with it."""
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /api/tasks/poll/batch/%s?timeout=5000 HTTP/1.1\r\nHost: x\r\n\r\n" % simple.encode())
        while server.client is None or simple not in server.client.kernel.queues:
            pass
    waiting = "podium_polls_waiting 1.0"
    while waiting in httpx.get(f"{server.url}/metrics").text:
        pass
    run_id = api.post("/workflow", json={"name": simple}).text
    (task,) = _poll(api, simple)
    assert (task["workflowInstanceId"], task["pollCount"]) == (run_id, 1)


def test_a_synchronous_result_shows_what_scripts_make_of_it(api: httpx.Client, request: pytest.FixtureRequest) -> None:
    """The condition of a loop and a script behind it have been evaluated, as within Conductor's request."""
    name = f"{request.node.name}_{id(request.node):x}"
    work = {"name": name, "taskReferenceName": "work", "type": "SIMPLE"}
    loop = {
        "name": "loop",
        "taskReferenceName": "loop",
        "type": "DO_WHILE",
        "loopCondition": "$.loop.iteration < 1",
        "loopOver": [work],
    }
    script = {
        "name": "script",
        "taskReferenceName": "script",
        "type": "INLINE",
        "inputParameters": {"evaluatorType": "graaljs", "expression": "1 + 1"},
    }
    after = {"name": name, "taskReferenceName": "after", "type": "SIMPLE"}
    definition = {"name": name, "version": 1, "ownerEmail": "me@example.com", "tasks": [loop, script, after]}
    api.post("/metadata/workflow", json=definition).raise_for_status()
    run_id = api.post("/workflow", json={"name": name}).text

    run = api.post(f"/tasks/{run_id}/work/COMPLETED/sync", json={}).json()

    assert {task["referenceTaskName"]: task["status"] for task in run["tasks"]} == {
        "loop": "COMPLETED",
        "work__1": "COMPLETED",
        "script": "COMPLETED",
        "after": "SCHEDULED",
    }


def test_a_name_without_end_is_not_remembered(api: httpx.Client) -> None:
    """Its worker is answered; but ten thousand queues with such names would be gigabytes."""
    assert _poll(api, "x" * 5_000, timeout=10) == []
    assert _poll(api, "short", timeout=10, workerid="w" * 5_000) == []
    assert _poll(api, "short_too", timeout=10) == []
    names = {each["queueName"] for each in api.get("/tasks/queue/polldata/all").json()}
    assert (max(map(len, names)) < 2_000, "short" in names, "short_too" in names) == (True, False, True)


def test_what_was_committed_as_its_worker_left_goes_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the commit of a hand-out and its answer the connection may end; nobody would report on it for an hour."""

    async def polled() -> tuple[list[Any], list[Any]]:
        async with create_app("memory://").opened() as desk:
            run = {"name": "left", "tasks": [{"name": "left", "taskReferenceName": "left"}]}
            await desk.do(desk.client.start, from_dict(run, WorkflowDef))
            left, given = asyncio.Event(), desk.given

            async def given_late(*args: Any) -> list[Any]:
                attempts = await given(*args)
                left.set()
                await asyncio.sleep(0)
                return attempts

            monkeypatch.setattr(desk, "given", given_late)
            first = await desk.poll(("left", None), "gone", count=1, timeout_s=5, leaving=left.wait)
            monkeypatch.undo()
            return first, await desk.poll(("left", None), "w", count=1, timeout_s=5)

    first, second = asyncio.run(polled())
    assert (first, [each.ref for each in second]) == ([], ["left"])
