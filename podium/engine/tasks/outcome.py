"""How a task stands after a service has done its part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue


class InvalidInputError(ValueError):
    """The input of a task does not say what to do; the message is the attempt's reason."""


class Outcome(NamedTuple):
    """How a task stands after a service has done its part."""

    status: TaskStatus
    output: Mapping[str, JsonValue] = {}
    reason: str | None = None


def done(task_input: Mapping[str, JsonValue], output: Mapping[str, JsonValue]) -> Outcome:
    """Return the outcome of work that went well: COMPLETED, or IN_PROGRESS with ``asyncComplete`` in the input."""
    is_async = bool(task_input.get("asyncComplete"))
    return Outcome(TaskStatus.IN_PROGRESS if is_async else TaskStatus.COMPLETED, output)


def failed(reason: str, output: Mapping[str, JsonValue] | None = None) -> Outcome:
    """Return the outcome of work that may go well another time."""
    return Outcome(TaskStatus.FAILED, output or {}, reason)


def refused(reason: str) -> Outcome:
    """Return the outcome of work that will never go well: no retry helps."""
    return Outcome(TaskStatus.FAILED_WITH_TERMINAL_ERROR, {}, reason)
