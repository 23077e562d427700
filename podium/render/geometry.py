"""Places on a page: points, rectangles, lines, and a layout, which has one for everything in a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple

from attrs import evolve, frozen

from podium.render.picture import Edge

#: How round the corners of lines are, in pixels.
_RADIUS: Final = 6.0
#: Into how long pieces slanted lines are cut.
_PIECE: Final = 6.0
#: Length and half of the width of the head of a line.
ARROW: Final = 9.0
_ARROW_HALF: Final = 4.0


class Point(NamedTuple):
    """A place on the page."""

    x: float
    y: float


class Rect(NamedTuple):
    """A rectangle on the page, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """The centre."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def outline(self) -> tuple[Point, ...]:
        """The corners, the first of them again at the end."""
        x, y, right, bottom = self.x, self.y, self.right, self.bottom
        return Point(x, y), Point(right, y), Point(right, bottom), Point(x, bottom), Point(x, y)

    def meets(self, other: Rect) -> bool:
        """Return whether two rectangles share more than an edge."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom

    def moved(self, x: float, y: float) -> Rect:
        """Return the rectangle elsewhere."""
        return Rect(self.x + x, self.y + y, self.width, self.height)

    def turned(self) -> Rect:
        """Return the rectangle with x and y exchanged."""
        return Rect(self.y, self.x, self.height, self.width)


class LineRoute(NamedTuple):
    """One line on the page."""

    edge: Edge
    points: tuple[Point, ...]
    #: The place of its text; nothing is written where it is empty.
    label: Rect = Rect(0, 0, 0, 0)

    def moved(self, x: float, y: float) -> LineRoute:
        """Return the line elsewhere."""
        points = tuple(Point(point.x + x, point.y + y) for point in self.points)
        return LineRoute(self.edge, points, self.label.moved(x, y))


@frozen(kw_only=True)
class Layout:
    """Where everything is; texts have the room that the widest font needs."""

    nodes: Mapping[str, Rect]
    #: Texts that stand beside their figure, by its node.
    words: Mapping[str, Rect] = {}
    boxes: Mapping[str, Rect] = {}
    titles: Mapping[str, Rect] = {}
    routes: tuple[LineRoute, ...]
    width: float = 0.0
    height: float = 0.0

    def moved(self, x: float, y: float) -> Layout:
        """Return the layout elsewhere."""

        def there(rects: Mapping[str, Rect]) -> dict[str, Rect]:
            return {key: rect.moved(x, y) for key, rect in rects.items()}

        return evolve(
            self,
            nodes=there(self.nodes),
            words=there(self.words),
            boxes=there(self.boxes),
            titles=there(self.titles),
            routes=tuple(route.moved(x, y) for route in self.routes),
        )

    def turned(self) -> Layout:
        """Return the layout of figures and lines with x and y exchanged; texts keep their width."""
        routes = (
            LineRoute(
                route.edge,
                tuple(Point(y, x) for x, y in route.points),
                Rect(route.label.y, route.label.x, route.label.width, route.label.height),
            )
            for route in self.routes
        )
        return evolve(self, nodes={key: rect.turned() for key, rect in self.nodes.items()}, routes=tuple(routes))

    def fitted(self) -> Layout:
        """Return the layout so that it begins at 0, and is as large as what is in it."""
        rects = [rect for each in (self.nodes, self.words, self.boxes, self.titles) for rect in each.values()]
        rects += [route.label for route in self.routes if route.label.width]
        rects += [Rect(*point, 0, 0) for route in self.routes for point in route.points]
        left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
        width, height = max(rect.right for rect in rects) - left, max(rect.bottom for rect in rects) - top
        placed = self if left == top == 0 else self.moved(-left, -top)
        return evolve(placed, width=width, height=height)


def segments(points: Iterable[Point]) -> Iterator[Rect]:
    """Yield the rectangle around each straight part of a line; of slanted parts, around short pieces."""
    for one, other in pairwise(points):
        dx, dy = other.x - one.x, other.y - one.y
        pieces = ceil(min(abs(dx), abs(dy)) / _PIECE) or 1
        for number in range(pieces):
            x, y = one.x + dx * number / pieces, one.y + dy * number / pieces
            yield Rect(min(x, x + dx / pieces), min(y, y + dy / pieces), abs(dx) / pieces, abs(dy) / pieces)


def rounded(points: Sequence[Point]) -> Iterator[tuple[Point, Point, Point]]:
    """
    Yield a line with round corners.

    The line begins at the first of *points*; each part goes straight to the first point of a triple, and from there in
    a curve, with the second point as its control point, to the third. The last triple is where the head begins, thrice.
    """
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        yield _towards(corner, before, _RADIUS), corner, _towards(corner, after, _RADIUS)
    last = _towards(points[-1], points[-2], ARROW - 3)
    yield last, last, last


def arrow(points: Sequence[Point]) -> tuple[Point, Point, Point]:
    """Return the head of a line: a triangle that points where the line ends."""
    end, before = points[-1], points[-2]
    dx, dy = end.x - before.x, end.y - before.y
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length, dy / length
    back = Point(end.x - ux * ARROW, end.y - uy * ARROW)
    side_x, side_y = uy * _ARROW_HALF, ux * _ARROW_HALF
    return end, Point(back.x - side_x, back.y + side_y), Point(back.x + side_x, back.y - side_y)


def _towards(place: Point, other: Point, distance: float) -> Point:
    """Return the point on the way from *place* to *other*, at most half of the way."""
    dx, dy = other.x - place.x, other.y - place.y
    length = (dx * dx + dy * dy) ** 0.5
    share = min(distance / length, 0.5) if length else 0.0
    return Point(place.x + dx * share, place.y + dy * share)
