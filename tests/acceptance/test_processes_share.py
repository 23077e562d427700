"""Two real processes on one store share the work by the room that they have."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import podium
from podium import WorkflowDef, WorkflowTask, task

#: A worker process with room for eight. Each task says where it is, and ends when it is told to.
_HELPER = """
import socket, sys
import podium
from podium import task

@task
def report(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"h")
        line.recv(1)
    return "helper"

with podium.connect(sys.argv[1]) as client, client.workers([report], concurrency=8):
    print("ready", flush=True)
    sys.stdin.readline()
"""


@task
def report(port: int) -> str:
    """Say that this process is at it, and wait for the word to end."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"s")
        line.recv(1)
    return "starter"


@contextmanager
def helper(url: str) -> Iterator[None]:
    """Run a worker process beside this one."""
    command = [sys.executable, "-c", _HELPER, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            process.communicate("end\n", timeout=60)


def forked(width: int, port: int) -> WorkflowDef:
    """Return a fork of reports and its JOIN."""
    refs = tuple(f"r{number}" for number in range(width))
    return WorkflowDef(
        name="reports",
        tasks=(
            WorkflowTask(
                name="f",
                task_reference_name="f",
                type="FORK_JOIN",
                fork_tasks=tuple(
                    (WorkflowTask(name="report", task_reference_name=ref, input_parameters={"port": port}),)
                    for ref in refs
                ),
            ),
            WorkflowTask(name="j", task_reference_name="j", type="JOIN", join_on=refs),
        ),
    )


@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_forty_forked_tasks_go_to_who_has_room(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """With room for one here and for eight there, nine are at work at any time."""
    url = f"sqlite:///{tmp_path}/podium.db" if store == "sqlite" else request.getfixturevalue(store).url()
    with socket.create_server(("127.0.0.1", 0)) as server, podium.connect(url) as client:
        server.settimeout(60)
        with helper(url), client.workers([report], concurrency=1):
            run_id = client.start(forked(40, server.getsockname()[1]))
            done: Counter[bytes] = Counter()
            left = 40
            while left:
                lines = [server.accept()[0] for _ in range(min(9, left))]
                who = Counter(line.recv(1) for line in lines)
                if left >= 9:
                    assert who == {b"s": 1, b"h": 8}
                done += who
                left -= len(lines)
                for line in lines:
                    line.close()
            run = client.wait(run_id, timeout=60)
    assert run.status.is_successful
    assert done.total() == 40
    assert 4 <= done[b"s"] <= 5
