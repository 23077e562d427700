"""The order in which a decision goes: what has ended first, then what follows is laid out, then it takes its turns."""

from __future__ import annotations

from engine_flows import (
    Crew,
    attempt_of,
    flow,
    fork,
    inline,
    join,
    refs,
    simple,
    statuses,
    switch,
    task,
    terminate,
    times,
)

from podium.model.definitions import WorkflowTask
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench


def run_of(bench: Bench, *tasks: WorkflowTask, **fields: object) -> WorkflowRun:
    """Run a workflow that needs no workers."""
    return bench.run(bench.start(flow(*tasks, **fields)))


def assign(ref: str, **variables: object) -> WorkflowTask:
    """Make a SET_VARIABLE."""
    return task("SET_VARIABLE", ref, inputs=variables)


def test_the_heads_of_all_branches_come_with_the_fork(bench: Bench) -> None:
    """Through a nested fork and a SWITCH, each JOIN behind its branches."""
    inner = fork("inner", [simple("a"), simple("late")], [switch("pick", "x", {"x": [simple("b")]})])
    run = run_of(bench, fork("outer", [inner, join("inner_join", "late", "b")], [simple("c")]), join("all", "c"))
    assert refs(run) == ["outer", "inner", "a", "pick", "b", "inner_join", "c", "all"]


def test_the_head_of_a_branch_cannot_read_another_branch(bench: Bench) -> None:
    """All heads are resolved before any of them is done; the second tasks see the first ones."""
    run = run_of(
        bench,
        fork(
            "f",
            [inline("a", "1"), inline("a2", "$.v", v="${b.output.result}")],
            [inline("b", "$.v === null ? 'nothing' : $.v", v="${a.output.result}")],
        ),
        join("j", "a2", "b"),
    )
    assert attempt_of(run, "b").output_data == {"result": "nothing"}
    assert attempt_of(run, "a2").output_data == {"result": "nothing"}


def test_the_head_of_a_case_cannot_read_its_switch(bench: Bench) -> None:
    """They are laid out together; the task behind it reads what was chosen."""
    head = inline("head", "$.v === null", v="${pick.output.selectedCase}")
    run = run_of(bench, switch("pick", "x", {"x": [head]}), inline("next", "$.v", v="${pick.output.selectedCase}"))
    assert attempt_of(run, "head").output_data == {"result": True}
    assert attempt_of(run, "next").output_data == {"result": "x"}


def test_side_by_side_the_branches_go_step_by_step(bench: Bench) -> None:
    """The second task of the first branch comes before the third of any; so the longest branch writes last."""
    run = run_of(
        bench,
        fork("f", [assign("a", v="a"), assign("a2", v="a2")], [assign("b", v="b")], [assign("c", v="c")]),
        join("j", "a2", "b", "c"),
    )
    assert refs(run) == ["f", "a", "b", "c", "j", "a2"]
    assert run.variables == {"v": "a2"}


def test_a_join_comes_to_its_end_when_the_run_is_at_rest(bench: Bench) -> None:
    """What follows it comes after the whole other branch; without outputParameters its output is the run's."""
    run = run_of(
        bench,
        fork("f", [inline("a", "1")], [inline("b", "1"), inline("b2", "2"), inline("b3", "3")]),
        join("j", "a"),
        inline("next", "'done'"),
    )
    assert refs(run) == ["f", "a", "b", "j", "b2", "b3", "next"]
    assert run.output == {"result": "done"}


def test_what_ended_beside_a_terminate_is_followed_by_nothing(bench: Bench) -> None:
    """Its round is done to the end; what was laid out behind it is never made."""
    stop = terminate("stop", "COMPLETED", workflowOutput={"by": "stop"})
    run = run_of(bench, fork("f", [stop], [assign("b", v=1), assign("b2", v=2)]), join("j", "b2"))
    assert refs(run) == ["f", "stop", "b", "j"]
    assert (run.output, run.variables) == ({"by": "stop"}, {"v": 1})


