"""Requests of any kind: paths, verbs, bodies and headers, and the errors that they get."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from podium.server.settings import ServerSettings
from podium.testing.serving import RunningServer, running_server


def test_health_is_told_at_both_places(server: RunningServer, api: httpx.Client) -> None:
    """``healthy`` is true where the engine works and the store can be reached."""
    expected = {"healthResults": [], "suppressedHealthResults": [], "healthy": True}
    assert httpx.get(f"{server.url}/health").json() == api.get("/health").json() == expected
    assert api.get("/version").headers["content-type"].startswith("text/plain")


def test_there_is_no_token_while_nobody_must_say_who_he_is(api: httpx.Client) -> None:
    """404 is what tells SDKs to go on without."""
    answer = api.post("/token", json={"keyId": "a", "keySecret": "b"})
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_unknown_paths_and_verbs(api: httpx.Client) -> None:
    """404 and 405 as JSON, with the verbs that the path takes."""
    assert api.get("/nothing/here").json()["status"] == 404
    answer = api.patch("/metadata/taskdefs", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, PUT")
    assert answer.json()["message"] == "Request method 'PATCH' is not supported"
    assert api.head("/workflow/search").status_code == 200
    told = api.options("/metadata/taskdefs")
    assert (told.status_code, told.headers["allow"], told.content) == (200, "GET, POST, PUT", b"")
    assert api.options("/nothing/here").status_code == 404
    assert api.get("/workflow/search/").status_code == 200


def test_literal_segments_come_before_names(api: httpx.Client, simple: str) -> None:
    """A run is not called ``search``; but what only a name can be is a name."""
    assert "totalHits" in api.get("/workflow/search").json()
    assert api.get("/workflow/bulk").json()["message"] == "No such workflow found by id: bulk"
    assert api.get("/workflow/running/x/status").status_code == 404
    name = f"{simple}/with ü and %"
    api.put("/metadata/workflow", json=[{"name": name, "tasks": [{"name": "t", "taskReferenceName": "t"}]}])
    found = api.get(f"/metadata/workflow/{simple}%2Fwith%20%C3%BC%20and%20%25")
    assert found.json()["name"] == name


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Required request body is missing"),
        (b"{", "JSON parse error"),
        (b"[]", "the body must be a JSON object"),
        (b"nonsense", "JSON parse error"),
        (b'{"name": NaN}', "JSON parse error"),
        (b"\xff\xfe", "JSON parse error"),
        (b"[" * 100_000, "JSON parse error"),
        (b'{"name": "\\ud800", "input": {"n": 1234567890123456789}}', "JSON parse error"),
        (b'{"name": "x", "input": {"n": [1234567890123456789, 1e999]}}', "JSON parse error"),
    ],
)
def test_bodies_that_cannot_be_read(api: httpx.Client, content: bytes, words: str) -> None:
    """400 (Conductor: 500) with the place; never a trace."""
    answer = api.post("/workflow", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(words)
    assert "Traceback" not in answer.text


def test_large_and_deep_bodies_are_refused() -> None:
    """413 for what is larger than the server takes, 400 for what an engine would not keep."""
    with running_server(settings=ServerSettings(body_bytes=10_000)) as own, httpx.Client(base_url=own.api) as api:
        assert api.post("/workflow", content=b" " * 10_001).status_code == 413
        assert api.post("/workflow", content=(b" " * 1_000 for _ in range(20))).status_code == 413
        deep = b'{"name": "x", "input": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}"
        answer = api.post("/workflow", content=deep)
        assert (answer.status_code, "too deep" in answer.json()["message"]) == (400, True)


def test_parameters_are_read_by_their_types(api: httpx.Client) -> None:
    """What is missing or wrong is 400 and named; what nobody declared is passed over."""
    assert api.get("/tasks/queue/size").json()["message"] == "Required request parameter 'taskType' is not present"
    assert "size" in api.get("/workflow/search", params={"size": "x"}).json()["message"]
    assert api.get("/workflow/search", params={"topLevelOnly": "perhaps"}).status_code == 400
    assert api.get("/workflow/search", params={"nobody": "knows", "size": ""}).status_code == 200
    assert api.get("/tasks/queue/polldata", params={"taskType": "a\0b"}).status_code == 400
    assert api.get("/workflow/a%00b").status_code == 400


_HUGE = 1 << 63
_TEST = {"name": "t", "workflowDef": {"name": "t", "tasks": [{"name": "w", "taskReferenceName": "w"}]}}


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("POST", "/scheduler/schedules", {"cronExpression": "0 0 * * * ?", "scheduleStartTime": _HUGE}, "StartTime"),
        ("POST", "/scheduler/schedules", {"cronExpression": "0 0 * * * ?", "scheduleEndTime": -_HUGE}, "EndTime"),
        ("POST", "/schema", {"type": "JSON", "version": _HUGE}, "version"),
        ("POST", "/metadata/webhook", {"verifier": [None]}, "verifier"),
        ("PUT", "/users/ann", {"groups": [["g"]]}, "groups"),
        ("POST", "/workflow/test", {**_TEST, "priority": "high"}, "priority"),
        ("POST", "/workflow/test", {**_TEST, "taskRefToMockOutput": {"w": [{"status": ["FAILED"]}]}}, "status"),
        (
            "POST",
            "/workflow/test",
            {**_TEST, "subWorkflowTestRequest": {"w": {"taskRefToMockOutput": {}, "subWorkflowTestRequest": [1]}}},
            "subWorkflowTestRequest",
        ),
    ],
)
def test_what_a_field_cannot_be_is_said(
    api: httpx.Client, method: str, path: str, body: dict[str, Any], place: str
) -> None:
    """A number without end, or a list where a text is: 400 with the field's name, and no bug of ours."""
    name = {"name": "wrong", "startWorkflowRequest": {"name": "t"}}
    answer = api.request(method, path, json={**name, **body})
    assert answer.status_code == 400
    assert place in answer.json()["message"]


