"""Compensation that does not happen: C1, what can be undone is not when the workflow fails."""

from __future__ import annotations

from collections.abc import Iterator

from podium.checks.called import calls_of
from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.model.compensation import undo_name, undo_workflow_name
from podium.model.definitions import WorkflowDef
from podium.model.statuses import TaskType
from podium.model.values import JsonObject


def check_compensation(report: ProblemCollector) -> None:
    """Look whether the definition notes its calls of workflows that can be undone for its own undo workflow."""
    definition = report.layout.definition
    noted = {name for spot in report.layout.spots for name in _variables(spot)}
    for spot in report.layout.spots:
        for called in _called(report, spot):
            can_be = called.failure_workflow == undo_workflow_name(called.name)
            if can_be and undo_name(spot.name) not in noted and not _is_last(definition, spot):
                _complain(report, spot, called)

    for spot in report.layout.spots:
        _check_kept(report, spot)


def _check_kept(report: ProblemCollector, spot: TaskPosition) -> None:
    """Look whether a loop lets go what a step in it has noted: the notes are read when the run has failed."""
    lets_go = any(around.task.input_parameters.get("keepLastN") for around in spot.line)
    for step in _noted(spot) if lets_go else ():
        message = f"{step!r} is not undone in the iterations that keepLastN has let go"
        report.add(spot, "C1", message, severity="warning", hint="keep them, or see to it with undo_all(...)")


def _noted(spot: TaskPosition) -> Iterator[str]:
    """Yield the step that a task notes as done."""
    for name in _variables(spot):
        step = name.removeprefix(undo_name(""))
        if name == undo_name(step) and spot.name == f"{step}_done":
            yield step


def _complain(report: ProblemCollector, spot: TaskPosition, called: WorkflowDef) -> None:
    own = report.layout.definition.failure_workflow
    is_fan = spot.task.type == TaskType.FORK_JOIN_DYNAMIC
    if own and own != undo_workflow_name(report.layout.definition.name):
        hint = f"the failure workflow {own!r} has to see to it"
    elif is_fan:
        hint = f"fan out over {called.name!r} by its object, and with a JOIN; or see to it with undo_all(...)"
    else:
        hint = f"call {called.name!r} by its object, and not within a circle of calls; or see to it with undo_all(...)"
    message = f"what {called.name!r} has done stays done if this workflow fails: {spot.name!r} is not undone"
    report.add(spot, "C1", message, severity="warning", hint=hint)


def _variables(spot: TaskPosition) -> JsonObject:
    return spot.task.input_parameters if spot.task.type == TaskType.SET_VARIABLE else {}


def _called(report: ProblemCollector, spot: TaskPosition) -> Iterator[WorkflowDef]:
    task, context = spot.task, report.context
    if task.type == TaskType.SUB_WORKFLOW:
        yield from (call.known.definition for call in calls_of(task, context))
    elif task.type == TaskType.FORK_JOIN_DYNAMIC:
        name, version = (task.input_parameters.get(key) for key in ("forkTaskWorkflow", "forkTaskWorkflowVersion"))
        is_number = version is None or (isinstance(version, str) and version.isdecimal())
        known = context.find(name, int(str(version or 0))) if isinstance(name, str) and is_number else None
        if known is not None:
            yield known.definition


def _is_last(definition: WorkflowDef, spot: TaskPosition) -> bool:
    """Return whether nothing can fail once the call has ended well."""
    return spot.task.type == TaskType.SUB_WORKFLOW and spot.task is definition.tasks[-1]
