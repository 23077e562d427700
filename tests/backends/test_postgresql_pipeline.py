"""A commit to PostgreSQL: one pipeline, what it tells others, and what is left of it when a part is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from many_processes import Open, ways_to

from podium.backends.sql.postgresql_pipeline import PipelineCursor
from podium.engine.ports import Backend, Heard
from podium.engine.rows import EngineRow, LogRow, SlotRow, TaskRow, WriteSet
from podium.model.errors import InternalError, StaleRun, StoreUnavailable
from podium.model.statuses import TaskType
from podium.testing.backend_fixtures import a_run, a_task
from podium.testing.servers import DatabaseServer


@pytest.fixture
def process(postgresql: DatabaseServer) -> Iterator[Open]:
    """Give another process's way to one and the same store, as often as it is called."""
    with ways_to(postgresql.url()) as opened:
        yield opened


def tasks_of(run_id: str, count: int) -> list[TaskRow]:
    """Give attempts of a run."""
    return [a_task(run_id=run_id, seq=seq) for seq in range(1, count + 1)]


def test_a_group_is_sent_at_once(process: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a group is made of: one message with all of it, to which one answer comes."""
    store = process()
    store.commit(WriteSet(new_runs=[a_run("run-1"), a_run("run-2")], new_tasks=tasks_of("run-1", 3)))
    sent: list[int] = []
    send = PipelineCursor._send

    def counted(self: PipelineCursor, notification: bytes | None = None) -> None:
        sent.append(len(self._steps))
        send(self, notification)

    monkeypatch.setattr(PipelineCursor, "_send", counted)
    store.commit(
        WriteSet(
            new_runs=[a_run("run-3")],
            runs=[a_run("run-1", revision=2), a_run("run-2", revision=2)],
            new_tasks=tasks_of("run-2", 70),
            tasks=[row._replace(status="COMPLETED") for row in tasks_of("run-1", 3)],
            slots=[SlotRow("#limit", 1, "run-1", 1, 5, 0)],
            logs=[LogRow("run-1", 1, 7, text) for text in ("first", "second")],
            deleted_tasks=[("run-1", 9)],
        )
    )
    assert len(sent) == 1
    assert sent[0] < 12  # statements, however many rows
    assert [log.text for log in store.load_logs("run-1", 1)] == ["first", "second"]
    assert [row.seq for row in store.load_tasks("run-2")] == list(range(1, 71))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_is_refused_leaves_nothing_behind(process: Open, count: int) -> None:
    """The statements before are undone, those after never ran, and the same connection writes the next group."""
    store = process()
    names = [f"run-{number}" for number in range(count)]
    store.commit(WriteSet(new_runs=[a_run(name) for name in names]))
    stale = [a_run(name, revision=5) for name in names]
    for _ in range(2):
        with pytest.raises(StaleRun, match="changed a run first"):
            store.commit(WriteSet(new_runs=[a_run("new")], runs=stale, new_tasks=tasks_of("new", count)))
    with pytest.raises(InternalError, match="does not exist"):
        store.commit(WriteSet(new_runs=[a_run("new")], tasks=tasks_of("new", count)))
    with pytest.raises(StaleRun, match="exists already"):
        store.commit(WriteSet(new_runs=[a_run("new"), *(a_run(name) for name in names)]))
    assert "new" not in store.load_runs(["new"])
    store.commit(WriteSet(new_runs=[a_run("new")], new_tasks=tasks_of("new", count)))
    assert len(store.load_tasks("new")) == count


def test_a_number_that_no_column_holds_is_the_callers_fault(process: Open) -> None:
    """It is refused before anything is sent, one row or many, and the store goes on."""
    store = process()
    for count in (1, 3):
        with pytest.raises(InternalError, match="64 bits"):
            store.commit(WriteSet(new_runs=[a_run(f"run-{n}")._replace(updated_at=2**63) for n in range(count)]))
    store.commit(WriteSet(new_runs=[a_run()]))


@pytest.mark.parametrize("count", [1, 3])
def test_an_enumeration_is_written_as_the_text_that_it_is(process: Open, count: int) -> None:
    """Rows may have members of enumerations, one row or many."""
    store = process()
    rows = [a_task(seq=seq)._replace(task_type=TaskType.FORK_JOIN) for seq in range(1, count + 1)]
    store.commit(WriteSet(new_tasks=rows))
    assert [row.task_type for row in store.load_tasks("run-1")] == ["FORK_JOIN"] * count


def test_what_is_no_value_is_the_callers_fault(process: Open) -> None:
    """A value of a type that no column has is named."""
    store = process()
    with pytest.raises(InternalError, match="float"):
        store.commit(WriteSet(new_tasks=[a_task()._replace(scheduled_at=1.5)]))  # type: ignore[arg-type]  # on purpose


def heard(store: Backend, act: Callable[[], None]) -> Heard | None:
    """Return what is heard of what another process does, and of nothing before."""
    listening = store.listen()
    assert listening is not None
    while listening.wait(0.0) is not None:
        pass
    act()
    found = listening.wait(10.0)
    while (more := listening.wait(0.0)) is not None:
        found = more if found is None else found.and_also(more)
    listening.close()
    return found


def test_others_hear_what_a_commit_does(process: Open) -> None:
    """What ended, what was another's, whether there may be work for others: so nobody asks the store for nothing."""
    one, other = process(), process()
    nothing = (frozenset[str](), frozenset[str]())

    def told(**writes: Any) -> Heard | None:
        return heard(one, lambda: other.commit(WriteSet(**writes)))

    other.commit(WriteSet(new_runs=[a_run("b")]))
    assert told(new_runs=[a_run("a")._replace(ended_at=7)]) == Heard(frozenset("a"), *nothing, is_plain=True)
    ended = a_run("a", revision=2)._replace(ended_at=7)
    assert told(runs=[ended], taken_runs=["a"]) == Heard(frozenset("a"), frozenset("a"), frozenset(), is_plain=True)
    queue = "a 'quoted' domain:q"
    opened = Heard(frozenset(), frozenset(), frozenset([queue]), is_plain=True)
    assert told(new_tasks=[a_task(run_id="b", open_queue=queue)]) == opened
    assert told(slots=[SlotRow("#limit", 1, "b", 1, 5, 0)]) == Heard(frozenset(), frozenset(), frozenset())
    many = [a_run(f"run-{number:06}")._replace(ended_at=7) for number in range(1_000)]
    assert told(new_runs=many) == Heard()  # more than a notification can say


@pytest.fixture
def notifications(monkeypatch: pytest.MonkeyPatch) -> list[bytes | None]:
    """Return what each commit notifies of, None for nothing; it grows."""
    found: list[bytes | None] = []
    commit = PipelineCursor.commit

    def noted(self: PipelineCursor, notification: bytes | None) -> None:
        found.append(notification)
        commit(self, notification)

    monkeypatch.setattr(PipelineCursor, "commit", noted)
    return found


def test_what_concerns_nobody_else_is_not_told(process: Open, notifications: list[bytes | None]) -> None:
    """Most steps of a run are of use to nobody who could be told: a notification wakes every process."""
    store = process()
    store.commit(WriteSet(new_runs=[a_run("a")], new_tasks=[a_task(run_id="a")]))
    store.commit(WriteSet(runs=[a_run("a", revision=2)], new_tasks=[a_task(run_id="a", seq=2, open_queue="q")]))
    assert [one is not None for one in notifications] == [False, True]


def test_who_is_alone_tells_nobody_until_somebody_comes(process: Open, notifications: list[bytes | None]) -> None:
    """A notification costs as much as a small commit; a heartbeat is one all the same."""
    store = process()
    ended = [a_run(run_id)._replace(ended_at=7) for run_id in "abc"]
    store.commit(WriteSet(new_runs=ended[:1]))
    store.meet(has_company=False)
    store.commit(WriteSet(new_runs=ended[1:2]))
    store.heartbeat(EngineRow("e1", "here", 1))
    store.commit(WriteSet(new_runs=ended[2:]))
    assert [one is not None for one in notifications] == [True, False, True, True]


def test_a_server_that_takes_no_writes_is_said_to_be_away(postgresql: DatabaseServer, process: Open) -> None:
    """Read-only: an error to try again after, reads go on, and so do writes when it is over."""
    store = process()
    store.commit(WriteSet(new_runs=[a_run("a")]))
    postgresql.set_read_only(is_on=True)
    try:
        refused = process()  # a session that began before keeps its setting only until the server reads it anew
        with pytest.raises(StoreUnavailable, match="read-only"):
            refused.commit(WriteSet(new_runs=[a_run("b")]))
        assert list(refused.load_runs(["a", "b"])) == ["a"]
    finally:
        postgresql.set_read_only(is_on=False)
    refused.close()
    store = process()
    store.commit(WriteSet(new_runs=[a_run("b")]))
    assert sorted(store.load_runs(["a", "b"])) == ["a", "b"]
