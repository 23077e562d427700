"""Fields that the output of a task never has: R2, for task types and workflows whose outputs are known."""

from __future__ import annotations

from podium.checks.called import calls_of
from podium.checks.layout import TaskPosition
from podium.checks.paths import path_of
from podium.checks.report import ProblemCollector
from podium.checks.uses import values_of_task
from podium.dsl.names import nearest
from podium.model.definitions import WorkflowDef
from podium.model.expressions import FoundReference, references
from podium.model.statuses import TaskType
from podium.model.task_types import task_kind
from podium.model.values import JsonValue
from podium.model.walk import walk

_RESPONSE = ("body", "headers", "statusCode", "reasonPhrase")
_NOTHING = "it gives nothing"


def check_outputs(report: ProblemCollector) -> None:
    """Look at every reference to the output of a step whose keys are known."""
    for spot in report.layout.spots:
        for at, value in values_of_task(spot.task):
            _check_value(report, spot, at, value)
    _check_value(report, None, "outputParameters", dict(report.layout.definition.output_parameters))


def _check_value(report: ProblemCollector, reader: TaskPosition | None, at: str, value: JsonValue) -> None:
    for found in references(value):
        fault = _fault(report, found)
        if fault is not None:
            message, hint = fault
            where = ".".join(part for part in (at, found.path) if part)
            report.add(reader, "R2", f"${{{found.text}}} is always null: {message}", at=where, hint=hint)


def _fault(report: ProblemCollector, found: FoundReference) -> tuple[str, str | None] | None:
    path = path_of(found.text)
    source = None if path is None else report.layout.by_name.get(path.root)
    if path is None or source is None or path.segments[:1] != ("output",) or len(path.segments) < 2:
        return None
    key = path.segments[1]
    keys = _keys(report, source)
    if keys is None or not isinstance(key, str):
        return None
    if key not in keys:
        return _missing(source, key, keys)
    if source.task.type == TaskType.HTTP and key == "response" and len(path.segments) > 2:
        field = path.segments[2]
        if isinstance(field, str) and field not in _RESPONSE:
            return f"the response of {source.name!r} has no {field!r}", _hint(field, _RESPONSE)
    return None


def _missing(source: TaskPosition, key: str, keys: frozenset[str]) -> tuple[str, str | None]:
    if source.task.type == TaskType.HTTP and key in _RESPONSE:
        return f"{source.name!r} has no output {key!r}", f"did you mean ${{{source.name}.output.response.{key}}}?"
    shown = sorted(keys - {"error"})
    return f"{source.name!r} has no output {key!r}", _hint(key, shown)


def _hint(key: str, known: tuple[str, ...] | list[str]) -> str:
    near = nearest(key, known)
    return f"did you mean {near!r}?" if near else f"it gives {', '.join(known)}" if known else _NOTHING


def _keys(report: ProblemCollector, source: TaskPosition) -> frozenset[str] | None:
    """Return the keys of a step's output, None if they are not known."""
    task = source.task
    if task.async_complete:
        return None
    if task.type == TaskType.SUB_WORKFLOW:
        for call in calls_of(task, report.context):
            return _returned(call.known.definition)
        return None
    return task_kind(task.type).outputs


def _returned(definition: WorkflowDef) -> frozenset[str] | None:
    """Return what a workflow returns; a TERMINATE gives something else, and so does one without output parameters."""
    if not definition.output_parameters or any(
        visit.task.type == TaskType.TERMINATE for visit in walk(definition.tasks)
    ):
        return None
    # A run that ended badly, of an optional step, says which failure workflow was started.
    return frozenset({*definition.output_parameters, "subWorkflowId", "conductor"})
