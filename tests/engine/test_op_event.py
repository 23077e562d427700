"""EVENT: what the message is, where it goes, and when the task ends (Conductor: EventTaskSpec, Event.java)."""

from __future__ import annotations

from typing import Any

import pytest

from podium.dsl import Step, Workflow, event, ref
from podium.engine.events import ReportByName
from podium.model.definitions import WorkflowDef
from podium.model.runs import TaskRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Return an engine that goes step by step."""
    return Bench()


def flow(*steps: Step[Any]) -> WorkflowDef:
    """Return a workflow of these steps."""
    made = Workflow("order", version=3)
    for step in steps:
        made >> step
    return made.definition


def played(bench: Bench, step: Step[Any], **inputs: Any) -> tuple[str, TaskRun]:
    """Run one step; give the run's id and its task."""
    run_id = bench.start(flow(step), inputs, correlation_id="c-1")
    return run_id, bench.run(run_id).tasks[0]


def test_the_message_is_the_whole_output(bench: Bench) -> None:
    """The output holds the inputs, the sink, what the run is called, and the queue that has the message."""
    run_id, task = played(bench, event("tell", "conductor", amount=ref("workflow.input.amount")), amount=5)

    assert task.status is TaskStatus.COMPLETED
    assert task.input_data == {"amount": 5, "sink": "conductor", "asyncComplete": False}
    assert task.output_data == {
        "amount": 5,
        "sink": "conductor",
        "asyncComplete": False,
        "workflowInstanceId": run_id,
        "workflowType": "order",
        "workflowVersion": 3,
        "correlationId": "c-1",
        "taskToDomain": {},
        "event_produced": "conductor:order:tell",
    }
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_queue_inside_has_the_workflow_in_its_name(bench: Bench) -> None:
    """``conductor:x`` is the queue ``x`` of this workflow."""
    _, task = played(bench, event("tell", "conductor:sold"))

    assert task.output_data["event_produced"] == "conductor:order:sold"


def test_expressions_in_the_sink_are_resolved(bench: Bench) -> None:
    """The sink may come from the run's input."""
    _, task = played(bench, event("tell", "conductor:${workflow.input.where}"), where="north")

    assert task.input_data["sink"] == "conductor:north"
    assert task.output_data["event_produced"] == "conductor:order:north"


@pytest.mark.parametrize("sink", ["conductors:x", "conductor-x", None, 7, ""])
def test_what_is_no_sink_fails_the_task(bench: Bench, sink: Any) -> None:
    """A sink that begins like that of the engine and is none, or that is no text, fails the task and says which."""
    _, task = played(bench, event("tell", "${workflow.input.sink}"), sink=sink)

    said = "null" if sink is None else sink
    assert task.status is TaskStatus.FAILED
    assert task.reason_for_incompletion == f"Invalid / Unsupported sink specified: {said}"


def test_an_asynchronous_event_waits_for_a_word(bench: Bench) -> None:
    """With ``asyncComplete`` the message is there, and the task in progress until it is updated from outside."""
    run_id, task = played(bench, event("tell", "conductor:sold").opts(async_complete=True))

    assert task.status is TaskStatus.IN_PROGRESS
    assert task.input_data["asyncComplete"] is True
    assert task.output_data["event_produced"] == "conductor:order:sold"

    bench.kernel.submit(ReportByName(run_id, "tell", TaskStatus.COMPLETED, {"answer": 1}))
    bench.settle()

    done = bench.run(run_id)
    assert done.status is RunStatus.COMPLETED
    assert done.tasks[0].output_data["answer"] == 1


def test_other_sinks_are_those_of_the_process(bench: Bench) -> None:
    """What goes outside waits for whoever serves the queue of the type, with the message as it will be."""
    worker = bench.serve("EVENT")
    run_id, task = played(bench, event("tell", "kafka:orders", amount=5))

    assert task.status is TaskStatus.SCHEDULED
    assignment = worker.waiting.popleft()
    assert assignment.output["event_produced"] == "kafka:orders"
    assert assignment.output["workflowInstanceId"] == run_id

    bench.complete(assignment, assignment.output)

    assert bench.run(run_id).tasks[0].output_data["amount"] == 5
