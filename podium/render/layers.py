"""
A layout of our own, for when Graphviz is not there: steps in rows, branches in columns, lines at right angles.

The nesting of a picture is its layout: a column belongs to its branch alone, and a row begins below everything that
comes before it. So no line crosses a node: lines run along free columns and in the gaps between rows.

Inside, *along* is the direction of the flow and *across* the other one; `layout` turns them into x and y at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from attrs import define, field, frozen

from podium.render.naming import text_width
from podium.render.picture import Container, Edge, EdgeKind, Kind, Node, Picture, Step, entry_of, nodes_inside

#: All sizes are pixels at 100 %.
_GAP: Final = 48.0
_COLUMN_GAP: Final = 24.0
_PAD: Final = 30.0
_TURN: Final = 13.0
_CHANNEL: Final = 14.0
LABEL_SIZE: Final = 12.0
BAR_THICKNESS: Final = 8.0


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


class Route(NamedTuple):
    """One line on the page."""

    edge: Edge
    points: tuple[Point, ...]
    #: Where the middle of the label is.
    label: Point


@frozen(kw_only=True)
class Layout:
    """Where everything is."""

    nodes: Mapping[str, Rect]
    boxes: Mapping[str, Rect]
    routes: tuple[Route, ...]
    width: float
    height: float


#: Gives width and height of a node, or of a box's title.
NodeSize = Callable[[Node], tuple[float, float]]
TitleSize = Callable[[Container], tuple[float, float]]


def layout(picture: Picture, *, left_to_right: bool, node_size: NodeSize, title_size: TitleSize) -> Layout:
    """Place every node, box and line of a picture."""
    if picture.start.kind is not Kind.START:
        from podium.render.estate_layout import spread  # which is made of what stands here

        return spread(picture, left_to_right=left_to_right, node_size=node_size)
    from podium.render.label_places import with_labels_apart  # which is made of what stands here

    drawn = _Layers(picture, left_to_right=left_to_right, node_size=node_size, title_size=title_size)
    return with_labels_apart(drawn.result())


@define
class _Span:
    """A stretch of one axis."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@define
class _Row:
    """What one row needs along the flow."""

    size: float = 0.0
    #: Room for the titles of boxes that begin here, and for the edges of boxes that end here.
    before: float = 0.0
    after: float = 0.0
    low: float = 0.0

    @property
    def high(self) -> float:
        return self.low + self.size


@define
class _Place:
    """Where a node is, before rows have their final size."""

    across: _Span
    row: int
    size: float


