"""What a difference means to those who read a run's output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.diff.compatibility import Finding, Severity
from podium.diff.contracts import json_schema, outputs_of
from podium.diff.settings import Path, are_same, change_text, path_text, settings_between, value_text
from podium.diff.spots import StepPosition
from podium.diff.steps import Comparison
from podium.model.expressions import references
from podium.model.statuses import TaskType
from podium.model.texts import clean
from podium.model.values import JsonValue
from podium.model.walk import blocks


def findings_for_outputs(comparison: Comparison) -> Iterator[Finding]:
    """Yield what a difference means to those who read the output, in the order of the new JSON, lost outputs last."""
    old, new = outputs_of(comparison.old), outputs_of(comparison.new)
    if old and new:
        yield from _parameters(comparison, old, new)
    elif old:
        reason = "is that of the last task now: there are no output parameters any more"
        yield Finding(severity=Severity.BREAKING, subject="the output", reason=reason)
    elif new:
        reason = f"was that of the last task, and consists of {_names(new)} now"
        yield Finding(severity=Severity.UNKNOWN, subject="the output", reason=reason)
    else:
        yield from _last_task(comparison)
    yield from _endings(comparison)


def _names(outputs: Mapping[Path, JsonValue]) -> str:
    return ", ".join(dict.fromkeys(clean(str(path[0])) for path in outputs))


# -- output parameters -------------------------------------------------------------------------------------------------


def _parameters(
    comparison: Comparison, old: Mapping[Path, JsonValue], new: Mapping[Path, JsonValue]
) -> Iterator[Finding]:
    for path in dict.fromkeys([*new, *old]):
        if path not in old:
            told = None if _is_near(path, old) else (Severity.COMPATIBLE, "is new")
        elif path not in new:
            told = _lost(path, new)
        else:
            told = _value(comparison, path, old[path], new[path])
        if told is not None:
            yield Finding(severity=told[0], subject=f"output {path_text(path)}", reason=told[1])


def _is_near(path: Path, others: Mapping[Path, JsonValue]) -> bool:
    """Return whether another path leads to a part of the same value, or to a whole that it is a part of."""
    return any(other[: len(path)] == path or path[: len(other)] == other for other in others)


def _lost(path: Path, new: Mapping[Path, JsonValue]) -> tuple[Severity, str]:
    if _is_near(path, new):
        return Severity.UNKNOWN, "is put together in another way; whether it has the same fields, nothing says"
    return Severity.BREAKING, "is gone"


def _value(comparison: Comparison, path: Path, old: JsonValue, new: JsonValue) -> tuple[Severity, str] | None:
    if are_same(old, new) or comparison.matching.renaming.alike(("outputParameters",), old, new):
        return _sources(comparison, new)
    is_hidden = bool(comparison.masked.intersection(path))
    if not [*references(old), *references(new)]:
        severity = Severity.COMPATIBLE if type(old) is type(new) else Severity.BREAKING
        return severity, "is another constant" + ("" if is_hidden else f": {change_text(old, new)}")
    if _is_described(comparison, path):
        return Severity.COMPATIBLE, "comes from elsewhere, and the schema says what it is"
    source = "" if is_hidden else f": {change_text(old, new)}"
    return Severity.UNKNOWN, f"comes from elsewhere; whether it is of the same type, nothing says{source}"


def _sources(comparison: Comparison, value: JsonValue) -> tuple[Severity, str] | None:
    """Tell what became of the steps that an output is read from, though it is written as before."""
    for found in references(value):
        now = comparison.after.get((found.root or "", 0))
        if now is None:
            if (found.root or "", 0) in comparison.before:
                return Severity.BREAKING, f"is null: there is no step {clean(found.root or '')} any more"
            continue
        was = comparison.matching.old_of.get(now.key)
        if was is None:
            continue
        before = comparison.before[was]
        if _work(before) != _work(now):
            reason = f"is made by another task: {value_text(_work(before))} -> {value_text(_work(now))}"
            return Severity.UNKNOWN, reason
    return None


def _work(spot: StepPosition) -> str:
    """Return what a step does: the worker's name, or the type."""
    return spot.task.name if spot.task.type == TaskType.SIMPLE else spot.task.type


def _is_described(comparison: Comparison, path: Path) -> bool:
    """Return whether the schemas of both definitions describe the output's value; they are compared for themselves."""
    schemas = json_schema(comparison.old.output_schema), json_schema(comparison.new.output_schema)
    return all(_has_type(schema, path) for schema in schemas)


def _has_type(schema: JsonValue, path: Path) -> bool:
    for key in path:
        members = schema.get("properties") if isinstance(schema, dict) else None
        schema = members.get(key) if isinstance(members, dict) else None
    return isinstance(schema, dict) and bool(schema.keys() & {"type", "enum", "const", "$ref"})


# -- other outputs -----------------------------------------------------------------------------------------------------


def _last_task(comparison: Comparison) -> Iterator[Finding]:
    """Compare what gives the output of a workflow without output parameters (Conductor: ``DeciderService``)."""
    ends = [list(spots.values()) for spots in (comparison.before, comparison.after)]
    last = [next((spot for spot in reversed(spots) if spot.lane.parent is None), None) for spots in ends]
    was, now = last
    if was is None or now is None:
        return
    if comparison.matching.old_of.get(now.key) == was.key and _is_alike(comparison, was, now):
        return
    names = [clean(spot.task.task_reference_name) for spot in (was, now)]
    words = f"{names[0]} -> {names[1]}" if names[0] != names[1] else f"{names[0]}, which differs"
    reason = f"is that of the last task, {words}; give output parameters, and it can be told"
    yield Finding(severity=Severity.UNKNOWN, subject="the output", reason=reason)


def _is_alike(comparison: Comparison, was: StepPosition, now: StepPosition) -> bool:
    """Return whether two tasks, and all that is in them, are the same but for the names of steps."""
    if was.task == now.task:
        return True
    if blocks(was.task) or blocks(now.task):
        return False
    return not settings_between(was.own, now.own, alike=comparison.matching.renaming.alike)


def _endings(comparison: Comparison) -> Iterator[Finding]:
    """Tell of the tasks that complete the run with an output of their own (Conductor: ``Terminate.java``)."""
    for key, spot in comparison.after.items():
        inputs = spot.task.input_parameters
        if spot.task.type != TaskType.TERMINATE or inputs.get("terminationStatus") != "COMPLETED":
            continue
        old_key = comparison.matching.old_of.get(key)
        was = comparison.before[old_key].task.input_parameters if old_key is not None else None
        if was is None or was.get("workflowOutput") != inputs.get("workflowOutput"):
            name = clean(spot.task.task_reference_name)
            reason = f"may come from {name} now, which ends the run COMPLETED with an output of its own"
            yield Finding(severity=Severity.UNKNOWN, subject="the output", reason=reason)
