"""
How often each line of a picture was taken, told from how often its ends were reached.

A store counts attempts and not ways, but what comes into a step goes out of it: where only one line leads to a step,
all who came to it came by that; where only one leads away, all who were done went on by that; and of lines that meet,
or part, one that is not known yet is what the others leave.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from attrs import evolve

from podium.model.statistics import RunStatistics
from podium.model.statuses import RunStatus
from podium.render.picture import Edge, EdgeKind, NodeKind, Picture

#: Each line that leads to one of these is come by in each run that gets there.
_MEETING: Final = frozenset({NodeKind.JOIN})
#: Where more than one line that leads away is taken at once.
_SPREADING: Final = frozenset({NodeKind.FORK, NodeKind.DYNAMIC_FORK})
#: Where ways part, so that their share is written at them.
_PARTING: Final = frozenset({NodeKind.SWITCH, NodeKind.LOOP})


def with_ways(picture: Picture, found: RunStatistics) -> Picture:
    """Return a picture of a definition whose lines tell how often they were taken."""
    counts = _Ways(picture, found).counted()
    most = max(found.count, 1)
    kinds = {node.id: node.kind for node in picture.nodes}
    return evolve(picture, edges=tuple(_told(edge, counts.get(edge.id), most, kinds) for edge in picture.edges))


def _told(edge: Edge, count: int | None, most: int, kinds: dict[str, NodeKind]) -> Edge:
    if count is None:
        return edge
    told = f"{count:,}" if kinds[edge.source] in _PARTING else ""
    return evolve(edge, taken=count > 0, share=min(1.0, count / most), told=told)


class _Ways:
    def __init__(self, picture: Picture, found: RunStatistics) -> None:
        self.picture = picture
        self.into: defaultdict[str, list[Edge]] = defaultdict(list)
        self.out: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in picture.edges:
            self.into[edge.target].append(edge)
            self.out[edge.source].append(edge)
        self.known: dict[str, int] = {}
        self.reached: dict[str, int] = {picture.start.id: found.count}
        self.done: dict[str, int] = {picture.start.id: found.count}
        for node in picture.nodes:
            if node.task_type and not node.nested:
                task = found.tasks.get(node.reference)
                self.reached[node.id] = task.count if task else 0
                self.done[node.id] = task.done if task else 0
        completed = sum(one.runs.get(RunStatus.COMPLETED, 0) for one in found.workflows.values())
        #: A termination ends runs as it pleases, so then nobody knows how many came to the end by which line.
        if all(node.kind is not NodeKind.TERMINATE for node in picture.nodes):
            self.reached[picture.end.id] = completed

    def counted(self) -> dict[str, int]:
        """Return the count of each line that can be told, by its id."""
        left = list(self.picture.edges)
        while left:
            untold = [edge for edge in left if not self._tell(edge)]
            if len(untold) == len(left):
                break
            left = untold
        return self.known

    def _tell(self, edge: Edge) -> bool:
        """Count a line if that can be done by now; tells whether it was."""
        count = self._by_target(edge)
        if count is None:
            count = self._by_source(edge)
        if count is None:
            return False
        self.known[edge.id] = max(0, count)
        return True

    def _by_target(self, edge: Edge) -> int | None:
        """Return what the other lines to the target leave."""
        node = self.picture.node(edge.target)
        others = [other for other in self.into[edge.target] if other is not edge]
        is_loop = node.kind is NodeKind.LOOP and edge.kind is not EdgeKind.BACK  # whose rounds are those of its body
        if node.id not in self.reached or node.kind in _MEETING or is_loop:
            return None
        if any(other.id not in self.known for other in others):
            return None
        return self.reached[node.id] - sum(self.known[other.id] for other in others)

    def _by_source(self, edge: Edge) -> int | None:
        """Return what the other lines from the source leave; of a fork each is taken each time."""
        node = self.picture.node(edge.source)
        if node.id not in self.done:
            return None
        if node.kind in _SPREADING:
            return self.reached[node.id]
        if edge.kind is EdgeKind.BACK:
            return None  # a loop is done once, however often it goes round
        others = [other for other in self.out[edge.source] if other is not edge and other.kind is not EdgeKind.BACK]
        if any(other.id not in self.known for other in others):
            return None
        return self.done[node.id] - sum(self.known[other.id] for other in others)
