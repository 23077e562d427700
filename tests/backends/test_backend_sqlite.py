"""`podium.backends.sql.sqlite`: files, options, locks and broken files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict

from podium.backends.loader import open_backend
from podium.backends.sql.database import Values
from podium.backends.sql.queries import compile_statements
from podium.backends.sql.sqlite import SqliteDatabase, SqliteOptions
from podium.backends.sql.sqlite_spelling import SqliteSpelling
from podium.backends.sql.sqlite_statements import STATEMENTS
from podium.backends.sql.store import SqlBackend
from podium.engine.rows import EngineRow, RunFilter, WriteSet
from podium.model.errors import BackendError, CommitUncertain, InternalError, StoreUnavailable
from podium.testing.backend_fixtures import a_run, a_start, a_task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of the test is."""
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlBackend]:
    """An open, empty store that does not wait long for others."""
    backend = open_backend(f"sqlite:///{path}?busy_timeout_ms=50")
    assert isinstance(backend, SqlBackend)
    yield backend
    backend.close()


def test_the_kept_statements_are_up_to_date() -> None:
    """The module of texts says what queries.py writes; if not, run python -m podium.backends.sql.generate."""
    assert asdict(compile_statements(SqliteSpelling())) == asdict(STATEMENTS)


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that changes its folder goes on with the same file."""
    monkeypatch.chdir(tmp_path)
    store = open_backend("sqlite:///podium.db")
    monkeypatch.chdir("/")
    store.commit(a_start())

    assert {"run-1": a_run()} == store.load_runs(["run-1"])
    assert (tmp_path / "podium.db").exists()
    store.close()


def test_a_link_leads_to_the_file(tmp_path: Path) -> None:
    """The log is beside the file, and not beside the link."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    link = tmp_path / "here" / "link.db"
    link.symlink_to(tmp_path / "there" / "file.db")

    for number in (1, 2):  # once to make it, once to find it
        linked = open_backend(f"sqlite:///{link}")
        linked.commit(a_start(run=a_run(f"run-{number}")))
        linked.close()

    found = open_backend(f"sqlite:///{tmp_path / 'there' / 'file.db'}")
    assert len(found.list_runs(RunFilter(), 10, 0)) == 2
    found.close()


def test_closing_leaves_one_file(path: Path, store: SqlBackend) -> None:
    """The last process to close the file tidies the log away."""
    store.commit(a_start())
    store.load_runs(["run-1"])
    store.close()

    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:podium.db"],
)
def test_an_sqlite_store_is_a_file(url: str) -> None:
    """A URL without a file says what to write, and names the memory store."""
    with pytest.raises(BackendError, match=r"write sqlite:///.*memory://"):
        open_backend(url)


@pytest.mark.parametrize("option", ["synchronous=OFF", "busy_timeout_ms=soon", "cache=shared", "synchronous"])
def test_an_unknown_option_is_refused(path: Path, option: str) -> None:
    """An option that has no effect would be a trap; the message lists those that have one."""
    with pytest.raises(BackendError, match=r"synchronous=FULL\|NORMAL\|EXTRA and busy_timeout_ms"):
        open_backend(f"sqlite:///{path}?{option}")
    assert not path.exists()


@pytest.mark.parametrize(("option", "expected"), [("", 2), ("?synchronous=normal", 1), ("?synchronous=EXTRA", 3)])
def test_commits_are_synchronous_by_default(path: Path, option: str, expected: int) -> None:
    """Every writing connection waits for the disk, unless the URL says otherwise; the journal is a write-ahead log."""
    store = open_backend(f"sqlite:///{path}{option}")
    assert isinstance(store, SqlBackend)
    with store._database.write() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert [(expected,)] == cursor.fetchall()
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchall() == [("wal",)]
    store.close()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A file that cannot be opened is named in the error."""
    with pytest.raises(StoreUnavailable, match=r"none/podium\.db"):
        open_backend(f"sqlite:///{tmp_path}/none/podium.db")


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    """Some other file is refused, and not changed."""
    path.write_text("dear diary, " * 100)

    with pytest.raises(BackendError, match="not a database"):
        open_backend(f"sqlite:///{path}")
    assert path.read_text().startswith("dear diary")


def test_a_foreign_database_is_refused(path: Path) -> None:
    """A database that has a table of ours, but no revision, belongs to another program."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE tasks (todo TEXT)")
    connection.close()

    with pytest.raises(BackendError, match=r"another program.*tasks"):
        open_backend(f"sqlite:///{path}")


