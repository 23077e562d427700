"""
Where steps stand: in rows along the flow, branches in columns across it.

The nesting of a picture is its layout: a column belongs to its branch alone, and a row begins below everything that
comes before it. So no line crosses a figure: lines run along free columns and in the gaps between rows.

*Along* is the direction of the flow and *across* the other one; `podium.render.layout` turns them into x and y.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt
from typing import Final, NamedTuple

from attrs import define, field

from podium.render.picture import Container, Edge, Kind, Picture, Step, entry_of, nodes_inside
from podium.render.sizes import BARS, extent_of, label_size, node_size, title_size, words_beside

#: Pixels.
GAP: Final = 40.0
COLUMN_GAP: Final = 24.0
PAD: Final = 26.0
#: From a row to where its lines turn.
TURN: Final = 12.0
#: From a line to its text.
BESIDE: Final = 6.0
#: How far lines that run side by side are apart.
LANE: Final = 12.0
#: A list of steps this many times as long as it is wide is folded, into columns that together are about this shape.
_FOLDED_FROM: Final = 7.0
_FOLDED_TO: Final = 1.5
#: A page is at least so wide; above what goes from left to right stands its header.
_NARROW: Final = 260.0
_HEADER: Final = 60.0


class Extent(NamedTuple):
    """How far something reaches across the flow, on both sides of the line that goes through it."""

    low: float
    high: float

    def __or__(self, other: tuple[float, float]) -> Extent:
        return Extent(max(self.low, other[0]), max(self.high, other[1]))

    @property
    def width(self) -> float:
        """Both together."""
        return self.low + self.high


class Span(NamedTuple):
    """A stretch of one axis."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Its centre."""
        return (self.low + self.high) / 2


@define
class Row:
    """What one row needs along the flow."""

    size: float = 0.0
    #: Room for words above and below the figures.
    over: float = 0.0
    under: float = 0.0
    #: Room for the titles of boxes that begin here, and for the edges of boxes that end here.
    before: float = 0.0
    after: float = 0.0
    gap: float = GAP
    low: float = 0.0

    @property
    def high(self) -> float:
        """Where the figures end."""
        return self.low + self.size

    @property
    def top(self) -> float:
        """Where everything begins."""
        return self.low - self.over - self.before

    @property
    def bottom(self) -> float:
        """Where everything ends."""
        return self.high + self.under + self.after


class Place(NamedTuple):
    """Where a node is, before rows have their final size."""

    across: Span
    axis: float
    row: int
    size: float


class Fold(NamedTuple):
    """Where a line goes that leads to the next column of a folded list of steps."""

    lane: float
    #: The last row of the column before.
    row: int


