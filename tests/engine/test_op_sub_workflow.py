from __future__ import annotations

from typing import Any

import attrs
import pytest
from engine_flows import (
    Crew,
    attempt_of,
    attempts_of,
    defined,
    flow,
    fork,
    inline,
    join,
    simple,
    statuses,
    sub,
    task,
    terminate,
    update,
    wait,
)

from podium.engine.events import Pause, Resume, Retry, Terminate
from podium.engine.requests import RestartRequest
from podium.model.codec import to_dict
from podium.model.definitions import RateLimitConfig, TaskDef, WorkflowDef
from podium.model.errors import WorkflowNotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, WorkflowTimeoutPolicy
from podium.testing.bench import Bench


def child(version: int = 1, **fields: Any) -> WorkflowDef:
    """Return a child with one worker's task, which tells its version."""
    return flow(
        simple("work", inputs={"v": version, "n": "${workflow.input.n}"}), name="child", version=version, **fields
    )


def calling(**fields: Any) -> WorkflowDef:
    """Return a parent that calls the child and then does something."""
    return flow(
        sub("call", "child", inputs={"n": "${workflow.input.n}"}, **fields), inline("after", "1"), name="parent"
    )


def child_of(bench: Bench, run_id: str, ref: str = "call") -> WorkflowRun:
    """Return the run of the newest child."""
    return bench.run(attempt_of(bench.run(run_id), ref).sub_workflow_id or "")


@pytest.fixture
def crew(bench: Bench) -> Crew:
    """Register the child and serve its task."""
    bench.register(child())
    return Crew(bench, "work")


def test_parent_and_child_are_linked(bench: Bench, crew: Crew) -> None:
    """Each knows the other; the child inherits the correlation id and gets the task's inputs."""
    run_id = bench.start(calling(), {"n": 5}, correlation_id="order-7")
    parent, below = bench.run(run_id), child_of(bench, run_id)
    record = attempt_of(parent, "call")
    assert record.status is TaskStatus.IN_PROGRESS
    assert record.output_data == {"subWorkflowId": below.workflow_id}
    assert below.parent_workflow_id == run_id
    assert below.parent_workflow_task_id == record.task_id
    assert below.correlation_id == "order-7"
    assert below.input == {"n": 5}
    assert below.priority == 0


def test_the_tasks_input_shows_the_call(bench: Bench, crew: Crew) -> None:
    """Name, pinned version and the child's input."""
    run_id = bench.start(calling(), {"n": 5})
    given = attempt_of(bench.run(run_id), "call").input_data
    assert (given["subWorkflowName"], given["subWorkflowVersion"], given["workflowInput"]) == ("child", 1, {"n": 5})


def test_the_childs_output_becomes_the_tasks(bench: Bench, crew: Crew) -> None:
    """Merged flat, with the child's id beside it; the parent goes on in the same instant."""
    run_id = bench.start(calling())
    crew.complete("work", {"x": 1})
    run = bench.run(run_id)
    record = attempt_of(run, "call")
    assert record.output_data == {"x": 1, "subWorkflowId": record.sub_workflow_id}
    assert run.status is RunStatus.COMPLETED


def test_without_inputs_the_child_gets_none(bench: Bench, crew: Crew) -> None:
    """Conductor hands the control fields of the call over then."""
    run_id = bench.start(flow(sub("call", "child")))
    assert child_of(bench, run_id).input == {}


def test_without_a_version_the_newest_is_pinned_when_the_parent_starts(bench: Bench, crew: Crew) -> None:
    """What is registered later does not matter to a run."""
    run_id = bench.start(flow(wait("pause", "1 minute"), sub("call", "child")))
    bench.register(child(2))
    bench.advance(60)
    assert child_of(bench, run_id).workflow_version == 1


def test_version_zero_is_the_newest_when_the_task_starts(bench: Bench, crew: Crew) -> None:
    """Also when an older one was used a moment before."""
    bench.start(flow(sub("call", "child", 0)))
    run_id = bench.start(flow(wait("pause", "1 minute"), sub("call", "child", 0)))
    bench.register(child(2))
    bench.advance(60)
    assert child_of(bench, run_id).workflow_version == 2


