"""A process is killed at every statement of every commit to an SQLite file: each commit has happened, or it has not."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from one_run import DecisionContext

from podium.backends.sql.database import StoreDatabase
from podium.backends.sql.registry import write_registry
from podium.backends.sql.schema import prepare
from podium.backends.sql.sqlite import SqliteDatabase, SqliteOptions
from podium.backends.sql.sqlite_statements import STATEMENTS
from podium.backends.sql.store import SqlBackend
from podium.engine.rows import WriteSet
from podium.model.statuses import RunStatus
from podium.testing.definitions import Shape, make_catalog
from podium.testing.fragile import FragileDatabase
from podium.testing.witness import EngineDied

#: Commits of one run that are tried.
COMMITS_MAX = 10


class Killed(SqlBackend):
    """
    A store of whose commits one is broken off before one of its steps.

    Attributes:
        steps: How many steps each commit had, the one at its end included.
        remains: What the file held when the process was killed, read as the next process reads it; and before.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir()
        database = SqliteDatabase(str(path), SqliteOptions(synchronous="NORMAL"))
        prepare(database, STATEMENTS, database.upgrade)
        self._path = path
        self._fragile = FragileDatabase(database)
        super().__init__(cast("StoreDatabase", self._fragile), STATEMENTS)
        self.steps: list[int] = []
        self.remains: tuple[Any, Any] | None = None
        self._is_armed = False
        self._target = (0, 0)
        self._before: Any = None

    def arm(self, commit: int, step: int) -> None:
        """Count from the next commit on, and kill before a step of one of them; the first has the number 0."""
        self._is_armed = True
        self._target = (commit, step)

    def commit(self, writes: WriteSet) -> None:
        """Write, or die in it."""
        if not self._is_armed:
            super().commit(writes)
            return
        number = len(self.steps)
        self.steps.append(0)
        if number == self._target[0]:
            self._before = self._content("before")
        self._fragile.before = partial(self._look, number)
        try:
            super().commit(writes)
        finally:
            self._fragile.before = None

    def _look(self, number: int) -> None:
        step = self.steps[number]
        self.steps[number] += 1
        if (number, step) == self._target:
            self.remains = self._before, self._content("killed")
            raise EngineDied

    def _content(self, name: str) -> dict[str, list[Any]]:
        """Read a copy of the files, which is what a killed process leaves."""
        folder = self._path.parent / name
        folder.mkdir()
        for file in self._path.parent.glob(f"{self._path.name}*"):
            if not file.name.endswith("-shm"):  # it says what the living know of the log
                shutil.copyfile(file, folder / file.name)
        with closing(sqlite3.connect(folder / self._path.name)) as connection:
            (check,) = connection.execute("PRAGMA integrity_check").fetchone()
            assert check == "ok"
            return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in STATEMENTS.tables}


@pytest.mark.parametrize("seed", range(8))
def test_wherever_a_commit_is_killed_the_run_is_the_same(seed: int, tmp_path: Path) -> None:
    """The file holds nothing of a commit that was broken off, and the next process does what it would have done."""
    catalog = make_catalog(Random(seed), Shape(tasks_max=8, is_gentle=True))
    store = Killed(tmp_path / "calm" / "store.db")
    calm = DecisionContext(store, catalog, partial(store.arm, -1, 0))
    calm.drive()
    targets = [(commit, step) for commit, steps in enumerate(store.steps[:COMMITS_MAX]) for step in range(steps)]
    assert len(targets) > len(store.steps[:COMMITS_MAX])

    for commit, step in targets:
        killed = Killed(tmp_path / f"{commit}-{step}" / "store.db")
        world = DecisionContext(killed, catalog, partial(killed.arm, commit, step))
        world.drive()

        assert killed.remains is not None
        before, after = killed.remains
        assert after == before, f"step {step} of commit {commit}"
        assert world.bench.run(world.run_id).status is RunStatus.COMPLETED
        assert world.shape() == calm.shape(), f"step {step} of commit {commit}"
        killed.close()
    store.close()


def test_half_a_commit_would_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Planted: a commit of two transactions, of which the first one stays when the second one is killed."""

    def commit(self: SqlBackend, writes: WriteSet) -> None:
        with self._database.write() as cursor:
            self._write_runs(cursor, writes)
        with self._database.write() as cursor:
            self._write_tasks(cursor, writes)
            write_registry(cursor, self._sql, writes)

    monkeypatch.setattr(SqlBackend, "commit", commit)
    catalog = make_catalog(Random(0), Shape(tasks_max=8, is_gentle=True))
    store = Killed(tmp_path / "killed" / "store.db")
    DecisionContext(store, catalog, partial(store.arm, 0, 3))

    assert store.remains is not None
    before, after = store.remains
    assert after != before
    store.close()
