"""What a timeline is made of: a value without a layout, as a `podium.render.picture.Picture` is."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from podium.render.palette import AUTO


class SegmentKind(StrEnum):
    """What a stretch of a row means."""

    #: Scheduled, and no worker has taken it.
    QUEUE = "queue"
    #: Not yet due: a start delay, or the time before a retry.
    DELAY = "delay"
    WORK = "work"
    #: It waits for others or for time itself: a join, a loop, a WAIT, a HUMAN task.
    HOLD = "hold"


@frozen(kw_only=True)
class Segment:
    """One stretch of a row; times are epoch milliseconds."""

    span: SegmentKind
    start_ms: int
    end_ms: int
    #: The attempt's `TaskStatus`.
    status: str
    #: The attempt, from 1.
    attempt: int = 1
    #: It has not ended; *end_ms* is the timeline's own end.
    is_open: bool = False

    @property
    def duration_ms(self) -> int:
        """How long it took, in milliseconds."""
        return self.end_ms - self.start_ms


@frozen(kw_only=True)
class TimelineRow:
    """One task with all its attempts, or many tasks of one place."""

    #: The name in the run; for a group the name of the place.
    reference: str
    #: What tells it from its siblings, such as ``name=attrs``; may be empty.
    item: str = ""
    #: How deep it stands: 1 and more inside loops, dynamic forks and sub-workflows.
    depth: int = 0
    task_type: str = ""
    #: The newest attempt's status; of a group the worst.
    status: str
    attempts: int = 1
    reason: str = ""
    #: In the order of time; of a group those of all its members, by their start.
    segments: tuple[Segment, ...] = ()
    #: How many tasks the row stands for.
    count: int = 1
    #: The members of a group by status: ``998 done, 2 failed``.
    counts: str = ""

    @property
    def is_group(self) -> bool:
        """It stands for many tasks."""
        return self.count > 1

    @property
    def label(self) -> str:
        """What stands before the row."""
        if self.is_group:
            return f"{self.reference} x {self.count:,}"
        return f"{self.reference} {self.item}".strip()

    def total_ms(self, *spans: SegmentKind) -> int:
        """Add the milliseconds of these kinds of stretches up."""
        return sum(segment.duration_ms for segment in self.segments if segment.span in spans)


@frozen(kw_only=True)
class Gap:
    """A long stretch in which nothing worked, drawn shorter than it was."""

    start_ms: int
    end_ms: int


@frozen(kw_only=True)
class Chart:
    """A timeline before it has a form."""

    title: str
    subtitle: tuple[str, ...] = ()
    #: The run's status.
    status: str
    #: In the order in which the tasks were created; members of a group that are told apart follow it.
    rows: tuple[TimelineRow, ...]
    #: Epoch milliseconds.
    start_ms: int
    end_ms: int
    #: The present moment of a run that has not ended, epoch milliseconds; None if it has.
    now_ms: int | None = None
    gaps: tuple[Gap, ...] = ()
    theme: str = AUTO
    #: Pixels.
    width: int = 1000

    @property
    def tasks(self) -> int:
        """How many tasks there are, retries not counted, members of groups counted."""
        return sum(row.count for row in self.rows if row.count)
