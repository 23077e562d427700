"""Conductor's official clients, as their makers publish them, do the flows of their examples on a Podium server."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import official_clients
import pytest

from podium.testing.serving import RunningServer, running_server

#: What each flow gives, by client.
EXPECTED: dict[str, dict[str, Any]] = {
    "python": {
        "hello_world": ["COMPLETED", "Hello, World", ["greeting World"]],
        "defined_on_the_fly": {"greeting": "Hello, Hello, me"},
        "dynamic_fork": {f"branch_{number}": f"Hello, branch_{number}" for number in range(3)},
        "do_while": ["COMPLETED", 3],
        "switch_and_terminate": ["COMPLETED", "FAILED", "no such way"],
        "wait": {"by": "ref"},
        "signal": [True, {"last": True}],
        "retries": [1, ["FAILED", "COMPLETED"]],
        "operations": ["PAUSED", "TERMINATED", "COMPLETED", "COMPLETED", ["operated"]],
        "by_hand": [{"done": True}, 0],
    },
    "javascript": {
        "hello_world": ["COMPLETED", "Hello, World!"],
        "dynamic_fork": {f"branch_{number}": f"Hello, branch_{number}!" for number in range(2)},
        "do_while": ["COMPLETED", 5],
        "switch_and_terminate": ["COMPLETED", "FAILED", "no such way"],
        "wait": "ref",
        "signal": [True, "COMPLETED"],
        "operations": ["PAUSED", "TERMINATED", ['"looked at"'], "COMPLETED", ["operated_js"]],
    },
    "java": {
        "hello_world": ["COMPLETED", "Hello, World"],
        "dynamic_fork": {"branches": 2, "status": "COMPLETED"},
        "do_while": ["COMPLETED", 3],
        "switch_and_terminate": ["COMPLETED", "FAILED", "no such way"],
        "wait": "ref",
        "signal": [True, "COMPLETED"],
        "operations": ["PAUSED", "TERMINATED", "looked at", "COMPLETED", "operated_java"],
    },
}

#: Their columns in the matrix of docs/compatibility.md.
COLUMNS = {"python": "Python SDK", "javascript": "JavaScript SDK", "java": "Java client"}


@pytest.fixture
def server() -> Iterator[RunningServer]:
    """A server of the test's own, so that its counts are this client's."""
    with running_server() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("python", official_clients.python),
        ("javascript", official_clients.javascript),
        ("java", official_clients.java),
    ],
    ids=["python", "javascript", "java"],
)
def test_a_sdk_does_its_flows(server: RunningServer, name: str, command: Callable[[], Sequence[str]]) -> None:
    """Client, workers, builder of workflows and executor, told nothing but the server's address."""
    assert official_clients.answers(command(), server.api) == EXPECTED[name]
    assert not official_clients.unrecorded(COLUMNS[name], server.url)


WORKFLOW = {
    "name": "by_the_command_line",
    "version": 1,
    "ownerEmail": "me@example.com",
    "schemaVersion": 2,
    "tasks": [{"name": "gate", "taskReferenceName": "gate", "type": "WAIT"}],
}


def test_the_command_line_creates_starts_watches_searches_and_terminates(server: RunningServer, tmp_path: Path) -> None:
    """As an operator does from a terminal; a task that waits is completed by its name."""
    program = official_clients.command_line()
    definition = tmp_path / "workflow.json"
    definition.write_text(json.dumps(WORKFLOW))

    def conductor(*words: str) -> str:
        done = subprocess.run(
            [program, "--server", server.api, *words],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def started() -> str:
        told = conductor("workflow", "start", "--workflow", "by_the_command_line", "--correlation", "c-1")
        found = re.search(r"[0-9a-f-]{36}", told)
        assert found is not None, told
        return found[0]

    conductor("workflow", "create", str(definition))
    assert "by_the_command_line" in conductor("workflow", "list")
    first, second = started(), started()
    assert "RUNNING" in conductor("workflow", "status", first)
    conductor("task", "update-execution", "--workflow-id", first, "--task-ref-name", "gate", "--status", "COMPLETED")
    assert "COMPLETED" in conductor("workflow", "status", first)
    assert "gate" in conductor("workflow", "get-execution", "--complete", first)
    found = conductor("workflow", "search", "--workflow", "by_the_command_line", "--status", "RUNNING")
    assert second in found
    assert first not in found
    conductor("workflow", "pause", second)
    conductor("workflow", "resume", second)
    conductor("workflow", "terminate", second)
    assert "TERMINATED" in conductor("workflow", "status", second)
