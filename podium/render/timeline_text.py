"""A timeline as text: for terminals, logs and screen readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podium.model.durations import duration_text
from podium.render.naming import shorten
from podium.render.timeline_items import WORDS
from podium.render.timeline_parts import Chart, SegmentKind, TimelineRow
from podium.render.timeline_scale import Scale
from podium.render.timeline_svg import words

#: A moment shows the sign that stands last here of all that it belongs to.
_SIGNS: Final = {SegmentKind.DELAY: "·", SegmentKind.QUEUE: "░", SegmentKind.HOLD: "─", SegmentKind.WORK: "█"}
_GAP: Final = "≈"


def timeline_text(timeline: Chart, *, width: int) -> str:
    """Return the timeline as text, ending with a line end."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(timeline, width))


def _lines(timeline: Chart, width: int) -> Iterator[str]:
    yield timeline.title
    yield from timeline.subtitle
    labels = ["  " * row.depth + shorten(row.label, max(12, 40 - 2 * row.depth)) for row in timeline.rows]
    column = max((len(label) for label in labels), default=0)
    length = max(20, min(60, width - column - 24))
    scale = Scale(timeline.start_ms, timeline.end_ms, timeline.gaps, length=length, gap_length=2)
    for label, row in zip(labels, timeline.rows, strict=True):
        yield f"{label.ljust(column)} |{_bar(row, timeline, scale, length)}| {words(row)}"
    yield _key(timeline)


def _bar(row: TimelineRow, timeline: Chart, scale: Scale, length: int) -> str:
    cells = [" "] * length
    for span, sign in _SIGNS.items():
        for segment in row.segments:
            if segment.span is span:
                first = min(int(scale.place(segment.start_ms)), length - 1)
                last = min(int(scale.place(segment.end_ms)), length)
                cells[first : max(last, first + 1)] = sign * max(last - first, 1)
    for gap in timeline.gaps:
        cells[min(int(scale.place((gap.start_ms + gap.end_ms) / 2)), length - 1)] = _GAP
    return "".join(cells)


def _key(timeline: Chart) -> str:
    spans = {one.span for row in timeline.rows for one in row.segments}
    said = [f"{sign} {WORDS[span]}" for span, sign in reversed(_SIGNS.items()) if span in spans]
    if timeline.gaps:
        idle = ", ".join(duration_text(gap.end_ms - gap.start_ms) for gap in timeline.gaps)
        said.append(f"{_GAP} idle, drawn shorter: {idle}")
    whole = duration_text(timeline.end_ms - timeline.start_ms)
    return f"{whole} in all; " + ", ".join(said) if said else f"{whole} in all"
