from __future__ import annotations

from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, inline, loop, simple, sub, switch

from podium.model.definitions import TaskDef
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench


def given_to_b(bench: Bench, value: Any, run_input: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Complete task ``a`` with an output, and give what the input ``v`` of task ``b`` became."""
    definition = flow(simple("a", inputs={"k": 1}), simple("b", inputs={"v": value}), **fields)
    bench.start(definition, run_input or {"n": 5, "box": {"deep": [1, {"x": "y"}]}, "no": None}, correlation_id="c-1")
    crew = Crew(bench, "a", "b")
    crew.complete("a", {"n": 7, "list": [1, 2, 3], "rows": [{"id": 1, "ok": True}, {"id": 2, "ok": False}]})
    return crew.take("b").input["v"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${workflow.input.n}", 5),
        ("${workflow.input.box}", {"deep": [1, {"x": "y"}]}),
        ("${workflow.input.box.deep[1].x}", "y"),
        ("${workflow.input.missing}", None),
        ("n is ${workflow.input.n}", "n is 5"),
        ("${workflow.input.missing} and ${workflow.input.no}", "null and null"),
        ("${a.output.list[0]}", 1),
        ("${a.output.list[-1:]}", [3]),
        ("${a.output.rows[?(@.ok == true)].id}", [1]),
        ("${a.output.rows[*].id}", [1, 2]),
        ("${a.input.k}", 1),
        ("${a.status}", "COMPLETED"),
        ("${a.taskType}", "a"),
        ("${a.taskDefName}", "a"),
        ("${a.referenceTaskName}", "a"),
        ("${a.retryCount}", 0),
        ("${a.iteration}", 0),
        ("${b.output.x}", None),
        ("${nobody.output.x}", None),
        ("${workflow.correlationId}", "c-1"),
        ("${workflow.workflowType}", "flow"),
        ("${workflow.version}", 1),
        ("${workflow.schemaVersion}", 2),
        ("${workflow.status}", "RUNNING"),
        ("${workflow.parentWorkflowId}", None),
        ("${workflow.variables.v}", [1]),
        ("${workflow.secrets.TOKEN}", "${workflow.secrets.TOKEN}"),
        ("$${workflow.input.n}", "${workflow.input.n}"),
        ("${HOME}", None),
        ({"deep": ["${workflow.input.n}", {"er": "${a.output.n}"}]}, {"deep": [5, {"er": 7}]}),
        ({"${workflow.input.n}": 1}, {"${workflow.input.n}": 1}),
        ([], []),
        (None, None),
        (1.5, 1.5),
    ],
)
def test_what_a_reference_becomes(bench: Bench, value: Any, expected: Any) -> None:
    """A whole reference keeps its type, one in a text becomes text, what is missing null."""
    assert given_to_b(bench, value, variables={"v": [1]}) == expected


def test_ids_and_times_can_be_read(bench: Bench) -> None:
    """Those of the run and of tasks before."""
    names = ("workflow.workflowId", "a.taskId", "a.workflowInstanceId", "a.endTime", "a.scheduledTime")
    seen = given_to_b(bench, {name: f"${{{name}}}" for name in names})
    run = bench.run(seen["workflow.workflowId"])
    first = attempt_of(run, "a")
    assert seen == dict(
        zip(names, (run.workflow_id, first.task_id, run.workflow_id, first.end_time, first.scheduled_time), strict=True)
    )


def test_data_is_not_resolved_again(bench: Bench) -> None:
    """What came in from outside may look like a reference."""
    assert given_to_b(bench, "${workflow.input.x}", {"x": "${workflow.input.n}", "n": 5}) == "${workflow.input.n}"


def test_output_parameters_are_resolved_at_the_end(bench: Bench) -> None:
    """Types are kept; what never ran is null."""
    definition = flow(
        switch("choose", "A", {"A": [inline("a", "({k: [1]})")], "B": [inline("b", "2")]}),
        output_parameters={"a": "${a.output.result.k}", "b": "${b.output.result}", "text": "<${a.output.result.k[0]}>"},
    )
    assert bench.run(bench.start(definition)).output == {"a": [1], "b": None, "text": "<1>"}


def test_output_parameters_of_a_failed_run(bench: Bench) -> None:
    """They see the reason and the status."""
    definition = flow(
        simple("a"), output_parameters={"why": "${workflow.reasonForIncompletion}", "how": "${workflow.status}"}
    )
    run_id = bench.start(definition)
    Crew(bench, "a").fail("a", "broken")
    run = bench.run(run_id)
    assert run.output == {"why": run.reason, "how": "FAILED"}


def test_an_input_template_fills_absent_and_null_inputs(bench: Bench) -> None:
    """The definition's values are resolved like the task's own."""
    bench.register(TaskDef(name="t", input_template={"a": "${workflow.input.n}", "b": 2, "c": 3}))
    bench.start(flow(simple("t", inputs={"b": None, "c": "own"})), {"n": 1})
    assert Crew(bench, "t").take("t").input == {"a": 1, "b": 2, "c": "own"}


def test_a_childs_references_see_the_child_only(bench: Bench) -> None:
    """Names of the parent mean nothing there."""
    bench.register(flow(inline("look", "[$.a, $.n]", a="${a.output.result}", n="${workflow.input.n}"), name="child"))
    run_id = bench.start(flow(inline("a", "1"), sub("call", "child", inputs={"n": "${a.output.result}"})))
    assert bench.run(run_id).output["result"] == [None, 1]


def test_names_with_odd_characters(bench: Bench) -> None:
    """Dashes and digits need no quotes."""
    definition = flow(inline("my-task", "1"), inline("2nd", "$.v + 1", v="${my-task.output.result}"))
    definition = flow(*definition.tasks, inline("end", "$.v", v="${2nd.output.result}"))
    assert bench.run(bench.start(definition)).output == {"result": 2}


def test_a_large_integer_survives(bench: Bench) -> None:
    """Beyond 64 bits, from input to output."""
    huge = 2**80 + 1
    run = bench.run(bench.start(flow(simple("a"), output_parameters={"n": "${workflow.input.n}"}), {"n": huge}))
    assert run.input == {"n": huge}
    Crew(bench, "a").complete("a", {"m": huge})
    run = bench.run(run.workflow_id)
    assert (run.output, run.status) == ({"n": huge}, RunStatus.COMPLETED)


@pytest.mark.parametrize("place", ["input", "output", "switch", "items"])
def test_a_path_that_looks_at_too_much_ends_its_run(bench: Bench, place: str) -> None:
    """Wherever it stands; the reason names the reference and the limit."""
    path = "${workflow.input.l[?(@.l anyof $.workflow.input.l[0].l)]}"
    definition = {
        "input": flow(inline("a", "1", x=path)),
        "output": flow(inline("a", "1"), output_parameters={"x": path}),
        "switch": flow(switch("s", path, {"a": [inline("a", "1")]})),
        "items": flow(loop("each", "", inline("a", "1"), items=path)),
    }[place]

    run = bench.run(bench.start(definition, {"l": [{"l": list(range(300))} for _ in range(300)]}))

    assert run.status is RunStatus.FAILED
    assert f"{path}: it looks at more than 300,000 values" in str(run.reason_for_incompletion)
