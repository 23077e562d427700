"""
What the engine tells whoever runs it, beside what callers ask for: told after the commit that made it true.

Nothing depends on it: who does not listen loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from podium.engine.records import RunRecord, TaskRecord

if TYPE_CHECKING:
    from podium.model.schedules import Firing


class RunStarted(NamedTuple):
    """A run has begun."""

    run_id: str
    workflow_name: str
    version: int
    parent_id: str | None


class RunEnded(NamedTuple):
    """A run has ended."""

    run_id: str
    workflow_name: str
    status: str
    reason: str | None
    #: From its beginning.
    took_ms: int
    version: int = 0
    #: Epoch milliseconds.
    ended_at: int = 0
    #: The trace context that it was started in; see `podium.model.tracing`.
    trace: str | None = None


class AttemptFailed(NamedTuple):
    """An attempt has ended badly."""

    run_id: str
    workflow_name: str
    ref: str
    #: From 1.
    attempt: int
    #: How it ended, such as ``failed``.
    ended: str
    reason: str | None
    #: What follows, such as ``retry 1 of 3 in 60 s``.
    follows: str
    task_id: str = ""


class Overdue(NamedTuple):
    """A run, or an attempt, takes longer than its timeout, whose policy is ALERT_ONLY: it goes on."""

    run_id: str
    workflow_name: str
    #: None for the run itself.
    ref: str | None
    reason: str


class TaskUnserved(NamedTuple):
    """An attempt is ready, and no worker of this process serves its task."""

    run_id: str
    queue: str


class Compensated(NamedTuple):
    """A run has failed, and its failure workflow has been started."""

    run_id: str
    failure_run_id: str


class ScheduleTurned(NamedTuple):
    """A moment of a schedule was dealt with."""

    name: str
    workflow_name: str
    firing: Firing


News: TypeAlias = RunStarted | RunEnded | AttemptFailed | Overdue | TaskUnserved | Compensated | ScheduleTurned

#: Takes what is new, in order; it must return at once and raise nothing.
Listener: TypeAlias = Callable[[Sequence[News]], None]


def nobody(news: Sequence[News]) -> None:
    """Listen to nothing."""


def attempt_failed(run: RunRecord, record: TaskRecord, follows: str) -> AttemptFailed:
    """Return the news of an attempt that has ended badly."""
    ended = record.status.value.replace("_", " ").lower().removesuffix(" with terminal error")
    return AttemptFailed(
        run.run_id, run.name, record.ref, record.retry_count + 1, ended, record.reason, follows, record.task_id
    )


def retry_follows(record: TaskRecord, granted: int, delay_s: float) -> str:
    """
    Say that an attempt is retried.

    Args:
        record: The attempt that is to come.
        granted: Retries that the definition grants.
        delay_s: Seconds until it begins.
    """
    return f"retry {record.retry_count} of {granted}" + (f" in {delay_s:g} s" if delay_s else "")
