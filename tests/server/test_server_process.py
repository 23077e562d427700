"""``podium server`` as a process: its address, its workers, its end, and its death."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

import podium
from podium import WorkflowDef, WorkflowTask
from podium.engine import ids
from podium.server.opening import RETRY_PACE_MS
from podium.testing.serving import server_process

_WORK = """
from podium import task, workflow

@task
def double(number: int) -> int:
    return 2 * number

@workflow
def doubled(number: int) -> int:
    return double(number).output
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a file of a workflow and its task."""
    (tmp_path / "work.py").write_text(_WORK)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "is_conductors"), [((), True), (("--child-ids", "time", "--retry-pace", "0"), False)]
)
def test_a_server_is_told_of_ids_and_of_retries(
    options: tuple[str, ...], tmp_path: Path, *, is_conductors: bool
) -> None:
    """
    Sub-workflows have Conductor's ids unless it is told otherwise, and retries their pace.

    Attempts of such a run are found, worked on and logged for as all others.
    """
    step = {"name": "work", "taskReferenceName": "work", "type": "SIMPLE"}
    call = {"name": "call", "taskReferenceName": "call", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "inner"}}
    with (
        server_process("sqlite:///runs.db", *options, cwd=tmp_path) as server,
        httpx.Client(base_url=server.api, timeout=30) as api,
    ):
        flows = [{"name": "inner", "tasks": [step]}, {"name": "outer", "tasks": [call]}]
        api.put("/metadata/workflow", json=flows).raise_for_status()
        run_id = api.post("/workflow", json={"name": "outer"}).text
        (called,) = api.get(f"/workflow/{run_id}").json()["tasks"]
        child_id = called["subWorkflowId"]
        assert (child_id == ids.child_id(run_id, called["taskId"], 0)) is is_conductors
        assert api.get(f"/workflow/{child_id}").json()["parentWorkflowTaskId"] == called["taskId"]
        polled = api.get("/tasks/poll/work", params={"workerid": "w"}).json()
        assert polled["workflowInstanceId"] == child_id
        assert api.get(f"/tasks/{polled['taskId']}").json()["referenceTaskName"] == "work"
        api.post(f"/tasks/{polled['taskId']}/log", content="half way").raise_for_status()
        (line,) = api.get(f"/tasks/{polled['taskId']}/log").json()
        assert line["log"] == "half way"
        result = {"taskId": polled["taskId"], "workflowInstanceId": child_id, "status": "COMPLETED"}
        api.post("/tasks", json={**result, "outputData": {"n": 1}}).raise_for_status()
        assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"
        limits = api.get("/limits").json()
        assert limits["retry_pace_ms"] == (RETRY_PACE_MS if is_conductors else 0)


def test_a_server_serves_the_tasks_of_files(work: Path) -> None:
    """It registers their workflows; a run that is started over HTTP comes to its end. Told to stop, it ends well."""
    with server_process("sqlite:///runs.db", "--workers", "work.py", cwd=work) as server:
        assert server.process is not None
        with httpx.Client(base_url=server.api, timeout=30) as api:
            answer = api.post("/workflow/execute/doubled/1", json={"input": {"number": 21}})
            assert answer.json()["output"] == {"result": 42}
            metrics = api.get(f"{server.url}/metrics").text
            assert 'podium_task_polled_total{task="double"} 1.0' in metrics
            assert 'podium_task_attempts_total{status="COMPLETED",task="double"} 1.0' in metrics
            assert 'podium_task_seconds_count{task="double"} 1.0' in metrics
            assert "podium_worker_concurrency 8.0" in metrics
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    listed = subprocess.run(
        [sys.executable, "-m", "podium", "list", "--db", "sqlite:///runs.db"],
        cwd=work,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "doubled" in listed.stdout


def test_polls_that_wait_are_answered_when_the_server_ends(tmp_path: Path) -> None:
    """At once, and empty; the server does not wait until their time is up."""
    answers: list[httpx.Response] = []
    with server_process(f"sqlite:///{tmp_path}/runs.db") as server:
        assert server.process is not None

        def poll() -> None:
            answers.append(httpx.get(f"{server.api}/tasks/poll/batch/idle", params={"timeout": 5000}, timeout=30))

        thread = threading.Thread(target=poll)
        thread.start()
        while not httpx.get(f"{server.api}/tasks/queue/polldata/all").json():
            pass
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0
        thread.join()
    assert (answers[0].status_code, answers[0].json()) == (200, [])
    assert time.monotonic() - began < 4


def test_what_was_answered_outlives_a_kill(work: Path) -> None:
    """A server that is killed and started anew on its store goes on with the runs that it had told of."""
    definition = {"name": "kept", "tasks": [{"name": "t", "taskReferenceName": "t"}]}
    with server_process("sqlite:///runs.db", cwd=work) as server:
        with httpx.Client(base_url=server.api, timeout=30) as api:
            api.post("/metadata/workflow", json=definition).raise_for_status()
            run_id = api.post("/workflow", json={"name": "kept"}).text
        server.kill()
    with server_process("sqlite:///runs.db", cwd=work) as server, httpx.Client(base_url=server.api, timeout=30) as api:
        (task,) = api.get("/tasks/poll/batch/t", params={"timeout": 5000}).json()
        result = {"workflowInstanceId": run_id, "taskId": task["taskId"], "status": "COMPLETED"}
        assert api.post("/tasks", json=result).status_code == 200
        assert api.get(f"/workflow/{run_id}").json()["status"] == "COMPLETED"


@pytest.mark.parametrize("said", [(), ("--private",), ("--http-allow", "127.0.0.1")])
def test_http_tasks_reach_private_networks_where_it_is_said(said: tuple[str, ...]) -> None:
    """Whoever may register a definition says where its HTTP tasks go, so a server lets them reach no neighbour."""
    with server_process("memory://", *said) as server, podium.connect(server.api) as client:
        ask = WorkflowTask(
            name="ask",
            task_reference_name="ask",
            type="HTTP",
            input_parameters={"http_request": {"uri": f"{server.url}/health", "method": "GET"}},
        )
        client.register(WorkflowDef(name="asks", tasks=(ask,)))
        run = client.run("asks", timeout=30)
    if said:
        assert run.tasks[0].output_data["response"]["statusCode"] == 200
    else:
        assert "is in a private network" in (run.reason or "")
        assert "--http-allow" in (run.reason or "")


def test_a_port_that_is_taken_is_said(work: Path) -> None:
    """Exit code 2, and a line that names the address."""
    with server_process("memory://") as server:
        port = server.url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "podium", "server", "--db", "memory://", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 2
    assert f"the server cannot listen on 127.0.0.1:{port}" in second.stderr


def test_runs_end_right_although_the_server_is_killed_under_load(work: Path) -> None:
    """Workers go on after the restart; every run ends, and each result that was answered is the one that counts."""
    tasks = [{"name": "step", "taskReferenceName": f"step_{number}"} for number in range(3)]
    definition = {"name": "chain", "tasks": tasks}
    # Who had an attempt when the server died never hears of it: another gets it after a second.
    step = {"name": "step", "responseTimeoutSeconds": 1, "timeoutSeconds": 0, "retryCount": 20, "retryDelaySeconds": 0}
    answered: dict[str, int] = {}
    enough, over = threading.Event(), threading.Event()

    def serve(api: str, number: int) -> None:
        count = 0
        while not over.is_set():
            try:
                with httpx.Client(base_url=api, timeout=10) as client:
                    while not over.is_set():
                        for task in client.get("/tasks/poll/batch/step", params={"timeout": 200, "count": 2}).json():
                            count += 1
                            result = {key: task[key] for key in ("workflowInstanceId", "taskId")}
                            output = {"by": 1000 * number + count}
                            body = {**result, "status": "COMPLETED", "outputData": output}
                            client.post("/tasks", json=body).raise_for_status()
                            answered.setdefault(task["taskId"], output["by"])
                            if len(answered) >= 60:
                                enough.set()
            except httpx.HTTPError:
                continue

    with server_process("sqlite:///runs.db", cwd=work) as server:
        port = int(server.url.rpartition(":")[2])
        with httpx.Client(base_url=server.api, timeout=30) as api:
            api.post("/metadata/taskdefs", json=[step]).raise_for_status()
            api.post("/metadata/workflow", json=definition).raise_for_status()
            runs = [api.post("/workflow", json={"name": "chain"}).text for _ in range(60)]
        threads = [threading.Thread(target=serve, args=(server.api, number)) for number in range(1, 5)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        server.kill()
    try:
        with (
            server_process("sqlite:///runs.db", cwd=work, port=port) as server,
            httpx.Client(base_url=server.api, timeout=30) as api,
        ):
            deadline = time.monotonic() + 60
            while api.get("/workflow/search", params={"query": "status = RUNNING", "size": 0}).json()["totalHits"]:
                assert time.monotonic() < deadline
            over.set()
            ended = [api.get(f"/workflow/{run_id}").json() for run_id in runs]
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert {run["status"] for run in ended} == {"COMPLETED"}
    attempts = [task for run in ended for task in run["tasks"]]
    done = {task["taskId"]: task["outputData"]["by"] for task in attempts if task["status"] == "COMPLETED"}
    assert len(done) == 3 * len(runs)
    assert {task_id: done.get(task_id, by) for task_id, by in answered.items()} == answered
