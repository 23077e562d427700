"""`podium.backends.sql.migrations` and `schema`: old stores are upgraded, newer ones refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

import podium
from podium.backends.loader import open_backend
from podium.backends.sql import migrations
from podium.backends.sql.sqlite import SqliteDatabase, SqliteOptions
from podium.backends.sql.sqlite_statements import STATEMENTS
from podium.engine.rows import RunFilter
from podium.model.errors import BackendError
from podium.model.runs import TaskResult
from podium.model.statuses import RunStatus, TaskStatus


def schema(path: Path) -> list[tuple[str, str, str]]:
    """Return everything that the database says of its schema, whatever its order and line breaks."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name").fetchall()
    connection.close()
    return [(kind, name, " ".join(sql.split())) for kind, name, sql in rows]


def contents(path: Path) -> list[tuple[object, ...]]:
    """Return the rows that a new store has."""
    connection = sqlite3.connect(path)
    rows = [row for table in ("meta", "schema_version") for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return rows


def old_store(path: Path) -> None:
    """Make the store that ``write_store_0001.py`` left: eight runs of schema revision 0001, five of them open."""
    connection = sqlite3.connect(path)
    connection.executescript(Path(__file__).with_name("store_0001.sql").read_text())
    connection.close()


@podium.task
def pack(amount: int) -> dict[str, int]:
    """Pack something, as the old store's workflows want it."""
    return {"packed": amount}


def test_both_ways_to_a_schema_agree(tmp_path: Path) -> None:
    """A store that went through all migrations has the schema of one that was made at once, to the letter."""
    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    open_backend(f"sqlite:///{made}").close()
    database = SqliteDatabase(str(migrated), SqliteOptions())
    database.upgrade()
    database.close()

    assert schema(made) == schema(migrated)
    assert contents(made) == contents(migrated)


def test_a_store_of_the_first_revision_is_upgraded(tmp_path: Path) -> None:
    """Opening it brings it to the schema of a new store, with what is searched for in columns; twice does no more."""
    path, new = tmp_path / "podium.db", tmp_path / "new.db"
    old_store(path)
    open_backend(f"sqlite:///{new}").close()

    for _ in range(2):
        open_backend(f"sqlite:///{path}").close()
    assert schema(new) == schema(path)
    assert (STATEMENTS.revision,) in contents(path)
    store = open_backend(f"sqlite:///{path}")
    runs = store.list_runs(RunFilter(), 100, 0)
    assert [run.status for run in runs] == ["PAUSED", "TERMINATED", *["RUNNING"] * 5, "COMPLETED"]
    assert [run.name for run in store.list_runs(RunFilter(priority=7), 9, 0)] == ["pay"]
    assert [run.status for run in store.list_runs(RunFilter(reason='not wanted — "any more"'), 9, 0)] == ["TERMINATED"]
    assert all(run.created_at <= run.updated_at for run in runs)
    (failed,) = (task for task in store.load_tasks(runs[-2].run_id) if task.status == "FAILED")
    assert failed.reason is not None
    assert "not 500" in failed.reason
    assert failed.task_def_name == "charge"
    assert 0 < failed.scheduled_at <= failed.started_at <= failed.ended_at <= failed.updated_at
    store.close()


def test_open_runs_of_an_old_store_go_on(tmp_path: Path) -> None:
    """What the old version began and did not end, this one ends: tasks offered, retried, nested, at rest and paused."""
    old_store(tmp_path / "podium.db")
    with podium.connect(f"sqlite:///{tmp_path}/podium.db") as client:
        paid, failing, shipping, dripping, parent, nested, broken, paused = client.search()[::-1]
        before = {run.workflow_id: client.get(run.workflow_id) for run in client.search()}
        assert before[paid.workflow_id].output == {"result": {"charged": 5}}
        assert len(before[dripping.workflow_id].tasks) == 72
        assert client.logs(before[paid.workflow_id].tasks[0].task_id)[0].log == "asked for 5"

        client.resume(paused.workflow_id)
        client.complete_task(dripping.workflow_id, "night")
        again = client.get(failing.workflow_id).tasks[-1]
        done = TaskResult(
            workflow_instance_id=failing.workflow_id,
            task_id=again.task_id,
            status=TaskStatus.COMPLETED,
            output_data={"charged": 99},
        )
        client.update_task(done)
        with client.workers([pack]):
            for run in (failing, shipping, dripping, parent, nested, paused):
                assert client.wait(run.workflow_id, 30).status is RunStatus.COMPLETED
        assert client.get(shipping.workflow_id).output == {"result": {"packed": 6}}
        assert client.get(broken.workflow_id).status is RunStatus.TERMINATED


def test_data_that_is_no_json_is_left_as_it_is(tmp_path: Path) -> None:
    """A run whose data broke in an old store is upgraded as it is, for the engine to bury."""
    path = tmp_path / "podium.db"
    old_store(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET data = x'7B' WHERE status = 'PAUSED'")
    connection.commit()
    connection.close()

    store = open_backend(f"sqlite:///{path}")
    assert [run.data for run in store.list_runs(RunFilter(status="PAUSED"), 9, 0)] == [b"{"]
    store.close()


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A store of a newer version is not touched; the error says what to do."""
    path = tmp_path / "podium.db"
    open_backend(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE schema_version SET version_num = '9999'")
    connection.commit()
    connection.close()

    with pytest.raises(BackendError, match=r"revision 9999.*up to 0010.*newer podium"):
        open_backend(f"sqlite:///{path}")
    assert ("9999",) in contents(path)


def test_revisions_are_numbered_in_one_line() -> None:
    """Revisions are 0001, 0002, … without branches, and the code's own is the last."""
    revisions = list(ScriptDirectory.from_config(migrations.config()).walk_revisions())[::-1]

    assert [f"{number:04}" for number in range(1, len(revisions) + 1)] == [step.revision for step in revisions]
    assert STATEMENTS.revision == revisions[-1].revision