@define
class _Layers:
    picture: Picture
    left_to_right: bool = field(kw_only=True)
    node_size: NodeSize = field(kw_only=True)
    title_size: TitleSize = field(kw_only=True)
    places: dict[str, _Place] = field(factory=dict)
    rows: list[_Row] = field(factory=list)
    box_across: dict[str, _Span] = field(factory=dict)
    box_rows: dict[str, tuple[int, int]] = field(factory=dict)
    #: Room before and after a box's first and last row, those of the boxes inside it included.
    box_room: dict[str, tuple[float, float]] = field(factory=dict)
    #: Middle of the free column beside a switch's cases, for lines that go straight on.
    through: dict[str, float] = field(factory=dict)
    #: Lines that follow the nesting; all others go round the outside.
    straight: set[tuple[str, str]] = field(factory=set)
    fans: set[tuple[str, str]] = field(factory=set)
    right: float = 0.0
    left: float = 0.0
    #: The same of the flow alone, without what stands beside it.
    flow_right: float = 0.0
    #: What is looked up or computed again and again.
    boxes: dict[str, Container] = field(init=False)
    lines_of: dict[str, list[Edge]] = field(init=False)
    widths: dict[str, float] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.boxes = {box.id: box for box in self.picture.containers}
        self.lines_of = {node.id: [] for node in self.picture.nodes}
        for edge in self.picture.edges:
            self.lines_of[edge.source].append(edge)

    # -- sizes across the flow ---------------------------------------------------------------------------------------

    def _size(self, node_id: str) -> tuple[float, float]:
        """Give the sizes of a node across and along the flow."""
        node = self.picture.node(node_id)
        if node.kind in {Kind.FORK, Kind.JOIN}:
            return 60.0, BAR_THICKNESS
        width, height = self.node_size(node)
        return (height, width) if self.left_to_right else (width, height)

    def _width(self, steps: tuple[Step, ...]) -> float:
        return max((self._step_width(step) for step in steps), default=0.0)

    def _step_width(self, step: Step) -> float:
        width = self.widths.get(step.node)
        if width is None:
            width = self.widths[step.node] = self._measured(step)
        return width

    def _measured(self, step: Step) -> float:
        own = self._size(step.node)[0]
        if step.container:
            inner = max(own, self._size(step.last)[0], *(self._width(branch.steps) for branch in step.branches))
            before, after = self._pads(step.container)
            return max(inner + before + after, self._title_across(step.container))
        columns = self._columns(step)
        return max(own, sum(columns) + _COLUMN_GAP * (len(columns) - 1)) if columns else own

    def _columns(self, step: Step) -> list[float]:
        """Give the widths of a step's columns; one more for the cases without tasks, which need a way through."""
        labels = {edge.target: edge.label for edge in self.lines_of[step.node]}
        columns: list[float] = []
        for branch in step.branches:
            if branch.steps:
                label = labels.get(entry_of(branch.steps[0]), "")
                columns.append(max(self._width(branch.steps), self._label_across(label)))
        if self._goes_through(step):
            longest = max(labels.values(), key=len, default="")
            columns.append(self._label_across(longest))
        return columns

    def _goes_through(self, step: Step) -> bool:
        inside = {node for branch in step.branches for node in nodes_inside(branch.steps)}
        return bool(step.branches) and any(edge.target not in inside for edge in self.lines_of[step.node])

    def _label_along(self, edge: Edge) -> float:
        """Give how far the middle of a label is from the corner before it."""
        return text_width(edge.label, LABEL_SIZE) / 2 + 8 if self.left_to_right else _TURN

    def _gaps(self) -> list[float]:
        """Give the room after each row, which holds the labels of a flow from left to right."""
        gaps = [_GAP] * len(self.rows)
        for edge in self.picture.edges:
            if self.left_to_right and edge.label and edge.kind is not EdgeKind.BACK:
                row = self.places[edge.source].row
                gaps[row] = max(gaps[row], 2 * (self._label_along(edge) + _TURN))
        return gaps

    def _label_across(self, label: str) -> float:
        return LABEL_SIZE + 8 if self.left_to_right else text_width(label, LABEL_SIZE) + 12

    def _pads(self, box: str) -> tuple[float, float]:
        title = self.title_size(self.boxes[box])[1]
        return (title + 8 if self.left_to_right else _PAD), _PAD

    def _title_across(self, box: str) -> float:
        if self.left_to_right:
            return 0.0
        width = self.title_size(self.boxes[box])[0]
        return 2 * width + 36 if self.boxes[box].node else width + 20  # a line enters beside the title, in the middle

    # -- places ------------------------------------------------------------------------------------------------------

    def _put(self, node_id: str, middle: float, row: int, *, across: float | None = None) -> None:
        size, along = self._size(node_id)
        half = (across if across is not None else size) / 2
        self.places[node_id] = _Place(_Span(middle - half, middle + half), row, along)
        self.right = max(self.right, middle + half)
        while len(self.rows) <= row:
            self.rows.append(_Row())
        self.rows[row].size = max(self.rows[row].size, along)

    def _sequence(self, steps: tuple[Step, ...], middle: float, row: int) -> int:
        """Place steps one below the other; give the first free row."""
        width = 0.0
        for step in steps:
            is_join = self.picture.node(step.node).kind is Kind.JOIN
            row = self._step(step, middle, row, join_width=width if is_join else 0.0)
            width = self._step_width(step)
        return row

    def _step(self, step: Step, middle: float, row: int, *, join_width: float) -> int:
        if step.container:
            return self._boxed(step, middle, row)
        is_bar = self.picture.node(step.node).kind is Kind.FORK
        across = self._step_width(step) if is_bar else max(60.0, join_width) if join_width else None
        self._put(step.node, middle, row, across=across)
        columns = self._columns(step)
        self.left = min(self.left, middle - self._step_width(step) / 2)
        left = middle - (sum(columns) + _COLUMN_GAP * (len(columns) - 1)) / 2
        end = row + 1
        for branch in step.branches:
            if branch.steps:
                width = columns.pop(0)
                end = max(end, self._sequence(branch.steps, left + width / 2, row + 1))
                left += width + _COLUMN_GAP
        if columns:
            self.through[step.node] = left + columns[0] / 2
            self.right = max(self.right, left + columns[0])
        return end

    def _boxed(self, step: Step, middle: float, row: int) -> int:
        box = step.container or ""
        width = self._step_width(step)
        before, after = self._pads(box)
        span = _Span(middle - width / 2, middle + width / 2)
        inner = (span.low + before + span.high - after) / 2
        first = row
        if step.last != step.node:
            self._put(step.node, inner, row)
            row += 1
        for branch in step.branches:
            row = self._sequence(branch.steps, inner, row)
        self._put(step.last, inner, row)
        self.box_across[box] = span
        self.box_rows[box] = (first, row)
        self.right = max(self.right, span.high)
        return row + 1

    # -- rows --------------------------------------------------------------------------------------------------------

    def _rooms(self) -> None:
        """Make room for titles and edges of boxes, inner ones first."""
        for box in reversed(self.picture.containers):
            first, last = self.box_rows[box.id]
            inner = [other.id for other in self.picture.containers if other.parent == box.id]
            starts = [self.box_room[other][0] for other in inner if self.box_rows[other][0] == first]
            ends = [self.box_room[other][1] for other in inner if self.box_rows[other][1] == last]
            title = _PAD / 2 if self.left_to_right else self.title_size(box)[1] + 8
            room = (title + max(starts, default=0.0), _PAD / 2 + max(ends, default=0.0))
            self.box_room[box.id] = room
            self.rows[first].before = max(self.rows[first].before, room[0])
            self.rows[last].after = max(self.rows[last].after, room[1])

    def _stack(self) -> float:
        position, gaps = 0.0, self._gaps()
        for row, gap in zip(self.rows, gaps, strict=True):
            row.low = position + row.before
            position = row.high + row.after + gap
        return position - gaps[-1]

    # -- lines -------------------------------------------------------------------------------------------------------

    def _follow(self, steps: tuple[Step, ...], after: str) -> None:
        """Note which lines follow the nesting: from each step's ends to what comes next."""
        nexts = [*(entry_of(step) for step in steps[1:]), after] if steps else []
        for step, entry in zip(steps, nexts, strict=True):
            self.straight |= {(end, entry) for end in _ends(step)}
            for branch in step.branches:
                inner = step.last if step.container else entry
                self._follow(branch.steps, inner)
                head = entry_of(branch.steps[0]) if branch.steps else inner
                (self.straight if step.container else self.fans).add((step.node, head))

    def _route(self, edge: Edge, channel: float) -> tuple[list[tuple[float, float]], tuple[float, float]]:
        """Give the corners of a line and the middle of its label, each as (across, along)."""
        source, target = self.places[edge.source], self.places[edge.target]
        start, end = self._meet(source, target, edge)
        out = self.rows[source.row].low + (self.rows[source.row].size + source.size) / 2
        into = self.rows[target.row].low + (self.rows[target.row].size - target.size) / 2
        first = self.rows[source.row].high + _TURN
        last = self.rows[target.row].low - self.rows[target.row].before - _TURN
        pair = (edge.source, edge.target)
        if pair in self.fans or (pair in self.straight and edge.source in self.through):
            side = self.through[edge.source] if pair in self.straight else end
            return (
                [(start, out), (start, first), (side, first), (side, last), (end, last), (end, into)],
                (side, first + self._label_along(edge)),
            )
        if pair in self.straight:
            return [(start, out), (start, last), (end, last), (end, into)], (
                start,
                first - _TURN / 2 + self._label_along(edge),
            )
        first += _TURN / 2
        return (
            [(start, out), (start, first), (channel, first), (channel, last), (end, last), (end, into)],
            (start, first - 4),
        )

    def _meet(self, here: _Place, there: _Place, edge: Edge) -> tuple[float, float]:
        """Give where a line meets its two nodes: in the middle, or on a bar opposite the middle of the other one."""
        bars = [self.picture.node(end).kind in {Kind.FORK, Kind.JOIN} for end in (edge.source, edge.target)]
        start, end = here.across.middle, there.across.middle
        if bars[0] and (not bars[1] or here.across.high - here.across.low > there.across.high - there.across.low):
            start = min(max(end, here.across.low + 6), here.across.high - 6)
        elif bars[1]:
            end = min(max(start, there.across.low + 6), there.across.high - 6)
        return start, end

    def _back(self, edge: Edge) -> tuple[list[tuple[float, float]], tuple[float, float]]:
        source, target = self.places[edge.source], self.places[edge.target]
        box = self.picture.node(edge.source).container or ""
        side = self.box_across[box].high - _CHANNEL
        low, high = self._centre(target), self._centre(source)
        if edge.source == edge.target:
            low, high = low - 6, high + 6
        points = [(source.across.high, high), (side, high), (side, low), (target.across.high, low)]
        return points, (side, (low + high) / 2)

    def _centre(self, place: _Place) -> float:
        return self.rows[place.row].low + self.rows[place.row].size / 2

    def _channel(self, edge: Edge, outside: float) -> float:
        """Give the free lane for a line that does not follow the nesting: inside the box that both ends share."""
        source, target = self.picture.node(edge.source), self.picture.node(edge.target)
        around = self._around(target.container)
        shared = next((box for box in self._around(source.container) if box in around), None)
        return self.box_across[shared].high - 6 if shared else outside

    def _around(self, box: str | None) -> list[str]:
        found: list[str] = []
        while box is not None:
            found.append(box)
            box = self.boxes[box].parent
        return found

    # -- the whole ---------------------------------------------------------------------------------------------------

    def result(self) -> Layout:
        """Place everything, rows last, because their size depends on all of it."""
        picture = self.picture
        start, end = picture.start.id, picture.end.id
        self._put(start, 0.0, 0)
        self._put(end, 0.0, self._sequence(picture.steps, 0.0, 1))
        self._beside()
        self._rooms()
        length = self._stack()
        self._follow(picture.steps, end)
        for aside in picture.asides:
            self._follow(aside.steps, "")
        self.straight.add((start, entry_of(picture.steps[0]) if picture.steps else end))
        outside = self.flow_right + _CHANNEL
        lines = [
            (
                edge,
                *(self._back(edge) if edge.kind is EdgeKind.BACK else self._route(edge, self._channel(edge, outside))),
            )
            for edge in picture.edges
        ]
        return self._turned(lines, length)

    def _beside(self) -> None:
        """Place what stands beside the flow, from its first task on downwards."""
        picture = self.picture
        self.flow_right = self.right
        asides = [(aside.container, aside.steps) for aside in picture.asides]
        if picture.run_only:
            asides.append((picture.node(picture.run_only[0].node).container or "", picture.run_only))
        for box, steps in asides:
            width = max(self._width(steps) + 2 * _PAD, self._title_across(box))
            left = self.right + 2 * _COLUMN_GAP
            before, after = self._pads(box)
            last = self._sequence(steps, left + (before + width - after) / 2, 1) - 1
            self.box_across[box] = _Span(left, left + width)
            self.box_rows[box] = (1, last)
            self.right = left + width

    def _turned(
        self, lines: list[tuple[Edge, list[tuple[float, float]], tuple[float, float]]], length: float
    ) -> Layout:
        """Turn across and along into x and y, beginning at 0."""
        lows = [place.across.low for place in self.places.values()] + [span.low for span in self.box_across.values()]
        low = min(self.left, *lows)
        high = max([self.right, *(across for _, points, _ in lines for across, _ in points)])

        def point(across: float, along: float) -> Point:
            return Point(along, across - low) if self.left_to_right else Point(across - low, along)

        def rect(span: _Span, begin: float, end: float) -> Rect:
            a, b = point(span.low, begin), point(span.high, end)
            return Rect(a.x, a.y, b.x - a.x, b.y - a.y)

        nodes = {
            key: rect(place.across, self._centre(place) - place.size / 2, self._centre(place) + place.size / 2)
            for key, place in self.places.items()
        }
        boxes = {
            key: rect(
                span,
                self.rows[self.box_rows[key][0]].low - self.box_room[key][0],
                self.rows[self.box_rows[key][1]].high + self.box_room[key][1],
            )
            for key, span in self.box_across.items()
        }
        routes = tuple(
            Route(edge, tuple(dict.fromkeys(point(*corner) for corner in points)), point(*label))
            for edge, points, label in lines
        )
        width, height = (length, high - low) if self.left_to_right else (high - low, length)
        return Layout(nodes=nodes, boxes=boxes, routes=routes, width=width, height=height)


def _ends(step: Step) -> list[str]:
    """Give the nodes at which a step may end."""
    if step.last:
        return [step.last]
    if not step.branches:
        return [step.node]
    inner = [end for branch in step.branches if branch.steps for end in _ends(branch.steps[-1])]
    return [step.node, *inner]
