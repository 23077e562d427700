from __future__ import annotations

import pytest
from engine_flows import (
    Crew,
    attempt_of,
    defined,
    flow,
    fork,
    inline,
    join,
    refs,
    simple,
    statuses,
    switch,
    task,
    times,
)

from podium.engine.events import Skip
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import JoinMode, RunStatus, TaskStatus
from podium.testing.bench import Bench


def two_branches(**join_fields: object) -> WorkflowDef:
    """Return a fork of two tasks each, its JOIN and a task after it."""
    return flow(
        fork("split", [simple("a1"), simple("a2")], [simple("b1"), simple("b2")]),
        join("merge", "a2", "b2", **join_fields),
        simple("after"),
    )


ALL = ("a1", "a2", "b1", "b2", "after")


def test_the_first_tasks_of_all_branches_are_scheduled_at_once(bench: Bench) -> None:
    """The fork is COMPLETED, the branches begin in order, the JOIN is IN_PROGRESS."""
    run_id = bench.start(two_branches())
    crew = Crew(bench, *ALL)
    run = bench.run(run_id)
    assert crew.waiting == ["a1", "b1"]
    assert refs(run) == ["split", "a1", "b1", "merge"]
    assert attempt_of(run, "split").task_type == "FORK"
    assert statuses(run)["split"] == "COMPLETED"
    assert statuses(run)["merge"] == "IN_PROGRESS"
    assert attempt_of(run, "merge").input_data == {"joinOn": ["a2", "b2"]}


def test_branches_advance_apart_and_the_join_waits_for_all(bench: Bench) -> None:
    """One branch may end long before the other; what follows the JOIN starts after both."""
    run_id = bench.start(two_branches())
    crew = Crew(bench, *ALL)
    crew.complete("a1")
    crew.complete("a2", {"x": 1})
    assert crew.waiting == ["b1"]
    crew.complete("b1")
    crew.complete("b2", {"y": 2})
    assert crew.waiting == ["after"]
    assert attempt_of(bench.run(run_id), "merge").output_data == {"a2": {"x": 1}, "b2": {"y": 2}}


def test_the_join_ends_at_the_moment_of_the_last_branch(bench: Bench) -> None:
    """No poll, no sweep: the JOIN's end is the last branch's end."""
    run_id = bench.start(two_branches())
    crew = Crew(bench, *ALL)
    crew.complete("a1")
    crew.complete("b1")
    bench.advance(5)
    crew.complete("a2")
    bench.advance(7)
    crew.complete("b2")
    run = bench.run(run_id)
    assert attempt_of(run, "merge").end_time == attempt_of(run, "b2").end_time == bench.clock.now()


def test_a_branch_without_output_is_no_key_of_the_joins_output(bench: Bench) -> None:
    """Empty outputs are left out."""
    run_id = bench.start(two_branches())
    crew = Crew(bench, *ALL)
    crew.complete("a1")
    crew.complete("b1")
    crew.complete("a2", {})
    crew.complete("b2", {"y": 2})
    assert attempt_of(bench.run(run_id), "merge").output_data == {"b2": {"y": 2}}


def test_an_empty_join_is_complete_at_once(bench: Bench) -> None:
    """What the JOIN does not name goes on beside what follows it, and the run waits for it."""
    run_id = bench.start(flow(fork("split", [simple("a")], [simple("b")]), join("merge"), simple("after")))
    crew = Crew(bench, "a", "b", "after")
    assert crew.waiting == ["a", "b", "after"]
    crew.complete("after", {"last": 1})
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("a")
    crew.complete("b")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_join_may_stand_without_a_fork(bench: Bench) -> None:
    """It waits for any tasks."""
    run = bench.run(bench.start(flow(inline("a", "1"), inline("b", "2"), join("both", "a", "b"))))
    assert run.output == {"a": {"result": 1}, "b": {"result": 2}}


@pytest.mark.parametrize("mode", [None, JoinMode.SYNC, JoinMode.ASYNC])
def test_the_join_mode_changes_nothing(bench: Bench, mode: JoinMode | None) -> None:
    """In Conductor it chooses how often a JOIN is looked at; here every JOIN fires at once."""
    run_id = bench.start(two_branches(join_mode=mode))
    crew = Crew(bench, *ALL)
    crew.complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_join_script_says_when_it_is_done(bench: Bench) -> None:
    """``expression`` on a JOIN counts: what follows goes on while a branch is at work, and the run waits for that."""
    run_id = bench.start(two_branches(expression="$.joinOn.some(one => $[one])", evaluator_type="js"))
    crew = Crew(bench, *ALL)
    crew.complete("a1")
    crew.complete("a2")
    assert "after" in crew.waiting
    crew.complete("after")
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_fork_without_a_join_ends_the_run(bench: Bench) -> None:
    """FAILED, with Conductor's words, and nothing scheduled."""
    run = bench.run(bench.start(flow(fork("split", [simple("a")]), simple("b"))))
    assert run.status is RunStatus.FAILED
    assert run.reason == "Fork task definition is not followed by a join task.  Check the blueprint"
    assert run.tasks == ()


