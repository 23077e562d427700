"""Pieces of definitions in JSON, for the tests of the checks."""

from __future__ import annotations

from podium.dsl import load
from podium.model.problems import Problem
from podium.model.values import JsonValue

Json = dict[str, JsonValue]


def step(name: str, **inputs: JsonValue) -> Json:
    """Return a worker task."""
    return {"name": name, "taskReferenceName": name, "inputParameters": inputs}


def typed(kind: str, name: str, **fields: JsonValue) -> Json:
    """Return a task of another type."""
    return {"name": name, "taskReferenceName": name, "type": kind, **fields}


def end(name: str = "end") -> Json:
    """Return a TERMINATE."""
    return typed("TERMINATE", name, inputParameters={"terminationStatus": "COMPLETED"})


def switch(name: str, cases: dict[str, list[Json]], *otherwise: Json, **fields: JsonValue) -> Json:
    """Return a SWITCH on the workflow's input ``kind``, unless fields say otherwise."""
    given = {
        "evaluatorType": "value-param",
        "expression": "kind",
        "inputParameters": {"kind": "${workflow.input.kind}"},
    }
    return typed("SWITCH", name, **{**given, "decisionCases": cases, "defaultCase": list(otherwise), **fields})


def loop(name: str, condition: str, *body: Json, **fields: JsonValue) -> Json:
    """Return a DO_WHILE."""
    return typed("DO_WHILE", name, loopCondition=condition, loopOver=list(body), **fields)


def fork(name: str, *branches: list[Json], on: list[str] | None = None) -> list[Json]:
    """Return a FORK_JOIN and its JOIN, which waits for the last task of each branch unless *on* says otherwise."""
    names = [branch[-1]["taskReferenceName"] for branch in branches] if on is None else on
    return [typed("FORK_JOIN", name, forkTasks=list(branches)), typed("JOIN", f"{name}_join", joinOn=names)]


def call(name: str, **inputs: JsonValue) -> Json:
    """Return a SUB_WORKFLOW."""
    return typed("SUB_WORKFLOW", f"call_{name}", subWorkflowParam={"name": name}, inputParameters=inputs)


def document(*tasks: Json, name: str = "w", **fields: JsonValue) -> Json:
    """Return a definition."""
    return {"name": name, "version": 1, "schemaVersion": 2, "tasks": list(tasks), **fields}


def problems(*tasks: Json, **fields: JsonValue) -> list[Problem]:
    """Check a definition of these tasks."""
    return load(document(*tasks, **fields)).check()


def codes(found: list[Problem]) -> list[str]:
    """Return the codes of problems."""
    return [problem.code for problem in found]


def only(found: list[Problem]) -> Problem:
    """Return the only problem."""
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]
