"""What the official Python SDK writes is read by Podium: nothing is lost, and complaints are right."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from sdk_process import ask, needs_sdk
from wire_meaning import task_meaning, workflow_meaning

import podium
from podium.model import codec
from podium.model.definitions import TaskDef

pytestmark = needs_sdk

#: Workflows of the SDK that Conductor would not run, and the complaint about them.
REAL_MISTAKES = {
    "a_fork_without_a_join": "'split' is not followed by a JOIN",
}

#: Workflows that run, but hardly as meant: a join without a list, a loop without a limit, a list that is not read, a
#: wait for a key that is not read.
DOUBTFUL = {"a_join_with_a_script", "loops", "a_loop_over_items", "a_wait_with_the_wrong_key"}


@pytest.fixture(scope="session")
def built() -> dict[str, Any]:
    """Return what the SDK has built."""
    answer: dict[str, Any] = ask("builds")
    return answer


def test_each_class_of_the_sdk_is_used(built: dict[str, Any]) -> None:
    """No task class of the SDK is left out here, so a new one is noticed."""
    assert set(built["classes"]) <= set(built["used"])
    assert len(built["classes"]) >= 40


def test_workflows_come_back_with_the_same_meaning(built: dict[str, Any]) -> None:
    """Each workflow loads, and what Podium writes means what the SDK wrote; a second round changes nothing."""
    for name, document in built["workflows"].items():
        written = podium.load(document).to_dict()
        assert workflow_meaning(written) == workflow_meaning(document), name
        assert podium.load(written).to_dict() == written, name


def test_only_real_mistakes_are_errors(built: dict[str, Any]) -> None:
    """The check finds the workflows that fail on a server, and calls no other one wrong."""
    errors = {
        name: [problem.message for problem in podium.load(document).check() if problem.severity == "error"]
        for name, document in built["workflows"].items()
    }
    assert {name for name, messages in errors.items() if messages} == set(REAL_MISTAKES)
    for name, wanted in REAL_MISTAKES.items():
        assert [wanted in message for message in errors[name]] == [True], errors[name]


def test_only_what_is_doubtful_is_warned_of(built: dict[str, Any]) -> None:
    """The check warns of nothing that somebody could have meant so."""
    warned = {name for name, document in built["workflows"].items() if podium.load(document).check()}
    assert warned - set(REAL_MISTAKES) <= DOUBTFUL
    assert {"a_join_with_a_script", "loops", "a_loop_over_items", "a_wait_with_the_wrong_key"} <= warned


def test_workflows_can_be_drawn_and_described(built: dict[str, Any]) -> None:
    """Each of them has its picture's text and an outline that names every step of the top level."""
    for name, document in built["workflows"].items():
        workflow = podium.load(document)
        assert "flowchart TD" in workflow.to_mermaid(), name
        outline = workflow.describe()
        assert all(task.task_reference_name in outline for task in workflow.definition.tasks), name


def test_task_definitions_come_back_with_the_same_meaning(built: dict[str, Any]) -> None:
    """A task definition of the SDK is read whole."""
    for name, document in built["task_defs"].items():
        read = codec.from_dict(document, TaskDef)
        assert read.name == name
        assert task_meaning(codec.to_dict(read)) == task_meaning(document)


def test_workflows_come_back_as_python(built: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them has a Python source, which builds it again."""
    for name, document in built["workflows"].items():
        workflow = podium.load(document)
        module = ModuleType(f"from_the_sdk_{name}")
        monkeypatch.setitem(sys.modules, module.__name__, module)  # annotations are looked up there
        exec(workflow.to_python(), vars(module))
        again = [each for each in vars(module).values() if isinstance(each, podium.Workflow)][-1]
        assert again.definition == workflow.definition, name
