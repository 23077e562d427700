"""
When an attempt becomes due, and what happens then.

Four clocks run against an attempt (Conductor: ``DeciderService.java``): the total over all attempts, the attempt
itself, its wait for a worker, and its worker's silence. Podium wakes at the moment one of them ends; Conductor notices
at its next sweep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from podium.engine import ending
from podium.model.statuses import RunStatus, TaskStatus, TaskTimeoutPolicy, TaskType, WorkflowTimeoutPolicy

if TYPE_CHECKING:
    from podium.engine.decision import Decision
    from podium.engine.plan import Plan
    from podium.engine.records import RunRecord, TaskRecord

#: Types whose silence is their nature: nobody is expected to send a sign of life.
_SILENT = frozenset(
    {
        TaskType.WAIT,
        TaskType.HUMAN,
        TaskType.JOIN,
        TaskType.EXCLUSIVE_JOIN,
        TaskType.DO_WHILE,
        TaskType.SUB_WORKFLOW,
    },
)


class Deadline(NamedTuple):
    """A moment at which an attempt has taken too long."""

    at: int
    #: ``total``, ``task``, ``poll`` or ``response``.
    kind: str
    policy: TaskTimeoutPolicy


def deadlines(record: TaskRecord) -> list[Deadline]:
    """Return the clocks that run against a live attempt, in the order in which they are checked."""
    definition = record.node.task_def
    found: list[Deadline] = []
    policy = definition.timeout_policy
    if policy is not TaskTimeoutPolicy.ALERT_ONLY:
        if definition.total_timeout_seconds > 0:
            at = record.first_scheduled_at + definition.total_timeout_seconds * 1000
            found.append(Deadline(at, "total", policy))
        if definition.timeout_seconds > 0 and record.started_at:
            found.append(Deadline(record.started_at + definition.timeout_seconds * 1000, "task", policy))
        if definition.poll_timeout_seconds and record.status is TaskStatus.SCHEDULED:
            waits_from = max(record.wake_at, record.scheduled_at + record.start_delay_s * 1000)
            found.append(Deadline(waits_from + definition.poll_timeout_seconds * 1000, "poll", policy))
    if _hears_from_worker(record):
        silent_from = record.updated_at + record.callback_after_s * 1000
        at = silent_from + definition.response_timeout_seconds * 1000
        found.append(Deadline(at, "response", TaskTimeoutPolicy.RETRY))
    return found


def _hears_from_worker(record: TaskRecord) -> bool:
    return (
        record.status is TaskStatus.IN_PROGRESS
        and record.node.task_def.response_timeout_seconds > 0
        and record.task_type not in _SILENT
        and not record.node.task.async_complete
    )


def arm(decision: Decision, record: TaskRecord) -> None:
    """Set the moment at which the engine must look at a live attempt."""
    moments = [deadline.at for deadline in deadlines(record)]
    if record.wake_at:
        moments.append(record.wake_at)
    due_at = min(moments) if moments else None
    if due_at != record.due_at:
        record.due_at = due_at
        decision.state.touch(record)


def arm_run(run: RunRecord, plan: Plan) -> None:
    """Set the moment at which a run has taken too long."""
    run.due_at = run_deadline(run, plan)


def run_deadline(run: RunRecord, plan: Plan) -> int | None:
    """Return the moment at which a run has taken too long, or None."""
    definition = plan.definition
    if definition.timeout_seconds <= 0 or definition.timeout_policy is not WorkflowTimeoutPolicy.TIME_OUT_WF:
        return None
    return (run.last_retried_at or run.created_at) + definition.timeout_seconds * 1000


def expire(decision: Decision, record: TaskRecord) -> bool:
    """Time an attempt out if one of its clocks has ended; False if none has."""
    now = decision.context.now
    for deadline in deadlines(record):
        if deadline.at <= now:
            reason = _reason(record, deadline, now)
            ending.end_child(decision, record, reason)
            decision.end(record, TaskStatus.TIMED_OUT, reason=reason)
            if deadline.policy is TaskTimeoutPolicy.TIME_OUT_WF:
                ending.end_run(decision, RunStatus.TIMED_OUT, reason, failing=record)
            return True
    return False


def expire_run(decision: Decision) -> None:
    """Time the run out."""
    definition = decision.state.plan.definition
    limit = definition.timeout_seconds
    elapsed = (decision.context.now - (decision.run.last_retried_at or decision.run.created_at)) // 1000
    ending.end_run(
        decision,
        RunStatus.TIMED_OUT,
        f"Workflow timed out after {elapsed} seconds. Timeout configured as {limit} seconds. "
        f"Timeout policy configured to {definition.timeout_policy}",
    )


def wake(decision: Decision, record: TaskRecord) -> None:
    """Act on an attempt that has become due."""
    if expire(decision, record):
        return
    if not record.wake_at or record.wake_at > decision.context.now:
        arm(decision, record)
        return
    record.wake_at = 0
    arm(decision, record)
    decision.state.touch(record)
    operator = decision.operators.of(record.node.task.type)
    if record.status is TaskStatus.SCHEDULED:
        decision.agenda.turn(record, "begin")
    else:
        operator.wake(decision, record)


def _reason(record: TaskRecord, deadline: Deadline, now: int) -> str:
    definition = record.node.task_def
    if deadline.kind == "response":
        return (
            f"responseTimeout: {definition.response_timeout_seconds} exceeded for the taskId: {record.task_id} "
            f"with Task Definition: {record.task_def_name}"
        )
    if deadline.kind == "total":
        elapsed = (now - record.first_scheduled_at) // 1000
        return (
            f"Task {record.task_def_name}/{record.task_id} exceeded total timeout of "
            f"{definition.total_timeout_seconds} seconds (elapsed {elapsed} seconds across all attempts including "
            f"retry delays). Timeout policy: {definition.timeout_policy}"
        )
    if deadline.kind == "poll":
        elapsed = (now - record.scheduled_at) // 1000 - record.start_delay_s
        return (
            f"Task poll timed out after {elapsed} seconds. Poll timeout configured as "
            f"{definition.poll_timeout_seconds} seconds. Timeout policy configured to {definition.timeout_policy}"
        )
    elapsed = (now - record.started_at) // 1000
    return (
        f"Task timed out after {elapsed} seconds. Timeout configured as {definition.timeout_seconds} seconds. "
        f"Timeout policy configured to {definition.timeout_policy}"
    )
