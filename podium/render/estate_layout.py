"""
The layout of graphs that are no flow: rows by who calls whom, lines from row to row.

What has nothing to do with each other is laid out alone, and then packed onto a page of about the shape of a screen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise
from math import sqrt
from statistics import fmean
from typing import TYPE_CHECKING, Final

from podium.render.geometry import Layout, LineRoute, Point, Rect
from podium.render.picture import Edge, Picture
from podium.render.sizes import label_size, node_size

if TYPE_CHECKING:
    import networkx as nx

#: Pixels.
_ROW_GAP: Final = 64.0
_GAP: Final = 28.0
#: How far a line that leads up, or to its own box, keeps from the boxes.
_SIDE: Final = 20.0
_SWEEPS: Final = 4
#: Where on the last part of a line its text is.
_LABEL_AT: Final = 0.7
#: How many times as wide as high a page is.
_SHAPE: Final = 1.6
_NARROW: Final = 900.0

Sizes = dict[str, tuple[float, float]]


def spread(picture: Picture, *, left_to_right: bool) -> Layout:
    """Place the nodes of a picture and draw its lines."""
    import networkx as nx

    sizes = {node.id: node_size(node) for node in picture.nodes}
    gap = _ROW_GAP
    if left_to_right:
        gap = max([gap, *(label_size(edge)[0] + _ROW_GAP / 2 for edge in picture.edges)])
        sizes = {key: (height, width) for key, (width, height) in sizes.items()}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sizes)
    graph.add_edges_from((edge.source, edge.target) for edge in picture.edges if edge.source != edge.target)
    order = {key: number for number, key in enumerate(sizes)}
    edges: dict[str, list[Edge]] = {key: [] for key in sizes}
    for edge in picture.edges:
        edges[edge.source].append(edge)
    parts = [
        _part(graph.subgraph(members), sorted(members, key=order.__getitem__), edges, sizes, gap)
        for members in nx.weakly_connected_components(graph)
    ]
    placed = list(_packed(parts))
    whole = Layout(
        nodes={key: rect for part in placed for key, rect in part.nodes.items()},
        routes=tuple(route for part in placed for route in part.routes),
    )
    return whole.turned() if left_to_right else whole


def _packed(parts: list[Layout]) -> Iterable[Layout]:
    """Put parts side by side onto shelves, the highest first."""
    area = sum((part.width + 2 * _GAP) * (part.height + _ROW_GAP) for part in parts)
    width = max(sqrt(area * _SHAPE), *(part.width for part in parts), 0.0)
    x = y = shelf = 0.0
    for part in sorted(parts, key=lambda part: -part.height):
        if x and x + part.width > width:
            x, y, shelf = 0.0, y + shelf + _ROW_GAP / 2, 0.0
        yield part.moved(x, y)
        x += part.width + 2 * _GAP
        shelf = max(shelf, part.height)


def _part(graph: nx.DiGraph[str], members: list[str], edges: dict[str, list[Edge]], sizes: Sizes, gap: float) -> Layout:
    """Lay out what hangs together; one node is a layout, too."""
    lines = [edge for key in members for edge in edges[key]]
    rows = _short(_rows(graph, members), sizes)
    bends = _bends(lines, rows)
    room = sizes | {bend: (_GAP / 4, 0.0) for chain in bends.values() for bend in chain}
    pairs = [pair for edge in lines for pair in pairwise([edge.source, *bends[edge.id], edge.target])]
    _order(rows, pairs, room.keys() - sizes.keys())
    places = _places(rows, room, gap)
    routes = tuple(_route(edge, [places[bend] for bend in bends[edge.id]], places) for edge in lines)
    return Layout(nodes={key: places[key] for key in members}, routes=routes).fitted()


def _rows(graph: nx.DiGraph[str], members: list[str]) -> list[list[str]]:
    """Put each node right above the nearest that it leads to; those that lead to each other in a circle share a row."""
    import networkx as nx

    # Workflows that run each other have no order among themselves, and all others have one without them.
    circles = nx.condensation(graph)
    row: dict[int, int] = {}
    for number, generation in enumerate(nx.topological_generations(circles)):
        row |= dict.fromkeys(generation, number)
    for circle in sorted(row, key=row.__getitem__, reverse=True):
        if below := [row[after] for after in circles.successors(circle)]:
            row[circle] = min(below) - 1
    rows: list[list[str]] = [[] for _ in range(max(row.values()) + 1)]
    mapping = circles.graph["mapping"]
    for key in members:
        rows[row[mapping[key]]].append(key)
    return [each for each in rows if each]


def _short(rows: list[list[str]], sizes: Sizes) -> list[list[str]]:
    """Cut rows that would make a strip of the page."""
    area = sum((sizes[key][0] + _GAP) * (sizes[key][1] + _ROW_GAP) for row in rows for key in row)
    width = max(_NARROW, sqrt(area * _SHAPE))
    found: list[list[str]] = []
    for row in rows:
        room = 0.0
        for key in row:
            # What was cut off stands in a row of its own below: its lines are longer, but the page keeps its shape.
            if not room or room + sizes[key][0] > width:
                found.append([])
                room = 0.0
            found[-1].append(key)
            room += sizes[key][0] + _GAP
    return found


def _bends(lines: list[Edge], rows: list[list[str]]) -> dict[str, list[str]]:
    """Keep a place free in each row that a line passes, one for all lines of a node; return them by the line's id."""
    row_of = {key: number for number, row in enumerate(rows) for key in row}
    bends: dict[str, list[str]] = {}
    for edge in lines:
        # Lines of one node share their way down and part at the last row, like branches of a tree; so a hub with a
        # hundred callers needs one place in a row and not a hundred.
        passed = range(row_of[edge.source] + 1, row_of[edge.target])
        bends[edge.id] = [f"{edge.source} {number}" for number in passed]
        for number, bend in zip(passed, bends[edge.id], strict=True):
            if bend not in row_of:
                row_of[bend] = number
                rows[number].append(bend)
    return bends


