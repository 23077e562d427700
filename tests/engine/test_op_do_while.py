from __future__ import annotations

from random import Random
from typing import Any

import pytest
from engine_flows import Crew, attempt_of, defined, flow, inline, loop, refs, simple, statuses, sub, switch, task, times

from podium.engine.events import Pause, Retry, Terminate
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench
from podium.testing.processes import SlowScripts


def test_the_body_runs_before_the_condition_is_asked(bench: Bench) -> None:
    """It is a do-while: a condition that never holds still gives one iteration."""
    run = bench.run(bench.start(flow(loop("again", "false", inline("a", "1")))))
    assert refs(run) == ["again", "a__1"]
    assert attempt_of(run, "again").output_data == {"iteration": 1, "1": {"a": {"result": 1}}}


def test_the_output_holds_each_iteration_by_base_name(bench: Bench) -> None:
    """Keys are the numbers as text; body tasks carry the iteration in name and record, the loop its count."""
    run_id = bench.start(flow(times("again", 3, simple("a"), simple("b"))))
    crew = Crew(bench, "a", "b")
    for n in (1, 2, 3):
        crew.complete(f"a__{n}", {"a": n})
        crew.complete(f"b__{n}", {"b": n})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "again").output_data == {
        "iteration": 3,
        "1": {"a": {"a": 1}, "b": {"b": 1}},
        "2": {"a": {"a": 2}, "b": {"b": 2}},
        "3": {"a": {"a": 3}, "b": {"b": 3}},
    }
    assert [one.iteration for one in run.tasks] == [3, 1, 1, 2, 2, 3, 3]
    assert attempt_of(run, "again").task_type == "DO_WHILE"


def test_expressions_in_the_body_name_tasks_without_the_iteration(bench: Bench) -> None:
    """They see the newest iteration; before a task's first attempt there is nothing."""
    body = (
        inline("count", "($.last || 0) + 1", last="${count.output.result}"),
        inline("seen", "$.v", v="${count.output.result}"),
    )
    run = bench.run(bench.start(flow(times("again", 3, *body), inline("after", "$.v", v="${seen.output.result}"))))
    assert [attempt_of(run, f"count__{n}").output_data["result"] for n in (1, 2, 3)] == [1, 2, 3]
    assert attempt_of(run, "after").output_data == {"result": 3}


def test_a_suffixed_name_cannot_be_referred_to(bench: Bench) -> None:
    """``${a__1.output}`` is nothing."""
    definition = flow(times("again", 2, inline("a", "1")), inline("after", "$.v === null", v="${a__1.output.result}"))
    assert bench.run(bench.start(definition)).output == {"result": True}


def test_the_loops_output_can_be_read_after_it(bench: Bench) -> None:
    """The count, and what an iteration gave."""
    definition = flow(
        times("again", 2, inline("a", "$.i", i="${again.output.iteration}")),
        output_parameters={"n": "${again.output.iteration}", "second": "${again.output.2.a.result}"},
    )
    assert bench.run(bench.start(definition)).output == {"n": 2, "second": 2}


@pytest.mark.parametrize(
    ("condition", "iterations"),
    [
        ("$.again['iteration'] < 3", 3),
        ("if ($.again.iteration < 2) { true; } else { false; }", 2),
        ("$.a.result < 4", 4),
        ("$.limit > $.again.iteration", 5),
        ("2 - $.again.iteration", 2),
        ("'true'", 1),
        ("$.again", 1),
        ("null", 1),
    ],
)
def test_what_conditions_see_and_what_counts_as_true(bench: Bench, condition: str, iterations: int) -> None:
    """``$`` holds the inputs, the loop's own output and the body's newest; true, or a number above 0, goes on."""
    again = loop(
        "again", condition, inline("a", "$.i", i="${again.output.iteration}"), inputs={"limit": "${workflow.input.n}"}
    )
    run = bench.run(bench.start(flow(again), {"n": 5}))
    assert attempt_of(run, "again").output_data["iteration"] == iterations


def test_a_broken_condition_fails_the_loop_for_good(bench: Bench) -> None:
    """FAILED_WITH_TERMINAL_ERROR, the condition in the reason."""
    run = bench.run(bench.start(flow(loop("again", "$.x.y.z > 1", inline("a", "1")))))
    record = attempt_of(run, "again")
    assert record.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert (record.reason_for_incompletion or "").startswith("Unable to evaluate condition $.x.y.z > 1, exception ")
    assert run.status is RunStatus.FAILED


