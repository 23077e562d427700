"""Reasons are in the words of JSON, whatever is missing or of another type: no None, True or class of Python."""

from __future__ import annotations

import re
from typing import Any

import pytest

import podium
from podium.model.values import JsonValue

_PYTHON = re.compile(r"\b(None|True|False|NoneType|dict|str|float|bool|Traceback)\b")
_X = "${workflow.input.x}"
_NOOP = {"type": "NOOP", "name": "n", "taskReferenceName": "n"}
_LISTED = {"dynamicForkTasksParam": "tasks", "dynamicForkTasksInputParamName": "inputs"}
_OLD = {"dynamicForkJoinTasksParam": "tasks"}


def _task(kind: str, /, more: dict[str, Any] | None = None, **inputs: JsonValue) -> dict[str, Any]:
    return {
        "name": "t",
        "taskReferenceName": "t",
        "type": kind,
        "retryCount": 0,
        "inputParameters": inputs,
        **(more or {}),
    }


#: Tasks that take whatever the input holds; a fork gets its JOIN.
CASES: dict[str, dict[str, Any]] = {
    "a fan-out without a list": _task("FORK_JOIN_DYNAMIC", forkTaskName="n", forkTaskInputs=_X),
    "a dynamic fork": _task("FORK_JOIN_DYNAMIC", _LISTED, tasks=_X, inputs=_X),
    "inputs of a dynamic fork": _task("FORK_JOIN_DYNAMIC", _LISTED, tasks=[], inputs=_X),
    "an old dynamic fork": _task("FORK_JOIN_DYNAMIC", _OLD, tasks={"dynamicTasks": [_X]}),
    "an old dynamic fork without names": _task(
        "FORK_JOIN_DYNAMIC", _OLD, tasks={"dynamicTasks": [{"input": {"a": _X}}]}
    ),
    "a wait": _task("WAIT", duration=[_X]),
    "a request": _task("HTTP", http_request=_X),
    "headers": _task("HTTP", uri="http://h/", method="GET", headers=[_X]),
    "a method": _task("HTTP", uri="http://h/", method=[_X]),
    "another workflow": _task("SUB_WORKFLOW", {"subWorkflowParam": {"name": _X}}),
    "a start": _task("START_WORKFLOW", startWorkflow={"name": "x", "input": [_X]}),
    "a version": _task("START_WORKFLOW", startWorkflow={"name": "x", "version": [_X]}),
    "a dynamic task": _task("DYNAMIC", {"dynamicTaskNameParam": "chosen"}, chosen=_X),
    "an evaluator": _task("INLINE", evaluatorType=_X, expression="1"),
    "an expression": _task("INLINE", expression=_X),
    "a query": _task("JSON_JQ_TRANSFORM", queryExpression=_X),
    "an end": _task("TERMINATE", terminationStatus=_X),
    "a reason": _task("TERMINATE", terminationStatus="FAILED", terminationReason=[_X]),
    "a loop": _task("DO_WHILE", {"loopOver": [_NOOP]}),
    "a switch": _task("SWITCH", {"evaluatorType": "javascript"}, x=_X),
}


@pytest.mark.parametrize(
    "value", [None, True, {"a": None}, [False], 1.5], ids=["null", "true", "object", "list", "number"]
)
@pytest.mark.parametrize("case", CASES)
def test_no_reason_is_in_the_words_of_python(case: str, value: JsonValue) -> None:
    """Whatever the task is given, its run ends or waits for a worker, and what is said of it is JSON."""
    tasks = [CASES[case]]
    if tasks[0]["type"] == "FORK_JOIN_DYNAMIC":
        tasks.append({"name": "j", "taskReferenceName": "j", "type": "JOIN"})
    with podium.connect("memory://") as client:
        try:
            run = client.run(podium.load({"name": "w", "tasks": tasks}).definition, {"x": value}, timeout=0.5)
        except podium.RunTimeout:
            run = client.get(client.search()[0].workflow_id)  # nobody serves a worker's task

    said = [run.reason or "", *(attempt.reason_for_incompletion or "" for attempt in run.tasks)]
    assert [text for text in said if _PYTHON.search(text)] == []
