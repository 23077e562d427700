"""
One part of a picture, with the rest as nodes that say how much they leave out.

What is left keeps the nesting around it, so a reader sees in which fork, loop and case he is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from attrs import define, evolve, field

from podium.model.errors import RenderError
from podium.model.texts import count_of
from podium.render.folding import Folding
from podium.render.names import node_named
from podium.render.picture import Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture, tasks_of
from podium.render.steps import Branch, NestedTask, nodes_inside

#: Lines that say in which order tasks run.
_FLOW = frozenset({EdgeKind.FLOW, EdgeKind.UNJOINED})


def focused(picture: Picture, name: str, hops: int) -> Picture:
    """
    Leave what is at most *hops* lines away from a task, in either direction.

    Raises:
        RenderError: There is no such task.
    """
    centre = node_named(picture, name, "focus").id
    ends = {picture.start.id, picture.end.id}
    around: dict[str, set[str]] = {node.id: set() for node in picture.nodes}
    for edge in picture.edges:
        around[edge.source].add(edge.target)
        around[edge.target].add(edge.source)
    near, edge_of_it = {centre}, {centre}
    for _ in range(hops):
        # Everything that terminates is next to the end, so the way through an end says nothing.
        edge_of_it = {other for node in edge_of_it - ends for other in around[node]} - near
        near |= edge_of_it
    return _cut(picture, near, {centre})


def between(picture: Picture, first: str, last: str) -> Picture:
    """
    Leave what lies on a way from one task to another one, both included.

    Raises:
        RenderError: There is no such task, or no way from the first to the last.
    """
    here, there = (_whole(picture, node_named(picture, name, "between")) for name in (first, last))
    # Ways back make everything in a loop reachable from everything else; they count only if there is no other way.
    for kinds in (_FLOW, _FLOW | {EdgeKind.BACK}):
        lines = [edge for edge in picture.edges if edge.kind in kinds]
        on_the_way = _reached(here, lines) & _reached(there, [_turned(edge) for edge in lines])
        if on_the_way:
            return _cut(picture, on_the_way | here | there, {*_ends(picture, here), *_ends(picture, there)})
    swapped = _reached(there, picture.edges) & here
    hint = f"; there is one from {last!r} to {first!r}" if swapped else ""
    raise RenderError(f"no way leads from {first!r} to {last!r}{hint}")


def _turned(edge: Edge) -> Edge:
    """Return a line the other way round."""
    return evolve(edge, source=edge.target, target=edge.source)


def _whole(picture: Picture, node: Node) -> set[str]:
    """Return a task's nodes: a loop or an open sub-workflow with all that is inside it."""
    box = next((box for box in picture.containers if box.node == node.id), None)
    if box is None:
        return {node.id}
    parents = {each.id: each.parent for each in picture.containers}

    def is_inside(container: str | None) -> bool:
        while container is not None and container != box.id:
            container = parents[container]
        return container is not None

    return {each.id for each in picture.nodes if is_inside(each.container)}


def _ends(picture: Picture, nodes: Collection[str]) -> set[str]:
    """Return the node that stands for a task's nodes, to be marked."""
    boxes = [box.node for box in picture.containers if box.node in nodes]
    return {boxes[0]} if boxes else set(nodes)


def _reached(sources: Collection[str], edges: Iterable[Edge]) -> set[str]:
    after: dict[str, list[str]] = {}
    for edge in edges:
        after.setdefault(edge.source, []).append(edge.target)
    found, new = set(sources), list(sources)
    while new:
        new = [target for source in new for target in after.get(source, ()) if target not in found]
        found.update(new)
    return found


@define
class _Cutting:
    folding: Folding
    keep: frozenset[str]
    #: Nodes that are kept or have a kept one inside, each asked for once.
    _near: dict[str, bool] = field(factory=dict)

    def sequence(self, steps: tuple[NestedTask, ...], box: str | None) -> tuple[NestedTask, ...]:
        """Return steps one after the other, each stretch of unwanted ones as one."""
        out: list[NestedTask] = []
        gap: list[NestedTask] = []
        for before, step in zip((None, *steps), steps, strict=False):
            # Whoever sees a fork needs its join to see which branches there are.
            is_closing = before is not None and self._is_near(before) and self.folding.picture.closes(before, step)
            if is_closing or self._is_near(step):
                out += [*self._gap(gap, box), self._opened(step, box)]
                gap = []
            else:
                gap.append(step)
        return (*out, *self._gap(gap, box))

    def _is_near(self, step: NestedTask) -> bool:
        found = self._near.get(step.node)
        if found is None:
            own = step.node in self.keep or step.last in self.keep
            inside = [self._is_near(inner) for branch in step.branches for inner in branch.steps]
            found = self._near[step.node] = own or any(inside)
        return found

    def _opened(self, step: NestedTask, box: str | None) -> NestedTask:
        inner = step.container or box
        branches: list[Branch] = []
        unwanted: list[Branch] = []
        for branch in step.branches:
            if branch.steps and not any(self._is_near(each) for each in branch.steps):
                # All unwanted branches become one gap, which stands where the first of them stood.
                if not unwanted:
                    branches.append(branch)
                unwanted.append(branch)
            else:
                branches.append(evolve(branch, steps=self.sequence(branch.steps, inner)))
        if unwanted:
            left_out = [each for branch in unwanted for each in branch.steps]
            word = "case" if self.folding.picture.node(step.node).kind is NodeKind.SWITCH else "branch"
            number = count_of(len(unwanted), word) if len(unwanted) > 1 else ""
            steps = tuple(self._gap(left_out, inner, branches=number))
            branches = [evolve(branch, steps=steps) if branch is unwanted[0] else branch for branch in branches]
        return evolve(step, branches=tuple(branches))

    def _gap(self, steps: list[NestedTask], box: str | None, *, branches: str = "") -> list[NestedTask]:
        if not steps:
            return []
        picture = self.folding.picture
        nodes = [picture.node(name) for name in nodes_inside(tuple(steps))]
        tasks = count_of(sum(tasks_of(node) for node in nodes), "task")
        text = f"… {branches}, {tasks}" if branches else f"… {tasks}"
        stand = self.folding.stand_for(
            steps,
            NodeKind.GAP,
            LabelLine(LineRole.NAME, text),
            tooltip=(f"{tasks} left out, from {nodes[0].name} to {nodes[-1].name}",),
            container=box,
        )
        return [self.folding.fold(steps, stand, is_sequence=False)]


def _cut(picture: Picture, keep: Collection[str], marked: set[str]) -> Picture:
    folding = Folding(evolve(picture, focus=frozenset(marked)))
    return folding.result(_Cutting(folding, frozenset(keep)).sequence(picture.steps, None))
