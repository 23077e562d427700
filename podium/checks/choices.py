"""Cases that can never be chosen: S3."""

from __future__ import annotations

import json

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.checks.results import results_of
from podium.checks.scripts import JAVASCRIPT
from podium.checks.typed import hint_of
from podium.model.statuses import TaskType
from podium.model.task_types import SWITCHES
from podium.model.values import JsonValue
from podium.typed import records


def check_choices(report: ProblemCollector) -> None:
    """Look at every switch whose values are known."""
    if report.layout.definition.schema_version == 1:  # its references have no ${…}
        return
    for spot in report.layout.spots:
        if spot.task.type in SWITCHES:
            values = _values(report, spot)
            if values is not None:
                _check_cases(report, spot, values)


def _check_cases(report: ProblemCollector, spot: TaskPosition, values: frozenset[str]) -> None:
    known = ", ".join(repr(value) for value in sorted(values - {"null"})) or "'null'"
    for label, body in spot.task.decision_cases.items():
        if label not in values and body:
            message = f"the case {label!r} of {spot.name!r} can never be chosen: the value can only be {known}"
            hint = _hint(values)
            report.add(spot, "S3", message, at=f"decisionCases.{label}", severity="warning", hint=hint)
    if spot.task.default_case and values <= {label for label, body in spot.task.decision_cases.items() if body}:
        message = f"the default case of {spot.name!r} can never be chosen: each of {known} has a case"
        report.add(spot, "S3", message, at="defaultCase", severity="warning")


def _hint(values: frozenset[str]) -> str | None:
    """Say what was probably meant where a reference has lost its ``$``."""
    bare = next((value for value in values if value.startswith("{") and value.endswith("}")), None)
    return None if bare is None or len(values) > 1 else f"did you mean '${bare}'?"


def _values(report: ProblemCollector, spot: TaskPosition) -> frozenset[str] | None:
    """Return the values, as texts, that a switch may have; None if that is not known."""
    task = spot.task
    if task.type == TaskType.DECISION:
        if task.case_expression:
            return results_of(task.case_expression)
        name = task.case_value_param
    elif task.evaluator_type in JAVASCRIPT and task.expression:
        return results_of(task.expression)
    else:
        name = task.expression if task.evaluator_type == "value-param" else None
    if name is None or name not in task.input_parameters:
        return None
    value = task.input_parameters[name]
    if isinstance(value, str) and "${" in value:
        return _of_reference(report, value)
    return frozenset({_as_text(value)}) if isinstance(value, str | bool | int) or value is None else None


def _of_reference(report: ProblemCollector, text: str) -> frozenset[str] | None:
    """Return the values of a reference with a declared type; null too, because whatever it names may be missing."""
    hint = hint_of(report, text)
    if records.core(hint) is bool:
        return frozenset({"true", "false", "null"})
    choices = records.choices(hint)
    if choices is None or not all(isinstance(each, str | bool | int) for each in choices):
        return None
    return frozenset({"null", *map(_as_text, choices)})


def _as_text(value: JsonValue) -> str:
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)
