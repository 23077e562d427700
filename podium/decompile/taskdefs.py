"""Task definitions as the settings of ``@task(...)`` and ``.opts(...)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.decompile.comparing import as_json, changes
from podium.dsl.settings import apply_to_task_def
from podium.model.definitions import TaskDef
from podium.model.durations import in_milliseconds
from podium.model.errors import PodiumError
from podium.model.statuses import RetryLogic, TaskTimeoutPolicy
from podium.model.values import JsonValue

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
#: Settings that others imply, so that they need not always be said.
_IMPLIED = ("response_timeout", "timeout_policy")


def duration(seconds: float) -> str:
    """
    Return a length of time as authors write it.

    Example:
        >>> duration(90), duration(3600), duration(86400 * 2), duration(0.25)
        ('90s', '1h', '2d', '250ms')
    """
    if seconds % 1:
        return f"{in_milliseconds(seconds)}ms"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{int(seconds) // size}{unit}"
    return f"{int(seconds)}s"


def task_settings(definition: TaskDef, base: TaskDef | None = None) -> tuple[dict[str, JsonValue], list[str]]:
    """
    Return the settings that make a task definition.

    Args:
        definition: The definition.
        base: What they are applied to; a fresh definition by default.

    Returns:
        The settings by name, and the keys of its JSON that no setting says.

    Example:
        >>> task_settings(TaskDef(name="charge", retry_count=1, input_keys=("amount",)))
        ({'retries': 1}, ['inputKeys'])
    """
    plain = TaskDef(name=definition.name) if base is None else base
    settings = _differing(plain, definition)
    if definition.rate_limit_per_frequency is not None:
        per = definition.rate_limit_frequency_in_seconds
        settings["rate_limit"] = (definition.rate_limit_per_frequency, duration(1 if per is None else per))
    if definition.runtime_metadata:
        settings["secrets"] = definition.runtime_metadata
    reached = _applied(plain, settings)
    if reached is None:
        settings, reached = {}, plain
    more = settings | _differing(reached, definition)  # what one setting makes of another
    settings, reached = (settings, reached) if (told := _applied(plain, more)) is None else (more, told)
    for name in _IMPLIED:
        fewer = {key: value for key, value in settings.items() if key != name}
        if _applied(plain, fewer) == reached:
            settings = fewer
    return settings, sorted(changes(as_json(reached), as_json(definition)))


def _applied(base: TaskDef, settings: Mapping[str, JsonValue]) -> TaskDef | None:
    """Return the definition that settings make; None if it is one that Conductor would refuse."""
    try:
        return apply_to_task_def(base, settings)
    except PodiumError:
        return None


def _differing(have: TaskDef, want: TaskDef) -> dict[str, JsonValue]:
    return {
        setting: _written(field, getattr(want, field))
        for field, setting in SETTINGS.items()
        if getattr(want, field) != getattr(have, field) and getattr(want, field) is not None
    }


def _written(field: str, value: Any) -> JsonValue:
    if isinstance(value, RetryLogic | TaskTimeoutPolicy):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if field == "backoff_jitter_ms":
        return f"{value}ms"
    return duration(value) if field.endswith("_seconds") else value
