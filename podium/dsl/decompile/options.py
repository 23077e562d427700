"""What a step says beside its inputs: ``.opts(...)``, found by comparing what was built with what is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import attrs

from podium.dsl.decompile.nodes import Node, literal, method
from podium.dsl.decompile.scopes import Scope
from podium.dsl.settings import apply_to_step
from podium.model import codec
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.errors import PodiumError
from podium.model.statuses import RetryLogic, TaskTimeoutPolicy, TaskType
from podium.model.values import JsonObject, JsonValue

#: Fields that have an option of the same kind, and its name, in the order in which options are written.
_PLAIN = {
    "name": "task_name",
    "description": "description",
    "optional": "optional",
    "permissive": "permissive",
    "async_complete": "async_complete",
    "retry_count": "retries",
}
#: Fields of a task definition, and the settings that say them.
SETTINGS = {
    "description": "description",
    "retry_count": "retries",
    "retry_delay_seconds": "retry_delay",
    "retry_logic": "retry_logic",
    "backoff_scale_factor": "backoff_scale",
    "max_retry_delay_seconds": "max_retry_delay",
    "backoff_jitter_ms": "jitter",
    "timeout_seconds": "timeout",
    "response_timeout_seconds": "response_timeout",
    "total_timeout_seconds": "total_timeout",
    "poll_timeout_seconds": "poll_timeout",
    "timeout_policy": "timeout_policy",
    "concurrent_exec_limit": "concurrency_limit",
    "owner_email": "owner",
    "input_template": "input_template",
}


def fingerprint(value: JsonValue) -> str:
    """Give a text that is equal for equal JSON only: 1, 1.0 and true differ, the order of keys does not count."""
    return json.dumps(value, sort_keys=True)


def as_json(value: object) -> dict[str, JsonValue]:
    """Give an object of the model as JSON, those of its members that it always writes included."""
    return codec.to_dict(value)


def is_same(one: object, other: object) -> bool:
    """Tell whether two objects of the model have the same JSON."""
    return fingerprint(as_json(one)) == fingerprint(as_json(other))


def duration(seconds: int) -> str:
    """
    Give a length of time as authors write it.

    Example:
        >>> duration(90), duration(3600), duration(86400 * 2)
        ('90s', '1h', '2d')
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def options_for(built: WorkflowTask, wanted: WorkflowTask, scope: Scope) -> dict[str, Node]:
    """
    Give the options that make one task of another; empty if they are equal.

    Args:
        built: What is built without options.
        wanted: What is to be built.
        scope: Where it is written.
    """
    hint = wanted.task_reference_name
    given = dict(_options(built, wanted, set(_differing(built, wanted))))
    options = {name: _written(value, f"{hint}_{name}", scope) for name, value in given.items()}
    rest = changes(as_json(_apply(built, given)), as_json(wanted))
    if rest:
        options["json"] = scope.value(rest, f"{hint}_json")
    return options


def with_options(step: Node, options: Mapping[str, Node]) -> Node:
    """Give a step with its options, which are written behind it."""
    return method(step, "opts", **options) if options else step


def _written(value: JsonValue, hint: str, scope: Scope) -> Node:
    """Write an option: nothing in it is replaced while the workflow runs."""
    return scope.plain_text(value, hint) if isinstance(value, str) else literal(value)


def _apply(built: WorkflowTask, options: JsonObject) -> WorkflowTask:
    retries = 3 if built.type == TaskType.SIMPLE else 0
    return apply_to_step(built, TaskDef(name=built.name, retry_count=retries), options)


def _differing(built: WorkflowTask, wanted: WorkflowTask) -> list[str]:
    return [
        each.name
        for each in attrs.fields(WorkflowTask)
        if fingerprint(codec.to_dict(attrs.evolve(built, **{each.name: getattr(wanted, each.name)})))
        != fingerprint(codec.to_dict(built))
    ]


def _options(built: WorkflowTask, wanted: WorkflowTask, differing: set[str]) -> Iterator[tuple[str, JsonValue]]:
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
    if "task_definition" in differing and wanted.task_definition is not None:
        yield from _definition_options(built, wanted)


def _definition_options(built: WorkflowTask, wanted: WorkflowTask) -> Iterator[tuple[str, JsonValue]]:
    """Give the settings that embed the wanted task definition, or the definition as a whole."""
    settings = dict(_settings(built, wanted))
    try:
        reached = _apply(built, settings)
    except PodiumError:
        reached = built
    definition = wanted.task_definition
    if reached.task_definition == definition and reached.retry_count == wanted.retry_count:
        yield from settings.items()
    elif definition is not None:
        yield "task_definition", as_json(definition)


def _settings(built: WorkflowTask, wanted: WorkflowTask) -> Iterator[tuple[str, JsonValue]]:
    definition = wanted.task_definition
    if definition is None:
        return
    base = TaskDef(name=wanted.name, retry_count=3 if built.type == TaskType.SIMPLE else 0)
    for field, setting in SETTINGS.items():
        value = getattr(definition, field)
        if value == getattr(base, field) or value is None or field in {"description", "backoff_jitter_ms"}:
            continue
        if isinstance(value, RetryLogic | TaskTimeoutPolicy):
            value = value.value
        elif field.endswith("_seconds"):
            value = duration(value)
        yield setting, value


def changes(have: Mapping[str, JsonValue], want: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """
    Give what to put over one JSON object to get another.

    Example:
        >>> changes({"a": 1, "b": 2}, {"b": 3, "c": 4})
        {'b': 3, 'c': 4, 'a': None}
    """
    found = {
        key: value for key, value in want.items() if key not in have or fingerprint(have[key]) != fingerprint(value)
    }
    return found | {key: None for key in have if key not in want}
