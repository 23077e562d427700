"""Where the labels of lines stand in a layout of our own, so that none is printed over another, or over a node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, hypot

from attrs import define, evolve, field

from podium.render.layers import LABEL_SIZE, Layout, Point, Rect, Route
from podium.render.naming import text_width
from podium.render.picture import EdgeKind

#: How far apart the places are that are tried along a line, in pixels.
_STEP = 8.0
#: How far a label may reach out of the layout; the page has this much around it at least.
_MARGIN = 12.0
#: Side of the squares by which neighbours are found.
_CELL = 120.0


def with_labels_apart(placed: Layout) -> Layout:
    """
    Give a layout in which labels do not overlap where they can help it.

    A label that would be printed over another one, or over a node, goes along its line to the first free place. Lines
    that follow the nesting have room for theirs; those that go round it, as the lines of a difference may, have not.
    """
    taken = _Taken()
    for rect in placed.nodes.values():
        taken.add(rect)
    routes: list[Route] = []
    for route in placed.routes:
        if not _is_labelled(route):
            routes.append(route)
            continue
        width = text_width(route.edge.label, LABEL_SIZE)
        free = (place for place in _places(route) if not taken.meets(_box(place, width)))
        place = next((place for place in free if _is_on_page(_box(place, width), placed)), route.label)
        taken.add(_box(place, width))
        routes.append(route._replace(label=place))
    return _with_room(evolve(placed, routes=tuple(routes)))


def _is_labelled(route: Route) -> bool:
    """Say whether the drawing writes something at a line; what leads back in a loop says it by its look."""
    return bool(route.edge.label) and route.edge.kind is not EdgeKind.BACK


def _places(route: Route) -> Iterator[Point]:
    """Give the label's own place, then places along the line from its beginning, at last those beside its own."""
    yield route.label
    for one, other in pairwise(route.points):
        length = hypot(other.x - one.x, other.y - one.y)
        for number in range(1, ceil(length / _STEP)):
            share = number * _STEP / length
            yield Point(one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share)
    for distance in (LABEL_SIZE, -LABEL_SIZE, 2 * LABEL_SIZE, -2 * LABEL_SIZE):
        yield Point(route.label.x, route.label.y + distance)


def _with_room(placed: Layout) -> Layout:
    """Give a layout as wide as its labels, which nothing but a line may hold."""
    labelled = filter(_is_labelled, placed.routes)
    boxes = [_box(route.label, text_width(route.edge.label, LABEL_SIZE)) for route in labelled]
    low = min((box.x for box in boxes), default=0.0)
    right = max((box.x + box.width for box in boxes), default=0.0)
    shift = -low if low < -_MARGIN else 0.0
    width = max(placed.width, right if right > placed.width + _MARGIN else 0.0) + shift
    if not shift:
        return evolve(placed, width=width)
    routes = tuple(
        Route(route.edge, tuple(_moved(point, shift) for point in route.points), _moved(route.label, shift))
        for route in placed.routes
    )
    nodes, boxed = (
        {key: rect._replace(x=rect.x + shift) for key, rect in each.items()} for each in (placed.nodes, placed.boxes)
    )
    return Layout(nodes=nodes, boxes=boxed, routes=routes, width=width, height=placed.height)


def _moved(point: Point, shift: float) -> Point:
    return Point(point.x + shift, point.y)


def _is_on_page(box: Rect, placed: Layout) -> bool:
    return box.x >= -_MARGIN and box.x + box.width <= placed.width + _MARGIN


def _box(middle: Point, width: float) -> Rect:
    return Rect(middle.x - width / 2, middle.y - LABEL_SIZE / 2, width, LABEL_SIZE)


@define
class _Taken:
    """Rectangles, found by the squares of the page that they lie in."""

    cells: defaultdict[tuple[int, int], list[Rect]] = field(factory=lambda: defaultdict(list))

    def add(self, rect: Rect) -> None:
        for cell in _cells(rect):
            self.cells[cell].append(rect)

    def meets(self, rect: Rect) -> bool:
        return any(_overlap(rect, other) for cell in _cells(rect) for other in self.cells.get(cell, ()))


def _cells(rect: Rect) -> Sequence[tuple[int, int]]:
    columns = range(int(rect.x // _CELL), int((rect.x + rect.width) // _CELL) + 1)
    rows = range(int(rect.y // _CELL), int((rect.y + rect.height) // _CELL) + 1)
    return [(column, row) for column in columns for row in rows]


def _overlap(one: Rect, other: Rect) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height
