"""The timeline of a run, as those who ask for one get it: its SVG and its text are pure functions of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike

from attrs import evolve, frozen

from podium.model.errors import RenderError
from podium.model.values import JsonObject
from podium.render.files import save
from podium.render.notebook import forms_bundle, page_prefix
from podium.render.palette import AUTO, THEMES
from podium.render.timeline_parts import Chart, SegmentKind
from podium.render.timeline_svg import timeline_svg_text
from podium.render.timeline_text import timeline_text


@frozen(kw_only=True)
class Timeline(Chart):
    """
    When each task of a run waited and worked.

    Made by `podium.render.timeline`; a notebook shows it as SVG.
    """

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
        chosen = evolve(self, theme=theme or self.theme, width=self.width if width is None else width)
        check_look(chosen.theme, chosen.width)
        return timeline_svg_text(chosen, legend=legend, id_prefix=id_prefix)

    def describe(self, *, width: int = 100) -> str:
        """
        Return the timeline as text: a line for each row, with a bar of characters and words.

        Args:
            width: Characters of a line that the bar is fitted into; words may be longer.
        """
        return timeline_text(self, width=width)

    def render(self, path: str | PathLike[str], *, theme: str | None = None, width: int | None = None) -> str:
        """
        Write the timeline into a file, ``.svg`` or ``.txt``.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is another, an option is wrong, or the file cannot be written.
        """
        return save(path, {".svg": lambda: self.svg(theme=theme, width=width), ".txt": self.describe}, what="timeline")

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
                "queue_ms": row.total_ms(SegmentKind.QUEUE),
                "delay_ms": row.total_ms(SegmentKind.DELAY),
                "work_ms": row.total_ms(SegmentKind.WORK),
                "hold_ms": row.total_ms(SegmentKind.HOLD),
                "reason": row.reason,
            }
            for row in self.rows
        ]

    def __str__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
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
