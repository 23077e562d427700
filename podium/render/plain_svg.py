"""
A picture as an SVG of our own, drawn without Graphviz.

Plain, but complete: the same shapes, colours, words, ids and classes, at the places that `podium.render.layers` gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve

from podium.render.endings import with_own_ends
from podium.render.layers import LABEL_SIZE, Layout, Point, Rect, Route, layout
from podium.render.naming import clean, text_width
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, legend, style_of
from podium.render.picture import Container, ContainerKind, EdgeKind, Kind, Line, Node, Picture, Role
from podium.render.plain_shapes import POINTS, figure, node_size, size_of, text_extent
from podium.render.wording import classes_of, words_of

HINT: Final = (
    "Drawn without Graphviz, whose program dot is not on the PATH. For a finer layout install it: "
    "apt install graphviz, brew install graphviz, or see https://graphviz.org/download/."
)

_MARGIN: Final = 20.0
_FONT: Final = "Helvetica, Arial, sans-serif"
_STROKE: Final = re.compile('stroke-width="[^"]*"')
_BOX_DASHES: Final[Mapping[ContainerKind, str]] = MappingProxyType(
    {
        ContainerKind.SUB_WORKFLOW: "",
        ContainerKind.UNDO: ' stroke-dasharray="1.5 3" rx="8"',
        ContainerKind.ABOUT: ' stroke-opacity="0"',
    }
)


def xml(text: str) -> str:
    """Give a text for XML content and attribute values."""
    escaped = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;").replace("'", "&#39;")


def plain_svg_text(
    picture: Picture, options: Options, *, id_prefix: str = "", hint: bool = True, shape: Picture | None = None
) -> str:
    """
    Give the picture as SVG text, ending with a line end.

    Args:
        picture: What to draw.
        options: Direction, theme, legend.
        id_prefix: What every id begins with, so that several drawings can live in one page.
        hint: Say in a comment how to get Graphviz.
        shape: The picture whose layout is used: the same nodes, lines and boxes, with the longest texts that they
            ever have. So the frames of a playback keep their places.
    """
    return "".join(f"{line}\n" for line in _Drawing(picture, options, id_prefix, shape or picture).lines(hint=hint))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _title_size(box: Container) -> tuple[float, float]:
    width, height = text_extent(box.lines)
    return width, height + 4


def _header(picture: Picture) -> tuple[Line, ...]:
    return (Line(Role.NAME, picture.title), *(Line(Role.FACT, text) for text in picture.subtitle))


class _Drawing:
    def __init__(self, picture: Picture, options: Options, id_prefix: str, shape: Picture) -> None:
        is_still = shape is picture
        self._picture = picture = with_own_ends(picture)
        self._shape = shape = picture if is_still else with_own_ends(shape)
        self._options = options
        self._prefix = id_prefix
        self._colours = options.colours
        placed = layout(
            shape,
            left_to_right=options.direction == "LR",
            node_size=node_size,
            title_size=_title_size,
        )
        edges = {edge.id: edge for edge in picture.edges}
        self._layout: Layout = evolve(
            placed, routes=tuple(route._replace(edge=edges[route.edge.id]) for route in placed.routes)
        )
        self._header = _header(picture)

    def lines(self, *, hint: bool) -> Iterator[str]:
        header_width, header_height = text_extent(_header(self._shape))
        legend_text, legend_width = self._legend()
        beside = max((text_extent(node.lines)[0] for node in self._shape.nodes if self._is_outside(node)), default=0.0)
        width = max(self._layout.width + beside, header_width, legend_width) + 2 * _MARGIN
        top = _MARGIN + header_height + 28
        below = text_extent(self._shape.end.lines)[1] + 14
        bottom = top + self._layout.height + below
        height = bottom + (44 if legend_text else 0) + _MARGIN
        left = _MARGIN
        yield from self._opening(width, height, hint=hint)
        yield self._texts(self._header, Point(left, _MARGIN), self._colours.ink, anchor="start")
        yield f'<g transform="translate({_n(left)} {_n(top)})">'
        yield from self._content()
        yield "</g>"
        if legend_text:
            yield f'<g id="{self._prefix}legend" class="legend" transform="translate({_n(left)} {_n(bottom + 8)})">'
            yield legend_text
            yield "</g>"
        yield "</svg>"

    def _opening(self, width: float, height: float, *, hint: bool) -> Iterator[str]:
        names = f"{self._prefix}title {self._prefix}desc"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{names}" width="{_n(width)}" '
            f'height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" font-family="{_FONT}">'
        )
        yield f'<title id="{self._prefix}title">{xml(self._picture.title)}</title>'
        yield f'<desc id="{self._prefix}desc">{xml(self._picture.summary)}</desc>'
        if hint:
            yield f"<!-- {HINT} -->"
        yield f'<rect width="100%" height="100%" fill="{self._colours.page}"/>'

    def _content(self) -> Iterator[str]:
        for box in self._picture.containers:
            yield self._box(box, self._layout.boxes[box.id])
        for route in sorted(self._layout.routes, key=lambda route: route.edge.taken is not False):
            yield self._line(route)  # lines that the run took over those that it did not take
        for box in self._picture.containers:  # after the lines, which may lead through a title
            place = self._layout.boxes[box.id]
            yield self._texts(box.lines, Point(place.x + 10, place.y + 4), self._colours.ink, anchor="start", halo=True)
        for node in self._picture.nodes:
            yield self._node(node, self._layout.nodes[node.id])
        for route in self._layout.routes:
            if route.edge.label and route.edge.kind is not EdgeKind.BACK:
                yield self._label(route)

    def _box(self, box: Container, place: Rect) -> str:
        dash = _BOX_DASHES.get(box.kind, ' stroke-dasharray="6 4" rx="8"')
        status = f" status-{style_of(box.status).key}" if box.status else ""
        rect = (
            f'<rect x="{_n(place.x)}" y="{_n(place.y)}" width="{_n(place.width)}" height="{_n(place.height)}" '
            f'fill="none" stroke="{self._colours.muted}"{dash}/>'
        )
        return f"{self._group(box.id, f'box-{box.kind}{status}', box.tooltip or (box.title,))}{rect}</g>"

    def _group(self, group_id: str, classes: str, tooltip: Sequence[str], extra: str = "") -> str:
        words = xml("; ".join(tooltip))
        return f'<g id="{self._prefix}{group_id}" class="{classes}"{extra}><title>{words}</title>'

    def _node(self, node: Node, place: Rect) -> str:
        # The tab key goes from node to node; in the frames of a playback, which change, it would lose its place.
        extra = ' tabindex="0" role="img"' if self._shape is self._picture else ""
        group = self._group(node.id, classes_of(node, self._picture), node.tooltip or (node.name,), extra)
        shape = figure(node, place, self._options)
        if node.id in self._picture.focus:
            shape = _STROKE.sub('stroke-width="3.5"', shape)
        return f"{group}{shape}{self._inscription(node, place)}</g>"

    def _inscription(self, node: Node, place: Rect) -> str:
        middle, ink = place.middle, self._colours.ink
        height = text_extent(node.lines)[1]
        if node.kind is Kind.START:
            return self._texts(node.lines, Point(middle.x, place.y - height - 4), ink, halo=True)
        if node.kind is Kind.END:
            return self._texts(node.lines, Point(middle.x, place.y + place.height + 6), ink, halo=True)
        if node.kind in POINTS:
            return ""
        if node.kind in {Kind.FORK, Kind.JOIN}:
            words = [line for line in node.lines if line.role is not Role.TYPE]
            beside = Point(place.x + place.width + 8, middle.y - text_extent(words)[1] / 2)
            return self._texts(words, beside, ink, anchor="start") if self._is_outside(node) else ""
        text = self._colours.box_text if node.status is None else self._colours.text_of(style_of(node.status))
        shift = {Kind.HUMAN: 5.0, Kind.EVENT: 3.0, Kind.DYNAMIC_FORK: 2.5, Kind.COLLAPSED: 2.5}.get(node.kind, 0.0)
        left = 2.5 if node.kind in {Kind.DYNAMIC_FORK, Kind.COLLAPSED} else 0.0
        if node.kind is Kind.GAP and node.status is None:
            text = self._colours.muted
        if node.kind is Kind.NOTE:
            return self._texts(node.lines, Point(place.x + 12, middle.y - height / 2), text, anchor="start")
        return self._texts(node.lines, Point(middle.x - left, middle.y - height / 2 + shift), text)

    def _is_outside(self, node: Node) -> bool:
        """Tell whether a bar has something to say that its colour alone must not say."""
        return node.kind in {Kind.FORK, Kind.JOIN} and node.status not in {None, NOT_STARTED, "COMPLETED"}

    def _texts(
        self, lines: Sequence[Line], top: Point, colour: str, *, anchor: str = "middle", halo: bool = False
    ) -> str:
        y = top.y
        around = f' stroke="{self._colours.page}" stroke-width="4" paint-order="stroke"' if halo else ""
        out: list[str] = []
        for line in lines:
            size = size_of(line)
            y += size * 1.25
            bold = ' font-weight="bold"' if line.role in {Role.NAME, Role.STATUS} else ""
            out.append(
                f'<text x="{_n(top.x)}" y="{_n(y - size * 0.25)}" text-anchor="{anchor}" font-size="{_n(size)}"'
                f'{bold}{around} fill="{colour}">{xml(line.text)}</text>'
            )
        return "".join(out)

    # -- lines -------------------------------------------------------------------------------------------------------

    def _line(self, route: Route) -> str:
        edge = route.edge
        faint = edge.taken is False
        undoes = edge.kind is EdgeKind.UNDO
        colour = self._colours.faint if faint else self._colours.muted if undoes else self._colours.ink
        width = 2.0 if edge.taken else 0.9 if faint else 1.3
        dash = ' stroke-dasharray="1.5 3"' if undoes else ' stroke-dasharray="5 4"' if edge.dashed else ""
        taken = {True: " taken", False: " not-taken", None: ""}[edge.taken]
        group = self._group(edge.id, f"edge-{edge.kind}{taken}", (words_of(edge, self._picture),))
        path = f'<path d="{_path(route.points)}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"{dash}/>'
        return f'{group}{path}<polygon points="{_arrow(route.points)}" fill="{colour}"/></g>'

    def _label(self, route: Route) -> str:
        x, y = route.label
        halo = f'stroke="{self._colours.page}" stroke-width="4" paint-order="stroke"'
        return (
            f'<text x="{_n(x)}" y="{_n(y + LABEL_SIZE / 3)}" text-anchor="middle" font-size="{_n(LABEL_SIZE)}" '
            f'{halo} fill="{self._colours.muted}">{xml(route.edge.label)}</text>'
        )

    def _legend(self) -> tuple[str, float]:
        """Give the legend's elements and its width; nothing if none is wanted."""
        if not (self._options.legend and self._picture.statuses):
            return "", 0.0
        x, out = 0.0, []
        for style in legend(self._shape.statuses):
            words = f"{style.icon} {style.word}".strip()
            width = text_width(words, 12) + 18
            out.append(
                f'<rect x="{_n(x)}" y="0" width="{_n(width)}" height="24" fill="{self._colours.fill_of(style)}" '
                f'stroke="{self._colours.outline}"/><text x="{_n(x + width / 2)}" y="16" text-anchor="middle" '
                f'font-size="12" fill="{self._colours.text_of(style)}">{xml(words)}</text>'
            )
            x += width + 6
        words = xml(self._picture.legend_note)
        out.append(f'<text x="{_n(x + 4)}" y="16" font-size="12" fill="{self._colours.muted}">{words}</text>')
        return "".join(out), x + text_width(words, 12) + 8


