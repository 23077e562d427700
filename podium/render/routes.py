"""
How lines run between the places of `podium.render.layers`: at right angles, along free columns and between rows.

A line that follows the nesting, from a step to what comes next or to the first step of a branch, goes straight on and
turns once or twice. Any other one goes round the outside, on a lane of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from attrs import define, field

from podium.render.extents import BESIDE, LANE, TURN
from podium.render.layers import RIM, Layers, LineFold, Position
from podium.render.picture import Edge, EdgeKind, NodeKind, Picture
from podium.render.sizes import label_size
from podium.render.steps import NestedTask, ends_of, entry_of

#: A corner as (across, along).
Corner = tuple[float, float]


class Track(NamedTuple):
    """A line by its corners, and the upper left corner of its text."""

    edge: Edge
    corners: list[Corner]
    text: Corner


@define
class Ways:
    """Which lines of a picture follow its nesting, and which need lanes."""

    picture: Picture
    #: From each step's ends to what comes next; from a structure to the heads of its branches.
    straight: set[tuple[str, str]] = field(factory=set)
    fans: set[tuple[str, str]] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        picture = self.picture
        first = entry_of(picture.steps[0]) if picture.steps else picture.end.id
        self.straight.add((picture.start.id, first))
        self._follow(picture.steps, picture.end.id)
        for aside in picture.asides:
            self._follow(aside.steps, "")
        self._follow(picture.run_only, "")

    def _follow(self, steps: tuple[NestedTask, ...], after: str) -> None:
        nexts = [*(entry_of(step) for step in steps[1:]), after] if steps else []
        for step, entry in zip(steps, nexts, strict=True):
            # A branch of an open structure ends where the structure ends: what follows it is what follows the whole.
            self.straight |= {(end, entry) for end in ends_of(step)}
            for branch in step.branches:
                # The body of a box ends at the box's own last node, and only that leads out.
                inner = step.last if step.container else entry
                self._follow(branch.steps, inner)
                head = entry_of(branch.steps[0]) if branch.steps else inner
                (self.straight if step.container else self.fans).add((step.node, head))

    def outside(self) -> dict[str, int]:
        """Return a lane to each line that neither follows the nesting nor leads back, by its id."""
        nested = self.straight | self.fans
        others = (
            edge.id
            for edge in self.picture.edges
            if edge.kind is not EdgeKind.BACK and (edge.source, edge.target) not in nested
        )
        return {name: number for number, name in enumerate(others)}


def routed(layers: Layers, ways: Ways, lanes: dict[str, int], outside: float) -> Iterator[Track]:
    """
    Yield the lines of a picture, in its order.

    Args:
        layers: Where the steps stand.
        ways: How the lines relate to the nesting.
        lanes: What `Ways.outside` gave.
        outside: Where the first lane is.
    """
    for edge in layers.picture.edges:
        if edge.kind is EdgeKind.BACK:
            yield Track(edge, _back(layers, edge), (0.0, 0.0))
        elif edge.id in lanes:
            yield _round(layers, edge, lanes[edge.id], outside)
        else:
            yield _onward(layers, edge, ways)


def _text(layers: Layers, edge: Edge, across: float, along: float) -> Corner:
    """Return the place of the text of a line beside its first stretch in the direction of the flow."""
    if layers.left_to_right:
        return across - 3 - label_size(edge)[1], along + BESIDE
    return across + BESIDE, along + 3


def _onward(layers: Layers, edge: Edge, ways: Ways) -> Track:
    source, target = layers.places[edge.source], layers.places[edge.target]
    start, end = source.axis, target.axis
    # A line leaves its figure, may turn below the row, may make hops from lane to lane, turns once more above the row
    # that it leads to, and enters. Corners at which it does not turn are taken out later.
    out, into = _rim(layers, source, 1), _rim(layers, target, -1)
    turn, last = layers.rows[source.row].bottom + TURN, layers.rows[target.row].top - TURN
    side, at, hops = start, out, list[LineFold]()
    text = None
    if (edge.source, edge.target) in ways.straight:
        # An end of a branch on an upper shelf: past the lower shelves, of the inner structure first.
        hops += layers.exits.get(edge.source, ())
        if edge.source in layers.through:
            # Nothing stands in the column beside the cases, so the way past them goes straight down there.
            side, at = layers.through[edge.source], turn
    else:
        side, at = end, turn
        if drop := layers.drops.get(edge.target):
            # The head stands on a lower shelf. The text goes to the last stretch: the lane belongs to all of that
            # shelf.
            side, last = drop.lane, layers.rows[drop.row].bottom + 2 * TURN
            text = _text(layers, edge, end, last)
    if edge.target in layers.folds:
        hops.append(layers.folds[edge.target])
    # A bar is as wide as its branches, so lines leave and meet it right where they run: no turn is needed.
    if layers.picture.node(edge.source).kind is NodeKind.FORK:
        start = _on_bar(layers, edge.source, side)
    corners = [(start, out), (start, turn), (side, turn)] if at == turn else [(start, out)]
    text = text or _text(layers, edge, side, at)
    for hop in hops:
        below = layers.rows[hop.row].bottom + TURN
        corners += [(side, below), (hop.lane, below)]
        side = hop.lane
    if layers.picture.node(edge.target).kind is NodeKind.JOIN:
        end = _on_bar(layers, edge.target, side)
    return Track(edge, [*corners, (side, last), (end, last), (end, into)], text)


def _rim(layers: Layers, place: Position, side: int) -> float:
    """Return where the figure of a node begins (side -1) or ends (1) along the flow."""
    row = layers.rows[place.row]
    return row.low + (row.size + side * place.size) / 2


def _on_bar(layers: Layers, node_id: str, other: float) -> float:
    """Return where a line meets the bar of its branches: opposite its other end, or as near as the bar reaches."""
    span = layers.places[node_id].across
    return min(max(other, span.low + RIM), span.high - RIM)


def _back(layers: Layers, edge: Edge) -> list[Corner]:
    """Return the way back of a loop: on the lane at the side of its box, and from the side into the first step."""
    source, target = layers.places[edge.source], layers.places[edge.target]
    lane = layers.box_across[layers.picture.node(edge.source).container or ""].high - LANE
    low, high = _centre(layers, target), _centre(layers, source)
    # The body is this node alone: the line leaves and enters its side at different heights.
    if edge.source == edge.target:
        low, high = low - 6, high + 6
    if source.axis != target.axis:  # the body is folded: from above, because other columns stand at the side
        top = layers.rows[target.row].low - TURN / 2
        return [(source.across.high, high), (lane, high), (lane, top), (target.axis, top), (target.axis, top + 7)]
    return [(source.across.high, high), (lane, high), (lane, low), (target.across.high, low)]


def _centre(layers: Layers, place: Position) -> float:
    return layers.rows[place.row].low + layers.rows[place.row].size / 2


def _round(layers: Layers, edge: Edge, number: int, outside: float) -> Track:
    """Return a line on a lane: inside the box that both ends share, or outside of everything."""
    source, target = layers.places[edge.source], layers.places[edge.target]
    # Inside a box there is a lane at its edge; a line that left it would cross its outline for nothing.
    shared = _shared_box(layers, edge)
    lane = layers.box_across[shared].high - LANE / 2 if shared else outside + LANE * number
    start, out = source.axis, _rim(layers, source, 1)
    turn = layers.rows[source.row].bottom + TURN / 2
    if target.across.low > lane:  # it stands beside the flow
        centre = _centre(layers, target)
        return Track(
            edge, [(start, out), (start, turn), (lane, turn), (lane, centre), (target.across.low, centre)], (start, out)
        )
    end, into = target.axis, _rim(layers, target, -1)
    top = layers.rows[target.row].top - TURN / 2
    corners = [(start, out), (start, turn), (lane, turn), (lane, top), (end, top), (end, into)]
    return Track(edge, corners, _text(layers, edge, lane, turn))


def _shared_box(layers: Layers, edge: Edge) -> str | None:
    around = set(_around(layers, edge.target))
    return next((box for box in _around(layers, edge.source) if box in around), None)


def _around(layers: Layers, node_id: str) -> Iterator[str]:
    box = layers.picture.node(node_id).container
    while box is not None:
        yield box
        box = layers.extents.boxes[box].parent
