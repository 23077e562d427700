"""Workflows that go on for ever, and data of the wrong shape: the engine stays alive, the run says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from engine_flows import (
    Crew,
    attempt_of,
    flow,
    fork,
    inline,
    join,
    loop,
    refs,
    simple,
    statuses,
    sub,
    task,
    terminate,
    times,
    update,
)

from podium.engine.events import Retry, Terminate
from podium.engine.rows import RunFilter
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

EVERY = RunFilter()


def begin(bench: Bench, name: str) -> str:
    """Start a run that goes on for ever, and let the engine make a few steps."""
    from podium.engine.requests import StartRequest

    run_id = bench.ids.run_id()
    bench.kernel.ask(StartRequest(run_id, {}, name=name))
    for _ in range(2):
        assert bench.kernel.step()
    return run_id


def stop(bench: Bench, run_id: str) -> None:
    """Terminate a run that goes on for ever; nothing is left of it then."""
    bench.ask(Terminate(run_id, "enough"))
    assert bench.run(run_id).status is RunStatus.TERMINATED
    assert list(bench.reader.runs(RunFilter(status="RUNNING"), limit=10, offset=0)) == []


ENDLESS = {
    "loop of engine tasks": [flow(loop("again", "true", inline("a", "1")), name="w")],
    "loop of nothing but a condition": [
        flow(loop("again", "true", task("NOOP", "a"), inputs={"keepLastN": 1}), name="w")
    ],
    "loop of calls": [flow(task("NOOP", "n"), name="child"), flow(loop("again", "true", sub("c", "child")), name="w")],
}

NESTING = {
    "call of itself": [flow(sub("me", "w", 1), name="w")],
    "two that call each other": [flow(sub("b", "other", 1), name="w"), flow(sub("a", "w", 1), name="other")],
}


@pytest.mark.parametrize("definitions", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_endless_run_lets_others_in_and_can_be_ended(bench: Bench, definitions: list[WorkflowDef]) -> None:
    """Each commit does a bounded piece of it."""
    bench.register(*definitions)
    run_id = begin(bench, "w")
    assert bench.run(run_id).status is RunStatus.RUNNING
    stop(bench, run_id)


@pytest.mark.parametrize("definitions", NESTING.values(), ids=NESTING.keys())
def test_calls_without_end_end_at_the_limit(bench: Bench, definitions: list[WorkflowDef]) -> None:
    """The innermost call is refused, and all runs fail with its reason."""
    bench.register(*definitions)
    run = bench.run(bench.start("w"))
    runs = bench.reader.runs(EVERY, limit=500, offset=0)
    assert {one.status for one in runs} == {RunStatus.FAILED}
    assert len(runs) == 200
    assert "200 runs call each other already, which is the limit" in (bench.run(runs[0].workflow_id).reason or "")
    assert len(run.reason or "") < 11_000


def test_a_tree_that_grows_is_terminated_faster_than_it_grows(bench: Bench) -> None:
    """What ends goes before what grows."""
    twice = flow(fork("split", [sub("a", "w", 1)], [sub("b", "w", 1)]), join("merge", "a", "b"), name="w")
    bench.register(twice)
    run_id = begin(bench, "w")
    stop(bench, run_id)


def test_a_workflow_that_starts_itself_lets_others_in(bench: Bench) -> None:
    """START_WORKFLOW has no parent that could end it; each run ends, and the next one begins."""
    bench.register(flow(task("START_WORKFLOW", "me", inputs={"startWorkflow": {"name": "w"}}), name="w"))
    run_id = begin(bench, "w")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_failure_workflow_that_fails_and_names_itself(bench: Bench) -> None:
    """The chain is cut, and its last run says so."""
    bench.register(flow(terminate("stop", "FAILED"), name="w", failure_workflow="w"))
    bench.start("w")
    runs = bench.reader.runs(EVERY, limit=50, offset=0)
    texts = [bench.run(one.workflow_id).output["conductor.failure_workflow"] for one in runs]
    assert len(texts) == 11
    reason = "Error workflow w failed to start.  reason: 10 failure workflows have failed one after the other"
    assert texts.count(reason) == 1


def test_a_wide_fork_of_calls_is_begun_in_pieces(bench: Bench) -> None:
    """More children than one commit should start: all of them run."""
    bench.register(flow(inline("a", "1"), name="child"))
    names = [f"c{n}" for n in range(1500)]
    run_id = bench.start(flow(fork("split", *([sub(name, "child")] for name in names)), join("merge", *names)))
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert len(attempt_of(run, "merge").output_data) == 1500


# -- data of the wrong shape -----------------------------------------------------------------------------------------


def spread(**given: Any) -> WorkflowTask:
    """Make a dynamic fork in the legacy style."""
    return task("FORK_JOIN_DYNAMIC", "spread", dynamic_fork_join_tasks_param="fan", inputs=given)


@pytest.mark.parametrize(
    "fan", [5, "x", None, [], {"dynamicTasks": 5}, {"dynamicTasks": [5]}, {"dynamicTasks": [None]}]
)
def test_a_legacy_fork_over_anything(bench: Bench, fan: Any) -> None:
    """The run ends FAILED and names the parameter."""
    run = bench.run(bench.start(flow(spread(fan=fan), join("merge"))))
    assert run.status is RunStatus.FAILED
    assert (run.reason or "").startswith("Dynamic tasks could not be created. The value of fan")


def test_a_legacy_fork_with_a_faulty_input(bench: Bench) -> None:
    """Inputs of a branch must be a map."""
    fan = {"dynamicTasks": [{"taskName": "a", "input": 7}]}
    run = bench.run(bench.start(flow(spread(fan=fan), join("merge"))))
    assert run.reason == "Tasks could not be dynamically forked due to invalid input: 7"


@pytest.mark.parametrize("items", [[{"name": 5}], [None], [[1]], [{"type": {}, "optional": "maybe", "joinOn": 3}]])
def test_a_fork_over_odd_items(bench: Bench, items: list[Any]) -> None:
    """An item that cannot be read as a task is data all the same."""
    fork_ = task("FORK_JOIN_DYNAMIC", "spread", inputs={"forkTaskInputs": items, "forkTaskName": "w"})
    run_id = bench.start(flow(fork_, join("merge")))
    Crew(bench, "w").complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


@pytest.mark.parametrize("status", [None, 5, ["COMPLETED"], {"a": 1}, "", "completed"])
def test_a_terminate_with_any_status(bench: Bench, status: Any) -> None:
    """The task is FAILED."""
    run = bench.run(bench.start(flow(task("TERMINATE", "stop", inputs={"terminationStatus": status}))))
    assert attempt_of(run, "stop").reason_for_incompletion == "given termination status is not valid"


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        ({"name": "w", "version": "new"}, "version must be a whole number, not 'new'"),
        ({"name": "w", "priority": [1]}, "priority must be a whole number, not [1]"),
        ({"name": "w", "input": 5}, "input must be an object, not 5"),
        ({"name": "w", "taskToDomain": "x"}, "taskToDomain must be an object, not 'x'"),
    ],
)
def test_a_start_request_of_any_shape(bench: Bench, request_: dict[str, Any], what: str) -> None:
    """The task is FAILED and says what cannot be read."""
    bench.register(flow(simple("a"), name="w"))
    run = bench.run(bench.start(flow(task("START_WORKFLOW", "launch", inputs={"startWorkflow": request_}))))
    assert attempt_of(run, "launch").reason_for_incompletion == f"Error reading StartWorkflowRequest. {what}"


def test_a_start_request_with_numbers_as_text(bench: Bench) -> None:
    """``"1"`` is a version."""
    bench.register(flow(simple("a"), name="w"), flow(simple("a"), name="w", version=2))
    request_ = {"name": "w", "version": "1", "priority": "7"}
    run = bench.run(bench.start(flow(task("START_WORKFLOW", "launch", inputs={"startWorkflow": request_}))))
    other = bench.run(attempt_of(run, "launch").output_data["workflowId"])
    assert (other.workflow_version, other.priority) == (1, 7)


# -- updates of what nobody should update ----------------------------------------------------------------------------


def test_a_loop_that_is_said_to_go_on_goes_on(bench: Bench) -> None:
    """Its counters are the engine's, and nobody is offered a DO_WHILE."""
    run_id = bench.start(flow(times("again", 2, simple("a"))))
    update(bench, run_id, "again", {"iteration": 99}, status=TaskStatus.IN_PROGRESS)
    crew = Crew(bench, "a", "DO_WHILE")
    assert crew.waiting == ["a__1"]
    crew.complete_all()
    assert attempt_of(bench.run(run_id), "again").output_data["iteration"] == 2


