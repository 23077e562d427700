"""The interpreter of definitions tells what the documentation says; the simulation then holds the engine to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from podium.model.codec import from_dict
from podium.model.definitions import TaskDef, WorkflowDef
from podium.testing.reference.interpreter import interpret
from podium.testing.reference.steps import UNKNOWN, ExternalResult, Undetermined
from podium.testing.reference.story import Story

DONE = ExternalResult("COMPLETED", {"n": 1})
BROKEN = ExternalResult("FAILED", {})


class Mocks:
    """A world in which tasks answer as a table says, and complete with ``{"n": 1}`` where it says nothing."""

    was_retried = False

    def __init__(self, answers: Mapping[str, Sequence[ExternalResult]]) -> None:
        self.run_input: Mapping[str, Any] = {"case": "A", "items": [{"x": 1}, {"x": 2}]}
        self.variables: dict[str, Any] = {"v": 0}
        self._answers = answers

    def answers(self, ref: str) -> Sequence[ExternalResult]:
        return self._answers.get(ref, [DONE])

    def skipped(self, ref: str) -> ExternalResult | None:
        return next((one for one in self._answers.get(ref, ()) if one.status == "SKIPPED"), None)

    def timeouts(self, ref: str) -> Sequence[ExternalResult]:
        return ()

    def task_def(self, fork: str, name: str) -> TaskDef | None:
        return None


def told(*tasks: Mapping[str, Any], **answers: Sequence[ExternalResult]) -> Story:
    """Interpret a workflow of these tasks."""
    return interpret(from_dict({"name": "w", "tasks": tasks}, WorkflowDef), Mocks(answers))


def task(ref: str, kind: str = "SIMPLE", **fields: Any) -> dict[str, Any]:
    """Return a task; a worker's is not retried, unless *retryCount* says so."""
    return {"name": ref, "taskReferenceName": ref, "type": kind, "retryCount": 0, **fields}


def statuses(story: Story) -> dict[str, str | None]:
    """Return the status of each step, in the order of the story."""
    return {ref: step.status for ref, step in story.steps.items()}


def test_a_list_goes_on_behind_what_ended_well() -> None:
    """One task after the other, each with what the one before gave."""
    story = told(task("a"), task("b", inputParameters={"in": "${a.output.n}", "text": "n=${a.output.n}, ${no.output}"}))

    assert statuses(story) == {"a": "COMPLETED", "b": "COMPLETED"}
    assert story.steps["b"].input == {"in": 1, "text": "n=1, null"}
    assert (story.is_through, story.ends) == (True, [])


@pytest.mark.parametrize(
    ("flags", "status", "goes_on", "ends"),
    [
        ({}, "FAILED", False, ["FAILED"]),
        ({"optional": True}, "COMPLETED_WITH_ERRORS", True, []),
        ({"permissive": True}, "FAILED", True, []),
    ],
)
def test_a_bad_end(flags: dict[str, Any], status: str, goes_on: bool, ends: list[str]) -> None:
    """It ends the run; nobody minds one of an optional task; one of a permissive task counts in the end."""
    story = told(task("a", retryCount=1, **flags), task("b"), a=[BROKEN, BROKEN])

    assert (story.steps["a"].status, story.steps["a"].tries) == (status, 2)
    assert ("b" in story.steps, [end.status for end in story.ends]) == (goes_on, ends)
    assert bool(story.permissive) == ("permissive" in flags)


def test_what_is_not_answered_is_at_work() -> None:
    """A task with a try left, and no word of it, has not ended, and nothing follows it."""
    story = told(task("a", retryCount=1), task("b"), a=[BROKEN])

    assert statuses(story) == {"a": None}
    assert not story.is_through


def test_a_switch() -> None:
    """An empty case suppresses the default; a value without a case does not."""
    case = {"evaluatorType": "value-param", "expression": "on", "decisionCases": {"A": []}, "defaultCase": [task("d")]}
    story = told(
        task("s", "SWITCH", inputParameters={"on": "${workflow.input.case}"}, **case),
        task("r", "SWITCH", inputParameters={"on": "B"}, **{**case, "defaultCase": [task("e")]}),
    )

    assert list(story.steps) == ["s", "r", "e"]
    assert story.steps["r"].output == {"evaluationResult": ["B"], "selectedCase": "B"}
    assert story.steps["r"].input == {"on": "B", "case": "B", "hasChildren": "true"}


