"""`podium.backends.sql.migrations` and `schema`: old stores are upgraded, newer ones refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from podium.backends.loader import open_backend
from podium.backends.sql import migrations
from podium.backends.sql.sqlite import SqliteDatabase, SqliteOptions
from podium.backends.sql.sqlite_statements import STATEMENTS
from podium.model.errors import BackendError
from podium.testing.backend_fixtures import a_run, a_start


def schema(path: Path) -> list[tuple[str, str, str]]:
    """Give everything that the database says of its schema, whatever its order and line breaks."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name").fetchall()
    connection.close()
    return [(kind, name, " ".join(sql.split())) for kind, name, sql in rows]


def contents(path: Path) -> list[tuple[object, ...]]:
    """Give the rows that a new store has."""
    connection = sqlite3.connect(path)
    rows = [row for table in ("meta", "schema_version") for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return rows


def at_the_beginning(path: Path) -> None:
    """Make a store from before the first revision: stamped, with nothing in it."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE schema_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()


def test_both_ways_to_a_schema_agree(tmp_path: Path) -> None:
    """A store that went through all migrations has the schema of one that was made at once, to the letter."""
    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    open_backend(f"sqlite:///{made}").close()
    database = SqliteDatabase(str(migrated), SqliteOptions())
    database.upgrade()
    database.close()

    assert schema(made) == schema(migrated)
    assert contents(made) == contents(migrated)


def test_an_old_store_is_upgraded_when_it_is_opened(tmp_path: Path) -> None:
    """An older revision is brought up to date by Alembic, and works; opening again finds nothing to do."""
    path = tmp_path / "podium.db"
    at_the_beginning(path)

    for _ in range(2):
        store = open_backend(f"sqlite:///{path}")
        if not store.load_runs(["run-1"]):
            store.commit(a_start())
        assert {"run-1": a_run()} == store.load_runs(["run-1"])
        store.close()
    assert (STATEMENTS.revision,) in contents(path)


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A store of a newer version is not touched; the error says what to do."""
    path = tmp_path / "podium.db"
    open_backend(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE schema_version SET version_num = '9999'")
    connection.commit()
    connection.close()

    with pytest.raises(BackendError, match=r"revision 9999.*up to 0001.*newer podium"):
        open_backend(f"sqlite:///{path}")
    assert ("9999",) in contents(path)


def test_revisions_are_numbered_in_one_line() -> None:
    """Revisions are 0001, 0002, … without branches, and the code's own is the last."""
    revisions = list(ScriptDirectory.from_config(migrations.config()).walk_revisions())[::-1]

    assert [f"{number:04}" for number in range(1, len(revisions) + 1)] == [step.revision for step in revisions]
    assert STATEMENTS.revision == revisions[-1].revision
