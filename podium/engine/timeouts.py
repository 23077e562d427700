"""
What happens when an attempt, or a run, becomes due.

Podium wakes at the moment one of the clocks ends (`podium.engine.deadlines`); Conductor notices at its next sweep.
"""

from __future__ import annotations

from podium.engine import ending
from podium.engine.deadlines import Deadline, arm_run, deadlines
from podium.engine.decision import Decision
from podium.engine.news import Overdue
from podium.engine.operators.base import operator_of
from podium.engine.records import TaskRecord
from podium.model.durations import in_milliseconds
from podium.model.statuses import RunStatus, TaskStatus, TaskTimeoutPolicy, WorkflowTimeoutPolicy


def expire(decision: Decision, record: TaskRecord) -> bool:
    """
    Time an attempt out if one of its clocks has ended; False if none has.

    Where the policy is ALERT_ONLY somebody is told, once for each clock of an attempt, and it goes on.
    """
    now = decision.context.now
    for deadline in deadlines(record):
        if deadline.at <= now:
            reason = _reason(record, deadline, now)
            if deadline.policy is TaskTimeoutPolicy.ALERT_ONLY:
                record.alerted |= deadline.bit
                decision.state.touch(record)
                decision.news.append(Overdue(record.run_id, decision.run.name, record.ref, reason))
                continue
            # Nobody waits for what it has started: the attempt ends now, and another one would start its own.
            ending.end_child(decision, record, reason)
            decision.end(record, TaskStatus.TIMED_OUT, reason=reason)
            if deadline.policy is TaskTimeoutPolicy.TIME_OUT_WF:
                ending.end_run(decision, RunStatus.TIMED_OUT, reason, failing=record)
            return True
    return False


def expire_run(decision: Decision) -> None:
    """Time the run out, or only tell somebody that it takes long, as its policy says."""
    definition = decision.state.plan.definition
    limit = definition.timeout_seconds
    elapsed = _seconds(decision.context.now - (decision.run.last_retried_at or decision.run.created_at), limit)
    reason = (
        f"Workflow timed out after {elapsed} seconds. Timeout configured as {limit} seconds. "
        f"Timeout policy configured to {definition.timeout_policy}"
    )
    if definition.timeout_policy is WorkflowTimeoutPolicy.TIME_OUT_WF:
        ending.end_run(decision, RunStatus.TIMED_OUT, reason)
        return
    # So that `arm_run` does not wake it for the same limit again and again.
    decision.run.is_alerted = True
    arm_run(decision.run, decision.state.plan)
    decision.news.append(Overdue(decision.run.run_id, decision.run.name, None, reason))


def wake(decision: Decision, record: TaskRecord) -> None:
    """Act on an attempt that has become due."""
    if expire(decision, record):
        return
    # It rang for a clock that was put off since, or early: wait for what is due now.
    if not record.wake_at or record.wake_at > decision.context.now:
        decision.arm(record)
        return
    record.wake_at = 0
    decision.arm(record)
    decision.state.touch(record)
    if record.status is TaskStatus.SCHEDULED:
        decision.agenda.turn(record, "begin")
    else:
        operator_of(record.node).wake(decision, record)


def _reason(record: TaskRecord, deadline: Deadline, now: int) -> str:
    definition = record.node.task_def
    if deadline.kind == "response":
        return (
            f"responseTimeout: {definition.response_timeout_seconds} exceeded for the taskId: {record.task_id} "
            f"with Task Definition: {record.task_def_name}"
        )
    if deadline.kind == "total":
        elapsed = _seconds(now - record.first_scheduled_at, definition.total_timeout_seconds)
        return (
            f"Task {record.task_def_name}/{record.task_id} exceeded total timeout of "
            f"{definition.total_timeout_seconds} seconds (elapsed {elapsed} seconds across all attempts including "
            f"retry delays). Timeout policy: {definition.timeout_policy}"
        )
    if deadline.kind == "poll":
        waited = now - record.scheduled_at - in_milliseconds(record.start_delay_s)
        elapsed = _seconds(waited, definition.poll_timeout_seconds or 0)
        return (
            f"Task poll timed out after {elapsed} seconds. Poll timeout configured as "
            f"{definition.poll_timeout_seconds} seconds. Timeout policy configured to {definition.timeout_policy}"
        )
    elapsed = _seconds(now - record.started_at, definition.timeout_seconds)
    return (
        f"Task timed out after {elapsed} seconds. Timeout configured as {definition.timeout_seconds} seconds. "
        f"Timeout policy configured to {definition.timeout_policy}"
    )


def _seconds(milliseconds: int, limit: float) -> float:
    """Return the time that has passed as exactly as its limit is said: Conductor's are whole seconds."""
    return milliseconds / 1000 if limit % 1 else milliseconds // 1000
