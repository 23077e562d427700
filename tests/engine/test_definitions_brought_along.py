"""Definitions that runs bring along as values: they are read and compiled once, as the registry stands."""

from __future__ import annotations

from typing import Any

import pytest

from podium.engine import library
from podium.model.codec import from_dict
from podium.model.definitions import TaskDef, WorkflowDef
from podium.testing.bench import Bench

CHILD = {"name": "child", "tasks": [{"name": "work", "taskReferenceName": "work", "type": "SIMPLE"}]}
CALL = {
    "name": "call",
    "taskReferenceName": "call",
    "type": "SUB_WORKFLOW",
    "subWorkflowParam": {"name": "child", "workflowDefinition": "${workflow.input.child}"},
}
ROUNDS = {
    "name": "rounds",
    "tasks": [
        {
            "name": "loop",
            "taskReferenceName": "loop",
            "type": "DO_WHILE",
            "loopCondition": "$.loop['iteration'] < 3",
            "loopOver": [CALL],
        }
    ],
}


def test_a_definition_that_a_loop_brings_along_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To compile one of thousands of tasks takes a quarter of a second, in which nobody else gets anywhere."""
    compiled: list[str] = []
    body_of = library.definition_body

    def counted(definition: Any, limits: Any) -> bytes:
        compiled.append(definition.name)
        return body_of(definition, limits)

    monkeypatch.setattr(library, "definition_body", counted)
    bench = Bench()
    worker = bench.serve("work")
    run_id = bench.start(from_dict(ROUNDS, WorkflowDef), {"child": CHILD})
    for _ in range(3):
        bench.complete(worker.waiting.popleft())

    assert bench.run(run_id).status.is_successful
    assert compiled.count("child") == 1


def test_what_is_registered_meanwhile_counts() -> None:
    """The next turn has the task definition that is registered then."""
    bench = Bench()
    worker = bench.serve("work")
    bench.start(from_dict(ROUNDS, WorkflowDef), {"child": CHILD})
    first = worker.waiting.popleft()
    bench.register(TaskDef(name="work", retry_count=7))
    bench.complete(first)

    assert (first.task_def.retry_count, worker.waiting.popleft().task_def.retry_count) == (3, 7)