def test_a_given_version_is_used(bench: Bench, crew: Crew) -> None:
    """Also when there are newer ones."""
    bench.register(child(2), child(3))
    assert child_of(bench, bench.start(flow(sub("call", "child", 2)))).workflow_version == 2


def test_an_unknown_child_refuses_the_parents_start(bench: Bench) -> None:
    """Without a version the name is looked up at once."""
    with pytest.raises(WorkflowNotFound, match="defined as a sub-workflow has no workflow definition available"):
        bench.start(flow(sub("call", "nobody")))


def test_an_unknown_version_fails_the_task(bench: Bench, crew: Crew) -> None:
    """It is looked up when the task starts."""
    run = bench.run(bench.start(flow(sub("call", "child", 9))))
    assert statuses(run) == {"call": "FAILED"}
    assert attempt_of(run, "call").reason_for_incompletion == "No such workflow defined. name=child, version=9"


def test_the_name_may_come_from_an_expression(bench: Bench, crew: Crew) -> None:
    """With no version it is the newest when the task starts (Conductor refuses the start then)."""
    run_id = bench.start(flow(sub("call", "${workflow.input.which}")), {"which": "child"})
    assert child_of(bench, run_id).workflow_name == "child"


def test_no_name_ends_the_run(bench: Bench) -> None:
    """FAILED with Conductor's words."""
    run = bench.run(bench.start(flow(sub("call", "${workflow.input.which}", 1))))
    assert run.reason == "SubWorkflow name is null and no workflowDefinition supplied"


def test_no_parameters_end_the_run(bench: Bench) -> None:
    """FAILED with Conductor's words."""
    run = bench.run(bench.start(flow(task("SUB_WORKFLOW", "call", name="the_call"))))
    assert run.reason == (
        "Task the_call is defined as sub-workflow and is missing subWorkflowParams. "
        "Please check the workflow definition"
    )


def test_an_inline_definition_runs_without_being_registered(bench: Bench) -> None:
    """Its input carries a mark; expressions inside it are the child's own."""
    inner = flow(inline("double", "$.n * 2", n="${workflow.input.n}"), name="inner", version=4)
    definition = flow(sub("call", None, params={"workflow_definition": inner}, inputs={"n": 21}))
    run_id = bench.start(definition)
    below = child_of(bench, run_id)
    assert below.input == {"n": 21, "_systemMetadata": {"dynamic": True}}
    assert (below.workflow_name, below.workflow_version) == ("inner", 4)
    assert bench.run(run_id).output["result"] == 42
    assert bench.backend.workflow("inner", None) is None


def test_an_inline_definition_from_an_expression(bench: Bench) -> None:
    """A text such as ``${workflow.input.flow}`` gives the definition."""
    inner = to_dict(flow(inline("answer", "42"), name="made"))
    definition = flow(sub("call", None, params={"workflow_definition": "${workflow.input.flow}"}))
    assert bench.run(bench.start(definition, {"flow": inner})).output["result"] == 42


def test_an_inline_definition_that_is_none_fails_the_task(bench: Bench) -> None:
    """What the expression gave is no definition."""
    definition = flow(sub("call", None, params={"workflow_definition": "${workflow.input.flow}"}))
    run = bench.run(bench.start(definition, {"flow": {"tasks": []}}))
    assert run.status is RunStatus.FAILED
    assert "name: is missing" in (run.reason or "")


@pytest.mark.parametrize(
    ("priority", "expected"), [(7, 7), ("${workflow.input.p}", 9), ("high", 0), (None, 0), (10**18, 99), (-5, 0)]
)
def test_priority_comes_from_the_parameters_alone(bench: Bench, crew: Crew, priority: Any, expected: int) -> None:
    """A number, also from an expression; the parent's own is not inherited."""
    run_id = bench.start(flow(sub("call", "child", params={"priority": priority})), {"p": 9}, priority=50)
    assert child_of(bench, run_id).priority == expected


