"""Copying a store into another, on real databases."""

from __future__ import annotations

import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

import podium
from podium import TaskContext, human, task, workflow
from podium.backends.loader import open_backend
from podium.backends.sql.connecting import engine_of
from podium.backends.sql.copying import OWN_TABLES
from podium.backends.sql.tables import metadata
from podium.client import system
from podium.client.copying import copy_store
from podium.engine.rows import EngineRow, WriteSet
from podium.model.errors import BackendError, Conflict, InvalidRequest
from podium.model.schedules import Schedule
from podium.testing.backend_fixtures import a_log, a_run, a_task
from podium.testing.servers import DatabaseServer

_SERVERS = ("postgresql", "mariadb")
_WAYS = (
    "sqlite to sqlite",
    "sqlite to postgresql",
    "postgresql to sqlite",
    "sqlite to mariadb",
    "mariadb to postgresql",
)


@task(retries=0)
def double(context: TaskContext, x: int) -> int:
    """Double, and say so twice."""
    context.log("doubling")
    context.log("doubled")
    return 2 * x


@workflow(version=3)
def doubling(x: int) -> int:
    """Double a number."""
    return double(x).output


@workflow
def asking(x: int) -> int:
    """Double a number when somebody has said so."""
    human("ask")
    return doubling(x).output


@workflow
def listening() -> object:
    """Wait for a message."""
    return podium.pull_messages("first").output


@pytest.fixture
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Return the URL of a new store of a kind."""
    numbers = count(1)

    def new(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"
        server: DatabaseServer = request.getfixturevalue(kind)
        return server.url()

    return new


def fill(url: str) -> tuple[str, str, str]:
    """Put something into every table; give the ids of a run that waits, one that has ended, and its attempt."""
    with podium.connect(url) as client, client.workers([double]):
        client.register(doubling)
        client.schedules.add(Schedule("0 0 1 1 *", name="later", workflow="doubling", input={"x": 1}))
        ended = client.run(doubling, {"x": 4}, timeout=30)
        waiting = client.start(asking, {"x": 21, "why": "grüße 支付 \U0001f600"}, idempotency_key="four")
        listener = client.start(listening, {})
        client.wait(client.start(doubling, {"x": 5}), timeout=30)
        client.explain(listener)
    with engine_of(url).begin() as connection:
        for table in metadata.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is None:
                row = {c.name: _MADE_UP[c.type.python_type] for c in table.c if c is not table.autoincrement_column}
                connection.execute(table.insert().values(row))
    return waiting, ended.workflow_id, ended.tasks[0].task_id


_MADE_UP = {str: "made up", int: 0, bytes: b"{}"}


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a store, but for what it keeps of itself, and without the numbers that a database gives."""
    with engine_of(url).connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(select(*(c for c in table.c if c.name != "log_id")))),
                key=repr,
            )
            for table in metadata.sorted_tables
            if table not in OWN_TABLES
        }


@pytest.mark.parametrize(
    ("source", "target"),
    [way.split(" to ") for way in _WAYS],
)
def test_a_store_is_moved_and_its_runs_go_on(new_store: Callable[[str], str], source: str, target: str) -> None:
    """Every table is the same afterwards; what waited goes on at the destination, what has ended is read there."""
    here, there = new_store(source), new_store(target)
    waiting, ended, attempt = fill(here)

    done = copy_store(here, there)

    assert content(here) == content(there)
    assert {table.name: table.rows for table in done.tables} == {
        name: len(rows) for name, rows in content(here).items()
    }
    assert all(rows for rows in content(there).values())
    assert done.live_runs == 2
    with podium.connect(there) as client, client.workers([double]):
        assert [line.log for line in client.logs(attempt)] == ["doubling", "doubled"]
        assert client.get(ended).output == {"result": 8}
        assert client.start(asking, {"x": 1}, idempotency_key="four", idempotency_strategy="RETURN_EXISTING") == waiting
        client.complete_task(waiting, "ask")
        assert client.wait(waiting, timeout=30).output == {"result": 42}
        assert client.run(doubling, {"x": 6}, timeout=30).result == 12


