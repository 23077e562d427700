"""
Objects of the model as the API writes them: every field that is not null, also those that hold their default.

`podium.model.codec` writes what an author would; clients of the API are used to whole objects.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any

import attrs

from podium.model import exact
from podium.model.attempts import LazyAttempts
from podium.model.codec import camel
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.values import JsonValue

#: Properties that are written beside the fields.
_DERIVED: Mapping[type, tuple[str, ...]] = {
    WorkflowRun: ("start_time", "workflow_name", "workflow_version"),
    TaskRun: ("queue_wait_time", "loop_over_task", "task_definition"),
}
#: Whose objects stand in many attempts of a run.
_SHARED = frozenset({WorkflowTask, TaskDef})
#: What holds others. A union in `isinstance` is made anew with each call.
_LISTS = (list, tuple, LazyAttempts)
#: What is JSON as it is.
_LEAVES = frozenset({str, int, bool, float, NoneType})
#: Whose ``ownerApp`` is written also where it is not set.
_AUDITED = frozenset({WorkflowDef, TaskDef, WorkflowRun})


@cache
def _plan(kind: Any) -> tuple[tuple[str, ...], Any, frozenset[str]]:
    """Return the keys of a class, what reads their values, and the keys whose seconds may have a fraction."""
    fields = [each.name for each in attrs.fields(kind) if each.name != "extra" and "local" not in each.metadata]
    names = [*fields, *_DERIVED.get(kind, ())]
    return tuple(map(camel, names)), attrgetter(*names), frozenset(map(camel, exact.EXACT.get(kind, ())))


def whole(value: Any) -> dict[str, JsonValue]:
    """
    Return an object of the model as the API writes it.

    What all attempts of a place share, its definition, is the same dict in each of them: it is to be written, and left
    as it is.

    Example:
        >>> whole(TaskDef(name="charge"))["retryCount"], "description" in whole(TaskDef(name="charge"))
        (3, False)
    """
    return _whole(value, {})


def _whole(value: Any, shared: dict[int, dict[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return an object as `whole` does; *shared* has the definitions that were written already, by identity."""
    kind: Any = type(value)
    if kind in _SHARED and id(value) in shared:
        return shared[id(value)]
    keys, read, seconds = _plan(kind)
    found: dict[str, JsonValue] = {}
    lengths: dict[str, float] = {}
    for key, item in zip(keys, read(value), strict=True):
        if item is None:
            continue
        if key in seconds and isinstance(item, float) and math.isfinite(item):
            if exact.is_fraction(item):
                lengths[key] = item
            item = math.ceil(item)  # noqa: PLW2901  # Conductor's seconds are whole
        found[key] = item if type(item) in _LEAVES else _plain(item, shared)
    if kind in _AUDITED:
        found.setdefault("ownerApp", "")
    found.update(value.extra)
    exact.put(found, lengths)
    if kind in _SHARED:
        shared[id(value)] = found
    return found


def _plain(item: Any, shared: dict[int, dict[str, JsonValue]]) -> Any:
    """Return a value of a field as JSON."""
    if isinstance(item, Enum):
        return item.value
    if isinstance(item, Mapping):
        is_plain = not item or not _holds_model(item.values())
        return dict(item) if is_plain else {key: _plain(inner, shared) for key, inner in item.items()}
    if isinstance(item, _LISTS):
        return [_plain(inner, shared) for inner in item]
    return item if item is None or isinstance(item, str | int | float) else _whole(item, shared)


def _holds_model(values: Any) -> bool:
    """Return whether any of some values is no plain JSON: payloads are, and are taken as they are."""
    return any(type(each) not in _LEAVES and (isinstance(each, tuple) or attrs.has(type(each))) for each in values)


def iso(epoch_ms: int) -> str | None:
    """
    Return a moment as summaries write it; None for 0.

    Example:
        >>> iso(1_700_000_000_123)
        '2023-11-14T22:13:20.123Z'
    """
    if not epoch_ms:
        return None
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_nulls(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without its null properties."""
    return {key: value for key, value in found.items() if value is not None}
