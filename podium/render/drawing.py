"""A picture as SVG: figures, lines and texts where `podium.render.page` has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve

from podium.render.drilldown import SizedDrawing, insides
from podium.render.figures import dash_of, inset, number
from podium.render.geometry import LineRoute, Point, Rect, arrow, rounded
from podium.render.naming import clean
from podium.render.node_looks import LOOKS
from podium.render.options import Options
from podium.render.page import DrawnPage, legend_words, page_of
from podium.render.paints import Paint, classes_of, paint_of, paint_of_line, words_of
from podium.render.palette import Border, style_of
from podium.render.picture import Container, ContainerKind, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.sizes import (
    LEADING,
    SMALL,
    extent_of,
    is_bold,
    label_lines,
    node_lines,
    size_of,
    title_lines,
    words_beside,
)
from podium.render.themes import AUTO_CLASS, auto_rules

FONT: Final = "Helvetica, Arial, sans-serif"
#: Rules that every SVG of ours has, beside those of `podium.render.themes`.
COMMON_RULES: Final = ".podium{max-width:100%;height:auto}"
_BOX_DASHES: Final[Mapping[ContainerKind, str]] = MappingProxyType(
    {
        ContainerKind.SUB_WORKFLOW: "",
        ContainerKind.UNDO: ' stroke-dasharray="1.5 3" rx="8"',
        ContainerKind.ABOUT: ' stroke-opacity="0"',
    }
)


def xml(text: str) -> str:
    """Return a text for XML content and attribute values."""
    escaped = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;").replace("'", "&#39;")


def opening(
    title: str, about: str, size: tuple[float, float], options: Options, id_prefix: str, *, own_id: str = ""
) -> Iterator[str]:
    """Yield the lines that every SVG of ours begins with; it is never wider than the page that it stands in."""
    width, height = (number(each) for each in size)
    names = f"{id_prefix}title {id_prefix}desc"
    adapts = f" {AUTO_CLASS}" if options.adapts else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg"{own_id} role="img" aria-labelledby="{names}" class="podium{adapts}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}">'
    )
    yield f'<title id="{id_prefix}title">{xml(title)}</title>'
    yield f'<desc id="{id_prefix}desc">{xml(about)}</desc>'
    # Not in an attribute: some programs read a height there, and no "auto".
    yield f"<style>{COMMON_RULES}{auto_rules() if options.adapts else ''}</style>"
    yield f'<rect width="100%" height="100%" fill="{options.colours.page}"/>'


def drawing(
    picture: Picture, options: Options, *, id_prefix: str = "", shape: Picture | None = None, links: bool = False
) -> str:
    """
    Return the picture as SVG text, ending with a line end.

    Args:
        picture: What to draw.
        options: Direction, theme, legend.
        id_prefix: What every id begins with, so that several drawings can live in one page.
        shape: As `podium.render.page.page_of` has it.
        links: Let the blocks of a large picture open what they stand for.
    """
    return _Drawing(picture, options, id_prefix, shape, links=links and bool(picture.inside)).text()


class _Drawing:
    def __init__(
        self, picture: Picture, options: Options, id_prefix: str, shape: Picture | None, *, links: bool
    ) -> None:
        self._page: DrawnPage = page_of(picture, options, shape)
        self._picture = self._page.picture
        self._is_still = shape is None
        self._options = options
        self._prefix = id_prefix
        self._colours = options.colours
        self._linked = frozenset(picture.inside) if links else frozenset()

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self._lines())

    def _inside(self, picture: Picture, id_prefix: str) -> SizedDrawing:
        plain = evolve(self._options, theme="light") if self._options.adapts else self._options
        drawn = _Drawing(picture, plain, id_prefix, None, links=False)
        return SizedDrawing(drawn.text(), drawn._page.width, drawn._page.height)

    def _lines(self) -> Iterator[str]:
        page, picture, placed = self._page, self._picture, self._page.layout
        size = (page.width, page.height)
        own_id = f' id="{self._prefix}whole"' if self._linked else ""
        yield from opening(picture.title, picture.summary, size, self._options, self._prefix, own_id=own_id)
        yield self._texts(page.header, page.header_at, self._colours.ink, anchor="start")
        for box in picture.containers:
            yield self._box(box, placed.boxes[box.id], placed.titles[box.id])
        for route in sorted(placed.routes, key=lambda route: route.edge.taken is not False):
            yield self._line(route)  # lines that the run took over those that it did not take
        for node in picture.nodes:
            yield self._node(node, placed.nodes[node.id])
        if page.legend:
            yield f'<g id="{self._prefix}legend" class="legend">{"".join(self._legend())}</g>'
        if self._linked:
            yield from insides(picture, self._options, self._prefix, size, self._inside)
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
        return f"{group}{rect}{self._texts(title_lines(box), title, self._colours.ink, anchor='start')}</g>"

    def _node(self, node: Node, place: Rect) -> str:
        # The tab key goes from node to node; in the frames of a playback, which change, it would lose its place.
        is_linked = node.id in self._linked  # then the link has the tab key
        extra = ' tabindex="0" role="img"' if self._is_still and not is_linked else ""
        group = self._group(node.id, classes_of(node, self._picture), node.tooltip or (node.name,), extra)
        paint = paint_of(node, self._options)
        if node.id in self._picture.focus:
            paint = paint._replace(width=3.5)
        shape = _figure(node, place, paint, self._colours.ink)
        drawn = f"{group}{shape}{self._inscription(node, place, paint.text)}</g>"
        return f'<a href="#{self._prefix}in_{node.id}" class="way-in">{drawn}</a>' if is_linked else drawn

    def _inscription(self, node: Node, place: Rect, text: str) -> str:
        if LOOKS[node.kind].is_plain:
            words = self._page.layout.words.get(node.id)
            if words is None:
                return ""
            anchor = "start" if LOOKS[node.kind].is_bar and self._options.direction == "TB" else "middle"
            return self._texts(words_beside(node), words, self._colours.ink, anchor=anchor)
        lines = node_lines(node)
        width, height = extent_of(lines)
        down, left = LOOKS[node.kind].shift
        inside = Rect(place.middle.x - width / 2 - left, place.middle.y - height / 2 + down, width, height)
        if node.kind is NodeKind.NOTE:
            return self._texts(lines, Rect(place.x + 10, inside.y, width, height), text, anchor="start")
        return self._texts(lines, inside, text)

    def _texts(self, lines: Sequence[LabelLine], place: Rect, colour: str, *, anchor: str = "middle") -> str:
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

    def _line(self, route: LineRoute) -> str:
        edge = route.edge
        paint = paint_of_line(edge, self._options)
        taken = {True: " taken", False: " not-taken", None: ""}[edge.taken]
        group = self._group(edge.id, f"edge-{edge.kind}{taken}", (words_of(edge, self._picture),))
        look = f'stroke="{paint.stroke}" stroke-width="{number(paint.width)}"{dash_of(paint.border)}'
        path = f'<path d="{_path(route.points)}" fill="none" {look}/>'
        head = " ".join(f"{number(x)},{number(y)}" for x, y in arrow(route.points))
        label = self._texts(
            [LabelLine(LineRole.FACT, text) for text in label_lines(edge)],
            route.label,
            self._colours.muted,
            anchor="start",
        )
        return f'{group}{path}<polygon points="{head}" fill="{paint.fill}"/>{label}</g>'

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
    """Return a path through the corners, each a little rounded."""
    out = [f"M{number(points[0].x)} {number(points[0].y)}"]
    for start, corner, end in rounded(points):
        out.append(f"L{number(start.x)} {number(start.y)}")
        if end != start:
            out.append(f"Q{number(corner.x)} {number(corner.y)} {number(end.x)} {number(end.y)}")
    return "".join(out)


def _figure(node: Node, place: Rect, paint: Paint, ink: str) -> str:
    """Return the figure of a node; a doubled outline has another one, in *ink*, around it."""
    look = LOOKS[node.kind]
    outline = f'stroke="{paint.stroke}" stroke-width="{number(paint.width)}"{dash_of(paint.border)}'
    drawn = look.figure(place, f'fill="{paint.fill}" {outline}')
    if paint.border is Border.DOUBLE and not look.is_plain:
        return look.figure(inset(place, -4), f'fill="none" stroke="{ink}" stroke-width="1.2"') + drawn
    return drawn
