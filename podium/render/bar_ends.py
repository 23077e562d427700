"""
The ends of bars in Graphviz's SVG: a fork's bar and its join's reach over all that stands between them.

How wide branches become is known only after the layout, because what is below the first step of a branch need not be
symmetrical to it. So a bar that turns out too short is made longer in the drawing, as far as there is room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET  # for the type of an element; nothing is read here

from podium.render.naming import text_width
from podium.render.picture import Kind, Picture, Step

_SVG: Final = "{http://www.w3.org/2000/svg}"
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
#: Points that a bar keeps from what is beside it.
_APART: Final = 8.0
#: Points by which a bar and what is beside it may miss each other and still be at the same height.
_NEAR: Final = 3.0
#: Into how many straight pieces a curve is cut.
_PIECES: Final = 8

_Point = tuple[float, float]


class _Place(NamedTuple):
    """A rectangle: from where to where across the flow, and along it."""

    low: float
    high: float
    begin: float
    end: float


def stretch_bars(root: ET.Element, picture: Picture) -> None:
    """Make the bars of a drawing longer that end before their branches do; ids are still those of the picture."""
    groups = {group.get("id", ""): group for group in root.iter(f"{_SVG}g")}
    bars = [(bar, inside) for bar, inside in _bars(picture.steps, picture) if bar in groups]
    if not bars:
        return
    shape = _corners(groups[bars[0][0]])
    axis = 0 if _length(shape, 0) > _length(shape, 1) else 1
    lines = {edge.id: groups[edge.id] for edge in picture.edges if edge.id in groups}
    places = {
        name: _around(_corners(group), axis) for name, group in groups.items() if name not in lines and _corners(group)
    }
    passed = {name: [*_pieces(line, axis), *_labels(line, axis)] for name, line in lines.items()}
    for bar, inside in bars:
        met = {edge.id for edge in picture.edges if bar in {edge.source, edge.target}}
        mine = {bar, *inside, *_boxes_around(bar, picture), "graph0"}
        obstacles = [place for name, place in places.items() if name not in mine]
        obstacles += [piece for name, pieces in passed.items() if name not in met for piece in pieces]
        obstacles += _labels(groups[bar], axis)
        wanted = [places[name] for name in inside if name in places]
        _set_ends(groups[bar], axis, places[bar], _longer(places[bar], wanted, obstacles))


def _bars(steps: tuple[Step, ...], picture: Picture) -> Iterator[tuple[str, frozenset[str]]]:
    """Give each fork's bar and its join's, with the nodes and boxes between them."""
    for step, after in zip(steps, (*steps[1:], None), strict=False):
        kind = picture.node(step.node).kind
        if kind in {Kind.FORK, Kind.DYNAMIC_FORK} and step.branches:
            inside = frozenset(name for branch in step.branches for name in _names(branch.steps))
            if kind is Kind.FORK:
                yield step.node, inside
            if after is not None and picture.node(after.node).kind is Kind.JOIN:
                yield after.node, inside
        for branch in step.branches:
            yield from _bars(branch.steps, picture)


def _names(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        yield from filter(None, (step.node, step.container, step.last))
        for branch in step.branches:
            yield from _names(branch.steps)


def _boxes_around(node: str, picture: Picture) -> Iterator[str]:
    parents = {box.id: box.parent for box in picture.containers}
    box = picture.node(node).container
    while box is not None:
        yield box
        box = parents[box]


# -- geometry ----------------------------------------------------------------------------------------------------------


def _corners(group: ET.Element) -> list[_Point]:
    """Give corners of what a group draws: of its polygons, ellipses and, for rounded figures, curves."""
    found: list[_Point] = []
    for element in group:
        if element.tag == f"{_SVG}ellipse":
            x, y, rx, ry = (float(element.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
            found += [(x - rx, y - ry), (x + rx, y + ry)]
        elif element.tag in {f"{_SVG}polygon", f"{_SVG}path"}:
            numbers = [float(each) for each in _NUMBER.findall(element.get("points") or element.get("d") or "")]
            found += zip(numbers[::2], numbers[1::2], strict=False)
    return found


def _length(points: list[_Point], axis: int) -> float:
    values = [point[axis] for point in points]
    return max(values) - min(values)


def _around(points: Iterable[_Point], axis: int) -> _Place:
    across = [point[axis] for point in points]
    along = [point[1 - axis] for point in points]
    return _Place(min(across), max(across), min(along), max(along))


def _pieces(line: ET.Element, axis: int) -> Iterator[_Place]:
    """Cut the curve of a line into short pieces, and give the place of each."""
    for path in line.iter(f"{_SVG}path"):
        numbers = [float(each) for each in _NUMBER.findall(path.get("d", ""))]
        points = list(zip(numbers[::2], numbers[1::2], strict=False))
        for first in range(0, len(points) - 3, 3):
            way = [_on_curve(points[first : first + 4], number / _PIECES) for number in range(_PIECES + 1)]
            yield from (_around(pair, axis) for pair in pairwise(way))


def _on_curve(points: list[_Point], share: float) -> _Point:
    """Give a point of a Bézier curve."""
    while len(points) > 1:
        points = [
            ((1 - share) * one[0] + share * other[0], (1 - share) * one[1] + share * other[1])
            for one, other in pairwise(points)
        ]
    return points[0]


def _labels(group: ET.Element, axis: int) -> list[_Place]:
    """Give the places of the texts of a group."""
    found: list[_Place] = []
    for text in group.iter(f"{_SVG}text"):
        x, y, size = (float(text.get(name, "0")) for name in ("x", "y", "font-size"))
        width = text_width(text.text or "", size)
        left = x - {"middle": width / 2, "end": width}.get(text.get("text-anchor", "start"), 0.0)
        found.append(_around([(left, y - size), (left + width, y)], axis))
    return found


def _longer(bar: _Place, wanted: list[_Place], obstacles: list[_Place]) -> tuple[float, float]:
    """Give the ends of a bar that reaches over all that is wanted and stays away from obstacles."""
    low = min([bar.low, *(each.low for each in wanted)])
    high = max([bar.high, *(each.high for each in wanted)])
    for other in obstacles:
        if other.begin > bar.end + _NEAR or other.end < bar.begin - _NEAR:
            continue
        if other.low >= bar.high - _NEAR:
            high = min(high, max(bar.high, other.low - _APART))
        if other.high <= bar.low + _NEAR:
            low = max(low, min(bar.low, other.high + _APART))
    return low, high


def _set_ends(group: ET.Element, axis: int, bar: _Place, ends: tuple[float, float]) -> None:
    moved = {bar.low: ends[0], bar.high: ends[1]}
    for polygon in group.findall(f"{_SVG}polygon"):
        corners = [[float(each) for each in corner.split(",")] for corner in polygon.get("points", "").split()]
        for corner in corners:
            corner[axis] = moved.get(corner[axis], corner[axis])
        polygon.set("points", " ".join(f"{x:g},{y:g}" for x, y in corners))
