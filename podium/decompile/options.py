"""What a step says beside its inputs: ``.opts(...)``, found by comparing what was built with what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.decompile.comparing import as_json, changes, differing_fields
from podium.decompile.nodes import Node, literal, method
from podium.decompile.scopes import FunctionScope
from podium.decompile.taskdefs import duration, task_settings
from podium.dsl.settings import apply_to_step
from podium.dsl.step_fields import CALL_OPTIONS
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonObject, JsonValue

#: Fields that have an option of the same kind, and its name, in the order in which options are written.
_PLAIN = {
    "name": "task_name",
    "description": "description",
    "optional": "optional",
    "permissive": "permissive",
    "async_complete": "async_complete",
    "retry_count": "retries",
    "join_status": "join_status",
    "rate_limited": "rate_limited",
}


def options_for(built: WorkflowTask, wanted: WorkflowTask, scope: FunctionScope) -> dict[str, Node]:
    """
    Return the options that make one task of another; empty if they are equal.

    Args:
        built: What is built without options.
        wanted: What is to be built.
        scope: Where it is written.
    """
    hint = wanted.task_reference_name
    fields = differing_fields(built, wanted)
    if not fields:
        return {}
    given = dict(_options(built, wanted, fields))
    options = {name: _written(name, value, f"{hint}_{name}", scope) for name, value in given.items()}
    rest = changes(as_json(_apply(built, given)), as_json(wanted))
    if rest:
        options["json"] = scope.value(rest, f"{hint}_json")
    return options


def with_options(step: Node, options: Mapping[str, Node]) -> Node:
    """Return a step with its options, which are written behind it."""
    return method(step, "opts", **options) if options else step


def _written(name: str, value: JsonValue, hint: str, scope: FunctionScope) -> Node:
    """Write an option; only in those of a call something may be replaced while the workflow runs."""
    if name in CALL_OPTIONS:
        return scope.value(value, hint)
    return scope.plain_text(value, hint) if isinstance(value, str) else literal(value)


def _apply(built: WorkflowTask, options: JsonObject) -> WorkflowTask:
    return apply_to_step(built, _base(built), options)


def _base(built: WorkflowTask) -> TaskDef:
    """Return the task definition that an unregistered step runs under."""
    return TaskDef(name=built.name, retry_count=3 if built.type == TaskType.SIMPLE else 0)


def _options(built: WorkflowTask, wanted: WorkflowTask, differing: frozenset[str]) -> Iterator[tuple[str, JsonValue]]:
    for field, option in _PLAIN.items():
        value = getattr(wanted, field)
        if field in differing and value is not None and not (field == "name" and not value):
            yield option, value
    if "start_delay" in differing and wanted.start_delay > 0:
        yield "start_delay", duration(wanted.start_delay)
    if "metadata" in differing:
        yield "metadata", wanted.metadata
    if "join_mode" in differing and wanted.join_mode is not None:
        yield "join_mode", wanted.join_mode.value
    cache = wanted.cache_config
    if "cache_config" in differing and cache is not None and cache.key is not None and cache.ttl_in_second > 0:
        yield "cache", (cache.key, duration(cache.ttl_in_second))
    yield from _call_options(_call_of(built), _call_of(wanted))
    if "task_definition" in differing and wanted.task_definition is not None:
        yield from _definition_options(built, wanted)


def _call_of(task: WorkflowTask) -> JsonObject:
    """Return how a task calls a workflow."""
    request = task.input_parameters.get("startWorkflow") if task.type == TaskType.START_WORKFLOW else None
    if task.sub_workflow_param is not None:
        return as_json(task.sub_workflow_param)
    return request if isinstance(request, Mapping) else {}


def _call_options(have: JsonObject, want: JsonObject) -> Iterator[tuple[str, JsonValue]]:
    for option, key in CALL_OPTIONS.items():
        if isinstance(want, Mapping) and want.get(key) is not None and want[key] != have.get(key):
            yield option, want[key]


def _definition_options(built: WorkflowTask, wanted: WorkflowTask) -> Iterator[tuple[str, JsonValue]]:
    """Yield the settings that embed the wanted task definition, or the definition as a whole."""
    definition = wanted.task_definition
    if definition is None:
        return
    settings, lost = task_settings(definition, _base(built))
    retries = settings.get("retries")  # which is an option of the step too
    is_step_description = "description" in settings
    if not lost and retries == wanted.retry_count and settings and not is_step_description:
        yield from settings.items()
    else:
        yield "task_definition", as_json(definition)
