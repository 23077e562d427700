"""``podium worker`` as a real process: it serves, tells how it is, reloads, and ends when it is told to."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from cli_calls import PATIENCE_S, Podium, Start

import podium as package
from podium.cli.logs import JsonLines
from podium.cli.signals import told_by_signals
from podium.cli.subjects import read_served
from podium.model.errors import InvalidRequest
from podium.testing.serving import running_server

WORK = '''
import os
from podium import task, workflow

@task(retries=1, retry_delay="1s")
def held(gate: str) -> str:
    """Tell that it has begun, and go on when there is something in the gate."""
    with open(f"{gate}.begun", "w"):
        pass
    with open(gate) as pipe:
        return pipe.read()

@task(retries=0)
def broken() -> None:
    raise ValueError("no card")

@task
def other() -> str:
    return "other"

@workflow
def gated(gate: str) -> str:
    return held(gate).output

@workflow
def breaks() -> None:
    broken()

@workflow(schedule="* * * * * *")
def ticks() -> str:
    return other().output
'''


class Worker:
    """A worker process whose log is read line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def until(self, word: str) -> str:
        """Return the next line that holds a word."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if re.search(word, line):
                return line
        raise AssertionError(f"the worker ended and never said {word!r}: {''.join(self.lines)}")

    def end(self) -> int:
        """Tell it to stop, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        _, rest = self.process.communicate(timeout=PATIENCE_S)
        self.lines.append(rest)
        return self.process.returncode


@pytest.fixture
def work(folder: Path) -> Path:
    """A file with tasks and workflows."""
    (folder / "work.py").write_text(WORK)
    return folder


def open_gate(folder: Path, name: str = "gate") -> Path:
    """Make a pipe that a task waits at."""
    os.mkfifo(folder / name)
    return folder / name


def test_a_worker_serves_runs_of_other_processes(start: Start, work: Path) -> None:
    """A run is started by a client that has no workers, and done by the worker; each step is a line."""
    worker = Worker(start("worker", "work.py:other,breaks"))
    assert "serves broken, other, 8 at once" in worker.until("the worker serves")
    with package.connect("sqlite:///podium.db") as client:
        from podium.dsl import task, workflow

        @task(name="broken", retries=0)
        def theirs() -> None: ...

        @workflow(name="far")
        def far() -> None:
            theirs()

        run = client.run(far, timeout=PATIENCE_S)
    assert str(run.reason).endswith("'ValueError: no card'")
    assert re.search(r"attempt 1: FAILED in .* s: ValueError: no card", worker.until("task broken"))
    assert worker.end() == 0
    assert "the worker leaves" in worker.lines[-1]


def test_a_worker_finishes_what_runs_and_gives_back_the_rest(start: Start, work: Path) -> None:
    """On SIGTERM the attempt in work may end, what waits behind it is left for others, and the code is 0."""
    open_gate(work)
    worker = Worker(start("worker", "work.py", "--register", "--concurrency", "1"))
    worker.until("the worker serves")
    with package.connect("sqlite:///podium.db") as client:
        first = client.start("gated", {"gate": "gate"})
        while not (work / "gate.begun").exists():
            client.get(first)
        second = client.start("gated", {"gate": "gate"})
        worker.process.send_signal(signal.SIGTERM)
        assert "told to stop: 1 attempts" in worker.until("told to stop")
        (work / "gate").write_text("through")
        _, rest = worker.process.communicate(timeout=PATIENCE_S)
        assert worker.process.returncode == 0, rest
        run = client.wait(first, PATIENCE_S)
        assert run.output == {"result": "through"}
        assert client.get(second).tasks[0].status.value == "SCHEDULED"
        assert client.get(second).tasks[0].retry_count == 0


