"""The figure of each kind of node, as SVG elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from podium.render.layers import BAR_THICKNESS, Rect
from podium.render.naming import text_width
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, Border, style_of
from podium.render.picture import Kind, Line, Node, Role

#: Pixels; nothing is smaller than 12.
_SIZES: Final[Mapping[Role, float]] = MappingProxyType({Role.NAME: 13.0})
_SMALL: Final = 12.0
_LINE: Final = 1.25

#: Kinds that are a small figure without text inside.
POINTS: Final = frozenset({Kind.START, Kind.END, Kind.ENTER, Kind.LEAVE})


def size_of(line: Line) -> float:
    """Give the font size of a line."""
    return _SIZES.get(line.role, _SMALL)


def text_extent(lines: Sequence[Line]) -> tuple[float, float]:
    """Estimate width and height of lines of text; bold is a little wider."""
    widths = [text_width(line.text, size_of(line)) * (1.06 if _bold(line) else 1.0) for line in lines]
    return max(widths, default=0.0), sum(size_of(line) * _LINE for line in lines)


def _bold(line: Line) -> bool:
    return line.role in {Role.NAME, Role.STATUS}


def node_size(node: Node) -> tuple[float, float]:
    """Give width and height of a node's figure."""
    if node.kind in POINTS:
        return (18.0, 18.0) if node.kind in {Kind.START, Kind.END} else (14.0, 14.0)
    if node.kind in {Kind.FORK, Kind.JOIN}:
        return 60.0, BAR_THICKNESS
    width, height = text_extent(node.lines)
    if node.kind in {Kind.SWITCH, Kind.MERGE}:
        return width * 1.35 + 40, height * 1.9 + 14
    if node.kind is Kind.WAIT:
        return width * 1.2 + 28, height + 22
    extra = {Kind.HUMAN: 12.0, Kind.EVENT: 6.0, Kind.DYNAMIC_FORK: 6.0, Kind.COLLAPSED: 6.0}.get(node.kind, 0.0)
    return max(width + 24 + (16 if node.kind in {Kind.SUB_WORKFLOW, Kind.TERMINATE} else 0), 60), height + 14 + extra


