"""A difference as JSON data; docs/diff.md tells its shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.model.diff.compatibility import Finding
from podium.model.diff.settings import MISSING, Setting
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.model.definitions import WorkflowDef
    from podium.model.diff.changes import DefinitionDiff, EdgeChange, StepDiff


def document_of(diff: DefinitionDiff) -> dict[str, JsonValue]:
    """Give a difference with what it means to others."""
    return {
        **_body(diff),
        "compatibility": {
            "severity": diff.compatibility.severity.value,
            "runs": _findings(diff.compatibility.runs),
            "callers": _findings(diff.compatibility.callers),
        },
    }


def _body(diff: DefinitionDiff) -> dict[str, JsonValue]:
    return {
        "old": _identity(diff.old),
        "new": _identity(diff.new),
        "isEmpty": diff.is_empty,
        "summary": diff.summary,
        "settings": [_setting(setting) for setting in diff.settings],
        "steps": [_step(step) for step in diff.changed_steps],
    }


def _identity(definition: WorkflowDef) -> dict[str, JsonValue]:
    return {"name": definition.name, "version": definition.version}


def _setting(setting: Setting) -> dict[str, JsonValue]:
    sides = {"old": setting.old, "new": setting.new}
    return {"path": setting.path} | {side: value for side, value in sides.items() if value is not MISSING}


def _step(step: StepDiff) -> dict[str, JsonValue]:
    """Give one step; what says nothing is left out."""
    is_added, is_removed = step.change == "ADDED", step.change == "REMOVED"
    told: dict[str, JsonValue] = {
        "reference": step.reference,
        "oldReference": step.old_reference if step.change == "RENAMED" else None,
        "change": step.change.value,
        "type": step.task_type,
        "oldPlace": None if is_added else step.old_place,
        "newPlace": None if is_removed else step.new_place,
        "isMoved": step.is_moved or None,
        "edges": [_edge(edge) for edge in step.edges] or None,
        "settings": [_setting(setting) for setting in step.settings] or None,
        "inner": None if step.inner is None else _body(step.inner),
    }
    return {key: value for key, value in told.items() if value is not None}


def _edge(edge: EdgeChange) -> dict[str, JsonValue]:
    told = {"kind": edge.kind, "change": edge.change.value, "old": edge.old, "new": edge.new}
    return {key: value for key, value in told.items() if value is not None}


def _findings(findings: Sequence[Finding]) -> list[JsonValue]:
    return [{"severity": each.severity.value, "subject": each.subject, "reason": each.reason} for each in findings]