def test_a_worker_serves_a_server(start: Start, work: Path) -> None:
    """It registers, works, tells how it is, and on SIGTERM ends as on a store; what it did stands on the server."""
    open_gate(work)
    with running_server() as server, package.connect(server.api) as client:
        words = ("--register", "--concurrency", "1", "--health-port", "0", "--server", server.api)
        worker = Worker(start("worker", "work.py", *words))
        port = re.search(r"http://127.0.0.1:(\d+)/health", worker.until("health:"))
        assert port is not None
        worker.until("the worker serves")
        first = client.start("gated", {"gate": "gate"})
        while not (work / "gate.begun").exists():
            client.get(first)
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/health") as answer:
            health = json.load(answer)
        assert (health["status"], health["server"], health["waiting_results"]) == ("UP", server.api, 0)
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/metrics") as answer:
            metrics = answer.read().decode()
        assert "podium_results_waiting 0.0" in metrics
        assert "podium_server_away 0.0" in metrics
        second = client.start("gated", {"gate": "gate"})
        worker.process.send_signal(signal.SIGTERM)
        assert "told to stop: 1 attempts" in worker.until("told to stop")
        (work / "gate").write_text("through")
        _, rest = worker.process.communicate(timeout=PATIENCE_S)
        assert worker.process.returncode == 0, rest
        assert client.wait(first, PATIENCE_S).output == {"result": "through"}
        assert client.get(second).tasks[0].status.value == "SCHEDULED"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("worker", "work.py", "--server", "http://localhost:1/api", "--db", "sqlite:///x.db"), "not both"),
        (("worker", "work.py", "--server", "localhost"), "http://host:8080/api"),
    ],
)
def test_a_server_in_the_wrong_place_is_refused(podium: Podium, work: Path, words: tuple[str, ...], said: str) -> None:
    """With what to write instead, before anything is asked of it."""
    result = podium(*words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_told_twice_it_ends_at_once(start: Start, work: Path) -> None:
    """The second signal does not wait for what runs; the attempt is done again by whoever comes."""
    open_gate(work)
    worker = Worker(start("worker", "work.py", "--register", "--log", "text"))
    worker.until("the worker serves")
    with package.connect("sqlite:///podium.db") as client:
        run_id = client.start("gated", {"gate": "gate"})
        while not (work / "gate.begun").exists():
            client.get(run_id)
        worker.process.send_signal(signal.SIGINT)
        worker.until("told to stop")
        worker.process.send_signal(signal.SIGINT)
        _, rest = worker.process.communicate(timeout=PATIENCE_S)
    assert worker.process.returncode == 130
    assert "told twice" in rest


def test_a_process_and_its_group_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SIGTERM that comes with the first one, as timeout(1) sends it, is the same word; a later one ends all."""
    moments = iter((10.0, 10.1, 11.0))
    ends: list[int] = []
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    monkeypatch.setattr(os, "_exit", ends.append)
    stop = threading.Event()
    with told_by_signals(stop.set):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        assert ends == []
        monkeypatch.setattr(os, "_exit", _leave)
        with pytest.raises(SystemExit):
            signal.raise_signal(signal.SIGTERM)


def _leave(code: int) -> None:
    raise SystemExit(code)


def test_a_worker_tells_how_it_is(start: Start, work: Path) -> None:
    """``/health`` and ``/metrics`` on the loopback address, by what it serves and did; the log is JSON if asked."""
    worker = Worker(start("worker", "work.py", "--register", "--health-port", "0", "--log", "json"))
    url = json.loads(worker.until("health:"))["message"].split()[1].removesuffix("/health,")
    worker.until("the worker serves")
    assert url.startswith("http://127.0.0.1:")
    ended = json.loads(worker.until('"task": "other".*"status": "COMPLETED"'))
    assert ended.keys() >= {"time", "level", "logger", "message", "run_id", "task_id", "workflow", "attempt", "took_ms"}
    with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE_S) as answer:
        health: dict[str, Any] = json.load(answer)
    assert (health["status"], health["tasks"]) == ("UP", ["broken", "held", "other"])
    with urllib.request.urlopen(f"{url}/metrics", timeout=PATIENCE_S) as answer:
        metrics = answer.read().decode()
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert re.search(r'podium_task_attempts_total\{status="COMPLETED",task="other"\} [1-9]', metrics)
    assert "podium_worker_concurrency 8.0" in metrics
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{url}/other", timeout=PATIENCE_S)
    assert worker.end() == 0
    assert all(json.loads(line)["level"] for text in worker.lines for line in text.splitlines())


def test_a_worker_starts_anew_when_a_file_changes(start: Start, work: Path) -> None:
    """With ``--reload`` a change of the code reaches the tasks; SIGTERM ends the worker and what watches over it."""
    worker = Worker(start("worker", "work.py:other", "--reload"))
    worker.until("the worker serves other,")
    (work / "work.py").write_text(WORK.replace("def other()", "def another()").replace("other()", "another()"))
    worker.until("a file has changed")
    worker.until("error: work.py has no other|has no other")
    (work / "work.py").write_text(f"{WORK}\n# mended\n")
    worker.until("the worker serves other,")
    assert worker.end() == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("work.py:none",), "work.py has no none; its tasks are: "),
        (("work.py:othr",), "did you mean other?"),
        (("nothing.py",), "there is no file nothing.py"),
        (("empty.py",), "empty.py has no task and no workflow"),
        (("work.py", "--grace", "soon"), "is no length of time"),
    ],
)
def test_what_cannot_be_served_is_told(podium: Podium, work: Path, words: tuple[str, ...], message: str) -> None:
    """Exit code 2, and what is wrong."""
    (work / "empty.py").write_text("")
    result = podium("worker", *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_names_choose_what_is_served(work: Path) -> None:
    """A task, a workflow's tasks, several of them, or all of a file."""
    assert [task.name for task in read_served(["work.py:held"])] == ["held"]
    assert [task.name for task in read_served(["work.py:gated,other"])] == ["held", "other"]
    assert {task.name for task in read_served(["work.py"])} == {"held", "broken", "other"}
    with pytest.raises(InvalidRequest, match="JSON"):
        read_served(["flow.json"])


def test_a_record_of_the_log_holds_what_it_is_about(caplog: pytest.LogCaptureFixture) -> None:
    """Runs, attempts and failures by id, with the traceback as a field; nothing below WARNING without asking for it."""
    # Commands that ran in this process before have asked for it.
    caplog.set_level(logging.NOTSET, "podium")

    @package.task(retries=0)
    def fails(key: str) -> None:
        raise ValueError("no card")

    @package.workflow
    def failing(key: str) -> None:
        fails(key)

    failing.run(key="k")
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    caplog.clear()
    with caplog.at_level(logging.INFO, "podium"):
        run = failing.run(key="k")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert {line["run_id"] for line in lines} == {run.workflow_id}
    messages = [line["message"] for line in lines]
    assert f"run {run.workflow_id} of failing: started, version 1" in messages
    assert any(re.search(r"of failing: FAILED in .* s: Task 'fails' failed", message) for message in messages)
    told = next(line for line in lines if "traceback" in line)
    assert (told["task"], told["status"], told["reason"]) == ("fails", "FAILED", "ValueError: no card")
    assert told["task_id"] == run.tasks[0].task_id
    assert 'raise ValueError("no card")' in told["traceback"]
    assert "\n" not in JsonLines().format(caplog.records[-1])


def test_the_log_of_a_worker_holds_no_secret(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that was given a secret tells no reason of its own; the engine's has it blotted out."""
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", "k-123456")

    @package.task(retries=0)
    def leaks(key: str) -> None:
        raise ValueError(f"no such key: {key}")

    @package.workflow
    def leaking() -> None:
        leaks(package.secret("KEY"))

    with caplog.at_level(logging.INFO, "podium"):
        leaking.run()
    text = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert "no such key: ***" in text
    assert "k-123456" not in text
