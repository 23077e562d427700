from __future__ import annotations

import pytest
from engine_flows import Crew, attempt_of, flow, simple, sub, terminate

from podium.engine.events import Terminate
from podium.engine.rows import RunFilter
from podium.model.definitions import WorkflowDef
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, WorkflowTimeoutPolicy
from podium.testing.bench import Bench


@pytest.fixture(autouse=True)
def handler(bench: Bench) -> None:
    """Register the failure workflow."""
    bench.register(flow(simple("undo"), name="undo_all"))


def failing(*tasks: object, **fields: object) -> WorkflowDef:
    """Return a workflow that names a failure workflow."""
    return flow(simple("a"), failure_workflow="undo_all", name="order", **fields)


def handlers(bench: Bench, name: str = "undo_all") -> list[WorkflowRun]:
    """Return the runs of the failure workflow."""
    found = bench.reader.runs(RunFilter(name=name), limit=10, offset=0)
    return [bench.run(one.workflow_id) for one in found]


def test_a_failed_run_starts_its_failure_workflow(bench: Bench) -> None:
    """With the original input and all that is known of the failure; its id stands in the output."""
    run_id = bench.start(failing(), {"n": 5}, correlation_id="c-1")
    failed = Crew(bench, "a").fail("a", "broken")
    run = bench.run(run_id)
    (undo,) = handlers(bench)
    assert run.output["conductor.failure_workflow"] == undo.workflow_id
    assert undo.correlation_id == "c-1"
    assert undo.parent_workflow_id is None
    given = undo.input
    assert given["n"] == 5
    assert (given["workflowId"], given["reason"], given["failureStatus"]) == (run_id, run.reason, "FAILED")
    assert given["failureTaskId"] == failed.task_id
    assert given["failedWorkflow"]["workflowId"] == run_id
    assert given["failedWorkflow"]["status"] == "FAILED"
    assert given["failedWorkflow"]["tasks"][0]["status"] == "FAILED"
    assert given["failedWorkflow"]["workflowDefinition"]["name"] == "order"


def test_the_output_of_the_run_is_kept_beside(bench: Bench) -> None:
    """``outputParameters`` are computed for failed runs too."""
    run_id = bench.start(failing(output_parameters={"n": "${workflow.input.n}"}), {"n": 1})
    Crew(bench, "a").fail("a")
    assert set(bench.run(run_id).output) == {"n", "conductor.failure_workflow"}


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "TERMINATED"])
def test_a_terminate_task_starts_it_unless_it_completes(bench: Bench, status: str) -> None:
    """FAILED and TERMINATED do."""
    bench.start(flow(terminate("stop", status), failure_workflow="undo_all"))
    assert [one.input["failureStatus"] for one in handlers(bench)] == ([] if status == "COMPLETED" else [status])


def test_a_timeout_starts_it(bench: Bench) -> None:
    """Also without a failing task."""
    bench.start(failing(timeout_seconds=5, timeout_policy=WorkflowTimeoutPolicy.TIME_OUT_WF))
    bench.advance(5)
    (undo,) = handlers(bench)
    assert undo.input["failureStatus"] == "TIMED_OUT"
    assert "failureTaskId" not in undo.input


def test_an_operators_terminate_does_not(bench: Bench) -> None:
    """Nor does it for the children that end with the run."""
    bench.register(failing())
    run_id = bench.start(flow(sub("call", "order"), failure_workflow="undo_all"))
    bench.ask(Terminate(run_id))
    assert handlers(bench) == []


def test_a_terminated_child_starts_the_parents(bench: Bench) -> None:
    """The parent is TERMINATED by the engine, not by an operator."""
    bench.register(flow(simple("a"), name="child"))
    run_id = bench.start(flow(sub("call", "child"), failure_workflow="undo_all"))
    bench.ask(Terminate(bench.run(run_id).tasks[0].sub_workflow_id or ""))
    (undo,) = handlers(bench)
    assert (undo.input["workflowId"], undo.input["failureStatus"]) == (run_id, "TERMINATED")


def test_a_failed_child_starts_its_own_and_the_parents(bench: Bench) -> None:
    """Each run names its own failure workflow."""
    bench.register(failing())
    bench.start(flow(sub("call", "order"), failure_workflow="undo_all", name="outer"))
    Crew(bench, "a").fail("a")
    assert sorted(one.input["failedWorkflow"]["workflowDefinition"]["name"] for one in handlers(bench)) == [
        "order",
        "outer",
    ]


def test_a_version_can_be_named(bench: Bench) -> None:
    """Else the greatest runs."""
    bench.register(flow(simple("undo2"), name="undo_all", version=2))
    crew = Crew(bench, "a")
    bench.start(failing(failure_workflow_version=1))
    crew.fail("a")
    assert [one.workflow_version for one in handlers(bench)] == [1]
    bench.start(failing())
    crew.fail("a")
    assert sorted(one.workflow_version for one in handlers(bench)) == [1, 2]


@pytest.mark.parametrize("spelling", ["$workflow.input.handler", "${workflow.input.handler}"])
def test_the_name_may_come_from_the_input(bench: Bench, spelling: str) -> None:
    """In Conductor only the spelling without braces works."""
    bench.start(flow(simple("a"), failure_workflow=spelling), {"handler": "undo_all"})
    Crew(bench, "a").fail("a")
    assert len(handlers(bench)) == 1


@pytest.mark.parametrize("spelling", ["$workflow.input.handler", "$x", "${workflow}", ""])
def test_no_name_starts_nothing(bench: Bench, spelling: str) -> None:
    """The run fails as if none was named (a name with too few dots hangs Conductor's run)."""
    run_id = bench.start(flow(simple("a"), failure_workflow=spelling))
    Crew(bench, "a").fail("a")
    assert bench.run(run_id).status is RunStatus.FAILED
    assert handlers(bench) == []


def test_an_unknown_failure_workflow_is_told_in_the_output(bench: Bench) -> None:
    """The run fails all the same."""
    run_id = bench.start(flow(simple("a"), failure_workflow="nobody"))
    Crew(bench, "a").fail("a")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert run.output["conductor.failure_workflow"] == (
        "Error workflow nobody failed to start.  reason: No such workflow defined. name=nobody, version=latest"
    )


def test_a_completed_run_starts_none(bench: Bench) -> None:
    """Naming one costs nothing."""
    bench.start(failing())
    Crew(bench, "a").complete("a")
    assert handlers(bench) == []


def test_the_failed_task_of_a_terminate_is_itself(bench: Bench) -> None:
    """A permissive failure at the end has none: the key is absent."""
    run_id = bench.start(flow(terminate("stop", "FAILED"), failure_workflow="undo_all"))
    (undo,) = handlers(bench)
    assert undo.input["failureTaskId"] == attempt_of(bench.run(run_id), "stop").task_id
    bench.start(flow(simple("a", permissive=True), failure_workflow="undo_all"))
    Crew(bench, "a").fail("a")
    assert sum("failureTaskId" in one.input for one in handlers(bench)) == 1
