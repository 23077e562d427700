"""Where the texts of lines stand: beside their line, and on nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import ceil, inf

from attrs import define, evolve, field

from podium.render.geometry import Layout, LineRoute, Rect, segments

#: How far apart the places are that are tried along a line, in pixels.
_STEP = 10.0
#: From a text to its line, the nearest first, and to any other.
_BESIDE = (4.0, 14.0, 28.0)
_CLEAR = 1.5
#: Side of the squares by which neighbours are found.
_CELL = 120.0


def with_labels_apart(placed: Layout) -> Layout:
    """
    Return a layout in which no text of a line stands on a line, a figure or another text, where that can be helped.

    The layout has room for the texts of lines that follow the nesting. Others, as those of a difference, go along their
    line to the first free place; where there is none, to the one that is least in the way.
    """
    if not any(route.label.width for route in placed.routes):
        return placed
    taken = _TakenPlaces()
    # Everything that stays where it is counts first. Boxes count by their outlines: inside them texts may stand.
    for rects in (placed.nodes, placed.words, placed.titles):
        for rect in rects.values():
            taken.add(rect)
    ways = [route.points for route in placed.routes] + [rect.outline for rect in placed.boxes.values()]
    for rect in (rect for way in ways for rect in segments(way)):
        taken.add(_grown(rect))
    routes: list[LineRoute] = []
    for route in placed.routes:
        label = route.label
        # One after the other, in the order of lines: earlier texts keep their place when a line is added.
        if label.width:
            label = taken.best(_places(route))
            taken.add(label)
        routes.append(route._replace(label=label))
    return evolve(placed, routes=tuple(routes))


def _grown(rect: Rect) -> Rect:
    return Rect(rect.x - _CLEAR, rect.y - _CLEAR, rect.width + 2 * _CLEAR, rect.height + 2 * _CLEAR)


def _places(route: LineRoute) -> Iterator[Rect]:
    """Yield the place that the layout has for a text, then those along its line from the beginning, on both sides."""
    # Most texts stay where the layout has them; only those in the way of something move at all.
    yield route.label
    _, _, width, height = route.label
    for away in _BESIDE:
        for one, other in pairwise(route.points):
            length = max(abs(other.x - one.x), abs(other.y - one.y))
            is_upright = abs(other.y - one.y) > abs(other.x - one.x)
            for number in range(1, ceil(length / _STEP)):
                share = number * _STEP / length
                x, y = one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share
                if is_upright:
                    yield Rect(x + away, y - height / 2, width, height)
                    yield Rect(x - away - width, y - height / 2, width, height)
                else:
                    yield Rect(x - width / 2, y - away - height, width, height)
                    yield Rect(x - width / 2, y + away, width, height)


@define
class _TakenPlaces:
    """Rectangles, found by the squares of the page that they lie in."""

    cells: defaultdict[tuple[int, int], list[Rect]] = field(factory=lambda: defaultdict(list))

    def add(self, rect: Rect) -> None:
        for cell in _cells(rect):
            self.cells[cell].append(rect)

    def best(self, places: Iterator[Rect]) -> Rect:
        """Return the first free place, or the one that meets the least."""
        found, least = Rect(0, 0, 0, 0), inf
        for place in places:
            # A set: a large rectangle lies in many squares, and counts once.
            met = len({other for cell in _cells(place) for other in self.cells.get(cell, ()) if place.meets(other)})
            if met < least:
                found, least = place, met
            if not met:
                break
        return found


def _cells(rect: Rect) -> Iterator[tuple[int, int]]:
    for column in range(int(rect.x // _CELL), int(rect.right // _CELL) + 1):
        for row in range(int(rect.y // _CELL), int(rect.bottom // _CELL) + 1):
            yield column, row
