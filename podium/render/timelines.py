"""
The timeline of a run: when each task waited, worked and ended.

A `Timeline` is a value without a layout, as a `podium.render.picture.Picture` is; its SVG and its text are pure
functions of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from os import PathLike
from pathlib import Path

from attrs import evolve, frozen

from podium.model.errors import RenderError
from podium.model.values import JsonObject
from podium.render.palette import AUTO, THEMES

_SUFFIXES = (".svg", ".txt")


class Span(StrEnum):
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

    span: Span
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
class Row:
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

    def total_ms(self, *spans: Span) -> int:
        """Add the milliseconds of these kinds of stretches up."""
        return sum(segment.duration_ms for segment in self.segments if segment.span in spans)


@frozen(kw_only=True)
class Gap:
    """A long stretch in which nothing worked, drawn shorter than it was."""

    start_ms: int
    end_ms: int


@frozen(kw_only=True)
class Timeline:
    """
    When each task of a run waited and worked.

    Made by `podium.render.timeline`; a notebook shows it as SVG.
    """

    title: str
    subtitle: tuple[str, ...] = ()
    #: The run's status.
    status: str
    #: In the order in which the tasks were created; members of a group that are told apart follow it.
    rows: tuple[Row, ...]
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

    def svg(
        self, *, theme: str | None = None, width: int | None = None, legend: bool = True, id_prefix: str = ""
    ) -> str:
        """
        Return the timeline as SVG.

        Args:
            theme: ``auto``, ``light`` or ``dark``; the timeline's own if it is not given.
            width: Pixels, at least 600.
            legend: Explain bars and colours below.
            id_prefix: What every id in the SVG begins with, for pages with several pictures.

        Raises:
            RenderError: *theme* or *width* is wrong.
        """
        from podium.render.timeline_svg import timeline_svg_text

        chosen = evolve(self, theme=theme or self.theme, width=self.width if width is None else width)
        check_look(chosen.theme, chosen.width)
        return timeline_svg_text(chosen, legend=legend, id_prefix=id_prefix)

    def describe(self, *, width: int = 100) -> str:
        """
        Return the timeline as text: a line for each row, with a bar of characters and words.

        Args:
            width: Characters of a line that the bar is fitted into; words may be longer.
        """
        from podium.render.timeline_text import timeline_text

        return timeline_text(self, width=width)

    def render(self, path: str | PathLike[str], *, theme: str | None = None, width: int | None = None) -> str:
        """
        Write the timeline into a file, ``.svg`` or ``.txt``.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is another, an option is wrong, or the file cannot be written.
        """
        name = str(path)
        suffix = Path(name).suffix.lower()
        if suffix not in _SUFFIXES:
            raise RenderError(f"a timeline is written as {' or '.join(_SUFFIXES)}, not as {name!r}")
        text = self.svg(theme=theme, width=width) if suffix == ".svg" else self.describe()
        try:
            Path(name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise RenderError(f"the timeline cannot be written: {error}") from error
        return name

    def to_records(self) -> list[JsonObject]:
        """Return each row as a mapping, for data frames; durations are milliseconds, retries added up."""
        return [
            {
                "reference": row.reference,
                "item": row.item,
                "type": row.task_type,
                "status": row.status,
                "count": row.count,
                "attempts": row.attempts,
                "start_ms": min((segment.start_ms for segment in row.segments), default=0),
                "end_ms": max((segment.end_ms for segment in row.segments), default=0),
                "queue_ms": row.total_ms(Span.QUEUE),
                "delay_ms": row.total_ms(Span.DELAY),
                "work_ms": row.total_ms(Span.WORK),
                "hold_ms": row.total_ms(Span.HOLD),
                "reason": row.reason,
            }
            for row in self.rows
        ]

    def __str__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        from podium.render.notebook import forms_bundle, page_prefix

        forms = {"text/plain": self.describe, "image/svg+xml": lambda: self.svg(id_prefix=page_prefix(repr(self)))}
        return forms_bundle(forms, include, exclude, fallback="<Timeline>")


def check_look(theme: str, width: int) -> None:
    """
    Make sure that a timeline can be drawn so.

    Raises:
        RenderError: It cannot.
    """
    if theme not in {AUTO, *THEMES}:
        raise RenderError(f"theme is one of {', '.join([AUTO, *THEMES])}, not {theme!r}")
    if isinstance(width, bool) or not isinstance(width, int) or width < 600:
        raise RenderError(f"width is a number of pixels, at least 600, not {width!r}")