def test_an_empty_branch_is_passed_over(bench: Bench) -> None:
    """Conductor's start call breaks on it; here the other branches run."""
    run = bench.run(bench.start(flow(fork("split", [], [inline("b", "1")]), join("merge", "b"))))
    assert run.status is RunStatus.COMPLETED
    assert refs(run) == ["split", "b", "merge"]


def test_branches_of_a_task_that_is_no_fork_are_passed_over(bench: Bench) -> None:
    """Nobody looks at them, nor for definitions of the tasks in them: the run is that of the task alone."""
    run_id = bench.start(flow(task("NOOP", "n", fork_tasks=((simple("stray"),),))))
    assert refs(bench.run(run_id)) == ["n"]
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_forks_nest(bench: Bench) -> None:
    """An inner fork has a JOIN of its own; the outer one waits for that."""
    inner = [fork("inner", [simple("x")], [simple("y")]), join("inner_join", "x", "y")]
    run_id = bench.start(flow(fork("outer", inner, [simple("z")]), join("outer_join", "inner_join", "z")))
    crew = Crew(bench, "x", "y", "z")
    crew.complete("z", {"z": 1})
    crew.complete("x", {"x": 1})
    assert statuses(bench.run(run_id))["inner_join"] == "IN_PROGRESS"
    crew.complete("y", {"y": 1})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "outer_join").output_data == {"inner_join": {"x": {"x": 1}, "y": {"y": 1}}, "z": {"z": 1}}


def test_a_join_on_an_unselected_case_fails_the_run(bench: Bench) -> None:
    """Conductor waits for ever; here the run ends FAILED and names what it waited for."""
    chooser = switch("choose", "A", {"A": [inline("a", "1")], "B": [inline("b", "2")]})
    run = bench.run(bench.start(flow(chooser, join("merge", "a", "b"))))
    assert run.status is RunStatus.FAILED
    assert run.reason == "The workflow cannot go on: JOIN 'merge' waits for 'b', which was never scheduled"


def test_a_join_behind_a_join_that_cannot_fire_is_named_with_it(bench: Bench) -> None:
    """A JOIN that waits for another one says so."""
    inner: list[WorkflowTask] = [fork("in", [inline("x", "1")]), join("in_join", "x", "nowhere")]
    run = bench.run(bench.start(flow(fork("out", inner), join("out_join", "in_join"))))
    assert run.reason == "The workflow cannot go on: JOIN 'in_join' waits for 'nowhere', which was never scheduled"


def test_a_failing_branch_fails_the_run_and_cancels_the_others(bench: Bench) -> None:
    """The JOIN and what runs beside are CANCELED; cancelled attempts have an end and no reason."""
    run_id = bench.start(two_branches())
    crew = Crew(bench, *ALL)
    failed = crew.fail("a1", "broken")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert run.reason == f"Task '{failed.ref}' failed with status: FAILED and reason: 'broken'"
    assert statuses(run) == {"split": "COMPLETED", "a1": "FAILED", "b1": "CANCELED", "merge": "CANCELED"}
    assert attempt_of(run, "b1").reason_for_incompletion is None
    assert attempt_of(run, "b1").end_time == bench.clock.now()
    assert run.failed_reference_task_names == ("a1",)
    assert run.failed_task_names == ("a1",)


def test_a_retried_branch_does_not_fail_the_join(bench: Bench) -> None:
    """The JOIN sees the newest attempt only (Conductor may see the failed one first, and fail)."""
    branch = defined("a", retry_count=1, retry_delay_seconds=5)
    run_id = bench.start(flow(fork("split", [branch], [simple("b")]), join("merge", "a", "b")))
    crew = Crew(bench, "a", "b")
    crew.complete("b", {"b": 1})
    crew.fail("a")
    assert statuses(bench.run(run_id))["merge"] == "IN_PROGRESS"
    bench.advance(5)
    crew.complete("a", {"a": 2})
    assert attempt_of(bench.run(run_id), "merge").output_data == {"a": {"a": 2}, "b": {"b": 1}}


def test_an_optional_failure_colours_the_join(bench: Bench) -> None:
    """The JOIN is COMPLETED_WITH_ERRORS and names the attempt; the run completes."""
    run_id = bench.start(
        flow(fork("split", [simple("a", optional=True)], [simple("b")]), join("merge", "a", "b"), inline("after", "1")),
    )
    crew = Crew(bench, "a", "b")
    crew.complete("b", {"b": 1})
    failed = crew.fail("a")
    run = bench.run(run_id)
    merge = attempt_of(run, "merge")
    assert merge.status is TaskStatus.COMPLETED_WITH_ERRORS
    assert merge.reason_for_incompletion == f"a/{failed.task_id} completed with errors"
    assert run.status is RunStatus.COMPLETED


