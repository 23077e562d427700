"""What conditions read: R1 for an input that a condition uses and nothing gives."""

from __future__ import annotations

from collections.abc import Iterable

from podium.dsl.checks.layout import Spot
from podium.dsl.checks.reads import reads_of
from podium.dsl.checks.report import Report
from podium.dsl.names import nearest
from podium.model.statuses import TaskType
from podium.model.walk import walk


def check_scripts(report: Report) -> None:
    """Look at the conditions of SWITCH and DO_WHILE."""
    for spot in report.layout.spots:
        task = spot.task
        if task.type == TaskType.SWITCH and task.expression:
            if task.evaluator_type == "value-param":
                _check_value_param(report, spot, task.expression)
            elif task.evaluator_type in {"javascript", "graaljs"}:
                _check_reads(report, spot, "expression", task.expression, task.input_parameters)
        elif task.type == TaskType.DO_WHILE and task.loop_condition:
            body = (visit.task.task_reference_name for visit in walk(task.loop_over))
            known = {*task.input_parameters, *body, spot.name, "loopIndex", "loopItem"}
            _check_reads(report, spot, "loopCondition", task.loop_condition, known)


def _check_value_param(report: Report, spot: Spot, name: str) -> None:
    if name in spot.task.input_parameters:
        return
    near = nearest(name, spot.task.input_parameters)
    hint = f"did you mean {near!r}?" if near else "a value-param expression is the bare name of an input parameter"
    message = f"{spot.name!r} always takes the case 'null' or the default: it has no input {name!r}"
    report.add(spot, "R1", message, at="expression", severity="warning", hint=hint)


def _check_reads(report: Report, spot: Spot, at: str, script: str, known: Iterable[str]) -> None:
    names = set(known)
    for name in reads_of(script).names:
        if name not in names:
            near = nearest(name, sorted(names))
            hint = f"did you mean {near!r}?" if near else "give it as an input parameter of this task"
            message = f"the condition of {spot.name!r} reads $.{name}, which is always undefined"
            report.add(spot, "R1", message, at=at, severity="warning", hint=hint)
