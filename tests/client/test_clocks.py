"""One clock for all processes of a store, whatever each of them takes the time of day for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import podium
from podium.client import system
from podium.client.embedded import EmbeddedClient
from podium.client.system import SystemClock, SystemProcesses
from podium.engine.rows import EngineRow
from podium.model.assignments import Report, TaskStarted
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import TaskStatus
from podium.testing.bench import Bench

HOUR_MS = 3_600_000
ASK = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")

#: More than any test takes.
_SOON_MS = 60_000


@pytest.fixture(params=[1, -1], ids=["ahead", "behind"])
def wrong_by_ms(request: pytest.FixtureRequest) -> int:
    """How wrong the clock is."""
    return int(request.param) * HOUR_MS


def set_clock(monkeypatch: pytest.MonkeyPatch, by_ms: int) -> None:
    """Set the machine's clock."""
    right = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: right() + by_ms * 1_000_000)


def working(url: str) -> EmbeddedClient:
    """Return a client whose engine works."""
    client = podium.connect(url)
    client.search()
    client.kernel.refuse_if_down()
    return client


def test_a_process_goes_by_the_clock_of_those_that_work_already(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong_by_ms: int
) -> None:
    """So it fires no timer of theirs early or late, times nothing out, and sets none that they would misread."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with working(url) as first:
        run_id = first.start(WorkflowDef(name="ask", tasks=(ASK,)))
        set_clock(monkeypatch, wrong_by_ms)
        with working(url) as second:
            assert abs(second._engine.clock.now() - first._engine.clock.now()) < _SOON_MS
            other = second.start(WorkflowDef(name="ask", tasks=(ASK,)))
            created = [second.get(one).create_time for one in (run_id, other)]

    assert abs(created[1] - created[0]) < _SOON_MS


def test_the_first_process_goes_by_the_time_of_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong_by_ms: int
) -> None:
    """A clock that was put right counts as soon as nobody works on the store any more."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with working(url) as first:
        before = first._engine.clock.now()
    set_clock(monkeypatch, wrong_by_ms)

    with working(url) as second:
        assert abs(second._engine.clock.now() - before - wrong_by_ms) < _SOON_MS


def test_the_clock_of_another_machine_says_nothing() -> None:
    """Its steady clock began at another moment; nor does a process count that said good-bye or is of an old Podium."""
    clock, processes = SystemClock(), SystemProcesses()
    mine, now = processes.identity(), clock.now()
    elsewhere = f"other{mine}"
    older = mine.rpartition("|")[0]
    ahead_ms = clock.ahead_ms
    rows = [EngineRow("a", elsewhere, now), EngineRow("b", older, now), EngineRow("c", mine, 0)]
    clock.ahead_ms += HOUR_MS
    clock.agree(rows, processes, lambda: None)
    assert clock.ahead_ms == ahead_ms + HOUR_MS

    clock.agree([*rows, EngineRow("d", mine, now)], processes, lambda: None)

    assert clock.ahead_ms == pytest.approx(ahead_ms, abs=_SOON_MS)


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_machines_go_by_the_clock_of_their_server(
    database: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, wrong_by_ms: int
) -> None:
    """Where neither knows the other's clock, both know the server's."""
    url = request.getfixturevalue(database).url()
    with working(url) as first:
        set_clock(monkeypatch, wrong_by_ms)
        monkeypatch.setattr(system, "_machine", lambda: "another machine")
        with working(url) as second:
            assert abs(second._engine.clock.now() - first._engine.clock.now()) < _SOON_MS


@pytest.mark.parametrize("is_told", [False, True])
def test_work_does_not_begin_in_the_future(*, is_told: bool) -> None:
    """A worker's clock may be ahead of the engine's, and its limits of time count from when it began."""
    step = WorkflowTask(name="step", task_reference_name="step", task_definition=TaskDef(name="step"))
    bench = Bench()
    worker = bench.serve("step")
    run_id = bench.start(WorkflowDef(name="w", tasks=(step,)))
    one = worker.waiting.popleft()
    later = bench.clock.now() + HOUR_MS
    if is_told:
        bench.kernel.submit(TaskStarted(one.run_id, one.seq, "worker", later))
    bench.kernel.submit(Report(one.run_id, one.seq, TaskStatus.COMPLETED, started_at=later))
    bench.settle()

    assert bench.run(run_id).tasks[0].start_time == bench.clock.now()


def test_a_millisecond_that_is_not_over_has_not_passed() -> None:
    """The clock cuts the time to milliseconds: a wait that began within one would end before its time."""
    clock = SystemClock()
    before, passed, after = clock.now(), clock.passed(), clock.now()
    assert before - 1 <= passed <= after - 1