def test_of_two_terminates_the_first_gives_the_output_and_the_last_the_status(bench: Bench) -> None:
    """Both are reached in one round."""
    first, last = (
        terminate("first", "COMPLETED", workflowOutput={"by": 1}),
        terminate("last", "FAILED", workflowOutput={"by": 2}),
    )
    run = run_of(bench, fork("f", [first], [last]), join("j"))
    assert (run.status, run.output) == (RunStatus.FAILED, {"by": 1})


def test_a_failure_in_the_round_of_a_terminate_wins(bench: Bench) -> None:
    """Every end is acted on before the TERMINATE is."""
    run = run_of(bench, fork("f", [terminate("stop", "COMPLETED")], [inline("b", "throw 'torn'")]), join("j"))
    assert run.status is RunStatus.FAILED
    assert "failed with status: FAILED" in (run.reason_for_incompletion or "")


def test_the_output_of_a_failed_run_is_that_of_its_last_record(bench: Bench) -> None:
    """Not that of the failing one."""
    run_id = bench.start(flow(fork("f", [simple("a")], [simple("b")]), join("j", "a", "b")))
    crew = Crew(bench, "a", "b")
    crew.complete("b", {"n": 1})
    crew.fail("a")
    run = bench.run(run_id)
    assert (run.status, refs(run)[-1], run.output) == (RunStatus.FAILED, "j", {})


def test_a_run_that_ends_takes_back_what_was_laid_out(bench: Bench) -> None:
    """Numbers of attempts have no gap, and a retry goes on where the end cut it off."""
    broken = switch("pick", "x", {"x": [simple("b")]})
    broken = task("SWITCH", "pick", evaluator_type="odd", expression="x", decision_cases=broken.decision_cases)
    run = run_of(bench, fork("f", [simple("a")], [broken]), join("j", "a"))
    assert (run.status, refs(run)) == (RunStatus.FAILED, [])


def test_a_broken_iteration_shows_what_the_loop_had_seen(bench: Bench) -> None:
    """Nothing, if an answer broke it; what was there before, if it broke in one go."""
    run_id = bench.start(flow(times("again", 3, simple("a"))))
    crew = Crew(bench, "a")
    crew.complete("a__1", {"n": 1})
    crew.fail("a__2")
    assert attempt_of(bench.run(run_id), "again").output_data == {"iteration": 2, "1": {"a": {"n": 1}}}

    stop = terminate("stop", "COMPLETED", workflowOutput={"n": 1})
    run = run_of(bench, times("again", 3, inline("i", "1"), stop, inline("never", "1")))
    assert attempt_of(run, "again").output_data == {"iteration": 1, "1": {"i": {"result": 1}, "stop": {}}}
    assert statuses(run)["again"] == "CANCELED"


def test_the_failed_names_hold_what_ended_badly_beside_the_failure(bench: Bench) -> None:
    """Also what was never acted on."""
    run = run_of(bench, fork("f", [inline("a", "throw 'torn'")], [inline("b", "throw 'torn'")]), join("j", "a", "b"))
    assert sorted(run.failed_reference_task_names) == ["a", "b"]


def test_the_output_of_a_run_sees_a_broken_loop_as_it_is_kept(bench: Bench) -> None:
    """What the loop had not seen is null there too."""
    outputs = {"first": "${again.output.1.a}", "second": "${again.output.2.a}"}
    run_id = bench.start(flow(times("again", 3, simple("a")), output_parameters=outputs))
    crew = Crew(bench, "a")
    crew.complete("a__1", {"n": 1})
    crew.fail("a__2")
    assert bench.run(run_id).output == {"first": {"n": 1}, "second": None}


def test_a_terminate_gives_the_output_of_a_run_that_something_else_ends(bench: Bench) -> None:
    """Both ended in one round."""
    stop = terminate("stop", "COMPLETED", workflowOutput={"by": "stop"})
    run = run_of(bench, fork("f", [inline("a", "throw 'torn'")], [stop]), join("j"), output_parameters={"n": 1})
    assert (run.status, run.output) == (RunStatus.FAILED, {"by": "stop"})


def test_a_noop_has_no_input(bench: Bench) -> None:
    """Whatever its parameters say."""
    assert attempt_of(run_of(bench, task("NOOP", "nothing", inputs={"n": 1})), "nothing").input_data == {}
