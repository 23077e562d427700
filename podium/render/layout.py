"""
The layout of every picture, which all drawn forms share: places, lines and the room for all texts.

What makes it (`layers`, `routes`, and `label_places`, for texts that would stand on something) looks at nothing but the
picture, so the same picture has the same layout, whatever draws it.
"""

from __future__ import annotations

from podium.render.extents import LANE
from podium.render.geometry import Layout, LineRoute, Point, Rect
from podium.render.label_places import with_labels_apart
from podium.render.layers import Layers, Stretch
from podium.render.node_looks import LOOKS
from podium.render.picture import NodeKind, Picture
from podium.render.routes import Track, Ways, routed
from podium.render.sizes import extent_of, label_size, title_size, words_beside

_TITLE_X, _TITLE_Y = 10.0, 6.0


def layout(picture: Picture, *, left_to_right: bool) -> Layout:
    """Place every figure, box, line and text of a picture."""
    if picture.start.kind is not NodeKind.START:
        from podium.render.estate_layout import spread  # which few pictures need

        return with_labels_apart(spread(picture, left_to_right=left_to_right)).fitted()
    ways = Ways(picture)
    lanes = ways.outside()
    layers = Layers(picture, left_to_right=left_to_right)
    layers.place(len(lanes))
    outside = layers.flow_right + LANE
    lines = list(routed(layers, ways, lanes, outside))
    return with_labels_apart(_placed(layers, lines)).fitted()


def _placed(layers: Layers, lines: list[Track]) -> Layout:
    """Turn across and along into x and y."""
    nodes = {
        key: _rect(layers, place.across, middle - place.size / 2, place.size)
        for key, place in layers.places.items()
        for middle in [layers.rows[place.row].low + layers.rows[place.row].size / 2]
    }
    boxes = {
        key: _rect(layers, span, begin, layers.rows[last].high + layers.rows[last].under + room[1] - begin)
        for key, span in layers.box_across.items()
        for (first, last), room in [(layers.box_rows[key], layers.box_room[key])]
        for begin in [layers.rows[first].low - layers.rows[first].over - room[0]]
    }
    titles = {
        box.id: Rect(boxes[box.id].x + _TITLE_X, boxes[box.id].y + _TITLE_Y, *title_size(box))
        for box in layers.picture.containers
    }
    words = {key: _words(layers, key, rect) for key, rect in nodes.items() if layers.extents.words_size(key)[1]}
    routes = tuple(_route(layers, line) for line in lines)
    return Layout(nodes=nodes, words=words, boxes=boxes, titles=titles, routes=routes)


def _rect(layers: Layers, span: Stretch, begin: float, length: float) -> Rect:
    rect = Rect(span.low, begin, span.high - span.low, length)
    return rect.turned() if layers.left_to_right else rect


def _words(layers: Layers, node_id: str, figure: Rect) -> Rect:
    """Return the place of the words beside a figure: above a start, below an end, at a bar beside the line."""
    node = layers.picture.node(node_id)
    width, height = extent_of(words_beside(node))
    x = figure.middle.x - width / 2
    if LOOKS[node.kind].is_bar and not layers.left_to_right:
        x = figure.middle.x + 6
    is_below = node.kind is NodeKind.END or (node.kind is NodeKind.JOIN and not layers.left_to_right)
    return Rect(x, figure.bottom + 4 if is_below else figure.y - height - 4, width, height)


def _route(layers: Layers, line: Track) -> LineRoute:
    turned = [Point(along, across) if layers.left_to_right else Point(across, along) for across, along in line.corners]
    x, y = line.text[::-1] if layers.left_to_right else line.text
    return LineRoute(line.edge, _corners(turned), Rect(x, y, *label_size(line.edge)))


def _corners(points: list[Point]) -> tuple[Point, ...]:
    """Return a line without the corners at which it does not turn."""
    found = list(dict.fromkeys(points))
    inner = [
        here
        for before, here, after in zip(found, found[1:], found[2:], strict=False)
        if not (before.x == here.x == after.x or before.y == here.y == after.y)
    ]
    return (found[0], *inner, found[-1])
