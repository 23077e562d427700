from __future__ import annotations

from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, inline, refs, simple, statuses, switch, task

from podium.model.definitions import WorkflowDef
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


def scripted(expression: str, *, kind: str = "javascript", **fields: Any) -> WorkflowDef:
    """Return a workflow with a SWITCH over a script, and a task after it."""
    chooser = task(
        "SWITCH",
        "choose",
        evaluator_type=kind,
        expression=expression,
        inputs={"n": "${workflow.input.n}"},
        decision_cases={"1": (inline("one", "1"),), "true": (inline("yes", "1"),), "null": (inline("nothing", "1"),)},
        default_case=(inline("other", "1"),),
        **fields,
    )
    return flow(chooser, inline("after", "1"))


def test_a_matching_case_runs_and_the_flow_goes_on_after_it(bench: Bench) -> None:
    """Only the chosen case's tasks run, in order, and then what follows the SWITCH."""
    chooser = switch("choose", "${workflow.input.kind}", {"A": [simple("a1"), simple("a2")], "B": [simple("b")]})
    run_id = bench.start(flow(chooser, simple("after")), {"kind": "A"})
    crew = Crew(bench, "a1", "a2", "b", "after")
    assert crew.waiting == ["a1"]
    crew.complete_all()
    assert refs(bench.run(run_id)) == ["choose", "a1", "a2", "after"]


def test_the_switch_is_complete_before_its_case(bench: Bench) -> None:
    """The SWITCH's attempt shows the choice and is COMPLETED while the first task of the case waits."""
    run_id = bench.start(flow(switch("choose", "${workflow.input.kind}", {"A": [simple("a")]})), {"kind": "A"})
    record = attempt_of(bench.run(run_id), "choose")
    assert record.status is TaskStatus.COMPLETED
    assert record.output_data == {"evaluationResult": ["A"], "selectedCase": "A"}
    assert record.input_data == {"value": "A", "case": "A", "hasChildren": "true"}
    assert bench.run(run_id).status is RunStatus.RUNNING


def test_no_match_runs_the_default(bench: Bench) -> None:
    """A value without a case runs the default case."""
    chooser = switch("choose", "${workflow.input.kind}", {"A": [inline("a", "1")]}, [inline("other", "2")])
    run_id = bench.start(flow(chooser), {"kind": "Z"})
    assert refs(bench.run(run_id)) == ["choose", "other"]


def test_an_empty_case_suppresses_the_default(bench: Bench) -> None:
    """A key with an empty list is a match that runs nothing, and leaves no ``hasChildren``."""
    chooser = switch("choose", "${workflow.input.kind}", {"A": []}, [inline("other", "2")])
    run_id = bench.start(flow(chooser, inline("after", "3")), {"kind": "A"})
    run = bench.run(run_id)
    assert refs(run) == ["choose", "after"]
    assert "hasChildren" not in attempt_of(run, "choose").input_data


def test_nothing_selected_continues_after_the_switch(bench: Bench) -> None:
    """Without a match and without a default the flow goes on."""
    run_id = bench.start(flow(switch("choose", "x", {"A": [inline("a", "1")]}), inline("after", "3")))
    assert refs(bench.run(run_id)) == ["choose", "after"]


def test_a_missing_value_is_the_case_null(bench: Bench) -> None:
    """The text ``null`` catches values that are missing."""
    chooser = switch("choose", "${workflow.input.kind}", {"null": [inline("nothing", "1")]}, [inline("other", "2")])
    assert refs(bench.run(bench.start(flow(chooser)))) == ["choose", "nothing"]


@pytest.mark.parametrize(
    ("expression", "given", "entered"),
    [
        ("$.n", 1, "one"),
        ("$.n > 0", 5, "yes"),
        ("$.missing", 1, "nothing"),
        ("$.n + 1", 5, "other"),
        ("$.n == 1 ? '1' : 'x'", 1, "one"),
    ],
)
@pytest.mark.parametrize("kind", ["javascript", "graaljs"])
def test_a_scripts_value_becomes_text(bench: Bench, expression: str, given: int, entered: str, kind: str) -> None:
    """Numbers, booleans and undefined choose by their text, with both names of the language."""
    run_id = bench.start(scripted(expression, kind=kind), {"n": given})
    assert refs(bench.run(run_id)) == ["choose", entered, "after"]