def _order(rows: list[list[str]], pairs: list[tuple[str, str]], bends: Collection[str]) -> None:
    """Order each row by the middle of its neighbours, down and up a few times, so that fewer lines cross."""
    near: dict[str, list[str]] = {key: [] for row in rows for key in row}
    for one, other in pairs:
        if one not in bends or other in bends:  # a bend stands below its node, wherever its lines lead
            near[one].append(other)
        near[other].append(one)
    position = {key: (number + 0.5) / len(row) for row in rows for number, key in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            # Places are shares of a row's length, because rows are of very different lengths: a middle in shares is a
            # middle on the page, where all rows are centred.
            wish = {key: fmean([position[other] for other in near[key]] or [position[key]]) for key in row}
            middle = {key: (wish[key], 0.5 if key in bends else position[key]) for key in row}
            row.sort(key=middle.__getitem__)
            position |= {key: (number + 0.5) / len(row) for number, key in enumerate(row)}


def _places(rows: list[list[str]], sizes: Sizes, gap: float) -> dict[str, Rect]:
    """Return where everything is; a bend is as high as its row."""
    widths = [sum(sizes[key][0] for key in row) + _GAP * (len(row) - 1) for row in rows]
    places: dict[str, Rect] = {}
    along = 0.0
    for row, width in zip(rows, widths, strict=True):
        size = max(sizes[key][1] for key in row)
        across = (max(widths) - width) / 2
        for key in row:
            own = sizes[key][1] or size
            places[key] = Rect(across, along + (size - own) / 2, sizes[key][0], own)
            across += sizes[key][0] + _GAP
        along += size + gap
    return places


def _route(edge: Edge, bends: list[Rect], places: dict[str, Rect]) -> LineRoute:
    source, target = places[edge.source], places[edge.target]
    width, height = label_size(edge)
    if target.y > source.bottom:
        passed = [Point(bend.middle.x, y) for bend in bends for y in (bend.y, bend.bottom)]
        points = [Point(source.middle.x, source.bottom), *passed, Point(target.middle.x, target.y)]
        one, other = points[-2:]  # the last part is the line's own
        at = Point(one.x + (other.x - one.x) * _LABEL_AT, one.y + (other.y - one.y) * _LABEL_AT)
        return LineRoute(edge, tuple(points), Rect(at.x + 6, at.y - height / 2, width, height))
    # In a circle: round the right sides, as far out as the further one needs.
    # Such lines lead up or to the side, which a straight line between rows cannot.
    side = max(source.right, target.right) + _SIDE
    shift = 6.0 if edge.source == edge.target else 0.0
    begin = Point(source.right, source.middle.y + shift)
    end = Point(target.right, target.middle.y - shift)
    points = [begin, Point(side, begin.y), Point(side, end.y), end]
    return LineRoute(edge, tuple(points), Rect(side + 6, (begin.y + end.y - height) / 2, width, height))
