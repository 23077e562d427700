"""
Lengths of time with a fraction of a second, in JSON whose keys are whole seconds.

Conductor's keys hold them rounded up; ``exactSeconds`` beside those holds what they are. Conductor's schemas allow, and
its server ignores, keys that it does not know.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from podium.model.attempts import TaskResult, TaskRun
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.values import JsonObject, JsonValue

KEY: Final = "exactSeconds"

#: The fields that may have a fraction.
EXACT: Final[Mapping[type, frozenset[str]]] = {
    WorkflowDef: frozenset({"timeout_seconds"}),
    WorkflowTask: frozenset({"start_delay"}),
    TaskDef: frozenset(
        {
            "retry_delay_seconds",
            "max_retry_delay_seconds",
            "timeout_seconds",
            "response_timeout_seconds",
            "total_timeout_seconds",
            "poll_timeout_seconds",
        }
    ),
    TaskRun: frozenset({"start_delay_in_seconds", "callback_after_seconds", "response_timeout_seconds"}),
    TaskResult: frozenset({"callback_after_seconds"}),
}


def is_fraction(value: object) -> bool:
    """Return whether this is a number that is not whole."""
    return isinstance(value, float) and math.isfinite(value) and not value.is_integer()


def fractions(value: WorkflowDef | WorkflowTask | TaskDef) -> dict[str, float]:
    """
    Return the lengths of a definition that Conductor reads rounded up, by field.

    Example:
        >>> fractions(TaskDef(timeout_seconds=1.5, retry_delay_seconds=2))
        {'timeout_seconds': 1.5}
    """
    lengths = {name: getattr(value, name) for name in sorted(EXACT[type(value)])}
    return {name: length for name, length in lengths.items() if is_fraction(length)}


def taken(extra: JsonObject, whole: Mapping[str, JsonValue]) -> tuple[dict[str, float], dict[str, JsonValue]]:
    """
    Take the exact lengths out of the unknown keys of an object.

    A length counts only if it rounds up to the whole seconds beside it: who has edited those, elsewhere, meant them.
    What does not count stays where it is, so that nothing is lost.

    Args:
        extra: The unknown keys.
        whole: Key to whole seconds.

    Returns:
        Key to length, and the unknown keys that are left.
    """
    given = extra.get(KEY)
    if not isinstance(given, Mapping):
        return {}, dict(extra)
    lengths = {
        key: value
        for key, value in given.items()
        if isinstance(value, float) and is_fraction(value) and key in whole and math.ceil(value) == whole[key]
    }
    rest = {key: value for key, value in given.items() if key not in lengths}
    left = {key: value for key, value in extra.items() if key != KEY or rest or not lengths}
    return lengths, {**left, KEY: rest} if rest else left


def put(out: dict[str, JsonValue], lengths: Mapping[str, float]) -> None:
    """Write exact lengths, by key, beside the whole seconds of an object."""
    if lengths:
        others = out.get(KEY)
        out[KEY] = {**(others if isinstance(others, Mapping) else {}), **lengths}
