"""Real definitions, written by others: they load, come back unchanged, and are checked without a crash."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from podium.dsl import load

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions"
FILES = sorted(CORPUS.glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus of definitions is not here")

#: Files, by the beginning of their names, of which the check must complain, and with what.
COMPLAINTS = {
    "main_workflow-": "schemaVersion is 1",
    "timed_out_task-": "has no name",
    "ConditionalTaskWF-91e528": "concurrentExecLimit is null",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_definition_loads_returns_and_is_checked(path: Path) -> None:
    """Reading what we wrote gives an equal definition, and the check gives a list."""
    loaded = load(path)

    again = load(loaded.to_json())
    problems = loaded.check()

    assert again.definition == loaded.definition
    assert all(problem.message and problem.place is None for problem in problems)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_definition_can_be_embedded_and_called(path: Path) -> None:
    """A loaded workflow is a step like any other, and a raw step keeps each of its tasks."""
    from podium.dsl import Workflow, raw

    document: dict[str, Any] = json.loads(path.read_text())
    loaded = load(document)
    wf = Workflow("w")
    with wf:
        for task in document["tasks"]:
            raw(task)

    assert wf.definition.tasks == loaded.definition.tasks


@pytest.mark.parametrize("beginning", COMPLAINTS)
def test_what_the_official_schema_refuses_is_complained_of(beginning: str) -> None:
    """The definitions that do not satisfy the schema load all the same, and the check says what is wrong."""
    (path,) = [path for path in FILES if path.name.startswith(beginning)]

    assert any(COMPLAINTS[beginning] in problem.message for problem in load(path).check())


#: Every complaint about these definitions when they are checked together, as file and codes with their numbers. Each
#: was read by a person and found right; a new one is to be read before it is written down here.
READ = {
    "ConditionalTaskWF-91e528": "S3 V1*6",
    "DoWhileEarlyEvalScript-93e820": "R1",
    "FanInOutNestedSubWorkflowTest-6549ab": "R3 S1",
    "FanInOutNestedTest-a87510": "S1",
    "FanInOutPermissiveTest-c50fb7": "I1*2",
    "FanInOutPermissiveTest_2-ab1c16": "I1*2",
    "FanInOutTest-713319": "I1*2",
    "LoopTestWithSwitch-042cd6": "R1",
    "WorkflowWithInlineSubWorkflow-a57786": "I1",
    "a2a_agent_orchestration-d54650": "D1*5",
    "ai_route_support_ticket-4d3f8d": "I1*2",
    "concurrency-limit-test-d0f0f2": "I1",
    "do_while_cleanup_demo-403498": "R1*2",
    "do_while_keep_last_n_switch_test-046310": "S3",
    "do_while_timeline_ui_demo-07db24": "R1*3 S3",
    "image_convert_resize_subworkflow1-e43e92": "S1",
    "image_multiple_convert_resize_fork-82074d": "R1",
    "load_test_perf_sync_workflow-93ba0a": "R1*4 S3*2",
    "main_workflow-d1ecde": "V1",
    "order_with_manual_approval-5db491": "I1",
    "performance_test_1-36dd17": "D1*6 V1",
    "rag_agent-e743c1": "D1*3",
    "sub_workflow_test-0b2688": "R1*3 S3*2",
    "task-rate-limit-test-c17195": "I1",
    "test_terminate_task_terminated-4a7eee": "S4",
    "test_terminate_task_wf-3879a4": "S4",
    "timed_out_task-5c9681": "V1",
    "wait_for_order_approval-2ee175": "I1",
    "workflow_rate_limit_in_progress_parent-3fd33e": "S1",
}


def test_every_complaint_about_real_definitions_was_read() -> None:
    """Most of these run on Conductor's own servers, so a complaint is a find or a false alarm."""
    workflows = {path.stem: load(path) for path in FILES}
    found: dict[str, str] = {}
    for name, workflow in workflows.items():
        codes = Counter(problem.code for problem in workflow.check(others=workflows.values()))
        if codes:
            found[name] = " ".join(code if n == 1 else f"{code}*{n}" for code, n in sorted(codes.items()))

    assert found == READ
