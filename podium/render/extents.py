"""
How much room steps need: across the flow, with all that is inside them, and along it.

A list of steps that is very long is folded into columns, and branches that are very many stand on several shelves, one
below the other, so that no picture is a strip. `podium.render.layers` puts them where they belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from math import ceil, sqrt
from typing import Final, NamedTuple

from attrs import define, field

from podium.render.node_looks import LOOKS
from podium.render.picture import Container, Edge, NodeKind, Picture
from podium.render.sizes import extent_of, label_size, node_size, title_size, words_beside
from podium.render.steps import Branch, NestedTask, entry_of, inside_of, nodes_inside

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
#: A list of steps this many times as long as it is wide is folded, into columns that together are about this shape; and
#: branches this many times as wide as they are long stand on shelves.
_FOLDED_FROM: Final = 7.0
_FOLDED_TO: Final = 1.5
#: A page is at least so wide; above what goes from left to right stands its header.
_NARROW: Final = 260.0
_HEADER: Final = 60.0
#: How long what stands before and after branches is at least: the ends of the flow, a header, a join.
_AROUND: Final = 300.0


class Extent(NamedTuple):
    """How far something reaches across the flow, on both sides of the line that goes through it."""

    low: float
    high: float

    def __or__(self, other: tuple[float, float]) -> Extent:
        return Extent(max(self.low, other[0]), max(self.high, other[1]))

    @property
    def width(self) -> float:
        """The width of both sides together."""
        return self.low + self.high


class Columns(NamedTuple):
    """The branches of a step side by side, and the way past them."""

    #: One shelf, unless they are very many.
    shelves: tuple[tuple[tuple[Branch, Extent], ...], ...]
    #: For the cases without tasks; None if every line leads into a branch.
    through: Extent | None

    @property
    def gutter(self) -> float:
        """Room for lines beside several shelves: to the lower ones on the left, from the upper ones on the right."""
        return COLUMN_GAP if len(self.shelves) > 1 else 0.0

    @property
    def shelved(self) -> float:
        """How wide the shelves are, with their gutters."""
        return max(map(_width_of, self.shelves), default=0.0) + 2 * self.gutter

    @property
    def width(self) -> float:
        """Everything, with the way past it."""
        if self.through is None:
            return self.shelved
        return self.through.width + (self.shelved + COLUMN_GAP if self.shelves else 0.0)


def _width_of(shelf: Sequence[tuple[Branch, Extent]]) -> float:
    return sum(extent.width for _, extent in shelf) + COLUMN_GAP * (len(shelf) - 1)


@define
class Extents:
    """Measures the steps of a picture."""

    picture: Picture
    left_to_right: bool = field(kw_only=True)
    #: What is looked up or computed again and again.
    boxes: dict[str, Container] = field(init=False)
    #: The lines that leave a node, each with the size of its text; sizes of figures and their words; branches.
    lines_of: dict[str, list[tuple[Edge, float, float]]] = field(init=False)
    _sizes: dict[str, tuple[float, float]] = field(factory=dict)
    _words: dict[str, tuple[float, float]] = field(factory=dict)
    _columns: dict[str, Columns] = field(factory=dict)
    _extents: dict[tuple[str, str | None], Extent] = field(factory=dict)
    _lengths: dict[tuple[str, str | None], float] = field(factory=dict)
    _chunks: dict[tuple[str, str | None], list[tuple[NestedTask, ...]]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.boxes = {box.id: box for box in self.picture.containers}
        self.lines_of = {node.id: [] for node in self.picture.nodes}
        for edge in self.picture.edges:
            self.lines_of[edge.source].append((edge, *label_size(edge)))

    # -- sizes -------------------------------------------------------------------------------------------------------

    def turned(self, size: tuple[float, float]) -> tuple[float, float]:
        """Return a width and a height as (across, along)."""
        return (size[1], size[0]) if self.left_to_right else size

    def size(self, node_id: str) -> tuple[float, float]:
        """Return the size of a figure across and along; that of a bar is told so already."""
        if node_id not in self._sizes:
            node = self.picture.node(node_id)
            self._sizes[node_id] = node_size(node) if LOOKS[node.kind].is_bar else self.turned(node_size(node))
        return self._sizes[node_id]

    def words_size(self, node_id: str) -> tuple[float, float]:
        """Return the size across and along of the words beside a node's figure."""
        if node_id not in self._words:
            self._words[node_id] = self.turned(extent_of(words_beside(self.picture.node(node_id))))
        return self._words[node_id]

    def own(self, node_id: str) -> Extent:
        """Return the extent of a node with its words, and with the text of a line that leads on from it."""
        node = self.picture.node(node_id)
        half = self.size(node_id)[0] / 2
        own = Extent(half, half)
        across, along = self.words_size(node_id)
        # From top to bottom words stand above, below or beside their figure and widen it; from left to right they stand
        # above it, where they take room on one side only.
        if not along:
            pass
        elif self.left_to_right:
            own = Extent(half, half + across + 4) if node.kind is NodeKind.END else Extent(half + across + 4, half)
        else:
            own |= (0, across + BESIDE) if LOOKS[node.kind].is_bar else (across / 2, across / 2)
        # The lines of a switch and of a bar go to other columns at once, and these have the room for their texts.
        if node.kind is not NodeKind.SWITCH and not LOOKS[node.kind].is_bar:
            for _, *size in self.lines_of[node_id]:
                own |= self._label(*size)
        return own

    def _label(self, width: float, height: float) -> Extent:
        """Return the room that the text of a line needs: on its right, or above it in a flow from left to right."""
        if not width:
            return Extent(0, 0)
        return Extent(height + BESIDE, 0) if self.left_to_right else Extent(0, width + 2 * BESIDE)

    def extent(self, step: NestedTask) -> Extent:
        """Return the extent of a step with all that is inside it."""
        key = (step.node, step.container)
        if key not in self._extents:
            self._extents[key] = self._boxed_extent(step) if step.container else self._open_extent(step)
        return self._extents[key]

    def _boxed_extent(self, step: NestedTask) -> Extent:
        box = self.boxes[step.container or ""]
        inner = self.extent_of_steps(inside_of(step))
        width, height = title_size(box)
        # From top to bottom the title stands on the left of the line that enters the box; otherwise above all lines.
        low = inner.low + height + 14 if self.left_to_right else max(inner.low + PAD, width + 2 * BESIDE + 8)
        return Extent(low, inner.high + PAD + (LANE if box.node == step.last else 0))

    def _open_extent(self, step: NestedTask) -> Extent:
        half = self.half(step)
        is_bar = self.picture.node(step.node).kind is NodeKind.FORK
        return self.own(step.node) | (self._bar(step.node, half) if is_bar else (half, half))

    def columns(self, step: NestedTask) -> Columns:
        """Return where the branches of a step stand; those without tasks share the way past the others."""
        if step.node not in self._columns:
            # A case's text stands at its own column, so it widens that one and not the switch.
            labels = {edge.target: self._label(*size) for edge, *size in self.lines_of[step.node]}
            branches = [
                (branch, self.extent_of_steps(branch.steps) | labels.get(entry_of(branch.steps[0]), (0, 0)))
                for branch in step.branches
                if branch.steps
            ]
            inside = {node for branch in step.branches for node in nodes_inside(branch.steps)}
            past = [label for target, label in labels.items() if step.branches and target not in inside]
            through = max(past, key=lambda label: label.width) | (LANE, LANE) if past else None
            self._columns[step.node] = Columns(self._shelves(branches), through)
        return self._columns[step.node]

    def extent_of_steps(self, steps: tuple[NestedTask, ...]) -> Extent:
        """Return the extent of a list of steps with all columns that it is folded into."""
        parts = [self.column(part) for part in self.parts(steps)]
        # The first column keeps the axis of the whole list; the others stand to its right, each beyond a lane.
        rest = sum(part.width + 2 * COLUMN_GAP for part in parts[1:])
        return Extent(parts[0].low, parts[0].high + rest) if parts else Extent(0, 0)

    def column(self, steps: Iterable[NestedTask]) -> Extent:
        """Return the extent of steps that stand one below the other."""
        found = Extent(0, 0)
        half = 0.0
        for step in steps:
            found |= self.extent(step)
            # A join joins what is right before it, so its bar reaches as far as theirs.
            if self.picture.node(step.node).kind is NodeKind.JOIN:  # as long as the bar before it
                found |= self._bar(step.node, half)
            half = self.half(step)
        return found

    def _bar(self, node_id: str, half: float) -> Extent:
        """Return the extent of a bar of some length; from left to right its name stands above it."""
        return Extent(half + (self.words_size(node_id)[0] + 4 if self.left_to_right else 0), half)

    def half(self, step: NestedTask) -> float:
        """Return half of the extent of a step's branches."""
        return 0.0 if step.container else self.columns(step).width / 2

    # -- folding -----------------------------------------------------------------------------------------------------

    def _length(self, step: NestedTask) -> float:
        """Estimate how long a step is along the flow."""
        key = (step.node, step.container)
        if key not in self._lengths:
            words = 0.0 if self.left_to_right else self.words_size(step.node)[1]
            own = self.size(step.node)[1] + words + GAP
            if step.container:
                own = self.turned(title_size(self.boxes[step.container]))[1] + PAD
                inner = self._longest(inside_of(step))
            else:
                shelves = self.columns(step).shelves
                inner = sum(max(self._longest(branch.steps) for branch, _ in shelf) for shelf in shelves)
            self._lengths[key] = own + inner
        return self._lengths[key]

    def _longest(self, steps: tuple[NestedTask, ...]) -> float:
        return max((sum(map(self._length, part)) for part in self.parts(steps)), default=0.0)

    def parts(self, steps: tuple[NestedTask, ...]) -> list[tuple[NestedTask, ...]]:
        """Return a list of steps in the columns that it is folded into: one, unless it is very long."""
        if not steps:
            return []
        key = (steps[0].node, steps[0].container)
        if key not in self._chunks:
            self._chunks[key] = self._folded(steps)
        return self._chunks[key]

    def _folded(self, steps: tuple[NestedTask, ...]) -> list[tuple[NestedTask, ...]]:
        length, width = sum(map(self._length, steps)), self.column(steps).width
        # Estimates will do: rows are shared with what stands beside, so the true length is known only when all is
        # placed.
        width = width + _HEADER if self.left_to_right else max(width, _NARROW)
        if length < _FOLDED_FROM * width or len(steps) < 4:
            return [steps]
        wanted = length / ceil(sqrt(length / width / _FOLDED_TO))
        parts: list[list[NestedTask]] = [[]]
        so_far = 0.0
        for before, step in zip((None, *steps), steps, strict=False):
            # A join stays below its fork, and the end below the last task: a line up and over to a figure like that
            # would say that something else comes first.
            is_end = self.picture.node(step.node).kind is NodeKind.END
            is_free = before is not None and not is_end and not self.picture.closes(before, step)
            if is_free and so_far + self._length(step) / 2 > wanted:
                parts.append([])
                so_far = 0.0
            parts[-1].append(step)
            so_far += self._length(step)
        return [tuple(part) for part in parts]

    def _shelves(self, branches: Sequence[tuple[Branch, Extent]]) -> tuple[tuple[tuple[Branch, Extent], ...], ...]:
        """Return branches in the shelves that they are put on: one, unless they are very many."""
        width = _width_of(branches)
        length = max((self._longest(branch.steps) for branch, _ in branches), default=0.0)
        if len(branches) < 4 or width < _FOLDED_FROM * (length + _AROUND):
            return (tuple(branches),) if branches else ()
        # More shelves make a picture narrower and higher; the first number that is no strip any more is the best.
        number = next(each for each in count(2) if width / each < _FOLDED_TO * (length * each + _AROUND))
        shelves: list[list[tuple[Branch, Extent]]] = [[]]
        for each in branches:
            # In the order written, like words in lines; one that fits by half still goes on the shelf, or the last
            # shelf would hold what was left over of all others.
            if shelves[-1] and _width_of([*shelves[-1], each]) > width / number + each[1].width / 2:
                shelves.append([])
            shelves[-1].append(each)
        return tuple(map(tuple, shelves))
