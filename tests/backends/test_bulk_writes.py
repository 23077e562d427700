"""Many rows at once on the servers: what is rewritten does what the statement for one row does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from podium.backends.loader import open_backend
from podium.backends.sql.postgresql_texts import many_rows, values_of
from podium.engine.ports import Backend
from podium.engine.rows import RunRow, WriteSet
from podium.model.errors import LimitExceeded, StaleRun
from podium.model.statuses import TaskType
from podium.testing.backend_fixtures import a_task
from podium.testing.servers import DatabaseServer


def run(number: int, revision: int = 1, status: str = "RUNNING") -> RunRow:
    """Return a run's row."""
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


@pytest.fixture(params=["postgresql", "mariadb"])
def store(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """An empty store on each server."""
    store = open_backend(request.getfixturevalue(request.param).url())
    yield store
    store.close()


@pytest.mark.parametrize("count", [3, 4, 63, 64, 65, 200])
def test_any_number_of_runs_is_inserted_and_changed(store: Backend, count: int) -> None:
    """Whatever the number: all rows come back as they were written, and each change finds its row."""
    store.commit(WriteSet(new_runs=[run(number) for number in range(count)]))
    changed = [run(number, 2, "PAUSED" if number % 3 else "FAILED") for number in range(count)]
    store.commit(WriteSet(runs=changed))
    rows = store.load_runs([row.run_id for row in changed])
    assert [rows[row.run_id] for row in changed] == changed


@pytest.mark.parametrize("count", [4, 65, 67])
def test_one_stale_run_of_many_undoes_the_commit(store: Backend, count: int) -> None:
    """A revision that is not the stored one is noticed among many that are; nothing is written."""
    store.commit(WriteSet(new_runs=[run(number) for number in range(count)]))
    with pytest.raises(StaleRun):
        store.commit(WriteSet(runs=[*(run(number, 2) for number in range(count - 1)), run(count - 1, 3)]))
    rows = store.load_runs([run(number).run_id for number in range(count)])
    assert {row.revision for row in rows.values()} == {1}


def test_one_run_of_many_that_is_there_undoes_the_commit(store: Backend) -> None:
    """A key that exists is noticed among many that do not."""
    store.commit(WriteSet(new_runs=[run(7)]))
    with pytest.raises(StaleRun):
        store.commit(WriteSet(new_runs=[run(number) for number in range(10)]))
    assert list(store.load_runs([run(number).run_id for number in range(10)])) == [run(7).run_id]


def test_a_run_that_is_written_as_it_was_counts_as_found(store: Backend) -> None:
    """A row count is how many rows there were, not how many of them are different now, as MySQL would have it."""
    rows = [run(number) for number in range(5)]
    store.commit(WriteSet(new_runs=rows))
    same = a_task(run_id=rows[0].run_id)
    store.commit(WriteSet(new_tasks=[same, same._replace(seq=2)]))
    store.commit(WriteSet(tasks=[same, same._replace(seq=2)]))
    store.commit(WriteSet(tasks=[same]))
    assert store.load_tasks(rows[0].run_id) == [same, same._replace(seq=2)]


def test_large_values_are_spread_over_statements(store: Backend) -> None:
    """More than a server takes in one statement (16 MB) goes into several."""
    rows = [run(number) for number in range(12)]
    store.commit(WriteSet(new_runs=rows))
    changed = [row._replace(revision=2, variables=b"'" * 1_000_000) for row in rows]
    store.commit(WriteSet(runs=changed))
    found = store.load_runs([row.run_id for row in rows])
    assert [found[row.run_id] == row for row in changed] == [True] * 12


def test_rows_that_change_twice_in_one_commit_change_in_their_order(store: Backend) -> None:
    """One statement would run only one of two changes to a row, so they are run one by one."""
    rows = [run(number) for number in range(5)]
    store.commit(WriteSet(new_runs=rows))
    store.commit(WriteSet(runs=[row._replace(revision=revision) for revision in (2, 3) for row in rows]))
    found = store.load_runs([row.run_id for row in rows])
    assert {row.revision for row in found.values()} == {3}


def test_postgresql_finds_rows_by_their_key_in_a_table_that_it_knows_nothing_of(postgresql: DatabaseServer) -> None:
    """Statistics come minutes after the rows: without them it would read the whole table, with each commit."""
    store = open_backend(postgresql.url())
    store.commit(WriteSet(new_tasks=[a_task(seq=seq) for seq in range(1, 500)]))
    many = many_rows(store._sql.end_task, is_checked=True)  # type: ignore[attr-defined]  # as the store runs it
    assert many is not None
    columns = [["COMPLETED"] * 4, [1] * 4, [2] * 4, [3] * 4, [None] * 4, [b""] * 4, [b"{}"] * 4, ["run-1"] * 4]
    connection = store._database._connect()  # type: ignore[attr-defined]  # with the settings that the store makes
    cursor = psycopg.RawCursor(connection.driver_connection)
    plan = cursor.execute(b"EXPLAIN " + many.text, [*columns, [1, 2, 3, 4], 4]).fetchall()
    connection.close()
    store.close()
    words = " ".join(line for (line,) in plan)
    assert "Index Scan using tasks_pkey" in words
    assert "Seq Scan" not in words


def test_values_are_written_by_what_they_are() -> None:
    """A kind of text is a text; what no column holds is refused in words."""
    assert values_of(["a", TaskType.SIMPLE, b"b", 7, None]) == [b"a", b"SIMPLE", b"b", (7).to_bytes(8), None]
    with pytest.raises(psycopg.ProgrammingError, match="cannot be a value of a column"):
        values_of([object()])


@pytest.mark.parametrize("filling", ["x", '\\"'])
def test_payloads_of_the_greatest_size_are_kept(store: Backend, filling: str) -> None:
    """A row of several is more than MariaDB takes in one statement, and text in quotes takes twice its room there."""
    full = f'"{filling * (10_000_000 // len(filling.encode()))}"'.encode()
    rows = [run(number)._replace(input=full, output=full, variables=b"{}") for number in range(2)]
    attempts = [a_task("run-0000", 1)._replace(input=full, output=full), a_task("run-0001", 1)]
    store.commit(WriteSet(new_runs=[*rows, run(2)], new_tasks=attempts))
    changed = [row._replace(revision=2, output=full + b" ") for row in rows]
    ended = [task._replace(output=full + b" ") for task in attempts]
    store.commit(WriteSet(runs=[*changed, run(2, 2)], tasks=ended))
    assert store.load_runs(["run-0000", "run-0001", "run-0002"]) == {row.run_id: row for row in (*changed, run(2, 2))}
    assert [store.load_tasks(task.run_id) for task in ended] == [[task] for task in ended]


def test_what_mariadb_does_not_take_is_refused_in_words(mariadb: DatabaseServer) -> None:
    """And the store goes on: what is too large once would be too large each time that it is tried again."""
    store = open_backend(mariadb.url())
    with pytest.raises(LimitExceeded, match=r"payload of 20000002 bytes .* max_allowed_packet is 16777216"):
        store.commit(WriteSet(new_runs=[run(1)._replace(input=b'"' + b"x" * 20_000_000 + b'"')]))
    store.commit(WriteSet(new_runs=[run(1)]))
    assert store.load_runs(["run-0001"])
    store.close()
