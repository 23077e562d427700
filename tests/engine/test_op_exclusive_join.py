from __future__ import annotations

import pytest
from engine_flows import Crew, attempt_of, flow, fork, inline, join, refs, simple, statuses, switch, task, times

from podium.engine.events import Skip
from podium.model.definitions import WorkflowTask
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench


def either(ref: str, *on: str, default: tuple[str, ...] = (), **fields: object) -> WorkflowTask:
    """Make an EXCLUSIVE_JOIN."""
    return task("EXCLUSIVE_JOIN", ref, join_on=on, default_exclusive_join_task=default, **fields)


CHOOSE = switch("choose", "${workflow.input.kind}", {"A": [inline("a", "'A'")], "B": [inline("b", "'B'")]})


@pytest.mark.parametrize(("kind", "result"), [("A", "A"), ("B", "B")])
def test_the_branch_that_ran_gives_the_output(bench: Bench, kind: str, result: str) -> None:
    """The output is that task's own, not keyed by its name."""
    run = bench.run(bench.start(flow(CHOOSE, either("one", "a", "b")), {"kind": kind}))
    assert attempt_of(run, "one").output_data == {"result": result}
    assert run.output == {"result": result}
    assert run.status is RunStatus.COMPLETED


def test_the_first_that_was_scheduled_decides(bench: Bench) -> None:
    """Later names of ``joinOn`` are not looked at, even if they ended first."""
    definition = flow(fork("split", [simple("a")], [simple("b")]), task("JOIN", "none"), either("one", "a", "b"))
    run_id = bench.start(definition)
    crew = Crew(bench, "a", "b")
    crew.complete("b", {"from": "b"})
    assert statuses(bench.run(run_id))["one"] == "IN_PROGRESS"
    crew.complete("a", {"from": "a"})
    assert attempt_of(bench.run(run_id), "one").output_data == {"from": "a"}


@pytest.mark.parametrize("default", [(), ("a",)])
def test_what_an_operator_skipped_is_taken_where_nothing_else_comes(bench: Bench, default: tuple[str, ...]) -> None:
    """Its output is what the operator gave it; so is that of a default."""
    on = ("b",) if default else ("a", "b")
    run_id = bench.start(flow(simple("before"), CHOOSE, either("one", *on, default=default)), {"kind": "A"})
    bench.ask(Skip(run_id, "a", {}, {"from": "an operator"}))
    Crew(bench, "before").complete("before")
    run = bench.run(run_id)
    assert (run.status, attempt_of(run, "one").output_data) == (RunStatus.COMPLETED, {"from": "an operator"})


def test_what_comes_wins_over_what_was_skipped(bench: Bench) -> None:
    """A later name that is still to come, or at work, is waited for."""
    definition = flow(fork("split", [simple("a")], [simple("b")]), task("JOIN", "none"), either("one", "a", "b"))
    run_id = bench.start(flow(simple("before"), *definition.tasks))
    bench.ask(Skip(run_id, "a", {}, {"from": "an operator"}))
    crew = Crew(bench, "before", "b")
    crew.complete("before")
    assert statuses(bench.run(run_id))["one"] == "IN_PROGRESS"
    crew.complete("b", {"from": "b"})
    assert attempt_of(bench.run(run_id), "one").output_data == {"from": "b"}


def test_a_default_that_has_ended_wins_when_nothing_named_was_scheduled(bench: Bench) -> None:
    """The default list is looked at in order."""
    definition = flow(inline("before", "'default'"), CHOOSE, either("one", "a", "b", default=("nowhere", "before")))
    run = bench.run(bench.start(definition, {"kind": "Z"}))
    assert attempt_of(run, "one").output_data == {"result": "default"}


def test_a_default_wins_over_a_named_task_that_runs(bench: Bench) -> None:
    """So EXCLUSIVE_JOIN does not wait when a default has ended already."""
    definition = flow(
        inline("before", "'default'"),
        fork("split", [simple("a")]),
        task("JOIN", "none"),
        either("one", "a", default=("before",)),
    )
    run_id = bench.start(definition)
    crew = Crew(bench, "a")
    assert attempt_of(bench.run(run_id), "one").output_data == {"result": "default"}
    crew.complete("a")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_nothing_scheduled_and_no_default_fails_the_run(bench: Bench) -> None:
    """Conductor waits for ever; here the run ends FAILED with what was awaited."""
    run = bench.run(bench.start(flow(CHOOSE, either("one", "a", "b")), {"kind": "Z"}))
    assert run.status is RunStatus.FAILED
    assert (
        run.reason == "The workflow cannot go on: EXCLUSIVE_JOIN 'one' waits for 'a', 'b', which were never scheduled"
    )


def test_a_permissive_failure_fails_the_join(bench: Bench) -> None:
    """FAILED with the failed task's reason."""
    definition = flow(fork("split", [simple("a", permissive=True)]), task("JOIN", "none"), either("one", "a"))
    run_id = bench.start(definition)
    Crew(bench, "a").fail("a", "torn")
    run = bench.run(run_id)
    assert statuses(run)["one"] == "FAILED"
    assert attempt_of(run, "one").reason_for_incompletion == "torn"
    assert run.status is RunStatus.FAILED


def test_in_a_loop_it_looks_at_its_own_iteration(bench: Bench) -> None:
    """The input shows ``joinOn`` as written."""
    definition = flow(times("again", 2, simple("a"), either("one", "a")))
    run_id = bench.start(definition)
    crew = Crew(bench, "a")
    crew.complete("a__1", {"n": 1})
    crew.complete("a__2", {"n": 2})
    run = bench.run(run_id)
    assert attempt_of(run, "one__2").output_data == {"n": 2}
    assert attempt_of(run, "one__2").input_data == {"joinOn": ["a"], "defaultExclusiveJoinTask": []}
    assert refs(run)[-1] == "one__2"


def test_it_ends_in_the_round_of_its_candidate(bench: Bench) -> None:
    """It looks behind the candidate's turn, so what follows them comes in one round."""
    side_by_side = fork("f", [inline("a", "1"), inline("b", "2")], [either("one", "a")])
    run = bench.run(bench.start(flow(side_by_side, join("j", "one"))))
    assert refs(run) == ["f", "a", "one", "j", "b"]


def test_a_permissive_failure_beside_a_running_candidate_gives_its_output(bench: Bench) -> None:
    """It fails the join only when nothing else is left to wait for, and the run at its end."""
    branches = fork("f", [simple("a", permissive=True)], [simple("b")])
    run_id = bench.start(flow(branches, join("j"), either("one", "a", "b")))
    crew = Crew(bench, "a", "b")
    crew.fail("a")
    assert statuses(bench.run(run_id))["one"] == "COMPLETED"
    crew.complete("b")
    assert bench.run(run_id).status is RunStatus.FAILED
