"""Types that a service of the process does: KAFKA_PUBLISH, JDBC, GET_WORKFLOW, from the engine's side."""

from __future__ import annotations

from typing import Any

import pytest

from podium.dsl import Step, Workflow
from podium.engine.events import ReportByName
from podium.model.assignments import Report
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

KINDS = ("KAFKA_PUBLISH", "JDBC", "GET_WORKFLOW")


def flow(kind: str, **fields: Any) -> WorkflowDef:
    """Return a workflow of one step."""
    made = Workflow("one")
    step = Step("do", type=kind, inputs={"a": 1})
    made >> (step.opts(**fields) if fields else step)
    return made.definition


@pytest.mark.parametrize("kind", KINDS)
def test_it_waits_in_the_queue_of_its_type(kind: str) -> None:
    """The service of any process takes it there, and what it reports ends it; a failure is retried as defined."""
    bench = Bench()
    bench.register(TaskDef(name="do", retry_count=1, retry_delay_seconds=5))
    worker = bench.serve(kind)
    run_id = bench.start(flow(kind))
    bench.fail(worker.waiting.popleft(), "no luck")
    bench.advance(5)
    bench.complete(worker.waiting.popleft(), {"done": True})

    run = bench.run(run_id)
    assert (run.status, run.tasks[-1].retry_count, run.tasks[-1].input_data) == (RunStatus.COMPLETED, 1, {"a": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_completed_from_outside_is_done_once(kind: str) -> None:
    """The service reads ``asyncComplete``; what it says to go on waits for a word, and is not handed out again."""
    bench = Bench()
    worker = bench.serve(kind)
    run_id = bench.start(flow(kind, async_complete=True))
    assignment = worker.waiting.popleft()
    assert assignment.input == {"a": 1, "asyncComplete": True}
    bench.ask(Report(run_id, assignment.seq, TaskStatus.IN_PROGRESS))
    bench.advance(3600)

    assert (list(worker.waiting), bench.run(run_id).tasks[0].status) == ([], TaskStatus.IN_PROGRESS)
    bench.ask(ReportByName(run_id, "do", TaskStatus.COMPLETED, {"offset": 3}))
    assert bench.run(run_id).tasks[0].output_data == {"offset": 3}


@pytest.mark.parametrize("kind", KINDS)
def test_a_dynamic_task_of_that_name_is_done_too(kind: str) -> None:
    """A DYNAMIC task that is called so is the service's."""
    bench = Bench()
    worker = bench.serve(kind)
    made = Workflow("one")
    made >> Step("do", type="DYNAMIC", inputs={"what": kind}, dynamic_task_name_param="what")
    run_id = bench.start(made.definition)
    bench.complete(worker.waiting.popleft(), {"done": 1})

    assert bench.run(run_id).output == {"done": 1}