@define
class Layers:
    """Places steps; `place` does it all."""

    picture: Picture
    left_to_right: bool = field(kw_only=True)
    places: dict[str, Place] = field(factory=dict)
    rows: list[Row] = field(factory=list)
    box_across: dict[str, Span] = field(factory=dict)
    box_rows: dict[str, tuple[int, int]] = field(factory=dict)
    #: Room before and after a box's first and last row, those of the boxes inside it included.
    box_room: dict[str, tuple[float, float]] = field(factory=dict)
    #: Middle of the free column beside a switch's cases, for lines that go straight on.
    through: dict[str, float] = field(factory=dict)
    #: By the node that the next column begins with.
    folds: dict[str, Fold] = field(factory=dict)
    right: float = 0.0
    #: The same of the flow alone, without what stands beside it.
    flow_right: float = 0.0
    #: What is looked up or computed again and again.
    boxes: dict[str, Container] = field(init=False)
    #: The lines that leave a node, each with the size of its text; sizes of figures and their words; branches.
    lines_of: dict[str, list[tuple[Edge, float, float]]] = field(init=False)
    _sizes: dict[str, tuple[float, float]] = field(factory=dict)
    _words: dict[str, tuple[float, float]] = field(factory=dict)
    _columns: dict[str, list[Extent]] = field(factory=dict)
    _extents: dict[tuple[str, str | None], Extent] = field(factory=dict)
    _lengths: dict[tuple[str, str | None], float] = field(factory=dict)
    _chunks: dict[tuple[str, str | None], list[tuple[Step, ...]]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.boxes = {box.id: box for box in self.picture.containers}
        self.lines_of = {node.id: [] for node in self.picture.nodes}
        for edge in self.picture.edges:
            self.lines_of[edge.source].append((edge, *label_size(edge)))

    def place(self, lanes: int) -> None:
        """Place the flow and what stands beside it, with so many lanes for lines between the two."""
        picture = self.picture
        flow = (Step(node=picture.start.id), *picture.steps, Step(node=picture.end.id))
        self._sequence(flow, 0.0, 0)
        self.flow_right = self.right
        self.right += LANE * (lanes + 1)
        self._beside()
        self._rooms()
        self._stack()

    # -- sizes -------------------------------------------------------------------------------------------------------

    def _turned(self, size: tuple[float, float]) -> tuple[float, float]:
        """Return a width and a height as (across, along)."""
        return (size[1], size[0]) if self.left_to_right else size

    def _size(self, node_id: str) -> tuple[float, float]:
        """Return the size of a figure across and along; that of a bar is told so already."""
        if node_id not in self._sizes:
            node = self.picture.node(node_id)
            self._sizes[node_id] = node_size(node) if node.kind in BARS else self._turned(node_size(node))
        return self._sizes[node_id]

    def words_size(self, node_id: str) -> tuple[float, float]:
        """Return the size across and along of the words beside a node's figure."""
        if node_id not in self._words:
            self._words[node_id] = self._turned(extent_of(words_beside(self.picture.node(node_id))))
        return self._words[node_id]

    def _own(self, node_id: str) -> Extent:
        """Return the extent of a node with its words, and with the text of a line that leads on from it."""
        node = self.picture.node(node_id)
        half = self._size(node_id)[0] / 2
        own = Extent(half, half)
        across, along = self.words_size(node_id)
        if not along:
            pass
        elif self.left_to_right:
            own = Extent(half, half + across + 4) if node.kind is Kind.END else Extent(half + across + 4, half)
        else:
            own |= (0, across + BESIDE) if node.kind in BARS else (across / 2, across / 2)
        if node.kind not in {Kind.SWITCH, *BARS}:
            for _, *size in self.lines_of[node_id]:
                own |= self._label(*size)
        return own

    def _label(self, width: float, height: float) -> Extent:
        """Return the room that the text of a line needs: on its right, or above it in a flow from left to right."""
        if not width:
            return Extent(0, 0)
        return Extent(height + BESIDE, 0) if self.left_to_right else Extent(0, width + 2 * BESIDE)

    def extent(self, step: Step) -> Extent:
        """Return the extent of a step with all that is inside it."""
        key = (step.node, step.container)
        if key not in self._extents:
            self._extents[key] = self._boxed_extent(step) if step.container else self._open_extent(step)
        return self._extents[key]

    def _boxed_extent(self, step: Step) -> Extent:
        box = self.boxes[step.container or ""]
        inner = self._sequence_extent(inside_of(step))
        width, height = title_size(box)
        # From top to bottom the title stands on the left of the line that enters the box; otherwise above all lines.
        low = inner.low + height + 14 if self.left_to_right else max(inner.low + PAD, width + 2 * BESIDE + 8)
        return Extent(low, inner.high + PAD + (LANE if box.node == step.last else 0))

    def _open_extent(self, step: Step) -> Extent:
        half = self._half(step)
        is_bar = self.picture.node(step.node).kind is Kind.FORK
        return self._own(step.node) | (self._bar(step.node, half) if is_bar else (half, half))

    def columns(self, step: Step) -> list[Extent]:
        """Return the extents of a step's branches; one more for the cases without tasks, which need a way through."""
        if step.node in self._columns:
            return self._columns[step.node]
        labels = {edge.target: self._label(*size) for edge, *size in self.lines_of[step.node]}
        columns = [
            self._sequence_extent(branch.steps) | labels.get(entry_of(branch.steps[0]), (0, 0))
            for branch in step.branches
            if branch.steps
        ]
        if step.branches:
            inside = {node for branch in step.branches for node in nodes_inside(branch.steps)}
            through = [label for target, label in labels.items() if target not in inside]
            if through:
                columns.append(max(through, key=lambda label: label.width) | (LANE, LANE))
        self._columns[step.node] = columns
        return columns

    def _sequence_extent(self, steps: tuple[Step, ...]) -> Extent:
        parts = [self._column(part) for part in self._parts(steps)]
        rest = sum(part.width + 2 * COLUMN_GAP for part in parts[1:])
        return Extent(parts[0].low, parts[0].high + rest) if parts else Extent(0, 0)

    def _column(self, steps: Iterable[Step]) -> Extent:
        found = Extent(0, 0)
        half = 0.0
        for step in steps:
            found |= self.extent(step)
            if self.picture.node(step.node).kind is Kind.JOIN:  # as long as the bar before it
                found |= self._bar(step.node, half)
            half = self._half(step)
        return found

    def _bar(self, node_id: str, half: float) -> Extent:
        """Return the extent of a bar of some length; from left to right its name stands above it."""
        return Extent(half + (self.words_size(node_id)[0] + 4 if self.left_to_right else 0), half)

    def _half(self, step: Step) -> float:
        """Return half of the extent of a step's branches."""
        columns = () if step.container else self.columns(step)
        return (sum(column.width for column in columns) + COLUMN_GAP * (len(columns) - 1)) / 2 if columns else 0.0

    # -- folding -----------------------------------------------------------------------------------------------------

    def _length(self, step: Step) -> float:
        """Estimate how long a step is along the flow."""
        key = (step.node, step.container)
        if key not in self._lengths:
            words = 0.0 if self.left_to_right else self.words_size(step.node)[1]
            own = self._size(step.node)[1] + words + GAP
            if step.container:
                own = self._turned(title_size(self.boxes[step.container]))[1] + PAD
                inner = [self._longest(inside_of(step))]
            else:
                inner = [self._longest(branch.steps) for branch in step.branches]
            self._lengths[key] = own + max(inner, default=0.0)
        return self._lengths[key]

    def _longest(self, steps: tuple[Step, ...]) -> float:
        return max((sum(map(self._length, part)) for part in self._parts(steps)), default=0.0)

    def _parts(self, steps: tuple[Step, ...]) -> list[tuple[Step, ...]]:
        """Return a list of steps in the columns that it is folded into: one, unless it is very long."""
        if not steps:
            return []
        key = (steps[0].node, steps[0].container)
        if key not in self._chunks:
            self._chunks[key] = self._folded(steps)
        return self._chunks[key]

    def _folded(self, steps: tuple[Step, ...]) -> list[tuple[Step, ...]]:
        length, width = sum(map(self._length, steps)), self._column(steps).width
        width = width + _HEADER if self.left_to_right else max(width, _NARROW)
        if length < _FOLDED_FROM * width or len(steps) < 4:
            return [steps]
        wanted = length / ceil(sqrt(length / width / _FOLDED_TO))
        parts: list[list[Step]] = [[]]
        so_far = 0.0
        for before, step in zip((None, *steps), steps, strict=False):
            is_end = self.picture.node(step.node).kind is Kind.END
            is_free = before is not None and not is_end and not self.picture.closes(before, step)
            if is_free and so_far + self._length(step) / 2 > wanted:
                parts.append([])
                so_far = 0.0
            parts[-1].append(step)
            so_far += self._length(step)
        return [tuple(part) for part in parts]

    # -- places ------------------------------------------------------------------------------------------------------

    def _put(self, node_id: str, axis: float, row: int, across: float = 0.0) -> None:
        node = self.picture.node(node_id)
        size, along = self._size(node_id)
        half = max(size, across) / 2
        words_across, words_along = self.words_size(node_id)
        self.places[node_id] = Place(Span(axis - half, axis + half), axis, row, along)
        reach = self._own(node_id) | (half, half)
        self.right = max(self.right, axis + reach.high)
        while len(self.rows) <= row:
            self.rows.append(Row())
        its = self.rows[row]
        its.size = max(its.size, along, words_along + 8 if self.left_to_right and words_across else 0.0)
        if words_along and not self.left_to_right:
            is_below = node.kind in {Kind.END, Kind.JOIN}
            its.over = max(its.over, 0.0 if is_below else words_along + 4)
            its.under = max(its.under, words_along + 4 if is_below else 0.0)
        for _, width, height in self.lines_of[node_id]:
            room = width + 2 * BESIDE if self.left_to_right else height
            its.gap = max(its.gap, room + 2 * TURN + 4 if width else 0.0)

    def _sequence(self, steps: tuple[Step, ...], axis: float, row: int) -> int:
        """Place steps one after the other; give the first free row."""
        end, last = row, row
        before: Extent | None = None
        for part in self._parts(steps):
            own = self._column(part)
            if before is not None:
                lane = axis + before.high + COLUMN_GAP
                axis = lane + COLUMN_GAP + own.low
                self.folds[entry_of(part[0])] = Fold(lane, last)
            place = row
            bar = 0.0
            for step in part:
                is_join = self.picture.node(step.node).kind is Kind.JOIN
                place, bar = self._step(step, axis, place, bar if is_join else 0.0)
            before, last = own, place - 1
            end = max(end, place)
        return end

    def _step(self, step: Step, axis: float, row: int, bar: float) -> tuple[int, float]:
        """Place a step; give the first free row, and how wide its branches are."""
        if step.container:
            own = self.extent(step)
            end = self._sequence(inside_of(step), axis, row)
            self.box_across[step.container] = Span(axis - own.low, axis + own.high)
            self.box_rows[step.container] = (row, end - 1)
            self.right = max(self.right, axis + own.high)
            return end, 0.0
        columns = iter(self.columns(step))
        width = 2 * self._half(step)
        self._put(step.node, axis, row, width if self.picture.node(step.node).kind is Kind.FORK else bar)
        left = axis - width / 2
        end = row + 1
        for branch in step.branches:
            if branch.steps:
                column = next(columns)
                end = max(end, self._sequence(branch.steps, left + column.low, row + 1))
                left += column.width + COLUMN_GAP
        if free := next(columns, None):
            self.through[step.node] = left + free.low
            self.right = max(self.right, left + free.width)
        return end, width

    def _beside(self) -> None:
        """Place what stands beside the flow, from its first task on downwards."""
        picture = self.picture
        asides = [(aside.container, aside.steps) for aside in picture.asides]
        if picture.run_only:
            asides.append((picture.node(picture.run_only[0].node).container or "", picture.run_only))
        for box, steps in asides:
            title = self._turned(title_size(self.boxes[box]))[0]
            inner = self._sequence_extent(steps)
            low = inner.low + (title + 14 if self.left_to_right else PAD)
            left = self.right + COLUMN_GAP
            high = max(inner.high + PAD, 0.0 if self.left_to_right else title + 2 * BESIDE + 8 - low)
            last = self._sequence(steps, left + low, 1) - 1
            self.box_across[box] = Span(left, left + low + high)
            self.box_rows[box] = (1, last)
            self.right = left + low + high

    # -- rows --------------------------------------------------------------------------------------------------------

    def _rooms(self) -> None:
        """Make room for titles and edges of boxes, inner ones first."""
        inner_of: dict[str | None, list[str]] = {}
        for box in self.picture.containers:
            inner_of.setdefault(box.parent, []).append(box.id)
        for box in reversed(self.picture.containers):
            first, last = self.box_rows[box.id]
            inner = inner_of.get(box.id, ())
            starts = [self.box_room[other][0] for other in inner if self.box_rows[other][0] == first]
            ends = [self.box_room[other][1] for other in inner if self.box_rows[other][1] == last]
            title = PAD / 2 if self.left_to_right else title_size(box)[1] + 12
            room = (title + max(starts, default=0.0), PAD / 2 + max(ends, default=0.0))
            if self.left_to_right:  # the title must not be longer than its box
                has = sum(row.size + row.gap for row in self.rows[first : last + 1]) - self.rows[last].gap + sum(room)
                room = (room[0], room[1] + max(0.0, title_size(box)[0] + 2 * BESIDE + 8 - has))
            self.box_room[box.id] = room
            self.rows[first].before = max(self.rows[first].before, room[0])
            self.rows[last].after = max(self.rows[last].after, room[1])

    def _stack(self) -> None:
        position = 0.0
        for row in self.rows:
            row.low = position + row.before + row.over
            position = row.bottom + row.gap


def inside_of(step: Step) -> tuple[Step, ...]:
    """Return the steps inside a box, with the nodes at which it is entered and left."""
    before = () if step.last == step.node else (Step(node=step.node),)
    body = tuple(each for branch in step.branches for each in branch.steps)
    return (*before, *body, Step(node=step.last)) if step.last else (*before, *body)