@pytest.mark.parametrize("target", _SERVERS)
def test_a_copy_that_broke_off_goes_on(new_store: Callable[[str], str], target: str) -> None:
    """Until it ends nobody can open the destination; called again it copies the rest, and both are the same."""
    here, there = new_store("sqlite"), new_store(target)
    fill(here)

    def break_off(name: str, _rows: int) -> None:
        if name == "runs":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_store(here, there, tell=break_off)

    with pytest.raises(BackendError, match="has begun and not ended"):
        podium.connect(there)
    done = {table.name: table for table in copy_store(here, there).tables}
    assert (done["runs"].found, done["tasks"].found) == (done["runs"].rows, 0)
    assert content(here) == content(there)
    podium.connect(there).close()


def test_a_copy_that_was_killed_goes_on(new_store: Callable[[str], str]) -> None:
    """SIGKILL after the first commit that copies attempts loses nothing."""
    here, there = new_store("sqlite"), new_store("sqlite")
    fill(here)
    program = (
        "import os, signal; from podium.client.copying import copy_store\n"
        "def tell(name, rows):\n if name == 'logs': os.kill(os.getpid(), signal.SIGKILL)\n"
        f"copy_store({here!r}, {there!r}, tell=tell)"
    )
    killed = subprocess.run([sys.executable, "-c", program], check=False)

    assert killed.returncode == -signal.SIGKILL
    copy_store(here, there)
    assert content(here) == content(there)


@pytest.mark.parametrize("target", _SERVERS)
def test_what_the_destination_holds_is_added_to_when_told(new_store: Callable[[str], str], target: str) -> None:
    """Without merge a store with content is refused; with it both are there, and a second time nothing is added."""
    here, there = new_store("sqlite"), new_store(target)
    with podium.connect(here) as client, client.workers([double]):
        client.register(doubling)
        first = client.run(doubling, {"x": 1}, timeout=30)
    with podium.connect(there) as client, client.workers([double]):
        client.register(doubling)
        own = client.run(doubling, {"x": 2}, timeout=30)

    with pytest.raises(Conflict, match="holds something already"):
        copy_store(here, there)
    copy_store(here, there, merge=True)
    again = copy_store(here, there, merge=True)

    assert all(table.rows == table.found for table in again.tables)
    with podium.connect(there) as client:
        assert {run.workflow_id for run in client.search()} == {first.workflow_id, own.workflow_id}
        for run in (first, own):
            assert [line.log for line in client.logs(run.tasks[0].task_id)] == ["doubling", "doubled"]


def test_a_destination_that_contradicts_is_left_as_it_is(new_store: Callable[[str], str]) -> None:
    """A run that has gone on at the destination is named, and nothing is written."""
    here, there = new_store("sqlite"), new_store("sqlite")
    with podium.connect(here) as client:
        waiting = client.start(asking, {"x": 1})
    copy_store(here, there)
    with podium.connect(there) as client:
        client.terminate(waiting)
    with podium.connect(here) as client:
        client.start(asking, {"x": 2})
    before = content(there)

    with pytest.raises(Conflict, match=f"in runs: {waiting}"):
        copy_store(here, there, merge=True)

    assert content(there) == before
    podium.connect(there).close()


@pytest.mark.parametrize("role", ["source", "destination"])
def test_a_store_with_an_engine_is_refused(new_store: Callable[[str], str], role: str) -> None:
    """Whether it works on the source or on the destination."""
    here, there = new_store("sqlite"), new_store("sqlite")
    for url in (here, there):
        podium.connect(url).close()
    with podium.connect(here if role == "source" else there) as client:
        client.start(asking, {"x": 1})

        with pytest.raises(Conflict, match=f"an engine works on the {role}"):
            copy_store(here, there)