def test_a_failed_child_fails_task_and_parent(bench: Bench, crew: Crew) -> None:
    """The reason names the child and repeats its own."""
    run_id = bench.start(calling())
    crew.fail("work", "broken")
    run, below = bench.run(run_id), child_of(bench, run_id)
    assert statuses(run) == {"call": "FAILED"}
    assert run.status is below.status is RunStatus.FAILED
    reason = attempt_of(run, "call").reason_for_incompletion
    assert reason == f"Sub workflow child.1/{below.workflow_id} failure reason: {below.reason}"


def test_a_terminated_child_cancels_the_task_and_terminates_the_parent(bench: Bench, crew: Crew) -> None:
    """CANCELED is not retried, and TERMINATED it is, not FAILED."""
    run_id = bench.start(calling(retry_count=3))
    bench.ask(Terminate(child_of(bench, run_id).workflow_id, "stop it"))
    run = bench.run(run_id)
    assert statuses(run) == {"call": "CANCELED"}
    assert run.status is RunStatus.TERMINATED


def test_a_timed_out_child_times_the_parent_out(bench: Bench) -> None:
    """At the moment of the child's own timeout."""
    bench.register(child(timeout_seconds=30, timeout_policy=WorkflowTimeoutPolicy.TIME_OUT_WF))
    run_id = bench.start(calling())
    bench.advance(29.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert statuses(run) == {"call": "TIMED_OUT"}
    assert run.status is RunStatus.TIMED_OUT


@pytest.mark.parametrize("operation", ["pause", "resume"])
def test_a_paused_child_keeps_the_parent_waiting(bench: Bench, crew: Crew, operation: str) -> None:
    """The parent stays RUNNING, and goes on after the child was resumed."""
    run_id = bench.start(calling())
    below = child_of(bench, run_id).workflow_id
    bench.ask(Pause(below))
    crew.complete("work")
    assert statuses(bench.run(run_id)) == {"call": "IN_PROGRESS"}
    if operation == "resume":
        bench.ask(Resume(below))
        assert bench.run(run_id).status is RunStatus.COMPLETED


def test_an_optional_call_may_fail(bench: Bench, crew: Crew) -> None:
    """COMPLETED_WITH_ERRORS, and the parent goes on."""
    run_id = bench.start(calling(optional=True))
    crew.fail("work")
    assert statuses(bench.run(run_id)) == {"call": "COMPLETED_WITH_ERRORS", "after": "COMPLETED"}


def test_a_retry_makes_a_new_child(bench: Bench, crew: Crew) -> None:
    """By the definition registered under the task's name; each attempt has its own child."""
    bench.register(TaskDef(name="call", retry_count=1, retry_delay_seconds=2))
    run_id = bench.start(calling(), {"n": 1})
    crew.fail("work")
    bench.advance(2)
    crew.complete("work", {"x": 2})
    run = bench.run(run_id)
    old, new = attempts_of(run, "call")
    assert (old.status, new.status) == (TaskStatus.FAILED, TaskStatus.COMPLETED)
    assert old.sub_workflow_id != new.sub_workflow_id
    assert (bench.run(old.sub_workflow_id or "").status, run.status) == (RunStatus.FAILED, RunStatus.COMPLETED)


def test_the_end_of_the_parent_terminates_its_children(bench: Bench, crew: Crew) -> None:
    """All the way down, the parent's reason handed on; late results change nothing."""
    bench.register(flow(sub("deeper", "child"), name="middle"))
    run_id = bench.start(flow(sub("call", "middle")))
    late = crew.take("work")
    bench.ask(Terminate(run_id, "no more"))
    middle = child_of(bench, run_id)
    below = child_of(bench, middle.workflow_id, "deeper")
    assert middle.status is below.status is RunStatus.TERMINATED
    assert middle.reason == "Parent workflow has been terminated with reason: no more"
    assert below.reason == f"Parent workflow has been terminated with reason: {middle.reason}"
    bench.complete(late, {"x": 1})
    assert bench.run(below.workflow_id) == below


def test_the_end_of_the_parent_without_a_reason(bench: Bench, crew: Crew) -> None:
    """Its status is told instead."""
    run_id = bench.start(calling())
    bench.ask(Terminate(run_id))
    assert child_of(bench, run_id).reason == "Parent workflow has been terminated with status TERMINATED"


def test_a_failing_sibling_terminates_the_child(bench: Bench, crew: Crew) -> None:
    """The parent fails, the child in the other branch ends with it."""
    run_id = bench.start(flow(fork("split", [sub("call", "child")], [simple("other")]), join("merge", "call", "other")))
    other = Crew(bench, "other")
    other.fail("other", "broken")
    run, below = bench.run(run_id), child_of(bench, run_id)
    assert run.status is RunStatus.FAILED
    assert below.status is RunStatus.TERMINATED
    assert below.reason == f"Parent workflow has been terminated with reason: {run.reason}"


def test_retry_of_the_parent_starts_a_new_child(bench: Bench, crew: Crew) -> None:
    """The failed one stays as it was."""
    run_id = bench.start(calling())
    crew.fail("work")
    bench.ask(Retry(run_id))
    crew.complete("work")
    run = bench.run(run_id)
    old, new = attempts_of(run, "call")
    assert run.status is RunStatus.COMPLETED
    assert bench.run(old.sub_workflow_id or "").status is RunStatus.FAILED
    assert bench.run(new.sub_workflow_id or "").status is RunStatus.COMPLETED


def test_retry_of_the_child_reopens_the_parents(bench: Bench, crew: Crew) -> None:
    """The whole chain runs again, with the same child; a JOIN beside it too."""
    bench.register(flow(fork("split", [sub("deeper", "child")]), join("merge", "deeper"), name="middle"))
    run_id = bench.start(flow(sub("call", "middle")))
    crew.fail("work")
    middle = child_of(bench, run_id).workflow_id
    below = child_of(bench, middle, "deeper").workflow_id
    assert bench.run(run_id).status is RunStatus.FAILED
    bench.ask(Retry(below))
    assert {bench.run(one).status for one in (run_id, middle, below)} == {RunStatus.RUNNING}
    assert statuses(bench.run(middle)) == {"split": "COMPLETED", "deeper": "IN_PROGRESS", "merge": "IN_PROGRESS"}
    crew.complete("work", {"x": 1})
    assert {bench.run(one).status for one in (run_id, middle, below)} == {RunStatus.COMPLETED}
    assert bench.run(run_id).output["deeper"]["x"] == 1
    assert bench.run(run_id).reason is None


def test_restart_of_the_child_reopens_the_parent(bench: Bench, crew: Crew) -> None:
    """As retry does."""
    run_id = bench.start(calling())
    crew.fail("work")
    bench.ask(RestartRequest(child_of(bench, run_id).workflow_id))
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("work")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_retry_of_an_optional_child_leaves_the_parent_alone(bench: Bench, crew: Crew) -> None:
    """It went on without the child long ago."""
    run_id = bench.start(calling(optional=True))
    crew.fail("work")
    before = bench.run(run_id)
    bench.ask(Retry(child_of(bench, run_id).workflow_id))
    crew.complete("work")
    assert bench.run(run_id) == before


def test_retry_of_a_child_beside_a_terminate_leaves_the_parent_alone(bench: Bench, crew: Crew) -> None:
    """What the TERMINATE said of the parent stays, whatever the child gives now."""
    branches = fork("split", [sub("call", "child")], [wait("rest", "1 second"), terminate("stop", "FAILED")])
    run_id = bench.start(flow(branches, join("merge", "call", "stop")))
    bench.advance(1)
    before = bench.run(run_id)
    assert statuses(before)["call"] == "CANCELED"
    below = child_of(bench, run_id).workflow_id
    crew.take("work")
    bench.ask(Retry(below))
    crew.complete("work")
    assert bench.run(below).status is RunStatus.COMPLETED
    assert bench.run(run_id) == before


def test_retry_of_a_permissive_child_is_taken_over(bench: Bench, crew: Crew) -> None:
    """The parent had gone on and failed at its end; with the child's good end it completes."""
    run_id = bench.start(calling(permissive=True))
    crew.fail("work")
    assert bench.run(run_id).status is RunStatus.FAILED
    bench.ask(Retry(child_of(bench, run_id).workflow_id))
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("work", {"x": 1})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert statuses(run) == {"call": "COMPLETED", "after": "COMPLETED"}


def test_a_superseded_child_does_not_reach_its_parent(bench: Bench, crew: Crew) -> None:
    """After the parent's retry the old child's retry changes nothing above it."""
    run_id = bench.start(calling())
    crew.fail("work")
    old = child_of(bench, run_id).workflow_id
    bench.ask(Retry(run_id))
    new = child_of(bench, run_id).workflow_id
    bench.ask(Retry(old))
    bench.complete(next(one for one in crew.worker.waiting if one.run_id == old))
    assert bench.run(old).status is RunStatus.COMPLETED
    assert statuses(bench.run(run_id)) == {"call": "IN_PROGRESS"}
    bench.complete(next(one for one in crew.worker.waiting if one.run_id == new))
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_task_timeout_ends_the_child_with_the_parent(bench: Bench, crew: Crew) -> None:
    """``timeoutSeconds`` of the definition registered under the task's name counts for the call."""
    bench.register(TaskDef(name="call", timeout_seconds=60, retry_count=0))
    run_id = bench.start(calling())
    bench.advance(60)
    run = bench.run(run_id)
    assert statuses(run) == {"call": "TIMED_OUT"}
    assert run.status is RunStatus.TIMED_OUT
    assert child_of(bench, run_id).status is RunStatus.TERMINATED


def test_no_response_timeout_for_a_call(bench: Bench, crew: Crew) -> None:
    """A child may take longer than any worker may be silent."""
    bench.register(TaskDef(name="call", response_timeout_seconds=5))
    run_id = bench.start(calling())
    bench.advance(3600)
    assert bench.run(run_id).status is RunStatus.RUNNING


def test_start_workflow_starts_and_goes_on(bench: Bench, crew: Crew) -> None:
    """The other run is not linked, and survives the starter."""
    request = {"name": "child", "input": {"n": 3}, "version": 1}
    starter = task("START_WORKFLOW", "launch", inputs={"startWorkflow": request})
    run_id = bench.start(flow(starter, simple("work2")), correlation_id="c-1")
    other = bench.run(attempt_of(bench.run(run_id), "launch").output_data["workflowId"])
    assert (other.input, other.parent_workflow_id, other.correlation_id) == ({"n": 3}, None, "c-1")
    bench.ask(Terminate(run_id))
    assert bench.run(other.workflow_id).status is RunStatus.RUNNING


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({}, "Missing 'startWorkflow' in input data."),
        (
            {"startWorkflow": {}},
            "startWorkflow validation failed. 'name' -> Workflow name cannot be null or empty. ",
        ),
        ({"startWorkflow": {"name": "nobody"}}, "No such workflow defined. name=nobody, version=latest"),
    ],
)
def test_start_workflow_that_cannot(bench: Bench, inputs: dict[str, Any], reason: str) -> None:
    """The task is FAILED and says why."""
    run = bench.run(bench.start(flow(task("START_WORKFLOW", "launch", inputs=inputs))))
    assert attempt_of(run, "launch").reason_for_incompletion == reason
    assert run.status is RunStatus.FAILED


