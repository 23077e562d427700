"""What a step gives and what the next one takes: R3 where the types cannot be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.checks.called import calls_of
from podium.checks.layout import TaskPosition
from podium.checks.paths import whole_path
from podium.checks.report import ProblemCollector
from podium.checks.typed import hint_of
from podium.model.definitions import SchemaDef, TaskDef
from podium.model.statuses import SchemaType, TaskType
from podium.model.values import JsonObject, JsonValue
from podium.typed import kinds
from podium.typed.kinds import Kinds

_HINT = "give another value, or change the declared type"


def check_types(report: ProblemCollector) -> None:
    """Look at the inputs of every step whose types are declared, in Python or by a schema."""
    for spot in report.layout.spots:
        for key, value in spot.task.input_parameters.items():
            for wanted in _wanted(report, spot, key):
                given = _given(report, value)
                if given is not None and wanted is not None and kinds.clash(given, wanted):
                    shown = value if isinstance(value, str) and "${" in value else repr(value)
                    what = f"{shown:.60} is {kinds.described(given)}"
                    message = f"{key!r} of {spot.name!r} takes {kinds.described(wanted)}, and {what}"
                    report.add(spot, "R3", message, at=f"inputParameters.{key}", hint=_HINT)
                    break


def _wanted(report: ProblemCollector, spot: TaskPosition, key: str) -> Iterator[Kinds]:
    """Yield what is declared of an input: by the function that takes it, and by schemas."""
    yield kinds.of_hint(report.writing.takes(spot.name, key))
    if spot.task.type == TaskType.SIMPLE:
        definition = _task_def(report, spot)
        if definition is not None:
            yield _property(definition.input_schema, (key,))
    elif spot.task.type == TaskType.SUB_WORKFLOW:
        for call in calls_of(spot.task, report.context):
            yield _property(call.known.definition.input_schema, (key,))


def _given(report: ProblemCollector, value: JsonValue) -> Kinds:
    if not isinstance(value, str) or "${" not in value:
        return kinds.of_value(value)
    path = whole_path(value)
    if path is None:
        # Text around a reference makes a text of it; what is a secret, or an escape, is a text too.
        return frozenset({"text"}) if _is_mixed(value) else None
    declared = kinds.of_hint(hint_of(report, value))
    if declared is not None:
        return declared
    if path.root == "workflow":
        is_input = path.segments[:1] == ("input",)
        return _property(report.layout.definition.input_schema, path.segments[1:]) if is_input else None
    source = report.layout.by_name.get(path.root)
    if source is None or path.segments[:1] != ("output",):
        return None
    return _property(_output_schema(report, source), path.segments[1:])


def _is_mixed(text: str) -> bool:
    return not text.startswith("${") or not text.endswith("}")


def _output_schema(report: ProblemCollector, source: TaskPosition) -> SchemaDef | None:
    if source.task.type == TaskType.SIMPLE:
        definition = _task_def(report, source)
        return None if definition is None else definition.output_schema
    if source.task.type == TaskType.SUB_WORKFLOW:
        for call in calls_of(source.task, report.context):
            return call.known.definition.output_schema
    return None


def _task_def(report: ProblemCollector, spot: TaskPosition) -> TaskDef | None:
    if spot.task.task_definition is not None:
        return spot.task.task_definition
    return (report.context.tasks or {}).get(spot.task.name)


def _property(schema: SchemaDef | None, path: tuple[str | int, ...]) -> Kinds:
    """Return what a schema says of the value at a path; None if it says nothing."""
    if schema is None or schema.type != SchemaType.JSON or not schema.data or not path:
        return None
    found: JsonObject = schema.data
    for step in path:
        inner = found.get("items" if isinstance(step, int) else "properties")
        if isinstance(step, str) and isinstance(inner, Mapping):
            inner = inner.get(step)
        if not isinstance(inner, Mapping):
            return None
        found = inner
    return kinds.of_schema(found)
