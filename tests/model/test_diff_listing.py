"""A definition as lines, for comparisons by line."""

from __future__ import annotations

from diff_samples import flow, step

from podium.diff.listing import listing
from podium.model.definitions import SubWorkflowParams, TaskDef


def test_every_step_and_setting_has_its_line() -> None:
    """Nested as they are; texts of several lines as these, and texts that look like something else in quotes."""
    child = flow(step("inner"), name="child", timeout_seconds=5)
    params = SubWorkflowParams(name="child", workflow_definition=child)
    inputs = {"script": "let x = 1;\n  x", "n": "1", "none": None, "blank": " a", "rows": [{"b": 1, "a": []}], "e": {}}
    definition = flow(
        step("a", name="charge", input_parameters=inputs, task_definition=TaskDef(name="a", create_time=1)),
        step("s", "SWITCH", decision_cases={"A": (step("b"),), "": ()}, default_case=(step("c\x1b[2J"),)),
        step("f", "FORK_JOIN", fork_tasks=((step("d"),), (step("e"),))),
        step("l", "DO_WHILE", loop_over=(step("call", "SUB_WORKFLOW", sub_workflow_param=params),)),
        version=3,
        create_time=7,
    )

    assert listing(definition).splitlines() == [
        "flow version 3",
        "- a [SIMPLE] charge",
        '  inputParameters.blank: " a"',
        "  inputParameters.e: {}",
        '  inputParameters.n: "1"',
        "  inputParameters.none: null",
        "  inputParameters.rows[0].a: []",
        "  inputParameters.rows[0].b: 1",
        "  inputParameters.script:",
        "    | let x = 1;",
        "    |   x",
        "  taskDefinition.name: a",
        "- s [SWITCH]",
        "  case A",
        "    - b [SIMPLE]",
        "  case (empty)",
        "  otherwise",
        "    - c [2J [SIMPLE]",
        "- f [FORK_JOIN]",
        "  a branch",
        "    - d [SIMPLE]",
        "  a branch",
        "    - e [SIMPLE]",
        "- l [DO_WHILE]",
        "  the body",
        "    - call [SUB_WORKFLOW]",
        "      subWorkflowParam.name: child",
        "      child version 1",
        "        timeoutSeconds: 5",
        "      - inner [SIMPLE]",
    ]
