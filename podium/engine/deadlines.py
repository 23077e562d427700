"""
When an attempt, or a run, becomes due.

Four clocks run against an attempt (Conductor: ``DeciderService.java``): the total over all attempts, the attempt
itself, its wait for a worker, and its worker's silence. What happens when one of them ends is
`podium.engine.timeouts`.
"""

from __future__ import annotations

from typing import NamedTuple

from podium.engine.plan import Plan
from podium.engine.records import RunRecord, TaskRecord
from podium.model.durations import in_milliseconds
from podium.model.statuses import TaskStatus, TaskTimeoutPolicy


class Deadline(NamedTuple):
    """A moment at which an attempt has taken too long."""

    at: int
    #: ``total``, ``task``, ``poll`` or ``response``.
    kind: str
    policy: TaskTimeoutPolicy

    @property
    def bit(self) -> int:
        """Its place in `TaskRecord.alerted`."""
        return _BITS[self.kind]


_BITS = {"total": 1, "task": 2, "poll": 4, "response": 8}


def deadlines(record: TaskRecord) -> list[Deadline]:
    """Return the clocks that run against a live attempt, in the order in which they are checked."""
    definition = record.node.task_def
    found: list[Deadline] = []
    policy = definition.timeout_policy
    if definition.total_timeout_seconds > 0:
        at = record.first_scheduled_at + in_milliseconds(definition.total_timeout_seconds)
        found.append(Deadline(at, "total", policy))
    if definition.timeout_seconds > 0 and record.started_at:
        found.append(Deadline(record.started_at + in_milliseconds(definition.timeout_seconds), "task", policy))
    if definition.poll_timeout_seconds and record.status is TaskStatus.SCHEDULED:
        waits_from = max(record.wake_at, record.scheduled_at + in_milliseconds(record.start_delay_s))
        found.append(Deadline(waits_from + in_milliseconds(definition.poll_timeout_seconds), "poll", policy))
    if record.alerted:
        found = [deadline for deadline in found if not record.alerted & deadline.bit]
    if _hears_from_worker(record):
        silent_from = record.updated_at + in_milliseconds(record.callback_after_s)
        at = silent_from + in_milliseconds(definition.response_timeout_seconds)
        found.append(Deadline(at, "response", TaskTimeoutPolicy.RETRY))
    return found


def _hears_from_worker(record: TaskRecord) -> bool:
    return (
        record.status is TaskStatus.IN_PROGRESS
        and record.node.task_def.response_timeout_seconds > 0
        and not record.traits.is_silent
        and not record.node.task.async_complete
    )


def next_moment(record: TaskRecord) -> int | None:
    """Return when the engine must look at a live attempt, in epoch milliseconds; None for never."""
    if record.status is TaskStatus.SCHEDULED and not record.node.has_early_clock:
        return record.wake_at or None  # as nearly all are, at each step
    moments = [deadline.at for deadline in deadlines(record)]
    if record.wake_at:
        moments.append(record.wake_at)
    return min(moments) if moments else None


def arm_run(run: RunRecord, plan: Plan) -> None:
    """Set the moment at which a run has taken too long."""
    run.due_at = run_deadline(run, plan)


def run_deadline(run: RunRecord, plan: Plan) -> int | None:
    """Return the moment at which a run has taken too long, or None; where nothing but a word of it is due, once."""
    definition = plan.definition
    if definition.timeout_seconds <= 0 or run.is_alerted:
        return None
    return (run.last_retried_at or run.created_at) + in_milliseconds(definition.timeout_seconds)
