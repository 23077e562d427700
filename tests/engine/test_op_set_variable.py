from __future__ import annotations

from engine_flows import Crew, attempt_of, flow, inline, simple, statuses, switch, task, times

from podium.engine.requests import RestartRequest
from podium.model.definitions import WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


def assign(ref: str, **values: object) -> WorkflowTask:
    """Make a SET_VARIABLE."""
    return task("SET_VARIABLE", ref, inputs=values)


def test_inputs_become_variables(bench: Bench) -> None:
    """Resolved; the task's output is empty; later tasks see them."""
    definition = flow(
        assign("keep", total="${workflow.input.n}", fixed=1), inline("after", "$.t", t="${workflow.variables.total}")
    )
    run = bench.run(bench.start(definition, {"n": 5}))
    assert run.variables == {"total": 5, "fixed": 1}
    assert attempt_of(run, "keep").output_data == {}
    assert run.output == {"result": 5}


def test_a_variable_is_replaced_whole(bench: Bench) -> None:
    """Maps are not merged; other variables stay."""
    definition = flow(assign("keep", box={"b": 2}), variables={"box": {"a": 1}, "other": 1})
    assert bench.run(bench.start(definition)).variables == {"box": {"b": 2}, "other": 1}


def test_first_values_are_copied_as_written(bench: Bench) -> None:
    """References in the definition's variables are not resolved."""
    run = bench.run(bench.start(flow(inline("a", "1"), variables={"v": "${workflow.input.x}"}), {"x": 1}))
    assert run.variables == {"v": "${workflow.input.x}"}


def test_a_task_that_is_scheduled_keeps_the_old_value(bench: Bench) -> None:
    """Variables are read when an attempt is made."""
    split = task(
        "FORK_JOIN",
        "split",
        fork_tasks=((simple("a", inputs={"v": "${workflow.variables.v}"}),), (simple("b"), assign("keep", v=2))),
    )
    definition = flow(split, task("JOIN", "merge", join_on=("a", "keep")), variables={"v": 1})
    run_id = bench.start(definition)
    crew = Crew(bench, "a", "b")
    crew.complete("b")
    assert crew.take("a").input == {"v": 1}
    assert bench.run(run_id).variables == {"v": 2}


def test_a_loop_can_count(bench: Bench) -> None:
    """The usual accumulator."""
    add = inline("add", "($.sum || 0) + $.i", sum="${workflow.variables.sum}", i="${again.output.iteration}")
    run = bench.run(bench.start(flow(times("again", 4, add, assign("keep", sum="${add.output.result}")))))
    assert run.variables == {"sum": 10}


def test_too_much_fails_for_good_and_changes_nothing(bench: Bench) -> None:
    """256 KB as JSON is the limit for all variables of a run."""
    definition = flow(assign("keep", small=1, large="${workflow.input.text}"), variables={"old": 1})
    run = bench.run(bench.start(definition, {"text": "x" * 262_144}))
    record = attempt_of(run, "keep")
    assert record.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "is greater than the permissible limit: 256 kilobytes" in (record.reason_for_incompletion or "")
    assert run.variables == {"old": 1}
    assert run.status is RunStatus.FAILED


def test_restart_keeps_the_variables(bench: Bench) -> None:
    """As Conductor does: only tasks and output begin anew."""
    run_id = bench.start(flow(assign("keep", v="${workflow.variables.next}", next="seen")))
    bench.ask(RestartRequest(run_id))
    assert bench.run(run_id).variables == {"v": "seen", "next": "seen"}


def test_a_switch_can_ask_a_variable(bench: Bench) -> None:
    """A variable is data like any other."""
    chooser = switch("choose", "${workflow.variables.kind}", {"A": [inline("a", "1")]})
    assert "a" in statuses(bench.run(bench.start(flow(assign("keep", kind="A"), chooser))))
