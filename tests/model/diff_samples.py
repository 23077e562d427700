"""Small definitions for the tests of differences."""

from __future__ import annotations

from typing import Any

from podium.diff import diff_definitions
from podium.model.definitions import SchemaDef, WorkflowDef, WorkflowTask
from podium.model.statuses import SchemaType


def step(reference: str, kind: str = "SIMPLE", **fields: Any) -> WorkflowTask:
    """Make a task whose name is its reference name unless told otherwise."""
    return WorkflowTask(name=fields.pop("name", reference), task_reference_name=reference, type=kind, **fields)


def flow(*tasks: WorkflowTask, name: str = "flow", **fields: Any) -> WorkflowDef:
    """Make a definition of these tasks."""
    return WorkflowDef(name=name, tasks=tasks, **fields)


def schema(**data: Any) -> SchemaDef:
    """Make a JSON Schema."""
    return SchemaDef(name="s", type=SchemaType.JSON, data=data)


def facts(old: WorkflowDef, new: WorkflowDef) -> dict[str, tuple[str, ...]]:
    """Return name to change and facts for the steps that differ."""
    steps = diff_definitions(old, new).changed_steps
    return {each.reference: (each.change.lower(), *each.facts) for each in steps}


def for_callers(old: WorkflowDef, new: WorkflowDef) -> list[str]:
    """Return what a difference means to callers."""
    found = diff_definitions(old, new).compatibility.callers
    return [f"{each.severity.lower()}: {each}" for each in found]


def for_runs(old: WorkflowDef, new: WorkflowDef) -> list[str]:
    """Return what a difference means to runs."""
    found = diff_definitions(old, new).compatibility.runs
    return [f"{each.severity.lower()}: {each}" for each in found]
