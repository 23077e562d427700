"""Several processes on a database server: what one has set aside, lost connections, circles of locks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from many_processes import Open, ways_to

from podium.backends import families
from podium.engine.ports import Backend
from podium.engine.rows import EngineRow, WriteSet
from podium.model.errors import StaleRun, StoreUnavailable
from podium.testing.backend_fixtures import a_run, a_task
from podium.testing.servers import DatabaseServer


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    """The servers of the session, one after the other."""
    server: DatabaseServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def process(server: DatabaseServer) -> Iterator[Open]:
    """Give another process's way to one and the same store, as often as it is called."""
    with ways_to(server.url()) as opened:
        yield opened


def claimed(store: Backend, most: int) -> list[int]:
    """Return the numbers of the attempts that a process gets."""
    return [row.seq for row in store.claim({"q": most}, most, "me")]


def test_what_one_process_claims_others_pass_over(process: Open) -> None:
    """Each gets other attempts, the first ones first; when the claimant commits, what it has not taken is free."""
    one, other, third = process(), process(), process()
    tasks = [a_task(seq=seq, open_queue="q", open_rank=seq) for seq in range(1, 7)]
    one.commit(WriteSet(new_runs=[a_run()], new_tasks=tasks))

    assert claimed(one, 2) == [1, 2]
    assert claimed(one, 2) == [1, 2]
    assert claimed(other, 3) == [3, 4, 5]
    assert claimed(third, 9) == [6]

    one.commit(WriteSet(runs=[a_run(revision=2)], tasks=[tasks[0]._replace(open_queue="@me")]))
    assert claimed(third, 9) == [2, 6]


def test_a_process_that_ends_gives_back_what_it_claimed(process: Open) -> None:
    """Nothing is set aside for those that are gone."""
    one, other = process(), process()
    one.commit(WriteSet(new_runs=[a_run()], new_tasks=[a_task(open_queue="q")]))
    assert claimed(one, 1) == [1]
    assert claimed(other, 1) == []
    one.close()
    assert claimed(other, 1) == [1]


def test_who_claims_holds_up_nobody_who_writes(process: Open) -> None:
    """A run may end elsewhere while one of its attempts is claimed: one of the two commits goes through, at once."""
    one, other = process(), process()
    task = a_task(open_queue="q")
    one.commit(WriteSet(new_runs=[a_run()], new_tasks=[task]))
    assert claimed(one, 1) == [1]
    late: list[StaleRun] = []

    def write(store: Backend, queue: str | None) -> None:
        try:
            store.commit(WriteSet(runs=[a_run(revision=2)], tasks=[task._replace(open_queue=queue)]))
        except StaleRun as error:
            late.append(error)

    ending = threading.Thread(target=write, args=[other, None])
    ending.start()
    write(one, "@me")
    ending.join(timeout=30)
    assert not ending.is_alive()
    assert (len(late), claimed(one, 1)) == (1, [])


def test_a_connection_that_was_closed_while_it_was_idle_costs_nothing(server: DatabaseServer, process: Open) -> None:
    """A server closes what is idle for long; the next write and the next read take new connections."""
    store = process()
    store.commit(WriteSet(new_runs=[a_run()]))
    assert list(store.load_runs(["run-1"])) == ["run-1"]
    server.cut_connections()
    store.commit(WriteSet(runs=[a_run(revision=2)]))
    server.cut_connections()
    assert store.load_runs(["run-1"])["run-1"].revision == 2


def test_two_that_lock_in_opposite_order_both_get_through(process: Open) -> None:
    """One of a circle is told that it was late, as if the other had been faster, and tries again."""
    stores = [process(), process()]
    names = [f"run-{number}" for number in range(8)]
    stores[0].commit(WriteSet(new_runs=[a_run(name) for name in names]))
    barrier = threading.Barrier(2)

    def write(store: Backend, own: list[str]) -> None:
        for _ in range(20):
            barrier.wait(timeout=30)
            while True:
                rows = store.load_runs(own)
                try:
                    store.commit(WriteSet(runs=[rows[name]._replace(revision=rows[name].revision + 1) for name in own]))
                    break
                except StaleRun:
                    continue

    threads = [
        threading.Thread(target=write, args=[store, own])
        for store, own in zip(stores, (names, names[::-1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert {row.revision for row in stores[0].load_runs(names).values()} == {41}


def test_when_no_connection_is_free_the_reader_is_told(process: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that may be open are in use: the error says so, is one to try again after, and passes."""
    store = process()
    pool = store._database._engine.pool  # type: ignore[attr-defined]  # the store's own
    monkeypatch.setattr(pool, "_timeout", 0.01)
    taken = [pool.connect() for _ in range(pool._max_overflow + pool.size())]
    with pytest.raises(StoreUnavailable, match="QueuePool limit"):
        store.engines()
    for connection in taken:
        connection.close()
    store.heartbeat(EngineRow("e1", "here", 1))
    assert [engine.engine_id for engine in store.engines()] == ["e1"]


def test_a_run_that_lives_again_meanwhile_is_not_deleted(process: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at runs that have ended and their end another process restarts one, and deletes another."""
    one, other = process(), process()
    ended = [a_run(f"run-{number}", status="FAILED", ended_at=5) for number in (1, 2, 3)]
    one.commit(WriteSet(new_runs=ended, new_tasks=[a_task("run-1")]))
    look = families.deletable
    again = a_run("run-1", revision=2)

    def meanwhile(*looked_at: Any) -> dict[str, str]:
        monkeypatch.setattr(families, "deletable", look)
        other.commit(WriteSet(runs=[again]))
        assert list(other.delete_runs(["run-2"])) == ["run-2"]
        return look(*looked_at)

    monkeypatch.setattr(families, "deletable", meanwhile)
    assert list(one.delete_runs(["run-1", "run-2", "run-3"])) == ["run-3"]
    assert one.load_runs(["run-1", "run-2", "run-3"]) == {"run-1": again}
    assert one.load_tasks("run-1") == [a_task("run-1")]
