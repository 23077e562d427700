"""Lengths of time with a fraction of a second: V3, what Conductor rounds up."""

from __future__ import annotations

import math

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.model.codec import camel
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.exact import fractions


def check_fractions(report: ProblemCollector) -> None:
    """Note what the workflow, its steps and their task definitions say to the millisecond."""
    _note(report, None, report.layout.definition, "of the workflow")
    told: set[str] = set()
    for spot in report.layout.spots:
        _note(report, spot, spot.task, f"of {spot.name!r}")
        definition = _task_def(report, spot)
        if definition is not None and (definition is spot.task.task_definition or definition.name not in told):
            told.add(definition.name)
            _note(report, spot, definition, f"of task {definition.name!r}")


def _task_def(report: ProblemCollector, spot: TaskPosition) -> TaskDef | None:
    step = report.writing.steps.get(spot.name)
    if spot.task.task_definition is not None:
        return spot.task.task_definition
    if step is not None and step.worker is not None:
        return step.worker.task_def
    return (report.context.tasks or {}).get(spot.task.name)


def _note(
    report: ProblemCollector, spot: TaskPosition | None, value: WorkflowDef | WorkflowTask | TaskDef, whose: str
) -> None:
    is_here = spot is None or value is spot.task
    for name, length in fractions(value).items():
        key = camel(name)
        message = f"{key} {whose} is {length:g} s, which Conductor reads as {math.ceil(length)} s"
        embedded = f"taskDefinition.{key}" if spot is not None and value is spot.task.task_definition else ""
        report.add(spot, "V3", message, at=key if is_here else embedded, severity="note")
