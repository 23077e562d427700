"""YIELD and WAIT_FOR_WEBHOOK in the engine: they wait, whatever the clock says, until a word from outside."""

from __future__ import annotations

from typing import Any

import pytest

from podium.dsl import Step, Workflow
from podium.engine.events import ReportByName, Restart, Terminate
from podium.engine.operators.waiting import WEBHOOKS
from podium.model.definitions import TaskDef
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

KINDS = {"YIELD": {"shown": 1}, "WAIT_FOR_WEBHOOK": {"matches": {"$.a": 1}}}


def begun(bench: Bench, kind: str, **fields: Any) -> str:
    """Start a run of one step."""
    made = Workflow("one")
    made >> Step("wait", type=kind, inputs=KINDS[kind], **fields)
    return bench.start(made.definition)


@pytest.mark.parametrize("kind", KINDS)
def test_it_waits_for_a_word(kind: str) -> None:
    """It is in progress for as long as it takes, with a response timeout too, and has what the word brings."""
    bench = Bench()
    bench.register(TaskDef(name="wait", response_timeout_seconds=60))
    run_id = begun(bench, kind)
    bench.advance(30 * 24 * 3600)

    (task,) = bench.run(run_id).tasks
    assert (task.status, task.task_type, task.input_data) == (TaskStatus.IN_PROGRESS, kind, KINDS[kind])
    bench.ask(ReportByName(run_id, "wait", TaskStatus.COMPLETED, {"answer": 2}))
    assert (bench.run(run_id).status, bench.run(run_id).tasks[0].output_data) == (RunStatus.COMPLETED, {"answer": 2})


def test_a_timeout_of_its_own_counts() -> None:
    """``timeoutSeconds`` ends it, and what waited for a webhook is not found any more."""
    bench = Bench()
    bench.register(TaskDef(name="wait", timeout_seconds=60, retry_count=0))
    run_id = begun(bench, "WAIT_FOR_WEBHOOK")
    assert [(row.run_id, row.seq) for row in bench.backend.lying_in(WEBHOOKS, 9)] == [(run_id, 1)]
    bench.advance(61)

    assert bench.run(run_id).status is RunStatus.TIMED_OUT
    assert bench.backend.lying_in(WEBHOOKS, 9) == []


def test_what_waits_for_a_webhook_is_found_until_the_run_ends() -> None:
    """Its place among those that wait outlives the process, is left with the run, and comes again with a restart."""
    bench = Bench()
    run_id = begun(bench, "WAIT_FOR_WEBHOOK")
    bench.ask(Terminate(run_id))
    assert bench.backend.lying_in(WEBHOOKS, 9) == []

    bench.ask(Restart(run_id))
    other = Bench(bench.backend, name="other", clock=bench.clock, dead={"bench"})
    other.advance(60)
    assert [row.run_id for row in bench.backend.lying_in(WEBHOOKS, 9)] == [run_id]