def _number(value: float) -> str:
    """Give a number with at most one digit after the point, so that files are small and equal everywhere."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "-0") if round(value, 1) else "0"


def _polygon(points: Sequence[tuple[float, float]], paint: str) -> str:
    corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
    return f'<polygon points="{corners}" {paint}/>'


def _rect(box: Rect, paint: str, radius: float = 0.0) -> str:
    x, y, width, height = (_number(value) for value in box)
    rounded = f' rx="{_number(radius)}"' if radius else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}"{rounded} {paint}/>'


def _inset(box: Rect, by: float) -> Rect:
    return Rect(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by)


def _round(box: Rect, paint: str) -> str:
    return _rect(box, paint, 9)


def _pill(box: Rect, paint: str) -> str:
    return _rect(box, paint, min(box.height / 2, 16))


def _square(box: Rect, paint: str) -> str:
    return _rect(box, paint)


def _diamond(box: Rect, paint: str) -> str:
    x, y = box.middle
    return _polygon([(x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y)], paint)


def _ellipse(box: Rect, paint: str) -> str:
    x, y = box.middle
    rx, ry = _number(box.width / 2), _number(box.height / 2)
    return f'<ellipse cx="{_number(x)}" cy="{_number(y)}" rx="{rx}" ry="{ry}" {paint}/>'


def _double_ellipse(box: Rect, paint: str) -> str:
    ring = paint.replace(f'fill="{_fill(paint)}"', 'fill="none"')
    return _ellipse(box, ring) + _ellipse(_inset(box, 4), paint)


def _stacked(box: Rect, paint: str) -> str:
    front = Rect(box.x, box.y + 5, box.width - 5, box.height - 5)
    return _rect(Rect(box.x + 5, box.y, box.width - 5, box.height - 5), paint) + _rect(front, paint)


def _solid(box: Rect, paint: str) -> str:
    """Give a front with a top and a side, so that it looks as if there was something in it."""
    x, y, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    outline = [(x, y + 5), (x + 5, y), (right, y), (right, bottom - 5), (right - 5, bottom), (x, bottom)]
    corner = f"{_number(right - 5)} {_number(y + 5)}"
    edges = f"M{_number(x)} {_number(y + 5)}L{corner}V{_number(bottom)}M{corner}"
    line = paint.replace(f'fill="{_fill(paint)}"', 'fill="none"')
    return f'{_polygon(outline, paint)}<path d="{edges}L{_number(right)} {_number(y)}" {line}/>'


def _note(box: Rect, paint: str) -> str:
    right, bottom = box.x + box.width, box.y + box.height
    corners = [(box.x, box.y), (right - 10, box.y), (right, box.y + 10), (right, bottom), (box.x, bottom)]
    return _polygon(corners, paint)


def _fill(paint: str) -> str:
    return paint.split('fill="', 1)[1].split('"', 1)[0]


def _sides(box: Rect, paint: str) -> str:
    return _rect(box, paint) + _rect(Rect(box.x + 6, box.y, box.width - 12, box.height), paint)


def _house(box: Rect, paint: str) -> str:
    right, bottom, eaves = box.x + box.width, box.y + box.height, box.y + 12
    return _polygon([(box.middle.x, box.y), (right, eaves), (right, bottom), (box.x, bottom), (box.x, eaves)], paint)


def _tab(box: Rect, paint: str) -> str:
    return _rect(Rect(box.x, box.y, 18, 6), paint) + _rect(Rect(box.x, box.y + 6, box.width, box.height - 6), paint)


def _octagon(box: Rect, paint: str) -> str:
    right, bottom, cut = box.x + box.width, box.y + box.height, 11.0
    corners = [
        (box.x + cut, box.y), (right - cut, box.y), (right, box.y + cut), (right, bottom - cut),
        (right - cut, bottom), (box.x + cut, bottom), (box.x, bottom - cut), (box.x, box.y + cut),
    ]  # fmt: skip
    return _polygon(corners, paint)


_FIGURES: Final[Mapping[Kind, Callable[[Rect, str], str]]] = MappingProxyType(
    {
        Kind.START: _ellipse,
        Kind.END: _double_ellipse,
        Kind.ENTER: _ellipse,
        Kind.LEAVE: _double_ellipse,
        Kind.WORKER: _round,
        Kind.SYSTEM: _square,
        Kind.SWITCH: _diamond,
        Kind.MERGE: _diamond,
        Kind.FORK: _square,
        Kind.JOIN: _square,
        Kind.DYNAMIC_FORK: _stacked,
        Kind.LOOP: _pill,
        Kind.SUB_WORKFLOW: _sides,
        Kind.WAIT: _ellipse,
        Kind.HUMAN: _house,
        Kind.EVENT: _tab,
        Kind.TERMINATE: _octagon,
        Kind.COLLAPSED: _solid,
        Kind.GAP: _square,
        Kind.NOTE: _note,
    },
)

_DASHES: Final[Mapping[Border, str]] = MappingProxyType(
    {Border.DASHED: ' stroke-dasharray="5 3"', Border.DOTTED: ' stroke-dasharray="1.5 3"'}
)


def figure(node: Node, box: Rect, options: Options) -> str:
    """Give the figure of a node at its place, with the colours and the outline of its status."""
    figure_of = _FIGURES[node.kind]
    paint = _paint(node, options)
    has_outline = node.kind not in POINTS | {Kind.FORK, Kind.JOIN}
    if node.status and style_of(node.status).border is Border.DOUBLE and has_outline:
        ring = f'fill="none" stroke="{options.colours.ink}" stroke-width="1.2"'
        return figure_of(_inset(box, -4), ring) + figure_of(box, paint)
    return figure_of(box, paint)


def _paint(node: Node, options: Options) -> str:
    colours = options.colours
    solid = node.kind in POINTS or node.kind in {Kind.FORK, Kind.JOIN}
    if node.status is None:
        fill, stroke, width, dash = (
            (colours.ink if solid else colours.box),
            (colours.ink if solid else colours.muted),
            1.2,
            "",
        )
    else:
        style = style_of(node.status)
        thin = style.border is Border.THIN
        bar = solid and node.status == NOT_STARTED and node.kind not in POINTS
        fill = colours.outline if bar else colours.fill_of(style)
        stroke = colours.outline if thin else colours.ink
        width = 2.5 if style.border is Border.BOLD else 0.9 if thin else 1.3
        dash = _DASHES.get(style.border, "")
    if node.kind is Kind.GAP:
        fill, dash = (colours.page if node.status is None else fill), _DASHES[Border.DOTTED]
    if node.kind is Kind.LOOP and node.hidden:
        dash = _DASHES[Border.DASHED]  # the outline of the box that it stands for
    return f'fill="{fill}" stroke="{stroke}" stroke-width="{_number(width)}"{dash}'