@pytest.mark.parametrize("kind", _SERVERS)
def test_an_engine_elsewhere_is_noticed_whatever_time_it_is_here(
    new_store: Callable[[str], str], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heartbeats are by the clock of the database server; one of this machine that is an hour ahead says nothing."""
    here, there = new_store(kind), new_store("sqlite")
    with closing(open_backend(here)) as backend:
        backend.heartbeat(EngineRow("e", "another machine|1|1|0", backend.time() or 0))
    hour_ns = 3600 * 10**9
    now_ns = system.time.time_ns
    monkeypatch.setattr(system.time, "time_ns", lambda: now_ns() + hour_ns)

    with pytest.raises(Conflict, match="an engine works on the source"):
        copy_store(here, there)


def test_stores_that_cannot_be_copied_are_refused(new_store: Callable[[str], str]) -> None:
    """Memory, a store onto itself, and what is no store."""
    here = new_store("sqlite")
    podium.connect(here).close()

    for source, target, error in (
        ("memory://", here, InvalidRequest),
        (here, "memory://", InvalidRequest),
        (here, here, BackendError),
        (here, here.replace("sqlite:///", "sqlite:////.."), BackendError),
        (here.replace(".db", "-missing.db"), here, BackendError),
        (here, "ftp://example.com/x", BackendError),
    ):
        with pytest.raises(error):
            copy_store(source, target)


def test_long_texts_and_many_rows_go_in_several_commits(new_store: Callable[[str], str]) -> None:
    """A commit is bounded by rows and by bytes; the destination hears of each."""
    here, there = new_store("sqlite"), new_store("postgresql")
    with podium.connect(here) as client:
        client.start_many(asking, [{"x": 1, "text": "x" * 200_000} for _ in range(50)])
        client.start_many(asking, [{"x": 1} for _ in range(1_500)])
    heard: list[tuple[str, int]] = []

    copy_store(here, there, tell=lambda name, rows: heard.append((name, rows)))

    assert len([name for name, _ in heard if name == "runs"]) > 3
    assert ("runs", 1_550) in heard
    assert content(here) == content(there)


@pytest.mark.parametrize("target", _SERVERS)
def test_the_greatest_payloads_are_copied(new_store: Callable[[str], str], target: str) -> None:
    """Two in a row, alone in their table and beside others: more than MariaDB takes in one statement."""
    here, there = new_store("sqlite"), new_store(target)
    full = b'"' + b'\\"' * 5_000_000 + b'"'
    with closing(open_backend(here)) as backend:
        runs = [a_run("run-1", input=full, output=full), a_run("run-2")]
        backend.commit(WriteSet(new_runs=runs, new_tasks=[a_task(input=full, output=full)]))

    copy_store(here, there)

    assert content(here) == content(there)


@pytest.mark.parametrize("target", _SERVERS)
def test_a_single_line_is_copied(new_store: Callable[[str], str], target: str) -> None:
    """One row of a table whose rows the database numbers: SQLAlchemy asks for the number then."""
    here, there = new_store("sqlite"), new_store(target)
    with closing(open_backend(here)) as backend:
        backend.commit(WriteSet(new_runs=[a_run()], new_tasks=[a_task()], logs=[a_log()]))

    copy_store(here, there)

    assert content(here) == content(there)


def test_a_copy_holds_few_payloads_at_a_time(new_store: Callable[[str], str]) -> None:
    """However much a store has: not hundreds of rows, each of which may have megabytes."""
    here, there = new_store("sqlite"), new_store("sqlite")
    with closing(open_backend(here)) as backend:
        for number in range(60):
            backend.commit(WriteSet(new_runs=[a_run(f"run-{number}", input=b"x" * 1_000_000)]))
    tracemalloc.start()
    try:
        copy_store(here, there)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert content(here) == content(there)