def test_an_optional_loop_outlives_its_broken_condition(bench: Bench) -> None:
    """COMPLETED_WITH_ERRORS, and the flow goes on."""
    definition = flow(loop("again", "$.x.y", inline("a", "1"), optional=True), inline("after", "1"))
    run = bench.run(bench.start(definition))
    assert statuses(run) == {"again": "COMPLETED_WITH_ERRORS", "a__1": "COMPLETED", "after": "COMPLETED"}


ITEMS = "${workflow.input.items}"


def test_list_mode_gives_each_item_to_the_body(bench: Bench) -> None:
    """``loopItem`` and ``loopIndex`` (from 0) stand in the loop's output."""
    body = inline("a", "$.item + $.index", item="${each.output.loopItem}", index="${each.output.loopIndex}")
    run = bench.run(bench.start(flow(loop("each", None, body, items=ITEMS)), {"items": [10, 20, 30]}))
    assert [attempt_of(run, f"a__{n}").output_data["result"] for n in (1, 2, 3)] == [10, 21, 32]
    output = attempt_of(run, "each").output_data
    assert (output["iteration"], output["loopIndex"], output["loopItem"]) == (3, 2, 30)


@pytest.mark.parametrize(("given", "iterations"), [([], 0), (None, 0), ("one", 1), ({"k": 1}, 1), ([None], 1)])
def test_list_mode_with_odd_lists(bench: Bench, given: Any, iterations: int) -> None:
    """Nothing runs the body never; a value that is no list is a list of one."""
    run = bench.run(bench.start(flow(loop("each", "true", inline("a", "1"), items=ITEMS)), {"items": given}))
    record = attempt_of(run, "each")
    assert record.status is TaskStatus.COMPLETED
    assert record.output_data["iteration"] == iterations
    assert len(run.tasks) == 1 + iterations


def test_list_mode_by_input(bench: Bench) -> None:
    """``_items`` among the inputs does as ``items`` does."""
    each = loop("each", "true", inline("a", "$.i", i="${each.output.loopItem}"), inputs={"_items": ITEMS})
    run = bench.run(bench.start(flow(each), {"items": ["x", "y"]}))
    assert run.output == {"result": "y"}


@pytest.mark.parametrize("evaluator", [None, "javascript", "graaljs", "value-param"])
@pytest.mark.parametrize("condition", [None, "", "   ", "\n\t"])
@pytest.mark.parametrize("by_input", [False, True])
def test_a_blank_condition_lets_a_list_go_on_to_its_end(
    bench: Bench, condition: str | None, evaluator: str | None, *, by_input: bool
) -> None:
    """Missing, empty or of blanks only, as editors write it; the evaluator of a loop is not looked at."""
    over = {"inputs": {"_items": ITEMS}} if by_input else {"items": ITEMS}
    each = loop("each", condition, inline("a", "$.i", i="${each.output.loopItem}"), evaluator_type=evaluator, **over)
    run = bench.run(bench.start(flow(each), {"items": [1, 2, 3]}))
    assert [one.output_data["result"] for one in run.tasks if one.task_type == "INLINE"] == [1, 2, 3]


@pytest.mark.parametrize("condition", [None, "", "  "])
@pytest.mark.parametrize("over", [{}, {"items": " "}, {"inputs": {"_items": None}}, {"inputs": {"_items": 3}}])
def test_a_blank_condition_without_a_list_ends_the_loop(bench: Bench, condition: str | None, over: Any) -> None:
    """It is nothing, which is not true; what is no list as it is written makes no loop over a list."""
    run = bench.run(bench.start(flow(loop("once", condition, inline("a", "1"), **over))))
    assert (run.status, len(run.tasks)) == (RunStatus.COMPLETED, 2)


def test_items_that_are_null_give_way_to_the_input(bench: Bench) -> None:
    """The input ``_items`` counts where the field gives nothing."""
    each = loop("each", "", inline("a", "1"), items="${workflow.input.none}", inputs={"_items": [1, 2]})
    assert attempt_of(bench.run(bench.start(flow(each))), "each").output_data["iteration"] == 2


def test_a_condition_may_end_a_list_early(bench: Bench) -> None:
    """It goes on while the condition holds and items are left; the condition sees the item."""
    run = bench.run(
        bench.start(flow(loop("each", "$.loopItem < 2", inline("a", "1"), items=ITEMS)), {"items": [1, 2, 3]})
    )
    assert attempt_of(run, "each").output_data["iteration"] == 2


