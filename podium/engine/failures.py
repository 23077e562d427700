"""
What follows an attempt that ended badly: another attempt, a shrug, or the end of the run.

Conductor: ``DeciderService.retry``. In this order: retry while attempts are left; an optional task becomes
COMPLETED_WITH_ERRORS; a permissive one keeps its status and fails the run at its end; otherwise the run ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine import ending, process_deaths
from podium.engine.decision import Decision
from podium.engine.news import attempt_failed, retry_follows
from podium.engine.operators.base import operator_of
from podium.engine.records import TaskRecord
from podium.model.definitions import TaskDef
from podium.model.durations import in_milliseconds
from podium.model.statuses import RetryLogic, RunStatus, TaskStatus
from podium.model.values import JsonValue

_LARGEST_INT = 2**31 - 1
#: Failures in a row of one place after which `podium.engine.limits.Limits.retry_pace_ms` holds.
_HOT_ATTEMPTS = 10

_RUN_STATUS = {TaskStatus.CANCELED: RunStatus.TERMINATED, TaskStatus.TIMED_OUT: RunStatus.TIMED_OUT}


def settle(decision: Decision, record: TaskRecord) -> bool:
    """
    Decide what a bad end means.

    Returns:
        True if the flow goes on after this attempt; False if another attempt was made or the run has ended.
    """
    task = record.node.task
    may_retry = _may_retry(record)
    # The run tells which places ever failed, also those whose retry went well; the last failure of an optional one
    # is none.
    if record.status in ending.NOTED and (may_retry or not task.optional):
        ending.note_failure(decision.run, record)
    if may_retry:
        # Checked before the retry and not only by the clock: the last attempt may end just after its total time.
        if _is_out_of_time(decision, record):
            _end_out_of_time(decision, record)
            return False
        delay_s, jitter_ms = retry_delay(record.node.task_def, record.retry_count, decision.context.jitter())
        if record.retry_count + 1 >= _HOT_ATTEMPTS and delay_s == 0:
            jitter_ms = max(jitter_ms, decision.context.limits.retry_pace_ms)
        fresh = again(decision, record, delay_s=delay_s, jitter_ms=jitter_ms, reason=record.reason)
        _tell(decision, record, retry_follows(fresh, _granted(record), delay_s + jitter_ms / 1000))
        return False
    if task.optional:
        _tell(decision, record, "it is optional: the run goes on")
        record.status = TaskStatus.COMPLETED_WITH_ERRORS
        return True
    if task.permissive:
        _tell(decision, record, "it is permissive: the run fails when the others have ended")
        decision.run.permissive[record.ref] = (record.task_id, record.status.value, record.reason)
        return True
    status = _RUN_STATUS.get(record.status, RunStatus.FAILED)
    reason = ending.failure_text(record.ref, status, record.reason)
    _tell(decision, record, f"the run ends as {status}")
    ending.end_run(decision, status, reason, failing=record)
    return False


def _tell(decision: Decision, record: TaskRecord, follows: str) -> None:
    decision.news.append(attempt_failed(decision.run, record, follows))


def _may_retry(record: TaskRecord) -> bool:
    return record.status.is_retriable and record.node.traits.is_retried and record.retry_count < _granted(record)


def _granted(record: TaskRecord) -> int:
    """Return how many retries the definition grants."""
    count = record.node.task.retry_count
    return record.node.task_def.retry_count if count is None else count


def _is_out_of_time(decision: Decision, record: TaskRecord) -> bool:
    total = record.node.task_def.total_timeout_seconds
    return total > 0 and decision.context.now - record.first_scheduled_at >= in_milliseconds(total)


def _end_out_of_time(decision: Decision, record: TaskRecord) -> None:
    total = record.node.task_def.total_timeout_seconds
    elapsed = (decision.context.now - record.first_scheduled_at) // 1000
    status = RunStatus.TIMED_OUT if record.status is TaskStatus.TIMED_OUT else RunStatus.FAILED
    reason = (
        f"Task {record.task_def_name}/{record.task_id} exceeded total timeout of {total} seconds "
        f"(elapsed {elapsed} seconds across all attempts). No further retries will be attempted."
    )
    _tell(decision, record, f"its total timeout of {total} s has passed, the run ends as {status}")
    ending.end_run(decision, status, reason, failing=record)


def retry_delay(definition: TaskDef, attempts_retried: int, jitter: float) -> tuple[float, int]:
    """
    Return the delay before the next attempt.

    Args:
        definition: The task's definition.
        attempts_retried: 0 after the first attempt.
        jitter: A number from 0 to 1 that chooses the random addition.

    Returns:
        Seconds, to the millisecond, and the milliseconds added to them; the cap does not hold for those.

    Example:
        >>> from podium.model.definitions import TaskDef
        >>> from podium.model.statuses import RetryLogic
        >>> retry_delay(TaskDef(retry_delay_seconds=2, retry_logic=RetryLogic.EXPONENTIAL_BACKOFF), 3, 0.0)
        (16, 0)
    """
    delay = definition.retry_delay_seconds
    if definition.retry_logic is RetryLogic.LINEAR_BACKOFF:
        delay *= definition.backoff_scale_factor * (attempts_retried + 1)
    elif definition.retry_logic is RetryLogic.EXPONENTIAL_BACKOFF:
        # 2 ** 31 is beyond every delay that the model can say: the power itself must not grow with the count.
        delay *= 2 ** min(attempts_retried, 31)
    delay = min(delay, _LARGEST_INT)
    if definition.max_retry_delay_seconds > 0:
        delay = min(delay, definition.max_retry_delay_seconds)
    return round(delay, 3), int(jitter * min(definition.backoff_jitter_ms, _LARGEST_INT))


def again(
    decision: Decision,
    record: TaskRecord,
    *,
    delay_s: float = 0,
    jitter_ms: int = 0,
    reason: str | None = None,
    inputs: Mapping[str, JsonValue] | None = None,
    is_anew: bool = False,
) -> TaskRecord:
    """
    Make another attempt of a place.

    Its input is the old one overlaid with what the parameters give now, unless *inputs* are given; its reason is that
    of the old attempt until it ends (Conductor: ``DeciderService.retry``, ``ParametersUtils``). The total time of
    one that an operator asks for is counted anew (*is_anew*).
    """
    now = decision.context.now
    node = record.node
    seq = decision.next_seq()
    fresh = TaskRecord(
        run_id=record.run_id,
        seq=seq,
        node=node,
        ref=record.ref,
        iterations=record.iterations,
        task_type=record.task_type,
        task_def_name=record.task_def_name,
        status=TaskStatus.SCHEDULED,
        input={},
        retry_count=record.retry_count + 1,
        reason=reason,
        scheduled_at=now,
        first_at=0 if is_anew else record.first_scheduled_at,
        updated_at=now,
        start_delay_s=delay_s,
        callback_after_s=delay_s,
        retried_task_id=record.task_id,
        domain=record.domain,
        deaths=process_deaths.inherited(record),
        wake_at=now + in_milliseconds(delay_s) + jitter_ms if delay_s or jitter_ms else 0,
    )
    # Conductor lays the new values over the old ones: what the parameters give no more stays as it was.
    if inputs is None:
        inputs = {**record.input, **operator_of(node).inputs_again(decision, node, fresh)}
    fresh.input = dict(inputs)
    # The place may do better this time: until it fails again, the run need not fail for it.
    decision.run.permissive.pop(record.ref, None)
    record.retried = True
    decision.state.touch(record)
    decision.lay_out(fresh)
    decision.agenda.replaced.append(record)
    decision.state.consume(record)
    return fresh
