"""
The bars of forks and joins in DOT.

A bar is a table of one filled row with a cell, and so a port, for each line: lines leave and reach it side by side, as
wide as their branches, and stay in the order of the definition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from podium.model.statuses import TaskStatus
from podium.render.dot_shapes import text_line
from podium.render.naming import text_width
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, style_of
from podium.render.picture import Edge, EdgeKind, Kind, Line, Node, Picture, Role, Step, entry_of, nodes_inside

#: All sizes here are points.
_THICKNESS: Final = 7
_SHORTEST: Final = 60
#: What lies between two nodes of a row.
_GAP: Final = 25.0
#: Most that a bar measures for one branch, so that one huge branch does not stretch the picture.
_LONGEST: Final = 4_000.0
#: What a box keeps between its outline and its inside, on each side.
_MARGIN: Final = 14.0
#: What a loop's way back takes beside its body.
_WAY_BACK: Final = 40.0
#: Statuses of a bar that need no words beside it.
_QUIET: Final = frozenset({NOT_STARTED, TaskStatus.COMPLETED.value})
#: How much wider than its text a figure is.
_ROOM: Final[Mapping[Kind, float]] = MappingProxyType(
    {Kind.SWITCH: 1.8, Kind.MERGE: 1.8, Kind.WAIT: 1.45, Kind.TERMINATE: 1.45}
)
#: Lines that may meet a bar anywhere.
_UNMET: Final = frozenset({EdgeKind.BACK, EdgeKind.UNDO})


class Bars:
    """Knows the size of every bar of a picture and where each line meets it."""

    def __init__(self, picture: Picture, options: Options) -> None:
        self._options = options
        self._picture = picture
        self._down = options.direction == "TB"
        #: Lines that have a port of their own: those that leave a fork, those that reach a join.
        self._lanes: dict[str, list[Edge]] = {
            node.id: [] for node in picture.nodes if node.kind in {Kind.FORK, Kind.JOIN}
        }
        self._lane_of: dict[tuple[str, str], int] = {}
        self._boxes = {box.id: box for box in picture.containers}
        self._cases_of: dict[str, list[Edge]] = {node.id: [] for node in picture.nodes if node.kind is Kind.SWITCH}
        for edge in picture.edges:
            if edge.kind not in _UNMET:
                self._add_lane(edge)
                self._cases_of.get(edge.source, []).append(edge)
        #: (bar, node) to the first node of the branch that holds the node, and that branch's extent across the flow.
        self._branch: dict[tuple[str, str], tuple[str, float]] = {}
        self._measure(picture.steps)

    def _add_lane(self, edge: Edge) -> None:
        for node_id, kind in ((edge.source, Kind.FORK), (edge.target, Kind.JOIN)):
            if self._picture.node(node_id).kind is kind:
                self._lane_of[node_id, edge.id] = len(self._lanes[node_id])
                self._lanes[node_id].append(edge)

    def port(self, edge: Edge, node_id: str) -> str:
        """Give the port, with its side, at which a line meets a node; empty if the node is no bar."""
        lanes = self._lanes.get(node_id)
        if lanes is None or edge.kind in _UNMET:
            return ""
        leaves = edge.source == node_id
        side = ("s" if leaves else "n") if self._down else ("e" if leaves else "w")
        has_port = leaves is (self._picture.node(node_id).kind is Kind.FORK)
        return f":p{self._lane_of[node_id, edge.id]}:{side}" if has_port else f":{side}"

    def attributes(self, node: Node) -> dict[str, str]:
        """Give label and look of a bar."""
        colours = self._options.colours
        fill = colours.ink
        if node.status is not None:
            fill = colours.outline if node.status == NOT_STARTED else colours.fill_of(style_of(node.status))
        is_quiet = node.status is None or node.status in _QUIET
        edge = 'border="0"' if is_quiet else f'border="1" color="{colours.outline}"'  # as dark as the page it may be
        look = {"shape": "plain", "style": '""', "label": f"<{self._table(node, fill, edge)}>"}
        if not is_quiet:
            words = [line for line in node.lines if line.role in {Role.NAME, Role.STATUS, Role.REASON}]
            look["xlabel"] = f"<{'<br/>'.join(text_line(line) for line in words)}>"
            look["fontcolor"] = f'"{colours.ink}"'
        return look

    def _table(self, node: Node, fill: str, edge: str) -> str:
        sizes = self._sizes(node)
        cells = [
            f'<td port="p{i}" fixedsize="true" width="{size if self._down else _THICKNESS}"'
            f' height="{_THICKNESS if self._down else size}"></td>'
            for i, size in enumerate(sizes)
        ]
        rows = f"<tr>{''.join(cells)}</tr>" if self._down else "".join(f"<tr>{cell}</tr>" for cell in cells)
        return f'<table {edge} cellborder="0" cellspacing="0" cellpadding="0" bgcolor="{fill}">{rows}</table>'

    def _sizes(self, node: Node) -> list[int]:
        """Give the lengths of a bar's cells."""
        lanes = self._lanes[node.id]
        others = [edge.target if node.kind is Kind.FORK else edge.source for edge in lanes]
        found = [self._branch.get((node.id, other), (other, self._own(other))) for other in others]
        shared = Counter(branch for branch, _ in found)
        sizes = [round(min(extent, _LONGEST) / shared[branch]) for branch, extent in found] or [_SHORTEST]
        missing = _SHORTEST - sum(sizes)
        return [size + max(0, missing // len(sizes)) for size in sizes]

    def _measure(self, steps: tuple[Step, ...]) -> float:
        """Give the extent of a list of steps across the flow, and note that of each fork's branches."""
        widest = 40.0
        for position, step in enumerate(steps):
            extents = [self._measure(branch.steps) for branch in step.branches]
            kind = self._picture.node(step.node).kind
            if kind in {Kind.FORK, Kind.DYNAMIC_FORK}:
                bars = [step.node, *(after.node for after in steps[position + 1 : position + 2])]
                for branch, extent in zip(step.branches, extents, strict=True):
                    self._note(bars, branch.steps, extent)
            elif kind is Kind.SWITCH:
                extents = self._cases(step, extents)
            inside = sum(extents)
            if step.container:
                inside = max(inside + _WAY_BACK, self._title(step.container)) + 2 * _MARGIN + _GAP
            widest = max(widest, self._own(step.node), inside)
        return widest

    def _cases(self, step: Step, extents: list[float]) -> list[float]:
        """Give the extents of a switch's cases with their labels; a case without steps is a line with a label."""
        heads = {entry_of(branch.steps[0]): place for place, branch in enumerate(step.branches) if branch.steps}
        found = [extent if branch.steps else 0.0 for branch, extent in zip(step.branches, extents, strict=True)]
        for edge in self._cases_of[step.node]:
            label = (text_width(edge.label, 10) if self._down else 14.0) + _GAP
            if edge.target in heads:
                found[heads[edge.target]] = max(found[heads[edge.target]], label)
            else:
                found.append(label)
        return found

    def _title(self, box_id: str) -> float:
        """Give the extent of a box's title, which stands on the left of the line that enters the box."""
        box = self._boxes[box_id]
        if not self._down:
            return 14.0 * len(box.lines)
        return 2.0 * max(_text_width(line) for line in box.lines) + 55

    def _note(self, bars: list[str], steps: tuple[Step, ...], extent: float) -> None:
        members = nodes_inside(steps)
        for member in members:
            for bar in bars:
                self._branch[bar, member] = (members[0], extent)

    def _own(self, node_id: str) -> float:
        """Estimate the extent of one node across the flow, with the room that it needs around it."""
        node = self._picture.node(node_id)
        if node.kind in {Kind.FORK, Kind.JOIN}:
            return 40.0
        if not self._down:
            return 14.0 * len(node.lines) + 14 + _GAP
        widest = max((_text_width(line) for line in node.lines), default=30.0)
        return widest * _ROOM.get(node.kind, 1.0) + 20 + _GAP


def _text_width(line: Line) -> float:
    return text_width(line.text, 12 if line.role is Role.NAME else 10)
