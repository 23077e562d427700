"""Sub-workflows that are shown open: the picture of the child in the place of a node of its parent's picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, field, frozen

from podium.model.runs import WorkflowRun
from podium.render.naming import Ids
from podium.render.picture import Container, ContainerKind, Edge, LineRole, Node, NodeKind, Picture
from podium.render.steps import Branch, NestedTask


def with_children(pictures: list[Picture], children: Callable[[Node], list[Picture] | None]) -> list[Picture]:
    """
    Open sub-workflows in pictures of one run at several moments.

    Args:
        pictures: The parent's pictures, in which they are closed.
        children: Gives the pictures, one for each moment, that belong into a sub-workflow's node, or None to leave it
            closed.
    """
    closed = [node for node in pictures[0].nodes if node.kind is NodeKind.SUB_WORKFLOW] if pictures else []
    found = {node.id: inner for node in closed if (inner := children(node)) is not None}
    return [
        grafted(picture, {node: inner[index] for node, inner in found.items()})
        for index, picture in enumerate(pictures)
    ]


def grafted(picture: Picture, inner: Mapping[str, Picture]) -> Picture:
    """Put pictures into a picture, each into the node of the sub-workflow that it shows, by its id."""
    return _Graft(picture, inner).whole() if inner else picture


@frozen
class _Graft:
    """
    Puts pictures into a picture.

    What is inside takes the id of its sub-workflow's node into its own, so ids stay unique, and stay the same when the
    parent changes elsewhere.
    """

    outer: Picture
    inner: Mapping[str, Picture]
    keys: Ids = field(factory=Ids)

    def whole(self) -> Picture:
        boxes = [
            box for node in self.outer.nodes if node.id in self.inner for box in self._boxes(node, self.inner[node.id])
        ]
        return evolve(
            self.outer,
            nodes=tuple(
                evolve(placed, key=self.keys.take(placed.key))
                for node in self.outer.nodes
                for placed in self._nodes(node)
            ),
            edges=tuple(self._edges()),
            containers=(*self.outer.containers, *boxes),
            steps=self._steps(self.outer.steps),
            run_only=self._steps(self.outer.run_only),
            child_runs={**self.outer.child_runs, **dict(self._child_runs())},
        )

    def _child_runs(self) -> Iterator[tuple[str, WorkflowRun]]:
        for node, inner in self.inner.items():
            if inner.run is not None:
                yield node, inner.run
            for below, run in inner.child_runs.items():
                yield _id(node, below), run

    def _nodes(self, node: Node) -> list[Node]:
        inner = self.inner.get(node.id)
        if inner is None:
            return [node]
        box = _box_id(node.id)
        enter = evolve(node, kind=NodeKind.ENTER, container=box)
        own = [
            evolve(
                each,
                id=_id(node.id, each.id),
                key=f"{node.key}/{each.key}",
                container=_id(node.id, each.container) if each.container else box,
                nested=True,
            )
            for each in inner.nodes[1:-1]
        ]
        leave = Node(
            id=_leave_id(node.id),
            kind=NodeKind.LEAVE,
            reference=node.reference,
            key=f"{node.key}/end",
            tooltip=(f"end of {node.key}",),
            container=box,
            nested=node.nested,
            status=inner.end.status,
        )
        return [enter, *own, leave]

    def _edges(self) -> Iterator[Edge]:
        """Yield the lines, those inside right after the last one that leads there."""
        closed = dict.fromkeys(self.inner)
        entered = ""
        for edge in self.outer.edges:
            # What is inside is drawn where the walk would have come by, so both ways of opening give the same picture.
            if entered and edge.target != entered:
                yield from self._inner_edges(entered)
                entered = ""
            if edge.target in closed:
                entered = edge.target
                del closed[entered]
            yield evolve(edge, source=_leave_id(edge.source)) if edge.source in self.inner else edge
        for node in filter(None, (entered, *closed)):
            yield from self._inner_edges(node)

    def _inner_edges(self, node: str) -> list[Edge]:
        inner = self.inner[node]
        # The child's ends are gone: its start is where our node is entered, its end where that is left.
        ends = {inner.start.id: node, inner.end.id: _leave_id(node)}
        return [
            evolve(
                edge,
                source=ends.get(edge.source) or _id(node, edge.source),
                target=ends.get(edge.target) or _id(node, edge.target),
            )
            for edge in inner.edges
        ]

    def _boxes(self, node: Node, inner: Picture) -> list[Container]:
        own = Container(
            id=_box_id(node.id),
            kind=ContainerKind.SUB_WORKFLOW,
            lines=tuple(line for line in node.lines if line.role is not LineRole.TYPE),
            tooltip=(*node.tooltip, *inner.subtitle[:1]),
            parent=node.container,
            node=node.id,
            status=node.status,
        )
        below = [
            evolve(
                box,
                id=_id(node.id, box.id),
                parent=_id(node.id, box.parent) if box.parent else own.id,
                node=_id(node.id, box.node) if box.node else "",
            )
            for box in inner.containers
        ]
        return [own, *below]

    def _steps(self, steps: tuple[NestedTask, ...]) -> tuple[NestedTask, ...]:
        return tuple(self._step(step) for step in steps)

    def _step(self, step: NestedTask) -> NestedTask:
        inner = self.inner.get(step.node)
        if inner is None:
            return step.with_inner(self._steps)
        body = Branch(kind="body", label="", steps=_renamed(step.node, (*inner.steps, *inner.run_only)))
        return NestedTask(node=step.node, branches=(body,), container=_box_id(step.node), last=_leave_id(step.node))


def _renamed(node: str, steps: tuple[NestedTask, ...]) -> tuple[NestedTask, ...]:
    return tuple(
        evolve(
            step.with_inner(lambda inner: _renamed(node, inner)),
            node=_id(node, step.node),
            container=_id(node, step.container) if step.container else None,
            last=_id(node, step.last) if step.last else "",
        )
        for step in steps
    )


def _bare(node: str) -> str:
    return node.removeprefix("n_")


def _box_id(node: str) -> str:
    return f"c_{_bare(node)}"


def _leave_id(node: str) -> str:
    return f"leave_{_bare(node)}"


def _id(node: str, inner: str) -> str:
    """Return the id, inside the sub-workflow at *node*, of what is called *inner* in the child's own picture."""
    # A prefix says what an id stands for and stays in front, so an id is never taken for that of another kind.
    for prefix in ("n_", "c_", "leave_"):
        if inner.startswith(prefix):
            return f"{prefix}{_bare(node)}_Z_{inner.removeprefix(prefix)}"
    return f"n_{_bare(node)}_Z_Z{inner}"