def test_a_permissive_failure_lets_the_others_end_and_then_fails_the_join(bench: Bench) -> None:
    """The other branch runs to its end; the JOIN fails with the reasons of what failed, and the run with it."""
    run_id = bench.start(
        flow(fork("split", [simple("a", permissive=True)], [simple("b")]), join("merge", "a", "b")),
    )
    crew = Crew(bench, "a", "b")
    crew.fail("a", "torn")
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("b", {"b": 1})
    run = bench.run(run_id)
    merge = attempt_of(run, "merge")
    assert statuses(run) == {"split": "COMPLETED", "a": "FAILED", "b": "COMPLETED", "merge": "FAILED"}
    assert merge.reason_for_incompletion == "torn"
    assert run.status is RunStatus.FAILED
    assert run.reason == f"Task '{merge.reference_task_name}' failed with status: FAILED and reason: 'torn'"


def test_a_join_over_permissive_cancellations_is_cancelled(bench: Bench) -> None:
    """Only CANCELED failures cancel the JOIN, and so terminate the run."""
    run_id = bench.start(flow(fork("split", [simple("a", permissive=True)]), join("merge", "a")))
    crew = Crew(bench, "a")
    bench.report(crew.take("a"), TaskStatus.CANCELED, reason="called off")
    run = bench.run(run_id)
    assert statuses(run)["merge"] == "CANCELED"
    assert run.status is RunStatus.TERMINATED


def test_a_fork_in_a_loop_joins_its_own_iteration(bench: Bench) -> None:
    """The names of the JOIN carry the iteration, in its input and in its output."""
    body = [fork("split", [simple("a")], [simple("b")]), join("merge", "a", "b")]
    run_id = bench.start(flow(times("again", 2, *body)))
    crew = Crew(bench, "a", "b")
    assert crew.waiting == ["a__1", "b__1"]
    crew.complete("a__1", {"n": 1})
    crew.complete("b__1", {"n": 1})
    assert crew.waiting == ["a__2", "b__2"]
    crew.complete("a__2", {"n": 2})
    crew.complete("b__2", {"n": 2})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "merge__2").input_data == {"joinOn": ["a", "b"]}
    assert attempt_of(run, "merge__2").output_data == {"a__2": {"n": 2}, "b__2": {"n": 2}}
    assert set(attempt_of(run, "again").output_data["2"]) == {"split", "a", "b", "merge"}


def test_the_runs_output_is_that_of_the_last_attempt(bench: Bench) -> None:
    """Without ``outputParameters`` the attempt with the highest number gives it: here the tail of a branch."""
    definition = flow(fork("split", [inline("a1", "1"), inline("a2", "2")], [inline("b", "3")]), join("merge", "a2"))
    run = bench.run(bench.start(definition))
    assert refs(run)[-1] == "a2"
    assert run.output == {"result": 2}


def test_a_fork_keeps_its_resolved_inputs(bench: Bench) -> None:
    """They show in its attempt; its output is empty."""
    splitter = task("FORK_JOIN", "split", fork_tasks=((inline("a", "1"),),), inputs={"x": "${workflow.input.x}"})
    run = bench.run(bench.start(flow(splitter, join("merge", "a")), {"x": 7}))
    record = attempt_of(run, "split")
    assert (record.input_data, record.output_data, record.task_def_name) == ({"x": 7}, {}, "FORK")


def test_a_join_over_a_join_with_errors_is_completed(bench: Bench) -> None:
    """Only optional tasks are looked at; the inner JOIN has said it."""
    inner = fork("inner", [simple("a", optional=True)])
    run_id = bench.start(flow(fork("outer", [inner, join("inner_join", "a")]), join("all", "inner_join")))
    Crew(bench, "a").fail("a")
    found = statuses(bench.run(run_id))
    assert (found["inner_join"], found["all"]) == ("COMPLETED_WITH_ERRORS", "COMPLETED")


def test_a_join_does_not_wait_for_what_is_skipped(bench: Bench) -> None:
    """An operator skips the last task of a branch while the JOIN waits for it, before the run comes to it."""
    branches = ((simple("a"), simple("b")), (simple("c"),))
    start = task("FORK_JOIN", "fork", fork_tasks=branches)
    run_id = bench.start(flow(start, task("JOIN", "join", join_on=("b", "c"))))
    crew = Crew(bench, "a", "c")
    bench.ask(Skip(run_id, "b", {}, {"from": "an operator"}))
    crew.complete("a")
    crew.complete("c")

    run = bench.run(run_id)

    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "join").output_data == {"b": {"from": "an operator"}}
