"""What is wrong with a document is told at once, all of it, each with its path."""

from __future__ import annotations

from typing import Any

import pytest

from podium.model.codec import from_dict, from_json
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import DefinitionError
from podium.model.runs import TaskResult

TASK = {"name": "t", "taskReferenceName": "t"}


def faults(document: Any, kind: type = WorkflowDef) -> dict[str, str]:
    """Return the message of each fault by its path."""
    with pytest.raises(DefinitionError) as caught:
        from_dict(document, kind)
    return {fault.path: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ([], "", "an object (WorkflowDef) is expected here, not a list ([])"),
        ("x", "", "an object (WorkflowDef) is expected here, not a text ('x')"),
        ({"tasks": []}, "name", "is missing"),
        ({"name": "w"}, "tasks", "is missing"),
        ({"name": 5, "tasks": []}, "name", "a text is expected here, not a number (5)"),
        ({"name": "w", "tasks": {}}, "tasks", "a list is expected here, not an object ({})"),
        (
            {"name": "w", "tasks": [], "version": "two"},
            "version",
            "a whole number is expected here, not a text ('two')",
        ),
        ({"name": "w", "tasks": [], "version": 1.5}, "version", "a whole number is expected here, not a number (1.5)"),
        (
            {"name": "w", "tasks": [], "version": "--5"},
            "version",
            "a whole number is expected here, not a text ('--5')",
        ),
        (
            {"name": "w", "tasks": [], "version": True},
            "version",
            "a whole number is expected here, not true",
        ),
        (
            {"name": "w", "tasks": [], "restartable": 1},
            "restartable",
            "true or false is expected here, not a number (1)",
        ),
        (
            {"name": "w", "tasks": [], "timeoutPolicy": "retry"},
            "timeoutPolicy",
            "one of TIME_OUT_WF, ALERT_ONLY is expected here, not 'retry'",
        ),
        ({"name": "w", "tasks": [{"name": "t"}]}, "tasks[0].taskReferenceName", "is missing"),
        (
            {"name": "w", "tasks": [TASK, {**TASK, "joinOn": "a"}]},
            "tasks[1].joinOn",
            "a list is expected here, not a text ('a')",
        ),
        (
            {"name": "w", "tasks": [{**TASK, "decisionCases": {"A": [TASK, {**TASK, "optional": "maybe"}]}}]},
            "tasks[0].decisionCases.A[1].optional",
            "true or false is expected here, not a text ('maybe')",
        ),
        (
            {"name": "w", "tasks": [{**TASK, "forkTasks": [[TASK], [5]]}]},
            "tasks[0].forkTasks[1][0]",
            "an object (WorkflowTask) is expected here, not a number (5)",
        ),
        (
            {"name": "w", "tasks": [{**TASK, "subWorkflowParam": "child"}]},
            "tasks[0].subWorkflowParam",
            "an object (SubWorkflowParams) is expected here, not a text ('child')",
        ),
        (
            {
                "name": "w",
                "tasks": [{**TASK, "subWorkflowParam": {"workflowDefinition": {"name": "i", "tasks": [{}]}}}],
            },
            "tasks[0].subWorkflowParam.workflowDefinition.tasks[0].taskReferenceName",
            "is missing",
        ),
        (
            {"name": "w", "tasks": [{**TASK, "inputParameters": [1]}]},
            "tasks[0].inputParameters",
            "an object (a map) is expected here, not a list ([1])",
        ),
    ],
)
def test_a_fault_names_its_place_and_what_is_expected(document: Any, path: str, message: str) -> None:
    """The path is that of the JSON document."""
    assert faults(document) == {path: message}


def test_every_fault_of_a_document_is_told() -> None:
    """In one error, in the order of the document."""
    document = {
        "version": "x",
        "tasks": [{"name": 1, "taskReferenceName": "t"}, 7, {**TASK, "loopOver": [{"name": "u"}], "startDelay": []}],
        "schemaVersion": None,
    }
    with pytest.raises(DefinitionError) as caught:
        from_dict(document, WorkflowDef)
    assert [fault.path for fault in caught.value.faults] == [
        "version",
        "tasks[0].name",
        "tasks[1]",
        "tasks[2].loopOver[0].taskReferenceName",
        "tasks[2].startDelay",
        "name",
    ]
    assert str(caught.value).startswith("the WorkflowDef has 6 problems:\n  version: a whole number is expected here")


def test_one_problem_is_singular() -> None:
    """For those who read it."""
    with pytest.raises(DefinitionError, match="the TaskDef has 1 problem:\n  retryCount: a whole number"):
        from_dict({"name": "t", "retryCount": "many"}, TaskDef)


@pytest.mark.parametrize("text", ["", "{", '{"name": "w", }', "<xml/>", b"\xff\xfe"])
def test_broken_json_is_one_fault(text: str | bytes) -> None:
    """It names the line and column, where the parser knows them."""
    with pytest.raises(DefinitionError) as caught:
        from_json(text, WorkflowDef)
    (fault,) = caught.value.faults
    assert fault.path == ""
    assert fault.message.startswith("this is not JSON: ")


def test_the_place_of_broken_json() -> None:
    """Line and column."""
    with pytest.raises(DefinitionError, match="line 2 column 3"):
        from_json('{"a":\n  ?}', WorkflowDef)


def test_a_long_value_is_cut() -> None:
    """A message stays readable."""
    message = faults({"name": "w", "tasks": "x" * 5000})["tasks"]
    assert len(message) < 150


def test_a_result_with_a_wrong_status() -> None:
    """What a worker sends is checked like everything else."""
    assert "one of" in faults({"status": "DONE"}, TaskResult)["status"]
