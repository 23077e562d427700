"""Task definitions as the settings of ``@task(...)``."""

from __future__ import annotations

from collections.abc import Mapping

from podium.dsl.decompile.options import SETTINGS, as_json, changes, duration
from podium.dsl.settings import apply_to_task_def
from podium.model.definitions import TaskDef
from podium.model.errors import PodiumError
from podium.model.statuses import RetryLogic, TaskTimeoutPolicy
from podium.model.values import JsonValue


def task_settings(definition: TaskDef) -> tuple[dict[str, JsonValue], list[str]]:
    """
    Give the settings that make a task definition.

    Args:
        definition: The definition.

    Returns:
        The settings by name, and the keys of its JSON that no setting says.

    Example:
        >>> task_settings(TaskDef(name="charge", retry_count=1, input_keys=("amount",)))
        ({'retries': 1}, ['inputKeys'])
    """
    plain = TaskDef(name=definition.name)
    settings = _differing(plain, definition)
    if definition.rate_limit_per_frequency is not None:
        per = definition.rate_limit_frequency_in_seconds
        settings["rate_limit"] = (definition.rate_limit_per_frequency, duration(1 if per is None else per))
    if definition.runtime_metadata:
        settings["secrets"] = definition.runtime_metadata
    reached = plain
    try:
        reached = apply_to_task_def(plain, settings)
        more = settings | _differing(reached, definition)  # what one setting makes of another
        settings, reached = more, apply_to_task_def(plain, more)
    except PodiumError:  # nothing that Conductor would take
        settings = {} if reached is plain else settings
    return settings, sorted(changes(as_json(reached), as_json(definition)))


def _differing(have: TaskDef, want: TaskDef) -> dict[str, JsonValue]:
    return {
        setting: _written(field, getattr(want, field))
        for field, setting in SETTINGS.items()
        if getattr(want, field) != getattr(have, field) and getattr(want, field) is not None
    }


def _written(field: str, value: JsonValue) -> JsonValue:
    if isinstance(value, RetryLogic | TaskTimeoutPolicy):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if field == "backoff_jitter_ms":
        return f"{value}ms"
    return duration(value) if field.endswith("_seconds") else value
