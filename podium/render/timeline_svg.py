"""A timeline as SVG: one row for each task, time from left to right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from podium.model.durations import duration_text
from podium.render.drawing import opening, xml
from podium.render.figures import number as _n
from podium.render.fonts import text_width
from podium.render.naming import clean, shorten
from podium.render.options import Options
from podium.render.palette import Border, Style, legend, style_of
from podium.render.timeline_items import WORDS
from podium.render.timeline_parts import Chart, Segment, SegmentKind, TimelineRow
from podium.render.timeline_scale import Scale, tick_label, tick_step, ticks

#: Pixels.
_MARGIN: Final = 16.0
_ROW: Final = 22.0
_TEXT: Final = 12.0
_INDENT: Final = 14.0
_GAP: Final = 46.0
_TICK_DISTANCE: Final = 76.0
#: Least length of the scale.
_SHORTEST: Final = 240.0
_LABEL_CHARACTERS: Final = 44
#: Heights of bars.
_HEIGHTS: Final = {SegmentKind.WORK: 14.0, SegmentKind.HOLD: 6.0, SegmentKind.QUEUE: 8.0}
#: Width of a column of a group's profile.
_COLUMN: Final = 3.0
_DASHES: Final = {Border.DASHED: ' stroke-dasharray="4 2"', Border.DOTTED: ' stroke-dasharray="1.5 2"'}


def timeline_svg_text(timeline: Chart, *, legend: bool, id_prefix: str) -> str:
    """Return the timeline as SVG text, ending with a line end."""
    return "".join(f"{line}\n" for line in _Drawing(timeline, id_prefix).lines(legend=legend))


class _Drawing:
    def __init__(self, timeline: Chart, id_prefix: str) -> None:
        self.timeline = timeline
        self.prefix = id_prefix
        self.options = Options(theme=timeline.theme)
        self.colours = self.options.colours
        self.labels = [shorten(row.label, _LABEL_CHARACTERS) for row in timeline.rows]
        widths = [
            text_width(text, _TEXT, bold=row.is_group) + row.depth * _INDENT
            for text, row in zip(self.labels, timeline.rows, strict=True)
        ]
        self.words = [shorten(words(row), 40) for row in timeline.rows]
        self.left = _MARGIN + max(widths, default=60.0) + 12
        self.beside = max((text_width(text, _TEXT) for text in self.words), default=0.0) + 8
        self.right = max(timeline.width - _MARGIN - self.beside, self.left + _SHORTEST)
        self.scale = Scale(
            timeline.start_ms, timeline.end_ms, timeline.gaps, length=self.right - self.left, gap_length=_GAP
        )
        above = 46 if timeline.gaps or timeline.now_ms is not None else 30  # gaps and now are named above the ticks
        self.top = _MARGIN + 20 + 16 * len(timeline.subtitle) + above
        self.bottom = self.top + _ROW * len(timeline.rows)
        #: How waits look: for a worker, and for their time.
        self._hollow = f'fill="{self.colours.page}" stroke="{self.colours.muted}"'
        self._dotted = f'stroke="{self.colours.muted}" stroke-width="1.5" stroke-dasharray="1.5 3"'

    def x(self, time_ms: float) -> float:
        return self.left + self.scale.place(time_ms)

    def lines(self, *, legend: bool) -> Iterator[str]:
        legend_text, legend_height = self._legend() if legend else ("", 0.0)
        width = max(self.timeline.width, round(self.right + self.beside + _MARGIN))
        height = self.bottom + 14 + legend_height + _MARGIN
        about = " ".join((_summary(self.timeline), *self.timeline.subtitle))
        yield from opening(f"Timeline of {self.timeline.title}", about, (width, height), self.options, self.prefix)
        yield from self._head()
        yield from self._axis()
        for number, row in enumerate(self.timeline.rows):
            yield self._row(number, row)
        yield from self._gap_marks()
        yield from self._now()
        if legend_text:
            place = f"translate({_n(_MARGIN)} {_n(self.bottom + 14)})"
            yield f'<g id="{self.prefix}legend" class="legend" transform="{place}">{legend_text}</g>'
        yield "</svg>"

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str,
        *,
        anchor: str = "start",
        size: float = _TEXT,
        bold: bool = False,
    ) -> str:
        look = (f' text-anchor="{anchor}"' if anchor != "start" else "") + f' font-size="{_n(size)}"'
        look += ' font-weight="bold"' if bold else ""
        return f'<text x="{_n(x)}" y="{_n(y)}"{look} fill="{colour}">{xml(text)}</text>'

    def _head(self) -> Iterator[str]:
        yield self._text(_MARGIN, _MARGIN + 13, self.timeline.title, self.colours.ink, size=15, bold=True)
        for number, line in enumerate(self.timeline.subtitle, 1):
            yield self._text(_MARGIN, _MARGIN + 14 + 16 * number, line, self.colours.ink)

    def _axis(self) -> Iterator[str]:
        timeline = self.timeline
        step = tick_step(self.scale.unit, _TICK_DISTANCE)
        yield '<g class="axis">'
        last = self.left - _TICK_DISTANCE
        for time in ticks(timeline.start_ms, timeline.end_ms, timeline.gaps, step):
            x = self.x(time)
            yield _line(x, self.top - 6, x, self.bottom, f'stroke="{self.colours.faint}" stroke-width="0.5"')
            label = tick_label(time - timeline.start_ms, step)
            if x - last >= text_width(label, _TEXT) + 8 and x + text_width(label, _TEXT) / 2 < self.right + 60:
                yield self._text(x, self.top - 10, label, self.colours.muted, anchor="middle")
                last = x
        yield "</g>"

    # -- rows --------------------------------------------------------------------------------------------------------

    def _row(self, number: int, row: TimelineRow) -> str:
        y = self.top + _ROW * number
        style = style_of(row.status)
        base = y + _ROW / 2 + 4
        stripe = _rect(_MARGIN, y, self.right - _MARGIN, _ROW, f'fill="{self.colours.box}"') if number % 2 else ""
        label = self._text(
            _MARGIN + row.depth * _INDENT, base, self.labels[number], self.colours.ink, bold=row.is_group
        )
        bars = self._profile(row, y) if row.is_group else "".join(self._bar(one, y) for one in row.segments)
        beside = self._text(self.right + 8, base, self.words[number], self.colours.ink)
        title = f"<title>{xml(sentence(row, self.timeline))}</title>"
        kind = "row group" if row.is_group else "row"
        group = f'<g id="{self.prefix}row_{number}" class="{kind} status-{style.key}">'
        return f"{group}{title}{stripe}{label}{bars}{beside}</g>"

    def _bar(self, segment: Segment, y: float) -> str:
        left, right = self.x(segment.start_ms), self.x(segment.end_ms)
        middle = y + _ROW / 2
        if segment.span is SegmentKind.DELAY:
            return _line(left, middle, right, middle, self._dotted, css="delay")
        height = _HEIGHTS[segment.span]
        box = (left, middle - height / 2, max(right - left, 2.0), height)
        if segment.span is SegmentKind.QUEUE:
            return _rect(*box, self._hollow, css="queue")
        style = style_of(segment.status)
        paint = self._paint(style, thin=right - left < 6)
        rect = _rect(*box, f'rx="2" {paint}', css=f"{segment.span} status-{style.key}")
        if segment.span is SegmentKind.HOLD or right - left < 18 or not style.icon:
            return rect
        return rect + self._text(left + 4, middle + 4, style.icon, self.colours.text_of(style))

    def _paint(self, style: Style, *, thin: bool = False) -> str:
        width = 0.6 if thin else {Border.BOLD: 2.0, Border.DOUBLE: 2.0, Border.THIN: 0.6}.get(style.border, 0.8)
        fill, dash = self.colours.fill_of(style), _DASHES.get(style.border, "")
        return f'fill="{fill}" stroke="{self.colours.ink}" stroke-width="{_n(width)}"{dash}'

    def _profile(self, row: TimelineRow, y: float) -> str:
        """Draw how many members worked at each moment, and where some failed."""
        at_work = [one for one in row.segments if one.span in {SegmentKind.WORK, SegmentKind.HOLD}]
        columns = self._columns(at_work)
        most = max(columns, default=0) or 1
        common = Counter(one.status for one in at_work).most_common(1)
        style = style_of(common[0][0] if common else row.status)
        floor = y + _ROW - 3
        first = next((index for index, count in enumerate(columns) if count), 0)
        corners = [f"M{_n(self.left + first * _COLUMN)} {_n(floor)}"]
        before = 0
        for index, count in enumerate([*columns, 0]):
            if count != before:
                x = _n(self.left + index * _COLUMN)
                corners.append(f"H{x}V{_n(floor - (count and 3 + (_ROW - 9) * count / most))}")
                before = count
        shape = f'<path class="profile status-{style.key}" d="{"".join(corners)}Z" {self._paint(style)}/>'
        return self._queue_line(row, y) + shape + "".join(self._failures(row, y))

    def _columns(self, segments: Sequence[Segment]) -> list[int]:
        """Return how many segments there are in each column."""
        changes = [0] * (int((self.right - self.left) / _COLUMN) + 2)
        for one in segments:
            first = int(self.scale.place(one.start_ms) / _COLUMN)
            last = int(self.scale.place(one.end_ms) / _COLUMN)
            changes[min(first, len(changes) - 2)] += 1
            changes[min(last + 1, len(changes) - 1)] -= 1
        return list(accumulate(changes[:-1]))

    def _queue_line(self, row: TimelineRow, y: float) -> str:
        """Draw from when to when some member waited for a worker."""
        waits = [one for one in row.segments if one.span is SegmentKind.QUEUE]
        if not waits:
            return ""
        left = self.x(min(one.start_ms for one in waits))
        right = self.x(max(one.end_ms for one in waits))
        return _rect(left, y + _ROW - 4, max(right - left, 2.0), 3, f'{self._hollow} stroke-width="0.7"', css="queue")

    def _failures(self, row: TimelineRow, y: float) -> Iterator[str]:
        """Mark the ends of attempts that went wrong; those that would lie on each other once."""
        last = -10.0
        wrong = [
            one
            for one in row.segments
            if one.span is not SegmentKind.QUEUE and style_of(one.status).border is Border.DOUBLE
        ]
        for one in sorted(wrong, key=lambda one: one.end_ms):
            x = self.x(one.end_ms)
            if x - last >= 4:
                last = x
                style = style_of(one.status)
                yield _rect(x - 2, y + 2, 4, _ROW - 5, self._paint(style), css=f"failure status-{style.key}")

    # -- marks over the rows -----------------------------------------------------------------------------------------

    def _gap_marks(self) -> Iterator[str]:
        for gap in self.timeline.gaps:
            left, right = self.x(gap.start_ms) + 3, self.x(gap.end_ms) - 3
            middle = (left + right) / 2
            words = duration_text(gap.end_ms - gap.start_ms)
            yield f'<g class="gap"><title>{xml(words)} without work, drawn shorter than it was</title>'
            veil = f'fill="{self.colours.page}" fill-opacity="0.75"'
            yield _rect(left, self.top, max(right - left, 4.0), self.bottom - self.top, veil)
            for x in (left, right):
                yield f'<path d="{_zigzag(x, self.top, self.bottom)}" fill="none" stroke="{self.colours.muted}"/>'
            yield self._text(middle, self.top - 24, words, self.colours.muted, anchor="middle")
            yield "</g>"

    def _now(self) -> Iterator[str]:
        if self.timeline.now_ms is None:
            return
        x = self.x(self.timeline.now_ms)
        look = f'stroke="{self.colours.ink}" stroke-width="1.5" stroke-dasharray="5 3"'
        word = self._text(x, self.top - 24, "now", self.colours.ink, anchor="middle", bold=True)
        yield f'<g class="now">{_line(x, self.top - 6, x, self.bottom + 4, look)}{word}</g>'

    # -- legend ------------------------------------------------------------------------------------------------------

    def _legend(self) -> tuple[str, float]:
        """Return the legend's elements and its height."""
        x, y = 0.0, 0.0
        out: list[str] = []
        entries = [(style, f"{style.icon} {style.word}".strip()) for style in self._styles()]
        spans = {one.span for row in self.timeline.rows for one in row.segments}
        signs: list[tuple[SegmentKind | None, str]] = [
            (span, WORDS[span]) for span in SegmentKind if span in spans - {SegmentKind.WORK}
        ]
        if self.timeline.gaps:
            signs.append((None, "zigzag: idle time drawn shorter"))
        for look, text in [*entries, *signs]:
            width = text_width(text, _TEXT) + 34
            if x and x + width > self.timeline.width - 2 * _MARGIN:
                x, y = 0.0, y + 22
            out.append(self._sign(look, x, y))
            out.append(self._text(x + 26, y + 12, text, self.colours.ink))
            x += width + 8
        return "".join(out), y + 22

    def _styles(self) -> tuple[Style, ...]:
        return legend(
            {one.status for row in self.timeline.rows for one in row.segments if one.span is not SegmentKind.QUEUE}
        )

    def _sign(self, look: Style | SegmentKind | None, x: float, y: float) -> str:
        if isinstance(look, Style):
            return _rect(x, y + 1, 20, 14, f'rx="2" {self._paint(look)}')
        if look is SegmentKind.DELAY:
            return _line(x, y + 8, x + 20, y + 8, self._dotted)
        if look is None:
            return f'<path d="{_zigzag(x + 10, y, y + 16)}" fill="none" stroke="{self.colours.muted}"/>'
        height = _HEIGHTS[look]
        fill = self.colours.muted if look is SegmentKind.HOLD else self.colours.page
        return _rect(x, y + 8 - height / 2, 20, height, f'fill="{fill}" stroke="{self.colours.muted}"')


