"""What a kernel has done so far, for those who watch it."""

from __future__ import annotations

from attrs import define

#: Milliseconds by which a timer may fire late and still be on time.
LATE_MS = 1_000


@define
class Counts:
    """Counts of one kernel, written by its thread only; a look at them may see one of two numbers before the other."""

    #: Events that were decided, those that had to be decided again each time.
    decisions: int = 0
    commits: int = 0
    #: Seconds that all commits took.
    commit_s: float = 0.0
    #: Timers that fired, and those of them that fired later than `LATE_MS`.
    timers: int = 0
    late_timers: int = 0
