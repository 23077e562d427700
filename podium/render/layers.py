"""
Where steps stand: in rows along the flow, branches in columns across it.

The nesting of a picture is its layout: a column belongs to its branch alone, and a row begins below everything that
comes before it. So no line crosses a figure: lines run along free columns and in the gaps between rows.

*Along* is the direction of the flow and *across* the other one; `podium.render.layout` turns them into x and y.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from attrs import define, field

from podium.render.extents import BESIDE, COLUMN_GAP, GAP, LANE, PAD, TURN, Extent, Extents
from podium.render.picture import NodeKind, Picture
from podium.render.sizes import title_size
from podium.render.steps import NestedTask, ends_of, entry_of, inside_of

#: How far the lanes of shelves are from the ends of the bar; no line meets a bar nearer to its end.
RIM: Final = 6.0


class Stretch(NamedTuple):
    """A stretch of one axis."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The centre of the stretch."""
        return (self.low + self.high) / 2


@define
class Layer:
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


class Position(NamedTuple):
    """Where a node is, before rows have their final size."""

    across: Stretch
    axis: float
    row: int
    size: float


class LineFold(NamedTuple):
    """How a line goes on that does not lead to what stands below it: below a row to a free lane, and along that."""

    lane: float
    row: int


@define
class Layers:
    """Places steps; `place` does it all."""

    picture: Picture
    left_to_right: bool = field(kw_only=True)
    places: dict[str, Position] = field(factory=dict)
    rows: list[Layer] = field(factory=list)
    box_across: dict[str, Stretch] = field(factory=dict)
    box_rows: dict[str, tuple[int, int]] = field(factory=dict)
    #: Room before and after a box's first and last row, those of the boxes inside it included.
    box_room: dict[str, tuple[float, float]] = field(factory=dict)
    #: Middle of the free column beside a switch's cases, for lines that go straight on.
    through: dict[str, float] = field(factory=dict)
    #: To the next column of a folded list, by the node that this begins with.
    folds: dict[str, LineFold] = field(factory=dict)
    #: To the lower shelves of branches, by the node that a branch begins with: below the row the line leaves the lane.
    drops: dict[str, LineFold] = field(factory=dict)
    #: From the upper shelves to what follows the branches, by the nodes at which they end; inner shelves first.
    exits: dict[str, list[LineFold]] = field(factory=dict)
    right: float = 0.0
    #: The same of the flow alone, without what stands beside it.
    flow_right: float = 0.0
    extents: Extents = field(init=False)

    @extents.default
    def _measure(self) -> Extents:
        return Extents(self.picture, left_to_right=self.left_to_right)

    def place(self, lanes: int) -> None:
        """Place the flow and what stands beside it, with so many lanes for lines between the two."""
        picture = self.picture
        # The ends are steps like others: a long flow is folded with them, and its end stands below the last task.
        flow = (NestedTask(node=picture.start.id), *picture.steps, NestedTask(node=picture.end.id))
        self._sequence(flow, 0.0, 0)
        self.flow_right = self.right
        # Lines that follow no nesting run between the flow and what stands beside it, one lane each.
        self.right += LANE * (lanes + 1)
        self._beside()
        self._rooms()
        self._stack()

    # -- places ------------------------------------------------------------------------------------------------------

    def _put(self, node_id: str, axis: float, row: int, across: float = 0.0) -> None:
        node = self.picture.node(node_id)
        size, along = self.extents.size(node_id)
        half = max(size, across) / 2
        words_across, words_along = self.extents.words_size(node_id)
        self.places[node_id] = Position(Stretch(axis - half, axis + half), axis, row, along)
        # Texts count as much as figures: a lane must not run through the words of the last node of a row.
        reach = self.extents.own(node_id) | (half, half)
        self.right = max(self.right, axis + reach.high)
        while len(self.rows) <= row:
            self.rows.append(Layer())
        its = self.rows[row]
        its.size = max(its.size, along, words_along + 8 if self.left_to_right and words_across else 0.0)
        if words_along and not self.left_to_right:
            is_below = node.kind in {NodeKind.END, NodeKind.JOIN}
            its.over = max(its.over, 0.0 if is_below else words_along + 4)
            its.under = max(its.under, words_along + 4 if is_below else 0.0)
        # The text of a line stands in the gap below its node's row, between the two places where lines turn.
        for _, width, height in self.extents.lines_of[node_id]:
            room = width + 2 * BESIDE if self.left_to_right else height
            its.gap = max(its.gap, room + 2 * TURN + 4 if width else 0.0)

    def _sequence(self, steps: tuple[NestedTask, ...], axis: float, row: int) -> int:
        """Place steps one after the other; return the first free row."""
        end, last = row, row
        before: Extent | None = None
        for part in self.extents.parts(steps):
            own = self.extents.column(part)
            # Between two columns of a folded list there is a lane for the line from the end of one to the top of the
            # next.
            if before is not None:
                lane = axis + before.high + COLUMN_GAP
                axis = lane + COLUMN_GAP + own.low
                self.folds[entry_of(part[0])] = LineFold(lane, last)
            place = row
            bar = 0.0
            for step in part:
                is_join = self.picture.node(step.node).kind is NodeKind.JOIN
                place, bar = self._step(step, axis, place, bar if is_join else 0.0)
            before, last = own, place - 1
            end = max(end, place)
        return end

    def _step(self, step: NestedTask, axis: float, row: int, bar: float) -> tuple[int, float]:
        """Place a step; return the first free row, and how wide its branches are."""
        if step.container:
            own = self.extents.extent(step)
            end = self._sequence(inside_of(step), axis, row)
            self.box_across[step.container] = Stretch(axis - own.low, axis + own.high)
            self.box_rows[step.container] = (row, end - 1)
            self.right = max(self.right, axis + own.high)
            return end, 0.0
        columns = self.extents.columns(step)
        self._put(step.node, axis, row, columns.width if self.picture.node(step.node).kind is NodeKind.FORK else bar)
        # All branches begin in the row below, so their heads stand side by side whatever is inside them.
        left = axis - columns.width / 2
        end = row + 1
        for number in range(len(columns.shelves)):
            end = self._shelf(step, number, left, end)
        if columns.through:
            right = axis + columns.width / 2
            # The way past all cases is the last column, beyond the lanes of shelves: nothing crosses it.
            self.through[step.node] = right - columns.through.high
            self.right = max(self.right, right)
        return end, columns.width

    def _shelf(self, step: NestedTask, number: int, left: float, row: int) -> int:
        """Place branches side by side; return the first free row."""
        columns = self.extents.columns(step)
        lane_in, lane_out = left + RIM, left + columns.shelved - RIM
        if number:  # between shelves lines from the upper one turn first, those to the lower one below them
            self.rows[row - 1].gap = max(self.rows[row - 1].gap, self.rows[self.places[step.node].row].gap + TURN)
        across, end = left + columns.gutter, row
        for branch, column in columns.shelves[number]:
            if number:
                self.drops[entry_of(branch.steps[0])] = LineFold(lane_in, row - 1)
            end = max(end, self._sequence(branch.steps, across + column.low, row))
            across += column.width + COLUMN_GAP
        # Ends on the last shelf are right above what follows; all others go round the shelves below them.
        if number + 1 < len(columns.shelves):
            for node in (node for branch, _ in columns.shelves[number] for node in ends_of(branch.steps[-1])):
                self.exits.setdefault(node, []).append(LineFold(lane_out, end - 1))
        return end

    def _beside(self) -> None:
        """Place what stands beside the flow, from its first task on downwards."""
        picture = self.picture
        asides = [(aside.container, aside.steps) for aside in picture.asides]
        if picture.run_only:
            asides.append((picture.node(picture.run_only[0].node).container or "", picture.run_only))
        for box, steps in asides:
            title = self.extents.turned(title_size(self.extents.boxes[box]))[0]
            inner = self.extents.extent_of_steps(steps)
            low = inner.low + (title + 14 if self.left_to_right else PAD)
            left = self.right + COLUMN_GAP
            high = max(inner.high + PAD, 0.0 if self.left_to_right else title + 2 * BESIDE + 8 - low)
            last = self._sequence(steps, left + low, 1) - 1
            self.box_across[box] = Stretch(left, left + low + high)
            self.box_rows[box] = (1, last)
            self.right = left + low + high

    # -- rows --------------------------------------------------------------------------------------------------------

    def _rooms(self) -> None:
        """Make room for titles and edges of boxes, inner ones first."""
        inner_of: dict[str | None, list[str]] = {}
        for box in self.picture.containers:
            inner_of.setdefault(box.parent, []).append(box.id)
        # A box inside another that begins or ends in the same row needs its room inside the room of the outer one.
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
