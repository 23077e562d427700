"""`podium.backends.sql.sqlite_payloads`: large payloads are written once, and go with what they belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

import podium
from podium.backends.loader import open_backend
from podium.backends.sql import migrations
from podium.backends.sql.sqlite_payloads import APART_MIN
from podium.backends.sql.store import SqlBackend
from podium.client.copying import copy_store
from podium.engine.rows import RunFilter, WriteSet
from podium.model.errors import InternalError, StaleRun
from podium.model.statuses import RunStatus
from podium.testing.backend_fixtures import a_run, a_start, a_task
from podium.testing.servers import DatabaseServer

SIZE = 1_000_000
LARGE = b'{"x":"' + b"x" * SIZE + b'"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of the test is."""
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlBackend]:
    """An open, empty store."""
    backend = open_backend(f"sqlite:///{path}")
    assert isinstance(backend, SqlBackend)
    yield backend
    backend.close()


def rows(path: Path, query: str) -> list[Any]:
    """Return what a file says."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def apart(path: Path) -> list[tuple[str, int, str]]:
    """Return whose payloads are apart, and which."""
    return rows(path, "SELECT run_id, seq, name FROM payloads ORDER BY run_id, seq, name")


def test_what_is_large_is_apart(path: Path, store: SqlBackend) -> None:
    """Payloads from a size on are in rows of their own, all others in the row."""
    small, large = b"x" * (APART_MIN - 1), b"x" * APART_MIN
    store.commit(a_start(a_task(input=large, output=small), run=a_run(input=small, output=large, variables=LARGE)))

    assert apart(path) == [("run-1", 0, "output"), ("run-1", 0, "variables"), ("run-1", 1, "input")]
    (sizes,) = rows(path, "SELECT length(input), length(output), length(variables) FROM runs")
    assert sizes == (len(small), 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        WriteSet(runs=[a_run(revision=2, input=LARGE, variables=LARGE, due_at=5)]),
        WriteSet(runs=[a_run(revision=2, input=LARGE, variables=LARGE, data=b'{"a":1}')], stepped_runs=1),
        WriteSet(tasks=[a_task(status="IN_PROGRESS", output=LARGE)]),
        WriteSet(tasks=[a_task(status="COMPLETED", output=LARGE)], ended_tasks=1),
    ],
)
def test_what_is_large_is_written_once(path: Path, store: SqlBackend, change: WriteSet) -> None:
    """A change of a run or an attempt with large payloads that stay as they are writes little."""
    store.commit(a_start(a_task(input=LARGE, output=LARGE), run=a_run(input=LARGE, variables=LARGE)))
    log = path.with_name(f"{path.name}-wal")
    before = log.stat().st_size
    assert before > 4 * SIZE

    rows(path, "PRAGMA wal_checkpoint(RESTART)")
    store.commit(change)
    with log.open("rb") as file:  # begins anew after the checkpoint, over what was there
        header = file.read(32)
        salt, pages = header[16:24], 0
        while (frame := file.read(24 + 4096)) and frame[8:16] == salt:
            pages += 1
    assert 0 < pages < 10


def test_payloads_go_with_what_they_belong_to(path: Path, store: SqlBackend) -> None:
    """Deleted attempts, emptied runs and deleted runs leave none, and take none of others."""
    for run_id in ("run-1", "run-2", "run-3"):
        tasks = [a_task(run_id, seq, input=LARGE) for seq in (1, 2)]
        store.commit(a_start(*tasks, run=a_run(run_id, input=LARGE, status="COMPLETED", ended_at=5)))
    left = apart(path)
    assert len(left) == 9

    store.commit(WriteSet(deleted_tasks=[("run-1", 2)]))
    left.remove(("run-1", 2, "input"))
    assert apart(path) == left
    store.commit(WriteSet(emptied_runs=["run-2"]))
    left = [each for each in left if each[:2] not in {("run-2", 1), ("run-2", 2)}]
    assert apart(path) == left
    store.delete_runs(["run-1", "run-2"])
    assert apart(path) == [each for each in left if each[0] == "run-3"]


def test_a_commit_that_is_refused_leaves_no_payload(path: Path, store: SqlBackend) -> None:
    """What is late, or breaks off between a row and its payload, leaves nothing of either."""
    store.commit(a_start())
    with pytest.raises(StaleRun):
        store.commit(WriteSet(runs=[a_run(revision=3, input=LARGE)]))
    with pytest.raises(StaleRun):
        store.commit(WriteSet(new_runs=[a_run("run-2", input=LARGE), a_run("run-1", input=LARGE)]))
    with pytest.raises(InternalError):
        store.commit(WriteSet(tasks=[a_task(output=LARGE)]))
    rows(path, "ALTER TABLE payloads RENAME TO elsewhere")
    with pytest.raises(podium.model.errors.StoreError):
        store.commit(a_start(run=a_run("run-2", input=LARGE)))
    rows(path, "ALTER TABLE elsewhere RENAME TO payloads")
    assert apart(path) == []
    assert [run.run_id for run in store.list_runs(RunFilter(), 9, 0)] == ["run-1"]


@podium.task(retries=0)
def twice(text: str) -> str:
    """Say something twice, unless it is wrong."""
    if text.startswith("wrong"):
        raise ValueError("wrong")
    return text + text


@podium.workflow
def saying(text: str) -> str:
    """Say something twice when somebody wants to hear it."""
    podium.human("ask")
    return twice(text).output


def test_runs_of_an_older_store_with_large_payloads_go_on(path: Path) -> None:
    """They are read where they are, and those that change move out of their rows."""
    url = f"sqlite:///{path}"
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.upgrade(connection, "0009")
    made = path.with_name("made.db")
    with podium.connect(f"sqlite:///{made}") as client:
        run_id = client.start(saying, {"text": "x" * SIZE})
    copied = path.with_name("copied.db")
    copy_store(f"sqlite:///{made}", f"sqlite:///{copied}")  # a copy has all payloads in their rows
    assert apart(copied) == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ATTACH ? AS new", (str(copied),))
        for table in ("runs", "tasks", "definitions", "workflows", "task_defs"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        connection.commit()

    with podium.connect(url) as client, client.workers([twice]):
        assert client.get(run_id).input == {"text": "x" * SIZE}
        assert client.search(text="xxxx")
        client.complete_task(run_id, "ask")
        assert client.wait(run_id, 30).output == {"result": "x" * (2 * SIZE)}
    assert (run_id, 0, "input") in apart(path)
    assert (run_id, 2, "output") in apart(path)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_runs_with_large_payloads_live_as_all_others(
    request: pytest.FixtureRequest, path: Path, tmp_path: Path, target: str
) -> None:
    """Started, failed, run again, searched, copied there and back, and deleted: with nothing left of them."""
    url, back = f"sqlite:///{path}", f"sqlite:///{tmp_path}/back.db"
    if target == "sqlite":
        there = f"sqlite:///{tmp_path}/there.db"
    else:
        server: DatabaseServer = request.getfixturevalue(target)
        there = server.url()
    wrong, text = "wrong" + "x" * SIZE, "y" * SIZE
    with podium.connect(url) as client, client.workers([twice]):
        failing, waiting = client.start(saying, {"text": wrong}), client.start(saying, {"text": text})
        client.complete_task(failing, "ask")
        assert client.wait(failing, 30).status is RunStatus.FAILED
        client.restart(failing)
        client.complete_task(failing, "ask")
        assert client.wait(failing, 30).input == {"text": wrong}
        before = client.get(failing)
    assert set(apart(path)) >= {(failing, 0, "input"), (waiting, 0, "input")}

    copy_store(url, there)
    copy_store(there, back)
    with podium.connect(back) as client, client.workers([twice]):
        assert client.get(failing) == before
        client.complete_task(waiting, "ask")
        assert client.wait(waiting, 30).output == {"result": 2 * text}
        assert [run.workflow_id for run in client.search(text="wrongx")] == [failing]
        assert [run.workflow_id for run in client.search(text=2 * "y")] == [waiting]
        assert apart(tmp_path / "back.db")
        client.delete(failing)
        client.delete(waiting)
    assert apart(tmp_path / "back.db") == []