def test_a_broken_script_fails_the_switch_and_the_run(bench: Bench) -> None:
    """The SWITCH is FAILED with the script's message, and is not retried."""
    run = bench.run(bench.start(scripted("$.n.a.b"), {"n": 1}))
    assert statuses(run) == {"choose": "FAILED"}
    assert run.status is RunStatus.FAILED
    assert "of undefined" in (attempt_of(run, "choose").reason_for_incompletion or "")
    assert "failed with status: FAILED and reason: '" in (run.reason or "")


def test_an_optional_switch_that_fails_is_passed_over(bench: Bench) -> None:
    """It becomes COMPLETED_WITH_ERRORS; neither a case nor the default runs."""
    run = bench.run(bench.start(scripted("$.n.a.b", optional=True), {"n": 1}))
    assert statuses(run) == {"choose": "COMPLETED_WITH_ERRORS", "after": "COMPLETED"}
    assert run.status is RunStatus.COMPLETED


def test_an_unknown_evaluator_ends_the_run(bench: Bench) -> None:
    """The run is FAILED with the evaluator's name, and no SWITCH is recorded."""
    run = bench.run(bench.start(scripted("1", kind="cobol"), {"n": 1}))
    assert run.status is RunStatus.FAILED
    assert run.reason == "No evaluator registered for type: cobol"
    assert run.tasks == ()


def test_switches_nest(bench: Bench) -> None:
    """A case may begin with a SWITCH; the end of the inner case is the end of the outer one."""
    inner = switch("inner", "${workflow.input.b}", {"Y": [inline("deep", "1")]})
    chooser = switch("outer", "${workflow.input.a}", {"X": [inner]})
    run = bench.run(bench.start(flow(chooser, inline("after", "2")), {"a": "X", "b": "Y"}))
    assert refs(run) == ["outer", "inner", "deep", "after"]
    assert run.status is RunStatus.COMPLETED


def decision(**fields: Any) -> WorkflowDef:
    """Return a workflow with a DECISION."""
    return flow(
        task(
            "DECISION",
            "choose",
            decision_cases={"A": (inline("a", "1"),), "empty": ()},
            default_case=(inline("other", "2"),),
            **fields,
        ),
        inline("after", "3"),
    )


def test_decision_takes_its_value_from_an_input(bench: Bench) -> None:
    """The legacy type shows its choice in ``caseOutput`` and keeps none of its inputs."""
    definition = decision(case_value_param="kind", inputs={"kind": "${workflow.input.kind}", "more": 1})
    run = bench.run(bench.start(definition, {"kind": "A"}))
    record = attempt_of(run, "choose")
    assert refs(run) == ["choose", "a", "after"]
    assert record.output_data == {"caseOutput": ["A"]}
    assert record.input_data == {"case": "A", "hasChildren": "true"}


def test_decision_with_an_empty_case_falls_to_the_default(bench: Bench) -> None:
    """Unlike SWITCH."""
    run = bench.run(bench.start(decision(case_value_param="kind", inputs={"kind": "empty"})))
    assert refs(run) == ["choose", "other", "after"]


def test_decision_by_script(bench: Bench) -> None:
    """``caseExpression`` wins over ``caseValueParam``."""
    definition = decision(case_expression="$.n > 1 ? 'A' : 'B'", case_value_param="n", inputs={"n": 2})
    assert refs(bench.run(bench.start(definition))) == ["choose", "a", "after"]


def test_decision_with_a_broken_script_ends_the_run(bench: Bench) -> None:
    """The run is FAILED with the expression, and no DECISION is recorded."""
    run = bench.run(bench.start(decision(case_expression="$.a.b.c")))
    assert run.reason == "Error while evaluating script: $.a.b.c"
    assert run.tasks == ()