def test_retries_of_a_call_are_counted_by_the_place_first(bench: Bench, crew: Crew) -> None:
    """``retryCount`` of the task in the workflow overrides that of its definition."""
    call = sub("call", "child", task_definition=defined("call", retry_count=5).task_definition, retry_count=0)
    run_id = bench.start(flow(call))
    crew.fail("work")
    assert bench.run(run_id).status is RunStatus.FAILED


def test_a_call_that_is_ended_from_outside_ends_its_child(bench: Bench, crew: Crew) -> None:
    """An update of the call's task goes on without the child, which is terminated."""
    run_id = bench.start(calling())
    below = child_of(bench, run_id).workflow_id
    update(bench, run_id, "call", {"x": 1})
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert bench.run(below).status is RunStatus.TERMINATED
    assert bench.run(below).reason == "The task of the parent workflow was set to COMPLETED"


def test_a_retried_call_resolves_its_inputs_anew(bench: Bench, crew: Crew) -> None:
    """The new child gets what the parameters give now (Conductor gives it the old input)."""
    keep = task("SET_VARIABLE", "keep", inputs={"n": 2})
    call = sub("call", "child", inputs={"n": "${workflow.variables.n}"})
    call = attrs.evolve(call, task_definition=TaskDef(name="call", retry_count=1, retry_delay_seconds=10))
    definition = flow(fork("split", [call], [wait("rest", "5s"), keep]), join("merge", "call"), variables={"n": 1})
    run_id = bench.start(definition)
    bench.advance(5)
    crew.fail("work")
    bench.advance(10)
    old, new = (bench.run(one.sub_workflow_id or "") for one in attempts_of(bench.run(run_id), "call"))
    assert (old.input, new.input) == ({"n": 1}, {"n": 2})


