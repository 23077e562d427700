from __future__ import annotations

from typing import Any

import pytest
from engine_flows import Crew, attempt_of, attempts_of, flow, inline, refs, simple, task

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.runs import TaskRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


def one(bench: Bench, definition: WorkflowDef, given: dict[str, Any] | None = None) -> TaskRun:
    """Run a workflow of one task and give its attempt."""
    return attempt_of(bench.run(bench.start(definition, given)), "t")


def raw(**inputs: Any) -> WorkflowDef:
    """Return a workflow with one INLINE task with these inputs."""
    return flow(task("INLINE", "t", inputs=inputs))


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 1", 2),
        ("$.n * 2", 10),
        ("(function(){ return $.list.map(x => x + 1); })()", [2, 3]),
        ("({a: $.n, b: null})", {"a": 5, "b": None}),
        ("undefined", None),
        ("$.missing", None),
        ("$.expression.length", 19),
        ("'' + $.evaluatorType", "javascript"),
    ],
)
def test_the_result_is_the_scripts_value(bench: Bench, expression: str, result: Any) -> None:
    """``$`` is the whole input; ``result`` is always there."""
    assert one(bench, flow(inline("t", expression, n=5, list=[1, 2]))).output_data == {"result": result}


def test_references_are_replaced_before_the_script_is_read(bench: Bench) -> None:
    """Also inside the script's text; ``$${`` stays for JavaScript's own templates."""
    assert one(bench, flow(inline("t", "${workflow.input.n} + 1")), {"n": 4}).output_data == {"result": 5}
    assert one(bench, flow(inline("t", "`<$${$.n}>`", n=1))).output_data == {"result": "<1>"}


def test_a_script_cannot_change_its_input(bench: Bench) -> None:
    """It works on a copy."""
    record = one(bench, flow(inline("t", "$.list.push(3); $.n = 0; $.list.length", n=1, list=[1, 2])))
    assert record.output_data == {"result": 3}
    assert (record.input_data["n"], record.input_data["list"]) == (1, [1, 2])


def test_value_param_gives_an_input(bench: Bench) -> None:
    """The expression is the input's name."""
    assert one(bench, raw(evaluatorType="value-param", expression="n", n=[1])).output_data == {"result": [1]}


def test_without_a_language_it_is_javascript(bench: Bench) -> None:
    """A missing ``evaluatorType`` is fine."""
    assert one(bench, raw(expression="2 * 3")).output_data == {"result": 6}


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (
            {"evaluatorType": " ", "expression": "1"},
            "Empty 'evaluatorType' in INLINE task's input parameters. A non-empty String value must be provided.",
        ),
        ({"evaluatorType": "cobol", "expression": "1"}, "Unknown evaluator 'cobol' in INLINE task."),
        (
            {"evaluatorType": "javascript"},
            "Empty 'expression' in Inline task's input parameters. A non-empty String value must be provided.",
        ),
        (
            {"evaluatorType": "javascript", "expression": 5},
            "Empty 'expression' in Inline task's input parameters. A non-empty String value must be provided.",
        ),
    ],
)
def test_faulty_inputs_fail_for_good(bench: Bench, inputs: dict[str, Any], reason: str) -> None:
    """FAILED_WITH_TERMINAL_ERROR, the reason also as output ``error``."""
    record = one(bench, raw(**inputs))
    assert record.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert record.reason_for_incompletion == reason
    assert record.output_data == {"error": reason}


def test_a_script_error_fails_for_good(bench: Bench) -> None:
    """Not retried, whatever the definition says; the message is reason and ``error``."""
    bench.register(TaskDef(name="t", retry_count=3, retry_delay_seconds=1))
    record = one(bench, flow(inline("t", "throw new Error('no such sku')")))
    assert record.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "no such sku" in (record.reason_for_incompletion or "")
    assert record.output_data == {"error": record.reason_for_incompletion}


def test_an_optional_script_may_break(bench: Bench) -> None:
    """COMPLETED_WITH_ERRORS, its ``error`` readable by what follows."""
    broken = task("INLINE", "t", inputs={"expression": "x.y"}, optional=True)
    run = bench.run(bench.start(flow(broken, inline("after", "!!$.e", e="${t.output.error}"))))
    assert (run.status, run.output) == (RunStatus.COMPLETED, {"result": True})


def test_a_chain_is_done_when_the_start_returns(bench: Bench) -> None:
    """Engine tasks need no worker and no time."""
    chain = [inline(f"t{n}", "$.v + 1", v=f"${{t{n - 1}.output.result}}" if n else 0) for n in range(50)]
    run_id = bench.start(flow(*chain))
    assert bench.run(run_id).output == {"result": 50}
    assert len(refs(bench.run(run_id))) == 50


@pytest.mark.parametrize(
    ("script", "result"), [("return $.n + 1;", 2), ("$.n + 1", None), ("if ($.n) return 'y';", "y")]
)
def test_lambda_needs_a_return(bench: Bench, script: str, result: Any) -> None:
    """The script is a function's body."""
    definition = flow(task("LAMBDA", "t", inputs={"scriptExpression": script, "n": 1}))
    assert one(bench, definition).output_data == {"result": result}


def test_lambda_without_a_script_is_failed(bench: Bench) -> None:
    """FAILED, and no output."""
    record = one(bench, flow(task("LAMBDA", "t", inputs={"scriptExpression": " "})))
    assert record.status is TaskStatus.FAILED
    assert record.reason_for_incompletion == (
        "Empty 'scriptExpression' in Lambda task's input parameters. A non-empty String value must be provided."
    )
    assert record.output_data == {}


def test_lambda_errors_can_be_retried(bench: Bench) -> None:
    """Plain FAILED, unlike INLINE."""
    bench.register(TaskDef(name="t", retry_count=1, retry_delay_seconds=1))
    run_id = bench.start(flow(task("LAMBDA", "t", inputs={"scriptExpression": "return x.y;"})))
    bench.advance(1)
    attempts = attempts_of(bench.run(run_id), "t")
    assert [one.status for one in attempts] == [TaskStatus.FAILED, TaskStatus.FAILED]
    assert attempts[0].output_data == {"error": attempts[0].reason_for_incompletion}


def test_noop_does_nothing(bench: Bench) -> None:
    """COMPLETED, no output."""
    record = one(bench, flow(task("NOOP", "t")))
    assert (record.status, record.output_data) == (TaskStatus.COMPLETED, {})


def test_an_unknown_type_is_a_workers_queue(bench: Bench) -> None:
    """SIMPLE tasks are polled by name, others by type."""
    bench.start(flow(task("SEND_FAX", "t", name="fax"), simple("u")))
    crew = Crew(bench, "SEND_FAX", "u")
    crew.complete("t")
    assert crew.waiting == ["u"]


def test_lists_and_maps_become_texts_as_in_javascript(bench: Bench) -> None:
    """The official server gives Java's texts of them, and loses inner maps."""
    script = "[$.l + '', $.m + '', JSON.stringify($.l)]"
    run = bench.run(bench.start(flow(inline("a", script, l=[1, {"q": 2}], m={"q": 1}))))
    assert run.output == {"result": ["1,[object Object]", "[object Object]", '[1,{"q":2}]']}
