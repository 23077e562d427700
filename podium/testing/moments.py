"""
When what must come, by the definition and the rows alone.

This is the arithmetic of timers a second time, shorter and slower than the engine's: from when an attempt waits, from
when it is too late, and after how long another is made.
"""

from __future__ import annotations

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.durations import in_milliseconds
from podium.model.statuses import (
    RetryLogic,
    RunStatus,
    TaskStatus,
    TaskType,
)
from podium.testing.accounts import CommittedChange, KnownAttempt, KnownRun, Move, NewAttempt, require
from podium.testing.definitions import PEOPLE

#: Nobody is expected to send a sign of life for these.
_SILENT = frozenset(
    {*PEOPLE, "WAIT", "PULL_WORKFLOW_MESSAGES", "JOIN", "EXCLUSIVE_JOIN", "DO_WHILE", "SUB_WORKFLOW"},
)

_UNITS_MS = {"second": 1_000, "seconds": 1_000, "minute": 60_000}


def check_moments(change: CommittedChange) -> None:
    """
    Check every timer of a run that a commit has changed.

    Raises:
        Violation: Something is due at the wrong time, or came too early.
    """
    run, layout = change.run, change.layout
    _check_run(run, layout.definition)
    for birth in change.births:
        _check_birth(birth, change)
    for move in change.moves:
        _check_move(move, run)
    for attempt in (*change.ended, *(birth.attempt for birth in change.births), *(move.new for move in change.moves)):
        if attempt.row.task_type == TaskType.WAIT and not attempt.is_meddled:
            _check_wait(attempt, run)
    if run.row.status != RunStatus.RUNNING:
        return  # in a pause nothing rings but the run's own clock
    for seq in run.live:
        attempt = run.attempts[seq]
        place = layout.places.get(attempt.row.base_ref)
        if place is not None and place.task.task_definition is not None:
            expected = _due_at(attempt, place.task.task_definition)
            require(attempt.row.due_at == expected, f"{attempt} should be due at {expected}")


def _due_at(attempt: KnownAttempt, definition: TaskDef) -> int | None:
    """Return the moment at which the engine must look at a live attempt: its own, or that at which it is too late."""
    status = attempt.row.status
    wake, started = attempt.moment("wake"), attempt.row.started_at
    moments = [wake] if wake else []
    told = attempt.moment("al")  # of a timeout that only alerts somebody is told once
    if definition.total_timeout_seconds and not told & 1:
        first = attempt.moment("first") or attempt.row.scheduled_at
        moments.append(first + in_milliseconds(definition.total_timeout_seconds))
    if definition.timeout_seconds and started and not told & 2:
        moments.append(started + in_milliseconds(definition.timeout_seconds))
    if definition.poll_timeout_seconds and status == TaskStatus.SCHEDULED and not told & 4:
        waits_from = max(wake, attempt.row.scheduled_at + in_milliseconds(attempt.data.get("delay", 0)))
        moments.append(waits_from + in_milliseconds(definition.poll_timeout_seconds))
    if (
        definition.response_timeout_seconds
        and status == TaskStatus.IN_PROGRESS
        and attempt.row.task_type not in _SILENT
    ):
        heard = attempt.row.updated_at + in_milliseconds(attempt.data.get("cb", 0))
        moments.append(heard + in_milliseconds(definition.response_timeout_seconds))
    return min(moments, default=None)


def _check_run(run: KnownRun, definition: WorkflowDef) -> None:
    """A run that has a limit of time is due when that is over, in a pause too; one that is cut off before that."""
    if run.is_ended:
        return
    limited = definition.timeout_seconds and not run.moment("al")
    began = run.moment("again") or run.row.created_at
    expected = began + in_milliseconds(definition.timeout_seconds) if limited else None
    due_at = run.row.due_at
    if run.row.status == RunStatus.RUNNING and run.is_cut:
        require(due_at is not None and due_at <= (expected or due_at), f"{run} is cut off, and should be due soon")
    else:
        require(due_at == expected, f"{run} should be due at {expected}, not {due_at}")


def _check_birth(birth: NewAttempt, change: CommittedChange) -> None:
    """A first attempt begins after the delay of its place, another one after that of its definition."""
    attempt, earlier = birth
    place = change.layout.places.get(attempt.row.base_ref)
    if place is None or place.task.task_definition is None or not attempt.is_live:
        return
    rests = max(0, attempt.moment("wake") - attempt.row.scheduled_at)
    if earlier is None:
        is_begun = not change.run.is_cut or rests or attempt.row.open_queue is not None
        if place.task.type == TaskType.SIMPLE and is_begun:
            require(rests == in_milliseconds(place.task.start_delay), f"{attempt} rests for {rests} ms at first")
    elif earlier.is_retried and not change.is_revived and not change.run.was_reopened:
        definition = place.task.task_definition
        least = _retry_delay_ms(definition, earlier.number)
        is_over = attempt.row.status != TaskStatus.SCHEDULED or not attempt.moment("wake")
        if least or not is_over:
            most = least + definition.backoff_jitter_ms
            require(least <= rests <= most, f"{attempt} rests for {rests} ms, not {least} to {most}")


def _retry_delay_ms(definition: TaskDef, number: int) -> int:
    """Return the time between an attempt and the next; *number* is 0 for the first."""
    seconds = definition.retry_delay_seconds
    if definition.retry_logic is RetryLogic.LINEAR_BACKOFF:
        seconds *= definition.backoff_scale_factor * (number + 1)
    if definition.retry_logic is RetryLogic.EXPONENTIAL_BACKOFF:
        seconds *= 2**number
    return in_milliseconds(min(seconds, definition.max_retry_delay_seconds or seconds))


def _check_move(move: Move, run: KnownRun) -> None:
    """What rested begins, and what was waited for is given up, at its moment and not before."""
    old, new = move
    now = run.row.updated_at
    wake = old.moment("wake")
    # A worker may put it back once more; what is heard of it in one moment, in two commits, is told by no time.
    was_heard = old.row.updated_at < new.row.updated_at or new.row.updated_at == now
    # An answer that came while the run was paused is looked at when that is over.
    was_heard |= old.row.task_type == TaskType.HTTP_POLL and not old.data.get("cb")
    if wake and new.is_live and new.data.get("wake", 0) != wake and not was_heard:
        require(now >= wake, f"{new} goes on {wake - now} ms early")
    if old.is_live and new.row.status == TaskStatus.TIMED_OUT and new.sub_id is None and old.row.due_at is not None:
        early_ms = old.row.due_at - new.row.ended_at
        require(early_ms <= 0, f"{new} was given up {early_ms} ms early")


def _check_wait(attempt: KnownAttempt, run: KnownRun) -> None:
    """A WAIT is over when its time is: it neither asks to be woken at another moment, nor ends at another."""
    count, unit = str(attempt.input["duration"]).split()
    until = attempt.row.started_at + int(count) * _UNITS_MS[unit]
    # One of no time at all ends when the run is at rest, which it is not while a script is slow.
    is_over = run.is_cut and until == attempt.row.started_at
    if attempt.row.status == TaskStatus.IN_PROGRESS and not is_over:
        require(attempt.moment("wake") == until, f"{attempt} waits until {attempt.moment('wake')}, not {until}")
    if attempt.row.status == TaskStatus.COMPLETED:
        require(attempt.row.ended_at == until, f"{attempt} ended at {attempt.row.ended_at}, not at {until}")
