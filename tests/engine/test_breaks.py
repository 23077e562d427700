"""Whatever breaks the engine ends its run as FAILED, with the reason, said once; the runs of others go on."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from engine_flows import flow, inline, simple, task, wait

import podium
from podium.backends.memory import MemoryBackend
from podium.engine.decision import Decision
from podium.engine.operators.variables import SetVariable
from podium.engine.records import TaskRecord
from podium.engine.rows import WriteSet
from podium.model.definitions import WorkflowDef
from podium.model.errors import LimitExceeded
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

#: An operator that breaks stands where this one does.
BREAKS = task("SET_VARIABLE", "breaks", inputs={"x": 1})


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every SET_VARIABLE raises."""

    def begin(self: SetVariable, decision: Decision, record: TaskRecord) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(SetVariable, "begin", begin)


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the errors that were logged."""
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


def assert_failed(bench: Bench, run_id: str, caplog: pytest.LogCaptureFixture) -> None:
    """The run is FAILED with the reason, nothing of it lives, and it was said once."""
    run = bench.run(run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, "the engine could not go on: ZeroDivisionError: planted")
    assert all(attempt.status.is_terminal for attempt in run.tasks)
    assert complaints(caplog) == [f"run {run_id} cannot go on and is ended as FAILED"]


@pytest.mark.usefixtures("broken")
def test_a_decision_that_raises_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """The caller has its id, and finds the reason there."""
    bench = Bench()
    assert_failed(bench, bench.start(flow(BREAKS)), caplog)


@pytest.mark.usefixtures("broken")
def test_a_decision_that_raises_after_a_timer(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for the answer to a timer; a run beside it, due at the same moment, goes on."""
    bench = Bench()
    run_id = bench.start(flow(wait("gap", "5 seconds"), BREAKS))
    good = bench.start(flow(wait("gap", "5 seconds"), name="good"))
    bench.advance(5)
    assert_failed(bench, run_id, caplog)
    assert bench.run(good).status is RunStatus.COMPLETED


@pytest.mark.usefixtures("broken")
def test_a_decision_that_raises_in_a_report(caplog: pytest.LogCaptureFixture) -> None:
    """The worker that reported is none the wiser, and its other results are taken."""
    bench = Bench()
    run_id = bench.start(flow(simple("work"), BREAKS))
    good = bench.start(flow(simple("work"), name="good"))
    worker = bench.serve("work")
    while worker.waiting:
        bench.complete(worker.waiting.popleft())
    bench.settle()
    assert_failed(bench, run_id, caplog)
    assert bench.run(good).status is RunStatus.COMPLETED


class Refusing(MemoryBackend):
    """A store that does not take new runs of one name, as one does not take values of a wrong type."""

    def commit(self, writes: WriteSet) -> None:
        """Write, or raise what is no error of stores."""
        if any(row.name == "refused" for row in writes.new_runs):
            raise ZeroDivisionError("planted")
        super().commit(writes)


@pytest.mark.parametrize("before", [[], [wait("gap", "5 seconds")]])
def test_a_run_that_cannot_be_begun_ends_the_one_that_wants_it(
    before: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The new run is nowhere, so it cannot be the one that ends; to try again would be to try for ever."""
    bench = Bench(Refusing())
    bench.register(flow(task("NOOP", "n"), name="refused"))
    starting = task("START_WORKFLOW", "other", inputs={"startWorkflow": {"name": "refused"}})
    run_id = bench.start(flow(*before, starting))
    bench.advance(5)
    run = bench.run(run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, "the engine could not go on: ZeroDivisionError: planted")
    assert len(complaints(caplog)) <= 2


def test_a_run_that_cannot_be_read_stops_no_process(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its rows are ended as they are; the runs beside it go on."""
    path = tmp_path / "runs.db"
    definition = WorkflowDef(name="asks", tasks=(task("HUMAN", "ask"),))
    with podium.connect(f"sqlite:///{path}") as client:
        harmed, good = client.start(definition), client.start(WorkflowDef(name="good", tasks=(task("HUMAN", "ask"),)))
    with sqlite3.connect(path) as connection:
        (digest,) = connection.execute("select digest from runs where name = 'asks'").fetchone()
        connection.execute("update definitions set body = ? where digest = ?", (b"{no json", digest))
    connection.close()

    with podium.connect(f"sqlite:///{path}") as client:
        with pytest.raises(podium.PodiumError):
            client.complete_task(harmed, "ask")
        client.complete_task(good, "ask")
        assert client.wait(good, 20).status is RunStatus.COMPLETED
    with sqlite3.connect(path) as connection:
        (status,) = connection.execute("select status from runs where run_id = ?", (harmed,)).fetchone()
    connection.close()
    assert status == RunStatus.FAILED.value


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": 2**70}, "version must be a whole number"),
        ({"version": "--5"}, "version must be a whole number"),
        ({"priority": True}, "priority must be a whole number"),
        ({"correlationId": {"a": 1}}, "correlationId must be a text"),
    ],
)
def test_a_start_of_another_run_that_cannot_be_read(fields: dict[str, Any], words: str) -> None:
    """FAILED with what cannot be read, also after a timer."""
    bench = Bench()
    bench.register(flow(task("NOOP", "n"), name="other"))
    starting = task("START_WORKFLOW", "start", inputs={"startWorkflow": {"name": "other", **fields}})
    run_id = bench.start(flow(wait("gap", "1 second"), starting))
    bench.advance(1)
    attempt = bench.run(run_id).tasks[-1]
    assert attempt.status is TaskStatus.FAILED
    assert words in (attempt.reason_for_incompletion or "")


class NarrowBackend(MemoryBackend):
    """A store that keeps no key of more than ten letters, as some databases keep none of more than 255."""

    def commit(self, writes: WriteSet) -> None:
        """Refuse such a key as they do."""
        if any(len(row.key) > 10 for row in writes.start_keys):
            raise LimitExceeded("a name or an id is longer than this database keeps")
        super().commit(writes)


def test_what_a_store_does_not_take_is_said_to_its_caller(caplog: pytest.LogCaptureFixture) -> None:
    """It is no bug of ours: one line for whoever reads the log, and no traceback."""
    bench = Bench(NarrowBackend())
    with pytest.raises(LimitExceeded, match="longer than this database keeps"):
        bench.start(flow(inline("a", "1")), idempotency_key="a long long key")
    (line,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "longer than this database keeps" in line.getMessage()
    assert line.exc_info is None