def _path(points: Sequence[Point]) -> str:
    """Give a path through the corners, each a little rounded."""
    out = [f"M{_n(points[0].x)} {_n(points[0].y)}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before, 6), _towards(corner, after, 6)
        out.append(f"L{_n(start.x)} {_n(start.y)}Q{_n(corner.x)} {_n(corner.y)} {_n(end.x)} {_n(end.y)}")
    last = _towards(points[-1], points[-2], 6)
    out.append(f"L{_n(last.x)} {_n(last.y)}")
    return "".join(out)


def _towards(place: Point, other: Point, distance: float) -> Point:
    """Give the point on the way from *place* to *other*, at most half of the way."""
    dx, dy = other.x - place.x, other.y - place.y
    length = max(abs(dx), abs(dy))
    share = min(distance / length, 0.5) if length else 0.0
    return Point(place.x + dx * share, place.y + dy * share)


def _arrow(points: Sequence[Point]) -> str:
    """Give the head of a line: a triangle that points where the line ends."""
    end, before = points[-1], points[-2]
    dx, dy = end.x - before.x, end.y - before.y
    length = max(abs(dx), abs(dy)) or 1.0
    ux, uy = dx / length, dy / length
    back = Point(end.x - ux * 9, end.y - uy * 9)
    corners = [end, Point(back.x - uy * 4, back.y + ux * 4), Point(back.x + uy * 4, back.y - ux * 4)]
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)
