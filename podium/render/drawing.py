"""A picture as SVG: figures, lines and texts where `podium.render.page` has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from podium.render.geometry import Point, Rect, Route, arrow, rounded
from podium.render.naming import clean
from podium.render.options import Options
from podium.render.page import Page, legend_words, page_of
from podium.render.palette import style_of
from podium.render.picture import Container, ContainerKind, EdgeKind, Kind, Line, Node, Picture, Role
from podium.render.shapes import figure, number
from podium.render.sizes import BARS, LEADING, POINTS, SMALL, extent_of, is_bold, label_lines, size_of, words_beside
from podium.render.themes import AUTO_CLASS, auto_style
from podium.render.wording import classes_of, words_of

FONT: Final = "Helvetica, Arial, sans-serif"
_STROKE: Final = re.compile('stroke-width="[^"]*"')
_BOX_DASHES: Final[Mapping[ContainerKind, str]] = MappingProxyType(
    {
        ContainerKind.SUB_WORKFLOW: "",
        ContainerKind.UNDO: ' stroke-dasharray="1.5 3" rx="8"',
        ContainerKind.ABOUT: ' stroke-opacity="0"',
    }
)
#: How far the text of a figure stands below its middle, and left of it.
_SHIFTS: Final[Mapping[Kind, tuple[float, float]]] = MappingProxyType(
    {Kind.HUMAN: (5.0, 0.0), Kind.EVENT: (3.0, 0.0), Kind.DYNAMIC_FORK: (2.5, 2.5), Kind.COLLAPSED: (2.5, 2.5)}
)


def xml(text: str) -> str:
    """Give a text for XML content and attribute values."""
    escaped = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;").replace("'", "&#39;")


def opening(title: str, about: str, size: tuple[float, float], options: Options, id_prefix: str) -> Iterator[str]:
    """Give the lines that every SVG of ours begins with; it is never wider than the page that it stands in."""
    width, height = (number(each) for each in size)
    names = f"{id_prefix}title {id_prefix}desc"
    adapts = f' class="{AUTO_CLASS}"' if options.adapts else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{names}"{adapts} '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto" '
        f'font-family="{FONT}">'
    )
    yield f'<title id="{id_prefix}title">{xml(title)}</title>'
    yield f'<desc id="{id_prefix}desc">{xml(about)}</desc>'
    if options.adapts:
        yield auto_style()
    yield f'<rect width="100%" height="100%" fill="{options.colours.page}"/>'


def drawing(picture: Picture, options: Options, *, id_prefix: str = "", shape: Picture | None = None) -> str:
    """
    Give the picture as SVG text, ending with a line end.

    Args:
        picture: What to draw.
        options: Direction, theme, legend.
        id_prefix: What every id begins with, so that several drawings can live in one page.
        shape: As `podium.render.page.page_of` has it.
    """
    return "".join(f"{line}\n" for line in _Drawing(picture, options, id_prefix, shape).lines())


class _Drawing:
    def __init__(self, picture: Picture, options: Options, id_prefix: str, shape: Picture | None) -> None:
        self._page: Page = page_of(picture, options, shape)
        self._picture = self._page.picture
        self._is_still = shape is None
        self._options = options
        self._prefix = id_prefix
        self._colours = options.colours

    def lines(self) -> Iterator[str]:
        page, picture, placed = self._page, self._picture, self._page.layout
        size = (page.width, page.height)
        yield from opening(picture.title, picture.summary, size, self._options, self._prefix)
        yield self._texts(page.header, page.header_at, self._colours.ink, anchor="start")
        for box in picture.containers:
            yield self._box(box, placed.boxes[box.id], placed.titles[box.id])
        for route in sorted(placed.routes, key=lambda route: route.edge.taken is not False):
            yield self._line(route)  # lines that the run took over those that it did not take
        for node in picture.nodes:
            yield self._node(node, placed.nodes[node.id])
        if page.legend:
            yield f'<g id="{self._prefix}legend" class="legend">{"".join(self._legend())}</g>'
        yield "</svg>"

    def _group(self, group_id: str, classes: str, tooltip: Sequence[str], extra: str = "") -> str:
        words = xml("; ".join(tooltip))
        return f'<g id="{self._prefix}{group_id}" class="{classes}"{extra}><title>{words}</title>'

    def _box(self, box: Container, place: Rect, title: Rect) -> str:
        dash = _BOX_DASHES.get(box.kind, ' stroke-dasharray="6 4" rx="8"')
        status = f" status-{style_of(box.status).key}" if box.status else ""
        x, y, width, height = (number(each) for each in place)
        look = f'fill="none" stroke="{self._colours.muted}"{dash}'
        rect = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" {look}/>'
        group = self._group(box.id, f"box-{box.kind}{status}", box.tooltip or (box.title,))
        return f"{group}{rect}{self._texts(box.lines, title, self._colours.ink, anchor='start')}</g>"

    def _node(self, node: Node, place: Rect) -> str:
        # The tab key goes from node to node; in the frames of a playback, which change, it would lose its place.
        extra = ' tabindex="0" role="img"' if self._is_still else ""
        group = self._group(node.id, classes_of(node, self._picture), node.tooltip or (node.name,), extra)
        shape = figure(node, place, self._options)
        if node.id in self._picture.focus:
            shape = _STROKE.sub('stroke-width="3.5"', shape)
        return f"{group}{shape}{self._inscription(node, place)}</g>"

    def _inscription(self, node: Node, place: Rect) -> str:
        if node.kind in POINTS or node.kind in BARS:
            words = self._page.layout.words.get(node.id)
            if words is None:
                return ""
            anchor = "start" if node.kind in BARS and self._options.direction == "TB" else "middle"
            return self._texts(words_beside(node), words, self._colours.ink, anchor=anchor)
        text = self._colours.box_text if node.status is None else self._colours.text_of(style_of(node.status))
        if node.kind is Kind.GAP and node.status is None:
            text = self._colours.muted
        width, height = extent_of(node.lines)
        down, left = _SHIFTS.get(node.kind, (0.0, 0.0))
        inside = Rect(place.middle.x - width / 2 - left, place.middle.y - height / 2 + down, width, height)
        if node.kind is Kind.NOTE:
            return self._texts(node.lines, Rect(place.x + 10, inside.y, width, height), text, anchor="start")
        return self._texts(node.lines, inside, text)

    def _texts(self, lines: Sequence[Line], place: Rect, colour: str, *, anchor: str = "middle") -> str:
        """Write lines one below the other; text in the middle of its place fits with any font that is narrower."""
        x = number(place.x if anchor == "start" else place.middle.x)
        y = place.y
        out: list[str] = []
        for line in lines:
            size = size_of(line)
            bold = ' font-weight="bold"' if is_bold(line) else ""
            out.append(
                f'<text x="{x}" y="{number(y + size)}" text-anchor="{anchor}" font-size="{number(size)}"{bold} '
                f'fill="{colour}">{xml(line.text)}</text>'
            )
            y += size * LEADING
        return "".join(out)

    def _line(self, route: Route) -> str:
        edge = route.edge
        faint = edge.taken is False
        undoes = edge.kind is EdgeKind.UNDO
        colour = self._colours.faint if faint else self._colours.muted if undoes else self._colours.ink
        width = 2.0 if edge.taken else 0.9 if faint else 1.3
        dash = ' stroke-dasharray="1.5 3"' if undoes else ' stroke-dasharray="5 4"' if edge.dashed else ""
        taken = {True: " taken", False: " not-taken", None: ""}[edge.taken]
        group = self._group(edge.id, f"edge-{edge.kind}{taken}", (words_of(edge, self._picture),))
        path = f'<path d="{_path(route.points)}" fill="none" stroke="{colour}" stroke-width="{number(width)}"{dash}/>'
        head = " ".join(f"{number(x)},{number(y)}" for x, y in arrow(route.points))
        label = self._texts(
            [Line(Role.FACT, text) for text in label_lines(edge)], route.label, self._colours.muted, anchor="start"
        )
        return f'{group}{path}<polygon points="{head}" fill="{colour}"/>{label}</g>'

    def _legend(self) -> Iterator[str]:
        for style, place in self._page.legend:
            x, y, width, height = (number(each) for each in place)
            if style is None:
                note = xml(self._picture.legend_note)
                at = f'x="{number(place.x + 4)}" y="{number(place.y + 16)}" font-size="{number(SMALL)}"'
                yield f'<text {at} fill="{self._colours.muted}">{note}</text>'
                continue
            text, fill = self._colours.text_of(style), self._colours.fill_of(style)
            yield (
                f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" '
                f'stroke="{self._colours.outline}"/>'
                f'<text x="{number(place.middle.x)}" y="{number(place.y + 16)}" text-anchor="middle" '
                f'font-size="{number(SMALL)}" fill="{text}">{xml(legend_words(style))}</text>'
            )


def _path(points: Sequence[Point]) -> str:
    """Give a path through the corners, each a little rounded."""
    out = [f"M{number(points[0].x)} {number(points[0].y)}"]
    for start, corner, end in rounded(points):
        out.append(f"L{number(start.x)} {number(start.y)}")
        if end != start:
            out.append(f"Q{number(corner.x)} {number(corner.y)} {number(end.x)} {number(end.y)}")
    return "".join(out)
