"""Several real processes on one SQLite file."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from podium.backends.loader import open_backend
from podium.engine.rows import RunFilter
from podium.testing.backend_fixtures import a_run, a_start

#: Counts a run's revision up by compare-and-set, so that each success is one step; prints how many it made.
_COUNTER = """
import sys
from podium.backends.loader import open_backend
from podium.engine.rows import WriteSet
from podium.model.errors import StaleRun
url, name, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_backend(url)
print("ready", flush=True)
sys.stdin.readline()
done = stale = 0
while done < wanted:
    run = store.load_runs(["run-1"])["run-1"]
    try:
        store.commit(WriteSet(runs=[run._replace(revision=run.revision + 1, holder=name)]))
        done += 1
    except StaleRun:
        stale += 1
store.close()
print(done)
"""

#: Commits until it is killed: the same step to two runs, a new attempt for each, and a line when it is durable.
_WRITER = """
import itertools, sys
from podium.backends.loader import open_backend
from podium.engine.rows import WriteSet
from podium.testing.backend_fixtures import a_run, a_task
store = open_backend(sys.argv[1])
first = store.load_runs(["run-1"])["run-1"].revision + 1
for step in itertools.count(first):
    store.commit(WriteSet(
        runs=[a_run(run, revision=step, due_at=step) for run in ("run-1", "run-2")],
        new_tasks=[a_task(run, step, f"t{step}", due_at=step, input=b"x" * 3000) for run in ("run-1", "run-2")],
    ))
    print(step, flush=True)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python process."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_lose_no_update(tmp_path: Path) -> None:
    """Two processes that change one run as fast as they can end at the sum of their successes."""
    url = f"sqlite:///{tmp_path}/podium.db"
    store = open_backend(url)
    store.commit(a_start())
    processes = [start(_COUNTER, url, f"e{number}", "150") for number in (1, 2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert counts == [150, 150]
    assert store.load_runs(["run-1"])["run-1"].revision == 1 + sum(counts)
    store.close()


def test_many_processes_may_make_the_schema_at_once(tmp_path: Path) -> None:
    """Processes that open a file which does not exist yet all get a working store."""
    url = f"sqlite:///{tmp_path}/podium.db"
    code = (
        "import sys; from podium.backends.loader import open_backend; from podium.engine.rows import *\n"
        "store = open_backend(sys.argv[1]); store.heartbeat(EngineRow(sys.argv[2], 'host', 1)); store.close()"
    )
    processes = [start(code, url, f"e{number}") for number in range(5)]
    for process in processes:
        process.communicate(timeout=60)

    assert [process.returncode for process in processes] == [0] * 5
    store = open_backend(url)
    assert [f"e{number}" for number in range(5)] == [engine.engine_id for engine in store.engines()]
    store.close()


@pytest.mark.parametrize("commits", [1, 7, 60])
def test_a_killed_process_leaves_whole_commits(tmp_path: Path, commits: int) -> None:
    """SIGKILL in the middle of commits loses nothing that was told, tears nothing, and locks nobody out."""
    path = tmp_path / "podium.db"
    url = f"sqlite:///{path}"
    store = open_backend(url)
    store.commit(a_start(run=a_run("run-1")))
    store.commit(a_start(run=a_run("run-2")))
    store.close()
    told = 1
    for _ in range(3):
        process = start(_WRITER, url)
        assert process.stdout is not None
        for _ in range(commits):
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        # Not by `communicate`, which does not know of lines that were read ahead with the last one.
        told = max([told, *map(int, process.stdout.read().split())])
        process.communicate()

        store = open_backend(url)
        revisions = {run.revision for run in store.list_runs(RunFilter(), 10, 0)}
        assert len(revisions) == 1, "both runs are changed, or none"
        revision = revisions.pop()
        assert revision in {told, told + 1}, "the last commit may have happened without being told"
        for run_id in ("run-1", "run-2"):
            assert [task.seq for task in store.load_tasks(run_id)] == list(range(2, revision + 1))
        assert len(store.due(revision, 10_000)) == 2 * revision
        store.close()
        told = revision

    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