def _rect(x: float, y: float, width: float, height: float, look: str, *, css: str = "") -> str:
    name = f'class="{css}" ' if css else ""
    return f'<rect {name}x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" {look}/>'


def _line(x: float, y: float, right: float, bottom: float, look: str, *, css: str = "") -> str:
    name = f'class="{css}" ' if css else ""
    return f'<line {name}x1="{_n(x)}" y1="{_n(y)}" x2="{_n(right)}" y2="{_n(bottom)}" {look}/>'


def _zigzag(x: float, top: float, bottom: float) -> str:
    """Return a path that goes down in teeth."""
    count = max(2, int((bottom - top) / 6))
    points = [(x + (3 if index % 2 else -3), top + (bottom - top) * index / count) for index in range(count + 1)]
    return "M" + "L".join(f"{_n(px)} {_n(py)}" for px, py in points)


def words(row: TimelineRow) -> str:
    """Say how a row stands: ``✓ completed 1.5 s``; of a group how many of its members how."""
    style = style_of(row.status)
    if row.is_group:
        return row.counts
    own = row.total_ms(SegmentKind.WORK, SegmentKind.HOLD)
    going = any(one.is_open for one in row.segments)
    text = f"{style.icon} {style.word} {duration_text(own) if own else ''}".strip()
    text += " so far" if going and own else ""
    text += f", ↻ {row.attempts} attempts" if row.attempts > 1 else ""
    return f"{text}: {row.reason}" if row.reason else text


def sentence(row: TimelineRow, timeline: Chart) -> str:
    """Tell all about a row, for a tooltip and a screen reader."""
    facts = [row.label]
    if row.is_group:
        facts.append(row.counts)
    else:
        facts.append(style_of(row.status).word)
    if row.segments:
        facts.append(f"from {duration_text(max(0, row.segments[0].start_ms - timeline.start_ms))} after the start")
    total = " in all" if row.is_group else ""
    facts += [f"{WORDS[span]} {duration_text(took)}{total}" for span in SegmentKind if (took := row.total_ms(span))]
    if row.attempts > 1 and not row.is_group:
        facts.append(f"{row.attempts} attempts")
    if row.reason:
        facts.append(row.reason)
    return clean("; ".join(facts))


def _summary(timeline: Chart) -> str:
    span = duration_text(timeline.end_ms - timeline.start_ms)
    gaps = f" {len(timeline.gaps)} long idle stretches are drawn shorter." if timeline.gaps else ""
    return f"{timeline.tasks:,} tasks in {len(timeline.rows):,} rows over {span}.{gaps}"