def test_the_list_is_evaluated_at_each_iteration(bench: Bench) -> None:
    """A list that grows during the loop makes it longer."""
    grow = task("SET_VARIABLE", "grow", inputs={"list": [1, 2, 3]})
    definition = flow(loop("each", "true", grow, items="${workflow.variables.list}"), variables={"list": [1]})
    assert attempt_of(bench.run(bench.start(definition)), "each").output_data["iteration"] == 3


def test_a_failed_body_task_is_retried_within_its_iteration(bench: Bench) -> None:
    """Same name, same iteration, next attempt."""
    run_id = bench.start(flow(times("again", 2, defined("a", retry_count=1, retry_delay_seconds=1))))
    crew = Crew(bench, "a")
    crew.complete("a__1")
    crew.fail("a__2")
    bench.advance(1)
    assert crew.waiting == ["a__2"]
    crew.complete("a__2")
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "a__2").retry_count == 1


def test_a_body_task_that_fails_for_good_fails_the_run(bench: Bench) -> None:
    """The loop itself ends CANCELED."""
    run_id = bench.start(flow(times("again", 2, simple("a"))))
    Crew(bench, "a").fail("a__1", "broken")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert statuses(run) == {"again": "CANCELED", "a__1": "FAILED"}


def test_an_optional_body_task_may_fail(bench: Bench) -> None:
    """The loop goes on."""
    run_id = bench.start(flow(times("again", 2, simple("a", optional=True))))
    crew = Crew(bench, "a")
    crew.fail("a__1")
    crew.complete("a__2")
    run = bench.run(run_id)
    assert statuses(run) == {"again": "COMPLETED", "a__1": "COMPLETED_WITH_ERRORS", "a__2": "COMPLETED"}


def test_a_permissive_body_task_fails_the_loop(bench: Bench) -> None:
    """The loop is FAILED at once with the body's reason and a blank, the run with it; what came next is cancelled."""
    run_id = bench.start(flow(times("again", 2, simple("a", permissive=True), simple("b"))))
    crew = Crew(bench, "a", "b")
    crew.fail("a__1", "torn")
    run = bench.run(run_id)
    assert statuses(run) == {"again": "FAILED", "a__1": "FAILED", "b__1": "CANCELED"}
    assert attempt_of(run, "again").reason_for_incompletion == "torn "
    assert run.status is RunStatus.FAILED


def test_the_retry_operation_goes_on_in_the_failed_iteration(bench: Bench) -> None:
    """The loop keeps its counter; the failed task starts again."""
    run_id = bench.start(flow(times("again", 3, simple("a"))))
    crew = Crew(bench, "a")
    crew.complete("a__1")
    crew.fail("a__2")
    bench.ask(Retry(run_id))
    assert crew.waiting == ["a__2"]
    crew.complete_all()
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "again").output_data["iteration"] == 3
    assert attempt_of(run, "again").retry_count == 0


def test_a_switch_in_the_body(bench: Bench) -> None:
    """Its tasks are part of the iteration, by base name."""
    chooser = switch("choose", "${again.output.iteration}", {"1": [simple("first")]}, [simple("later")])
    run_id = bench.start(flow(times("again", 2, chooser, simple("end"))))
    crew = Crew(bench, "first", "later", "end")
    assert crew.waiting == ["first__1"]
    crew.complete_all({"k": 1})
    run = bench.run(run_id)
    assert refs(run) == ["again", "choose__1", "first__1", "end__1", "choose__2", "later__2", "end__2"]
    assert set(attempt_of(run, "again").output_data["1"]) == {"choose", "first", "end"}


def test_a_sub_workflow_in_the_body(bench: Bench) -> None:
    """Each iteration has a child of its own."""
    bench.register(flow(simple("work"), name="child"))
    run_id = bench.start(flow(times("again", 2, sub("call", "child"))))
    crew = Crew(bench, "work")
    crew.complete("work", {"n": 1})
    crew.complete("work", {"n": 2})
    run = bench.run(run_id)
    first, second = (attempt_of(run, f"call__{n}") for n in (1, 2))
    assert (first.output_data["n"], second.output_data["n"]) == (1, 2)
    assert first.sub_workflow_id != second.sub_workflow_id


def test_a_terminate_in_the_body_ends_the_run(bench: Bench) -> None:
    """The loop is CANCELED."""
    stop = task("TERMINATE", "stop", inputs={"terminationStatus": "COMPLETED", "workflowOutput": {"n": 1}})
    run = bench.run(bench.start(flow(loop("again", "true", stop))))
    assert run.status is RunStatus.COMPLETED
    assert run.output == {"n": 1}
    assert statuses(run) == {"again": "CANCELED", "stop__1": "COMPLETED"}


