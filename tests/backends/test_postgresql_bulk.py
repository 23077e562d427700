"""Many rows at once in PostgreSQL: what is rewritten does what the statement for one row does."""

from __future__ import annotations

import pytest

from podium.backends.loader import open_backend
from podium.engine.rows import RunRow, WriteSet
from podium.model.errors import StaleRun
from podium.testing.servers import DatabaseServer


def run(number: int, revision: int = 1, status: str = "RUNNING") -> RunRow:
    """Give a run's row."""
    return RunRow(
        run_id=f"run-{number:04}",
        revision=revision,
        name="nightly",
        version=1,
        digest="d",
        status=status,
        priority=0,
        correlation_id=None,
        parent_id=None,
        parent_seq=0,
        created_at=number,
        updated_at=number,
        ended_at=0,
        due_at=None,
        holder=None,
        reason="a 'quoted', back\\slashed\tand\nbroken reason" if number % 2 else None,
        data=b'{"n":\x00\xff\\}',
        input=b"{}",
        output=b"{}",
        variables=b"{}",
    )


@pytest.mark.parametrize("count", [3, 4, 63, 64, 65, 200])
def test_any_number_of_runs_is_inserted_and_changed(postgresql: DatabaseServer, count: int) -> None:
    """Whatever the number: all rows come back as they were written, and each change finds its row."""
    store = open_backend(postgresql.url())
    store.commit(WriteSet(new_runs=[run(number) for number in range(count)]))
    changed = [run(number, 2, "PAUSED" if number % 3 else "FAILED") for number in range(count)]
    store.commit(WriteSet(runs=changed))
    rows = store.load_runs([row.run_id for row in changed])
    store.close()
    assert [rows[row.run_id] for row in changed] == changed


@pytest.mark.parametrize("count", [4, 65, 67])
def test_one_stale_run_of_many_undoes_the_commit(postgresql: DatabaseServer, count: int) -> None:
    """A revision that is not the stored one is noticed among many that are; nothing is written."""
    store = open_backend(postgresql.url())
    store.commit(WriteSet(new_runs=[run(number) for number in range(count)]))
    with pytest.raises(StaleRun):
        store.commit(WriteSet(runs=[*(run(number, 2) for number in range(count - 1)), run(count - 1, 3)]))
    rows = store.load_runs([run(number).run_id for number in range(count)])
    store.close()
    assert {row.revision for row in rows.values()} == {1}


def test_one_run_of_many_that_is_there_undoes_the_commit(postgresql: DatabaseServer) -> None:
    """A key that exists is noticed in a copy too."""
    store = open_backend(postgresql.url())
    store.commit(WriteSet(new_runs=[run(7)]))
    with pytest.raises(StaleRun):
        store.commit(WriteSet(new_runs=[run(number) for number in range(10)]))
    assert list(store.load_runs([run(number).run_id for number in range(10)])) == [run(7).run_id]
    store.close()
