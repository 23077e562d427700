"""Times, lengths of time and reasons as people read them."""

from __future__ import annotations

import time

from podium.model.durations import parse_duration_s
from podium.model.errors import InvalidRequest
from podium.model.runs import TaskRun, as_datetime


def now_ms() -> int:
    """Return the time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def moment(epoch_ms: int) -> str:
    """Return a point of time in the local zone, to the second; ``-`` for "not yet"."""
    at = as_datetime(epoch_ms)
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at is not None else "-"


def length(milliseconds: int) -> str:
    """
    Return a length of time in the two units that matter.

    Example:
        >>> [length(ms) for ms in (0, 999, 1_240, 61_000, 7_380_000, 180_000_000)]
        ['0 ms', '999 ms', '1.2 s', '1 min 1 s', '2 h 3 min', '2 d 2 h']
    """
    if milliseconds < 1_000:
        return f"{max(0, milliseconds)} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1_000:.1f} s"
    seconds = milliseconds // 1_000
    for unit, size, smaller, smaller_size in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // smaller_size} {smaller}"
    raise AssertionError("at least a minute has passed")


def seconds_in(text: str) -> float | None:
    """
    Read a length of time: a number of seconds, or parts with units; None if it is neither.

    Example:
        >>> seconds_in("1.5"), seconds_in("1m 30s"), seconds_in("soon"), seconds_in("-1")
        (1.5, 90.0, None, None)
    """
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = float(parse_duration_s(text))
        except ValueError:
            return None
    return seconds if 0 <= seconds < float("inf") else None


def patience_in(text: str | None) -> float | None:
    """
    Read the option ``--timeout``; None if it was not given.

    Raises:
        InvalidRequest: It is no length of time.
    """
    if text is None:
        return None
    seconds = seconds_in(text)
    if seconds is None:
        raise InvalidRequest(f"{text!r} is no length of time; write seconds, or such as 90s or '1h 30m'")
    return seconds


def span(start_ms: int, end_ms: int, now: int) -> str:
    """Return how long something took, or has taken so far; ``-`` if it has not begun."""
    return length((end_ms or now) - start_ms) if start_ms else "-"


def first_line(text: str | None) -> str:
    """Return the first line of a reason that says anything, or an empty text."""
    return next((line.strip() for line in (text or "").splitlines() if line.strip()), "")


def attempt_number(attempt: TaskRun) -> str:
    """
    Return the number of an attempt, from 1.

    Example:
        >>> from podium.model.statuses import TaskStatus
        >>> attempt_number(TaskRun(task_type="SIMPLE", status=TaskStatus.FAILED, retry_count=2))
        '3'
    """
    return str(attempt.retry_count + 1)