def test_branches_go_on_to_their_own_ends() -> None:
    """One that fails ends the run; how far the others come by then is open, so all of them is told."""
    fork = task("f", "FORK_JOIN", forkTasks=[[task("a"), task("b")], [task("c"), task("d")]])
    story = told(fork, task("j", "JOIN", joinOn=["b", "d"]), task("z"), c=[BROKEN])

    assert statuses(story) == {"f": "COMPLETED", "a": "COMPLETED", "b": "COMPLETED", "c": "FAILED", "j": None}
    assert [(end.status, end.after[0].ref) for end in story.ends] == [("FAILED", "c")]


def test_a_join_over_an_optional_failure() -> None:
    """It has the output of those that gave one, and says that something went wrong."""
    fork = task("f", "FORK_JOIN", forkTasks=[[task("a")], [task("b", optional=True)]])
    story = told(fork, task("j", "JOIN", joinOn=["a", "b"]), b=[BROKEN])

    assert (story.steps["j"].status, story.steps["j"].output) == ("COMPLETED_WITH_ERRORS", {"a": {"n": 1}})


def test_a_variable_that_two_branches_set_is_open() -> None:
    """Whoever is last sets it; a choice by it leaves the run open."""
    sets = [[task(f"v{n}", "SET_VARIABLE", inputParameters={"v": n})] for n in (1, 2)]
    fork, join = task("f", "FORK_JOIN", forkTasks=sets), task("j", "JOIN", joinOn=["v1", "v2"])

    assert told(fork, join).memory.variables == {"v": UNKNOWN}
    with pytest.raises(Undetermined):
        told(fork, join, task("s", "SWITCH", inputParameters={"on": "${workflow.variables.v}"}, expression="on"))


def test_a_loop_keeps_its_last_turns() -> None:
    """Names carry the turn; what keepLastN leaves out is in no output."""
    loop = {"loopCondition": "$.l['iteration'] < 3", "inputParameters": {"keepLastN": 1}, "loopOver": [task("a")]}
    story = told(task("l", "DO_WHILE", **loop))

    assert story.steps["l"].output == {"iteration": 3, "3": {"a": {"n": 1}}}
    assert [ref for ref, step in story.steps.items() if step.is_removed] == ["a__1", "a__2"]


def test_a_loop_over_a_list() -> None:
    """Each turn knows its item."""
    body = [task("a", inputParameters={"x": "${l.output.loopItem.x}"})]
    story = told(task("l", "DO_WHILE", items="${workflow.input.items}", loopOver=body))

    assert [story.steps[ref].input for ref in ("a__1", "a__2")] == [{"x": 1}, {"x": 2}]
    assert (story.steps["l"].output["loopIndex"], story.steps["l"].output["iteration"]) == (1, 2)


def test_a_dynamic_fork() -> None:
    """One branch for each item, and a JOIN that waits for them."""
    fork = {"inputParameters": {"forkTaskName": "w", "forkTaskInputs": "${workflow.input.items}"}}
    story = told(task("f", "FORK_JOIN_DYNAMIC", **fork), task("j", "JOIN"), _w_1=[BROKEN])

    assert story.steps["_w_0"].input == {"x": 1, "__index": 0}
    assert (story.steps["_w_1"].tries, story.steps["j"].status) == (1, None)
    assert story.steps["j"].input == {"joinOn": ["_w_0", "_w_1"]}


def test_what_an_operator_skips() -> None:
    """The run passes over it, and what follows sees what was put in its place."""
    story = told(
        task("a", "FORK_JOIN"),
        task("b", inputParameters={"in": "${a.output.x}"}),
        a=[ExternalResult("SKIPPED", {"x": 5})],
    )

    assert statuses(story) == {"a": "SKIPPED", "b": "COMPLETED"}
    assert story.steps["b"].input == {"in": 5}


def test_terminate_ends_the_run() -> None:
    """With the status and the output that it says."""
    end = {"terminationStatus": "FAILED", "workflowOutput": {"by": "${a.output.n}"}}
    story = told(task("a"), task("t", "TERMINATE", inputParameters=end), task("z"))

    (only,) = story.ends
    assert (only.status, only.output, list(story.steps)) == ("FAILED", {"by": 1}, ["a", "t"])
