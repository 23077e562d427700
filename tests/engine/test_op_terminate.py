from __future__ import annotations

from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, fork, inline, join, refs, simple, statuses, sub, switch, terminate

from podium.model.statuses import RunStatus
from podium.testing.bench import Bench


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "TERMINATED"])
def test_the_run_ends_with_the_given_status(bench: Bench, status: str) -> None:
    """The task is COMPLETED, nothing after it runs, the default reason names it."""
    run = bench.run(bench.start(flow(inline("before", "1"), terminate("stop", status), inline("after", "2"))))
    assert run.status is RunStatus(status)
    assert statuses(run) == {"before": "COMPLETED", "stop": "COMPLETED"}
    assert run.reason == f"Workflow is {status} by TERMINATE task: 'stop'"


def test_a_given_reason_is_kept_also_for_completed(bench: Bench) -> None:
    """As Conductor does."""
    run = bench.run(bench.start(flow(terminate("stop", "COMPLETED", terminationReason="enough"))))
    assert (run.status, run.reason) == (RunStatus.COMPLETED, "enough")


@pytest.mark.parametrize(("given", "reason"), [(404, "404"), ({"a": [1]}, "{a=[1]}"), (False, "false")])
def test_a_reason_that_is_no_text_is_written_as_one(bench: Bench, given: Any, reason: str) -> None:
    """A number that a step gave is lost to nobody."""
    end = terminate("stop", "FAILED", terminationReason="${workflow.input.why}")
    run = bench.run(bench.start(flow(end), {"why": given}))
    assert (run.status, run.reason) == (RunStatus.FAILED, reason)


@pytest.mark.parametrize(
    ("given", "output"), [({"a": 1}, {"a": 1}), ("text", {"output": "text"}), ([1], {"output": [1]}), (None, {})]
)
def test_the_output_is_the_tasks(bench: Bench, given: Any, output: dict[str, Any]) -> None:
    """``outputParameters`` do not count; what is no map comes under ``output``."""
    definition = flow(
        inline("before", "1"),
        terminate("stop", "COMPLETED", workflowOutput="${workflow.input.given}"),
        output_parameters={"other": 1},
    )
    run = bench.run(bench.start(definition, {"given": given}))
    assert run.output == attempt_of(run, "stop").output_data == output


def test_without_an_output_there_is_none(bench: Bench) -> None:
    """Neither ``outputParameters`` nor the last task's."""
    definition = flow(inline("before", "1"), terminate("stop", "FAILED"), output_parameters={"other": 1})
    assert bench.run(bench.start(definition)).output == {}


def test_what_runs_beside_is_cancelled(bench: Bench) -> None:
    """Workers' tasks, JOINs and sub-workflows."""
    bench.register(flow(simple("deep"), name="child"))
    definition = flow(
        fork("split", [simple("a"), terminate("stop", "COMPLETED")], [simple("b")], [sub("call", "child")]),
        join("merge", "stop", "b", "call"),
    )
    run_id = bench.start(definition)
    crew = Crew(bench, "a", "b", "deep")
    late = crew.take("b")
    crew.complete("a")
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert {ref: statuses(run)[ref] for ref in ("b", "call", "merge")} == dict.fromkeys(
        ("b", "call", "merge"), "CANCELED"
    )
    assert bench.run(attempt_of(run, "call").sub_workflow_id or "").status is RunStatus.TERMINATED
    bench.complete(late)
    assert bench.run(run_id) == run


def test_in_a_case_it_ends_the_run(bench: Bench) -> None:
    """The usual guard at the top of a workflow."""
    guard = switch(
        "guard", "${workflow.input.ok}", {"false": [terminate("stop", "FAILED", terminationReason="not ok")]}
    )
    definition = flow(guard, inline("work", "1"))
    bad, good = (bench.run(bench.start(definition, {"ok": ok})) for ok in (False, True))
    assert (bad.status, bad.reason) == (RunStatus.FAILED, "not ok")
    assert refs(good) == ["guard", "work"]


def test_in_a_child_it_ends_the_child_only(bench: Bench) -> None:
    """The parent sees the child's status."""
    bench.register(flow(terminate("stop", "COMPLETED", workflowOutput={"early": True}), name="child"))
    run = bench.run(bench.start(flow(sub("call", "child"), inline("after", "1"))))
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "call").output_data["early"] is True


def test_a_status_that_is_none_fails_the_task(bench: Bench) -> None:
    """FAILED, with Conductor's words."""
    run = bench.run(bench.start(flow(terminate("stop", "${workflow.input.s}")), {"s": "DONE"}))
    assert attempt_of(run, "stop").reason_for_incompletion == "given termination status is not valid"
    assert run.status is RunStatus.FAILED


def test_a_permissive_failure_before_it_still_fails_the_run(bench: Bench) -> None:
    """The output stays the TERMINATE's; the reason quotes the task's own status."""
    run_id = bench.start(
        flow(simple("a", permissive=True), terminate("stop", "COMPLETED", workflowOutput={"k": 1})),
    )
    failed = Crew(bench, "a").fail("a", "torn")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert run.reason == f"Task '{failed.ref}' failed with status: FAILED and reason: 'torn'"
    assert run.output == {"k": 1}