def test_an_inline_definition_has_no_version(bench: Bench, crew: Crew) -> None:
    """The call shows null for it, whatever the definition says."""
    call = sub("call", "child", params={"workflow_definition": flow(simple("work"), name="other", version=4)})
    shown = attempt_of(bench.run(bench.start(flow(call))), "call").input_data
    assert (shown["subWorkflowName"], shown["subWorkflowVersion"]) == ("other", None)


def test_retry_of_a_child_takes_up_those_beside_it(bench: Bench) -> None:
    """What ended with the parent goes on where it was, and not in new runs; one that cannot is started anew."""
    first, second = flow(simple("a"), name="first"), flow(simple("b"), simple("c"), name="second")
    bench.register(first, second)
    crew = Crew(bench, "a", "b", "c")
    branches = fork("split", [sub("x", "first")], [sub("y", "second")])
    run_id = bench.start(flow(branches, join("merge", "x", "y")))
    crew.complete("b")
    crew.fail("a")
    ended = bench.run(run_id)
    assert statuses(ended) == {"split": "COMPLETED", "x": "FAILED", "y": "CANCELED", "merge": "CANCELED"}
    beside = str(attempt_of(ended, "y").sub_workflow_id)
    bench.ask(Retry(str(attempt_of(ended, "x").sub_workflow_id)))
    again = bench.run(run_id)
    assert statuses(again) == {"split": "COMPLETED", "x": "IN_PROGRESS", "y": "IN_PROGRESS", "merge": "IN_PROGRESS"}
    assert attempt_of(again, "y").sub_workflow_id == beside
    assert bench.run(beside).status is RunStatus.RUNNING
    crew.complete("a")
    crew.complete("c")  # the attempt of before, which the worker still had: nobody waits for it
    crew.complete("c")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_child_that_cannot_go_on_is_started_anew(bench: Bench) -> None:
    """A child that had come to nothing before it was ended has nothing to retry."""
    limit = RateLimitConfig(rate_limit_key="one", concurrent_exec_limit=1)
    first, second = flow(simple("a"), name="first"), flow(simple("b"), name="second", rate_limit_config=limit)
    holder = bench.start(second)
    bench.register(first, second)
    crew = Crew(bench, "a", "b", "c")
    branches = fork("split", [sub("x", "first")], [sub("y", "second")])
    run_id = bench.start(flow(branches, join("merge", "x", "y")))
    crew.fail("a")
    old = attempt_of(bench.run(run_id), "y").sub_workflow_id
    crew.complete("b")
    assert bench.run(holder).status is RunStatus.COMPLETED
    bench.ask(Retry(str(attempt_of(bench.run(run_id), "x").sub_workflow_id)))
    assert attempt_of(bench.run(run_id), "y").sub_workflow_id != old
    crew.complete("a")
    crew.complete("b")
    assert bench.run(run_id).status is RunStatus.COMPLETED
