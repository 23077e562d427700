"""Where a moment stands on the page: proportional, except that long idle gaps are short."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from podium.model.statuses import TaskType
from podium.render.attempts import STRUCTURES
from podium.render.palette import Border, style_of
from podium.render.timeline_parts import Gap, Segment, SegmentKind, TimelineRow

#: Most gaps that are compressed: each needs room for its mark.
_GAPS_MAX: Final = 6
#: Milliseconds; shorter gaps are never compressed.
_GAP_MS_MIN: Final = 500
_STEPS: Final = (1, 2, 5)
#: Seconds, minutes, hours and days in milliseconds that a tick may stand at.
_LONG_STEPS: Final = tuple(
    [s * 1_000 for s in (1, 2, 5, 10, 15, 30)]
    + [m * 60_000 for m in (1, 2, 5, 10, 15, 30)]
    + [h * 3_600_000 for h in (1, 2, 3, 6, 12)]
)


def find_gaps(rows: Sequence[TimelineRow], start_ms: int, end_ms: int) -> tuple[Gap, ...]:
    """
    Find the long stretches in which no task worked and nothing changed, in the order of time.

    A stretch is long if it is more than half of all the time in which something worked or changed, and more than a
    tenth of the whole: then the rest would be hard to see. The short waits of a polling loop are its rhythm, and stay;
    so does a wait that goes on, and one that ended badly: they are what a reader looks for.
    """
    segments = [segment for row in rows for segment in row.segments]
    # A sub-workflow works as far as its parent knows; where its own tasks stand below it, they know better.
    known = [row for row, after in pairwise([*rows, None]) if row and not _is_told_below(row, after)]
    work = [
        segment
        for row in known
        for segment in row.segments
        if segment.span is SegmentKind.WORK or _matters(row, segment)
    ]
    idle = _idle(segments, work, start_ms, end_ms)
    span = end_ms - start_ms
    busy = span - sum(gap.end_ms - gap.start_ms for gap in idle)
    # Both, because each alone misleads: half of little work is little, and a tenth of a day of work is no gap.
    limit = max(busy / 2, span / 10, _GAP_MS_MIN)
    long = [gap for gap in idle if gap.end_ms - gap.start_ms > limit]
    longest = sorted(long, key=lambda gap: gap.start_ms - gap.end_ms)[:_GAPS_MAX]
    return tuple(sorted(longest, key=lambda gap: gap.start_ms))


def _matters(row: TimelineRow, segment: Segment) -> bool:
    """Return whether a wait goes on or ended badly, and is not only that of a structure for what is inside it."""
    is_bad = style_of(segment.status).border is Border.DOUBLE
    return (segment.is_open or is_bad) and row.task_type not in STRUCTURES and segment.span is not SegmentKind.DELAY


def _is_told_below(row: TimelineRow, after: TimelineRow | None) -> bool:
    return row.task_type == TaskType.SUB_WORKFLOW and not row.is_group and after is not None and after.depth > row.depth


def _idle(segments: Iterable[Segment], working: Iterable[Segment], start: int, end: int) -> list[Gap]:
    """Return every stretch between two changes in which nothing worked."""
    changes = sorted({start, end} | {time for one in segments for time in (one.start_ms, one.end_ms)})
    work = sorted((one.start_ms, one.end_ms) for one in working)
    found: list[Gap] = []
    position, reached = 0, start
    for begin, finish in pairwise(changes):
        while position < len(work) and work[position][0] <= begin:
            reached = max(reached, work[position][1])
            position += 1
        # Nothing that began before has lasted until here.
        if reached <= begin:
            found.append(Gap(start_ms=begin, end_ms=finish))
    return found


class Scale:
    """The place of each moment."""

    def __init__(self, start_ms: int, end_ms: int, gaps: Sequence[Gap], *, length: float, gap_length: float) -> None:
        """
        Make a scale.

        Args:
            start_ms: The moment at 0, epoch milliseconds.
            end_ms: The moment at *length*.
            gaps: What is compressed, in the order of time.
            length: Of the whole.
            gap_length: Of each gap.
        """
        self.start_ms = start_ms
        shown = end_ms - start_ms - sum(gap.end_ms - gap.start_ms for gap in gaps)
        gap_length = min(gap_length, length / (2 * len(gaps))) if gaps else 0.0
        #: Length of a millisecond outside gaps.
        self.unit = (length - gap_length * len(gaps)) / max(shown, 1)
        self._times, self._places, self._units = [start_ms], [0.0], [self.unit]
        for gap in gaps:
            self._turn(gap.start_ms, gap_length / (gap.end_ms - gap.start_ms))
            self._turn(gap.end_ms, self.unit)

    def _turn(self, time: int, unit: float) -> None:
        place = self.place(time)
        self._times.append(time)
        self._places.append(place)
        self._units.append(unit)

    def place(self, time_ms: float) -> float:
        """Return the place of a moment, from 0."""
        index = max(0, bisect_right(self._times, time_ms) - 1)
        return self._places[index] + (time_ms - self._times[index]) * self._units[index]


def tick_step(unit: float, distance: float) -> int:
    """
    Return the milliseconds between two ticks.

    Args:
        unit: Length of a millisecond.
        distance: Least length between two ticks.
    """
    least = distance / unit if unit > 0 else 1.0
    short = [step * 10**power for power in range(3) for step in _STEPS]
    steps = [*short, *_LONG_STEPS]
    return next((step for step in steps if step >= least), 86_400_000 * max(1, round(least / 86_400_000 + 0.5)))


def ticks(start_ms: int, end_ms: int, gaps: Sequence[Gap], step: int) -> list[int]:
    """Return the moments of the ticks, whole steps from the start, none inside a gap."""
    found: list[int] = []
    time = start_ms
    for gap in [*gaps, Gap(start_ms=end_ms, end_ms=end_ms)]:
        while time <= gap.start_ms:
            found.append(time)
            time += step
        if time < gap.end_ms:
            time += -(-(gap.end_ms - time) // step) * step
    return found


def tick_label(ms: int, step: int) -> str:
    """
    Return the time since the start that a tick stands for, as exactly as the ticks stand apart.

    Example:
        >>> tick_label(90_000, 30_000), tick_label(90_000_000, 1_000)
        ('1:30 min', '1 d 1:00:00')
    """
    if ms < 1_000:
        return f"{ms} ms" if ms else "0"
    if ms < 60_000:
        return f"{ms / 1000:g} s"
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    tail = f":{seconds:02}" if step < 60_000 else ""
    tail += f".{rest:03}" if step < 1_000 else ""
    if days:
        return f"{days} d {hours}:{minutes:02}{tail}" if step < 86_400_000 else f"{days} d"
    if hours:
        return f"{hours}:{minutes:02}{tail}" + ("" if tail else " h")
    return f"{minutes}:{seconds:02}{tail[3:]} min"
