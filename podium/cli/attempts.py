"""What is said about an attempt of a task while its run goes on."""

from __future__ import annotations

from podium.cli.formats import first_line, length, span
from podium.model.causes import granted, pending_ms, waits_for_somebody
from podium.model.runs import TaskRun
from podium.model.statuses import TaskStatus
from podium.model.task_types import Pace, task_kind

#: Below this many seconds a time to come is told in seconds alone.
_SECONDS_MAX = 120


def is_structural(attempt: TaskRun) -> bool:
    """Return whether a step only puts others in order, or computes in no time, and has not failed."""
    is_quick = task_kind(attempt.task_type).pace in {Pace.NONE, Pace.OTHERS}  # such tell a newcomer nothing
    return is_quick and attempt.status.is_successful


def name_of(attempt: TaskRun) -> str:
    """Return the reference name, with the number of the attempt if it is not the first."""
    again = f" (attempt {attempt.retry_count + 1})" if attempt.retry_count else ""
    return f"{attempt.reference_task_name}{again}"


def note_of(attempt: TaskRun, now: int) -> str:
    """
    Say what a live attempt waits for; empty if for nothing but a worker.

    Example:
        >>> gap = TaskRun(task_type="WAIT", status=TaskStatus.IN_PROGRESS, input_data={"duration": "10 minutes"})
        >>> again = TaskRun(task_type="pay", status=TaskStatus.SCHEDULED, retry_count=1, start_delay_in_seconds=60)
        >>> note_of(gap, 0), note_of(again, 0)
        ('waits for 10 minutes', 'retry 1 in 60 s')
    """
    pending = pending_ms(attempt, now)
    if pending:
        return f"{_what_comes(attempt)} in {_to_come(pending)}"
    if attempt.status is TaskStatus.IN_PROGRESS and task_kind(attempt.task_type).pace is Pace.WAIT:
        return _wait(attempt)
    return ""


def _what_comes(attempt: TaskRun) -> str:
    if attempt.poll_count:
        return "goes on"
    return retry_number(attempt) if attempt.retry_count else "starts"


def retry_number(attempt: TaskRun) -> str:
    """Say which retry an attempt is; of how many if it is one of those that the definition grants."""
    known = granted(attempt)
    return f"retry {attempt.retry_count}" + (f" of {known}" if attempt.retry_count <= known else "")


def _to_come(milliseconds: int) -> str:
    seconds = -(-milliseconds // 1000)
    return f"{seconds} s" if seconds < _SECONDS_MAX else length(seconds * 1000)


def _wait(attempt: TaskRun) -> str:
    if waits_for_somebody(attempt):
        return "waits for somebody"
    for word, how in (("duration", "for"), ("until", "until")):
        if attempt.input_data.get(word):
            return f"waits {how} {attempt.input_data[word]}"
    return "waits for a message"


def failure_of(attempt: TaskRun) -> str:
    """
    Say that an attempt failed which is retried.

    Example:
        >>> failure_of(TaskRun(task_type="pay", status=TaskStatus.FAILED, reason_for_incompletion="no money"))
        'attempt 1 failed: no money'
    """
    ended = "timed out" if attempt.status is TaskStatus.TIMED_OUT else "failed"
    reason = first_line(attempt.reason_for_incompletion)
    return f"attempt {attempt.retry_count + 1} {ended}" + (f": {reason}" if reason else "")


def ending_of(attempt: TaskRun, now: int) -> str:
    """Return an attempt's status, how long it took if it has ended, and its reason if it has one."""
    has_begun = attempt.status.is_terminal and attempt.start_time
    took = f" in {span(attempt.start_time, attempt.end_time, now)}" if has_begun else ""
    reason = first_line(attempt.reason_for_incompletion) if attempt.status is not TaskStatus.IN_PROGRESS else ""
    return f"{attempt.status}{took}" + (f": {reason}" if reason else "")