@pytest.mark.parametrize("kind", ["JOIN", "SUB_WORKFLOW"])
def test_a_structure_that_is_said_to_go_on_is_offered_to_nobody(bench: Bench, kind: str) -> None:
    """It stays IN_PROGRESS and ends as it would have."""
    bench.register(flow(simple("a"), name="child"))
    if kind == "JOIN":
        run_id = bench.start(flow(fork("split", [simple("a")]), join("s", "a")))
    else:
        run_id = bench.start(flow(sub("s", "child")))
    update(bench, run_id, "s", {"x": 1}, status=TaskStatus.IN_PROGRESS)
    crew = Crew(bench, "a", kind)
    assert (crew.waiting, statuses(bench.run(run_id))["s"]) == (["a"], "IN_PROGRESS")
    crew.complete("a")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_loop_that_is_completed_from_outside(bench: Bench) -> None:
    """The flow goes on; the iteration that runs is the last, and the run waits for it."""
    run_id = bench.start(flow(times("again", 9, simple("a")), inline("after", "1")))
    crew = Crew(bench, "a")
    update(bench, run_id, "again", {"x": 1})
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("a__1")
    run = bench.run(run_id)
    assert (run.status, refs(run)) == (RunStatus.COMPLETED, ["again", "a__1", "after"])
    assert attempt_of(run, "again").output_data["x"] == 1


def test_a_loop_that_is_failed_from_outside_can_be_retried(bench: Bench) -> None:
    """It goes on in the iteration where it was."""
    run_id = bench.start(flow(times("again", 2, simple("a"))))
    crew = Crew(bench, "a")
    crew.complete("a__1")
    crew.take("a__2")
    update(bench, run_id, "again", status=TaskStatus.FAILED, reason="stop it")
    assert bench.run(run_id).status is RunStatus.FAILED
    bench.ask(Retry(run_id))
    crew.complete("a__2")
    assert bench.run(run_id).status is RunStatus.COMPLETED