def test_a_version_that_no_store_can_have_is_no_version(tmp_path: Path) -> None:
    """A schema that a definition enforces, a workflow that an attempt calls: they are not registered, nothing else."""
    named = {"name": "s", "version": _HUGE, "type": "JSON"}
    enforced = {"name": "t", "tasks": [{"name": "w", "taskReferenceName": "w"}], "inputSchema": named}
    called = {"forkTaskWorkflow": "t", "forkTaskWorkflowVersion": _HUGE, "forkTaskInputs": [{}]}
    fork = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC", "inputParameters": called}
    join = {"name": "j", "taskReferenceName": "j", "type": "JOIN"}
    forked = {"name": "t", "tasks": [fork, join]}
    with running_server(f"sqlite:///{tmp_path / 'podium.db'}") as server, httpx.Client(base_url=server.api) as api:
        refused = api.post("/workflow", json={"name": "t", "workflowDef": enforced})
        run_id = api.post("/workflow", json={"name": "t", "workflowDef": forked}).text
        api.get(f"/podium/runs/{run_id}/wait")
        reason = api.get(f"/workflow/{run_id}").json()["reasonForIncompletion"]
    assert (refused.status_code, "is not registered" in refused.text) == (400, True)
    assert "OverflowError" not in reason


def test_large_limits_are_numbers_of_conductors_types(api: httpx.Client) -> None:
    """Numbers that no type of Conductor holds are refused before they reach a store."""
    assert api.get("/workflow/search", params={"start": 10**30}).status_code == 400
    assert api.get("/metadata/workflow/x", params={"version": 2**31}).status_code == 400
    assert api.get("/workflow/running/x", params={"startTime": -(10**30), "endTime": 0}).status_code == 400


def test_metrics_tell_what_the_server_did(server: RunningServer, api: httpx.Client, simple: str) -> None:
    """Requests and their times, attempts by task, runs, queues, commits and timers, in Prometheus' format."""
    api.post("/workflow", json={"name": simple}).raise_for_status()
    api.post("/workflow", json={"name": simple}).raise_for_status()
    (task,) = api.get(f"/tasks/poll/batch/{simple}", params={"timeout": 5000}).json()
    result = {"workflowInstanceId": task["workflowInstanceId"], "taskId": task["taskId"], "status": "COMPLETED"}
    api.post("/tasks", json=result).raise_for_status()
    answer = httpx.get(f"{server.url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(lines[f'podium_queue_depth{{queue="{simple}"}}']) == 1
    assert float(lines[f'podium_task_handouts_total{{task="{simple}"}}']) == 1
    assert float(lines[f'podium_task_results_total{{status="COMPLETED",task="{simple}"}}']) == 1
    assert float(lines[f'podium_task_queue_seconds_count{{task="{simple}"}}']) == 1
    assert float(lines[f'podium_task_work_seconds_count{{task="{simple}"}}']) == 1
    assert float(lines[f'podium_runs_started_total{{workflow="{simple}"}}']) == 2
    assert float(lines[f'podium_runs_ended_total{{status="COMPLETED",workflow="{simple}"}}']) == 1
    assert float(lines['podium_http_requests_total{method="POST",path="/api/tasks",status="200"}']) >= 1
    for name in ("podium_decisions_total", "podium_commits_total", "podium_commit_seconds_total"):
        assert float(lines[name]) > 0
    assert float(lines["podium_polls_waiting"]) == 0
    assert "podium_timers_late_total" in lines


@pytest.mark.parametrize("is_split", [False, True])
def test_a_client_that_asks_for_http_2_is_answered_by_http_1(server: RunningServer, is_split: bool) -> None:
    """As Java's own client asks with its first request; its body is read, and the connection goes on."""
    body = b'{"name": "nobody_has_it", "input": {"text": "\\r\\nUpgrade: h2c"}}'
    head = (
        b"POST /api/workflow HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: x\r\n"
        b"Content-Length: %d\r\nHTTP2-Settings: AAEAAEAA\r\nUpgrade: h2c\r\n\r\n" % len(body)
    )
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection, connection.makefile("rb") as answers:
        for _ in range(2):
            for part in (head, body) if is_split else (head + body,):
                connection.sendall(part)
            assert answers.readline().startswith(b"HTTP/1.1 404")
            headers = [line.lower() for line in iter(answers.readline, b"\r\n")]
            (length,) = (int(line.split(b":")[1]) for line in headers if line.startswith(b"content-length"))
            assert b"No such workflow defined" in answers.read(length)