def test_keep_last_n_deletes_older_iterations(bench: Bench) -> None:
    """Their attempts are gone, and so are their keys in the output."""
    run = bench.run(bench.start(flow(times("again", 5, inline("a", "1"), inputs={"keepLastN": 2}))))
    output = attempt_of(run, "again").output_data
    assert output["iteration"] == 5
    assert [key for key in output if key.isdigit()] == ["4", "5"]
    assert refs(run) == ["again", "a__4", "a__5"]


def test_keep_last_n_as_an_expression_keeps_everything(bench: Bench) -> None:
    """It must be a literal; Conductor's decider breaks on anything else."""
    definition = flow(times("again", 3, inline("a", "1"), inputs={"keepLastN": "${workflow.input.n}"}))
    assert len(bench.run(bench.start(definition, {"n": 1})).tasks) == 4


def test_loops_nest(bench: Bench) -> None:
    """Names carry one suffix per loop, outermost first; outputs nest the same way (Conductor cannot do this)."""
    inner = times(
        "inner", 2, inline("a", "$.o * 10 + $.i", o="${outer.output.iteration}", i="${inner.output.iteration}")
    )
    run = bench.run(bench.start(flow(times("outer", 2, inner))))
    assert run.status is RunStatus.COMPLETED
    assert refs(run) == ["outer", "inner__1", "a__1__1", "a__1__2", "inner__2", "a__2__1", "a__2__2"]
    output = attempt_of(run, "outer").output_data
    assert output["2"]["inner"]["1"] == {"a": {"result": 21}}
    assert output["1"]["inner"]["iteration"] == 2
    assert attempt_of(run, "a__2__1").iteration == 1


def test_a_failure_deep_in_nested_loops_is_retried_where_it_was(bench: Bench) -> None:
    """The retry operation goes on in the inner loop's iteration of the outer loop's iteration."""
    run_id = bench.start(flow(times("outer", 2, times("inner", 2, simple("a")))))
    crew = Crew(bench, "a")
    crew.complete("a__1__1")
    crew.complete("a__1__2")
    crew.complete("a__2__1")
    crew.fail("a__2__2")
    bench.ask(Retry(run_id))
    assert crew.waiting == ["a__2__2"]
    crew.complete_all()
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_double_underscores_in_names_are_fine(bench: Bench) -> None:
    """Conductor takes the text before the first ``__`` for the name and never finds such tasks."""
    definition = flow(times("my__loop", 2, inline("a__b", "$.n", n="${my__loop.output.iteration}")))
    run = bench.run(bench.start(definition))
    assert run.status is RunStatus.COMPLETED
    assert refs(run) == ["my__loop", "a__b__1", "a__b__2"]


def test_the_input_is_that_of_the_begin(bench: Bench) -> None:
    """The condition sees the parameters anew; the record keeps what it began with."""
    count = task("SET_VARIABLE", "count", inputs={"n": "${again.iteration}"})
    again = loop("again", "$.n < 3", count, inputs={"n": "${workflow.variables.n}"})
    run = bench.run(bench.start(flow(again, variables={"n": 0})))
    record = attempt_of(run, "again")
    assert (record.input_data, record.iteration, run.variables) == ({"n": 0}, 3, {"n": 3})


def test_a_loop_that_had_not_begun_begins_when_the_run_is_retried() -> None:
    """A slow script in another branch came before its turn, and the run was terminated: its first turn is number 1."""
    scripts = SlowScripts(Random(0), 1.0)
    bench = Bench(scripts=scripts)
    branches = ((inline("script", "[1].length"),), (times("loop", 2, simple("body")),))
    start = task("FORK_JOIN", "fork", fork_tasks=branches)
    run_id = bench.start(flow(start, task("JOIN", "join", join_on=("script", "loop"))))
    bench.ask(Terminate(run_id, "by hand"))

    bench.ask(Retry(run_id))
    while scripts.waiting:
        scripts.finish(0)
        bench.settle()

    assert [one.reference_task_name for one in bench.run(run_id).tasks if one.task_type == "body"] == ["body__1"]


def test_a_turn_that_ended_in_a_pause_is_followed_by_one_more_when_the_run_is_retried() -> None:
    """The loop is taken up, and hears that its body has ended: it goes on once."""
    bench = Bench()
    crew = Crew(bench, "a")
    run_id = bench.start(flow(times("loop", 5, simple("a"))))
    bench.ask(Pause(run_id))
    crew.complete("a__1")
    bench.ask(Terminate(run_id, "by hand"))
    bench.ask(Retry(run_id))

    assert crew.waiting == ["a__2"]