def test_a_locked_file_is_unavailable_after_the_timeout(path: Path, store: SqlBackend) -> None:
    """A writer that another process holds off for too long gives up; readers do not wait; afterwards all is well."""
    store.commit(a_start())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        store.commit(WriteSet(runs=[a_run(revision=2)]))
    assert {"run-1": a_run()} == store.load_runs(["run-1"])
    other.execute("ROLLBACK")
    other.close()

    store.commit(WriteSet(runs=[a_run(revision=2)]))
    assert a_run(revision=2) == store.load_runs(["run-1"])["run-1"]


def test_a_new_file_that_is_locked_is_unavailable(path: Path) -> None:
    """The switch to the write-ahead log waits as well, and no longer than it should."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked"):
        open_backend(f"sqlite:///{path}?busy_timeout_ms=50")
    other.close()


class _BreaksAtCommit(sqlite3.Connection):
    """A connection whose commits break off as they do on a disk that fails."""

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        if sql == "COMMIT":
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return super().execute(sql, *parameters)  # type: ignore[arg-type]  # what sqlite3 takes, it gets


def test_a_commit_that_breaks_off_is_uncertain(path: Path, store: SqlBackend) -> None:
    """An error of the disk during the commit is not taken for a refusal, and the next commit works."""
    database = store._database
    assert isinstance(database, SqliteDatabase)
    sound, database._writer = database._writer, sqlite3.connect(path, isolation_level=None, factory=_BreaksAtCommit)
    with pytest.raises(CommitUncertain, match="disk I/O error"):
        store.commit(a_start())
    database._writer.close()
    database._writer = sound

    store.commit(a_start())
    assert {"run-1": a_run()} == store.load_runs(["run-1"])


def test_an_interrupt_undoes_the_commit(store: SqlBackend) -> None:
    """Whatever ends the block, the transaction does not stay open."""

    def interrupted() -> None:
        with store._database.write() as cursor:
            cursor.execute(STATEMENTS.put_engine, ("e1", "host", 1, ""))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert store.engines() == []
    store.heartbeat(EngineRow("e1", "host", 2))
    assert [EngineRow("e1", "host", 2)] == store.engines()


def test_a_value_that_the_database_refuses_is_our_bug(store: SqlBackend) -> None:
    """A NULL where none may be is reported as a bug, and nothing is written."""
    with pytest.raises(InternalError, match="NOT NULL"):
        store.commit(WriteSet(new_tasks=[a_task()], logs=[("run-1", 1, 1, None)]))  # type: ignore[list-item]  # the point
    assert store.load_tasks("run-1") == []


def test_a_damaged_file_is_unavailable(path: Path) -> None:
    """Damage that SQLite finds is told as such, not as an answer."""
    store = open_backend(f"sqlite:///{path}")
    store.commit(a_start(*(a_task(seq=seq, input=b"x" * 900) for seq in range(1, 200))))
    store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))

    with pytest.raises(StoreUnavailable, match="malformed"):
        open_backend(f"sqlite:///{path}")


def test_readers_are_few_when_nobody_reads(store: SqlBackend) -> None:
    """Connections of a rush of readers are closed when it is over."""
    database = store._database
    assert isinstance(database, SqliteDatabase)
    extra = [database._connect_reader() for _ in range(9)]
    database._readers.extend(extra)
    store.list_runs(RunFilter(), 1, 0)

    assert len(database._readers) == 4


def test_starting_needs_neither_sqlalchemy_nor_alembic(path: Path) -> None:
    """A new file is made, and a current one opened, without the imports that cost most of a short program's time."""
    code = (
        "import sys; from podium.backends.loader import open_backend; from podium.engine.rows import *;"
        f"store = open_backend('sqlite:///{path}'); store.heartbeat(EngineRow('e1', 'host', 1)); store.engines();"
        "store.close(); sys.exit(' '.join({'sqlalchemy', 'alembic'} & set(sys.modules)) or 0)"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True)


def test_options_have_safe_defaults() -> None:
    """Without options, commits are durable and wait ten seconds for others."""
    assert SqliteOptions(synchronous="FULL", busy_timeout_ms=10_000) == SqliteOptions()


def delete(path: Path) -> None:
    """Delete the file and its companions."""
    for companion in path.parent.glob("podium.db*"):
        companion.unlink()


def delete_the_log(path: Path) -> None:
    """Delete the log, whose commits are not in the file yet."""
    path.with_name("podium.db-wal").unlink()


def replace(path: Path) -> None:
    """Put a copy in the file's place, as a restored backup is."""
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)


