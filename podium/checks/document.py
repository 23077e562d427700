"""What only the JSON document shows: V1 for nulls, which are gone once it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_type_hints

from podium.checks.report import Severity
from podium.model.codec import camel
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.problems import Problem
from podium.model.values import JsonObject, JsonValue

#: Numbers that are written by the server and read by nobody.
_AUDIT = frozenset({"createTime", "updateTime"})

_NUMBERS = (int, bool, int | None, bool | None)


def check_document(document: JsonObject) -> list[Problem]:
    """
    Look for nulls where a number or a boolean is expected.

    A null means "absent" to us. To Conductor it means so too, except for numbers and booleans that must have a value:
    they become 0 or false, whatever the default is.

    Args:
        document: What ``json.loads`` gave.

    Returns:
        The problems in document order.
    """
    return list(_nulls(document, WorkflowDef, "tasks"))


def _nulls(document: JsonObject, kind: type, tasks_key: str, prefix: str = "") -> Iterator[Problem]:
    for key, value in document.items():
        path = f"{prefix}.{key}" if prefix else key
        if value is None and key in _numbers(kind):
            yield _problem(key, path, nullable=_numbers(kind)[key])
        elif key == tasks_key and isinstance(value, list):
            yield from _in_tasks(value, path)


def _problem(key: str, path: str, *, nullable: bool) -> Problem:
    message = f"{key} is null, " + (
        "which the official schema does not allow" if nullable else "of which Conductor makes 0 or false"
    )
    severity: Severity = "error" if key == "version" and not nullable else "warning"
    return Problem(code="V1", severity=severity, path=path, message=message, hint="leave it out, or give a value")


@cache
def _numbers(kind: type) -> Mapping[str, bool]:
    """Map the keys of numbers and booleans to whether null is a value of theirs."""
    hints = {camel(name): hint for name, hint in get_type_hints(kind).items()}
    found = {key: hint in {int | None, bool | None} for key, hint in hints.items() if hint in _NUMBERS}
    return {key: nullable for key, nullable in found.items() if key not in _AUDIT}


def _in_tasks(tasks: JsonValue, path: str) -> Iterator[Problem]:
    for index, task in enumerate(tasks if isinstance(tasks, list) else ()):
        if isinstance(task, Mapping):
            yield from _in_task(task, f"{path}[{index}]")


def _in_task(task: JsonObject, path: str) -> Iterator[Problem]:
    yield from _nulls(task, WorkflowTask, "", path)
    definition = task.get("taskDefinition")
    if isinstance(definition, Mapping):
        yield from _nulls(definition, TaskDef, "", f"{path}.taskDefinition")
    cases = task.get("decisionCases")
    for label, body in cases.items() if isinstance(cases, Mapping) else ():
        yield from _in_tasks(body, f"{path}.decisionCases.{label}")
    branches = task.get("forkTasks")
    for index, body in enumerate(branches if isinstance(branches, list) else ()):
        yield from _in_tasks(body, f"{path}.forkTasks[{index}]")
    for key in ("defaultCase", "loopOver"):
        yield from _in_tasks(task.get(key), f"{path}.{key}")
    params = task.get("subWorkflowParam")
    embedded = params.get("workflowDefinition") if isinstance(params, Mapping) else None
    if isinstance(embedded, Mapping):
        yield from _nulls(embedded, WorkflowDef, "tasks", f"{path}.subWorkflowParam.workflowDefinition")
