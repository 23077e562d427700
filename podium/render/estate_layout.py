"""A layout of our own for graphs that are no flow: rows by who calls whom, straight lines between them."""

from __future__ import annotations

import itertools
from typing import Final

from podium.render.layers import Layout, NodeSize, Point, Rect, Route
from podium.render.picture import Edge, Picture

#: Pixels at 100 %.
_ROW_GAP: Final = 64.0
_GAP: Final = 28.0
#: How far a line that leads up, or to its own box, keeps from the boxes.
_SIDE: Final = 20.0
_SWEEPS: Final = 4


def spread(picture: Picture, *, left_to_right: bool, node_size: NodeSize) -> Layout:
    """Place the nodes of a picture in rows, each below those that lead to it, and draw its lines."""
    sizes = {node.id: node_size(node) for node in picture.nodes}
    if left_to_right:
        sizes = {key: (height, width) for key, (width, height) in sizes.items()}
    rows = _rows(picture)
    bends = _bends(picture, rows)
    sizes |= {bend: (_GAP / 2, 0.0) for chain in bends.values() for bend in chain}
    _order(rows, [pair for edge in picture.edges for pair in _pairs(edge, bends)])
    places, widest, high = _places(rows, sizes)
    routes = [_route(edge, [places[bend] for bend in bends[edge.id]], places) for edge in picture.edges]
    boxes = {node.id: places[node.id] for node in picture.nodes}
    width, height = widest + 2 * _SIDE, high
    if left_to_right:
        boxes = {key: Rect(rect.y, rect.x, rect.height, rect.width) for key, rect in boxes.items()}
        routes = [
            Route(line.edge, tuple(Point(p.y, p.x) for p in line.points), Point(line.label.y, line.label.x))
            for line in routes
        ]
        width, height = height, width
    return Layout(nodes=boxes, boxes={}, routes=tuple(routes), width=width, height=height)


def _rows(picture: Picture) -> list[list[str]]:
    """Put each node right above the nearest that it leads to; those that lead to each other in a circle share a row."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(node.id for node in picture.nodes)
    graph.add_edges_from((edge.source, edge.target) for edge in picture.edges if edge.source != edge.target)
    circles = nx.condensation(graph)
    row: dict[int, int] = {}
    for number, generation in enumerate(nx.topological_generations(circles)):
        row |= dict.fromkeys(generation, number)
    for circle in sorted(row, key=row.__getitem__, reverse=True):
        if below := [row[after] for after in circles.successors(circle)]:
            row[circle] = min(below) - 1
    place = {node.id: number for number, node in enumerate(picture.nodes)}
    rows: list[list[str]] = [[] for _ in range(max(row.values()) + 1)]
    for circle in row:
        rows[row[circle]] += circles.nodes[circle]["members"]
    return [sorted(each, key=place.__getitem__) for each in rows if each]


def _bends(picture: Picture, rows: list[list[str]]) -> dict[str, list[str]]:
    """Keep a place free in each row that a line passes, so that it crosses no box; give them by the line's id."""
    row_of = {key: number for number, row in enumerate(rows) for key in row}
    bends: dict[str, list[str]] = {}
    for edge in picture.edges:
        passed = range(row_of[edge.source] + 1, row_of[edge.target])
        bends[edge.id] = [f"{edge.id} {number}" for number in passed]
        for number, bend in zip(passed, bends[edge.id], strict=True):
            rows[number].append(bend)
    return bends


def _pairs(edge: Edge, bends: dict[str, list[str]]) -> list[tuple[str, str]]:
    stops = [edge.source, *bends[edge.id], edge.target]
    return list(itertools.pairwise(stops))


def _order(rows: list[list[str]], pairs: list[tuple[str, str]]) -> None:
    """Order each row by the middle of its neighbours, down and up a few times, so that fewer lines cross."""
    near: dict[str, list[str]] = {key: [] for row in rows for key in row}
    for one, other in pairs:
        near[one].append(other)
        near[other].append(one)
    position = {key: number / len(row) for row in rows for number, key in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            middle = {key: _mean([position[other] for other in near[key]], position[key]) for key in row}
            row.sort(key=middle.__getitem__)
            position |= {key: number / len(row) for number, key in enumerate(row)}


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _places(rows: list[list[str]], sizes: dict[str, tuple[float, float]]) -> tuple[dict[str, Rect], float, float]:
    """Give where everything is, and the extent across and along."""
    widths = [sum(sizes[key][0] for key in row) + _GAP * (len(row) - 1) for row in rows]
    places: dict[str, Rect] = {}
    along = 0.0
    for row, width in zip(rows, widths, strict=True):
        size = max(sizes[key][1] for key in row)
        across = (max(widths) - width) / 2
        for key in row:
            places[key] = Rect(across, along + (size - sizes[key][1]) / 2, *sizes[key])
            across += sizes[key][0] + _GAP
        along += size + _ROW_GAP
    return places, max(widths), along - _ROW_GAP


def _route(edge: Edge, bends: list[Rect], places: dict[str, Rect]) -> Route:
    source, target = places[edge.source], places[edge.target]
    if target.y > source.y + source.height:
        begin = Point(source.middle.x, source.y + source.height)
        points = [begin, *(bend.middle for bend in bends), Point(target.middle.x, target.y)]
        return Route(edge, tuple(points), Point((begin.x + points[1].x) / 2, (begin.y + points[1].y) / 2))
    # In a circle: round the right sides, as far out as the further one needs.
    side = max(source.x + source.width, target.x + target.width) + _SIDE
    shift = 6.0 if edge.source == edge.target else 0.0
    begin = Point(source.x + source.width, source.middle.y + shift)
    end = Point(target.x + target.width, target.middle.y - shift)
    points = [begin, Point(side, begin.y), Point(side, end.y), end]
    return Route(edge, tuple(points), Point(side, (begin.y + end.y) / 2))