def remove_the_folder(path: Path) -> None:
    """Delete the folder with all that is in it."""
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("harm", [delete, delete_the_log, replace, remove_the_folder])
def test_a_file_that_is_gone_takes_nothing_in(path: Path, store: SqlBackend, harm: Callable[[Path], None]) -> None:
    """What is written into a file without a name is lost when it is closed, so it is refused, with words."""
    store.commit(a_start())
    harm(path)

    with pytest.raises(StoreUnavailable, match="deleted, moved or replaced"):
        store.commit(a_start(run=a_run("run-2")))


def test_a_file_that_is_gone_is_not_made_anew(path: Path, store: SqlBackend) -> None:
    """Another reader or writer would make an empty file in its place."""
    store.close()
    other = open_backend(f"sqlite:///{path}")
    delete(path)

    with pytest.raises(StoreUnavailable, match="gone"):
        other.commit(a_start())
    assert not path.exists()
    other.close()


def test_a_file_that_comes_back_is_used_again(path: Path, store: SqlBackend) -> None:
    """Moved away and moved back: nothing is lost, and nothing has to be started anew."""
    store.commit(a_start())
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(StoreUnavailable):
        store.commit(a_start(run=a_run("run-2")))
    path.with_name("elsewhere").rename(path)

    store.commit(a_start(run=a_run("run-2")))

    assert len(store.load_runs(["run-1", "run-2"])) == 2


def test_a_query_waits_for_anothers_connection_when_no_file_can_be_opened(
    store: SqlBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without file descriptors there are as many readers as there are connections, one after the other."""
    store.commit(a_start())
    store.load_runs(["run-1"])
    database = store._database
    assert isinstance(database, SqliteDatabase)
    taken = database._readers.pop()
    tries = []

    def connect(_: SqliteDatabase) -> sqlite3.Connection:
        tries.append(1)
        if len(tries) == 3:  # meanwhile the other query has ended
            database._readers.append(taken)
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(SqliteDatabase, "_connect", connect)

    assert list(store.load_runs(["run-1"])) == ["run-1"]
    assert len(tries) == 3


@pytest.mark.parametrize(
    ("where", "index"),
    [
        (RunFilter(), "runs_by_age"),
        (RunFilter(started_from=1, started_to=9), "runs_by_age"),
        (RunFilter(ended_to=9, reason="why"), "runs_by_age"),
        (RunFilter(name="order"), "runs_by_name"),
        (RunFilter(name="order", started_from=1), "runs_by_name"),
        (RunFilter(status="FAILED"), "runs_by_status"),
        (RunFilter(status="FAILED", started_from=1, started_to=9), "runs_by_status"),
    ],
)
def test_searches_follow_an_index(store: SqlBackend, where: RunFilter, index: str) -> None:
    """The newest runs of a name, a status or a time are read in their order: none is sorted, and no others are read."""
    (plan,) = plans(store, lambda: store.list_runs(where, 10, 0))

    assert f"USING INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan


def test_a_commit_as_one_begins_to_listen_is_not_heard_as_anothers(store: SqlBackend) -> None:
    """Who listens waits for the commit that is under way here, to know what was counted before."""
    database = store._database
    assert isinstance(database, SqliteDatabase)
    with ThreadPoolExecutor(1) as another, database._writer_lock:
        begins = another.submit(store.listen)
        assert wait([begins], timeout=0.05).not_done
    listening = begins.result()
    store.commit(a_start())

    assert listening is not None
    assert listening.wait(0.0) is None


def test_what_is_few_is_found_by_an_index(store: SqlBackend) -> None:
    """A correlation id, a parent, and what may be deleted."""
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: store.list_runs(RunFilter(correlation_id="c"), 10, 0), "runs_by_correlation"),
        (lambda: store.list_runs(RunFilter(parent_id="run-1"), 10, 0), "runs_by_parent"),
        (lambda: store.ended_runs(9, None, None, 10), "runs_by_age"),
        (lambda: store.ended_runs(9, "order", None, 10), "runs_by_name"),
        (lambda: store.deletable_runs(["run-1"]), "runs_by_parent"),
    ]
    for call, index in calls:
        (plan,) = plans(store, call)
        assert f"INDEX {index}" in plan
        assert "SCAN runs" not in plan.replace(f"SCAN runs USING INDEX {index}", "")


def plans(store: SqlBackend, call: Callable[[], object]) -> list[str]:
    """Return what SQLite says it will do for each query of a call."""
    database, found = store._database, []
    fetch = database.fetch

    def explain(sql: str, *parameters: Values) -> list[Any]:
        rows = fetch(f"EXPLAIN QUERY PLAN {sql}", parameters[0])
        found.append("; ".join(row[-1] for row in rows))
        return fetch(sql, *parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "fetch", explain)
        call()
    return found
