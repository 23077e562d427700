"""
An end of its own for each place at which a workflow ends early.

A line from a TERMINATE to the end of the flow would cross whatever lies between them. Drawn forms therefore put a small
end right behind it; the graph of `podium.render.graph` keeps the line as it is.
"""

from __future__ import annotations

from attrs import evolve

from podium.render.palette import NOT_STARTED
from podium.render.picture import Edge, LineRole, Node, NodeKind, Picture
from podium.render.steps import NestedTask


def with_own_ends(picture: Picture) -> Picture:
    """
    Return the picture with an end behind each node that ends the flow early.

    Where nothing else leads to the end, a line to it crosses nothing that goes on, and the picture stays as it is. So
    does a node that stands for many, of which only some end the flow.
    """
    end = picture.end
    going_on = {edge.source for edge in picture.edges if not edge.early}
    early = {edge.source: edge for edge in picture.edges if edge.early and edge.target == end.id}
    early = {source: edge for source, edge in early.items() if source not in going_on}
    if not early or all(edge.early or edge.target != end.id for edge in picture.edges):
        return picture
    own = {source: _end_of(picture, edge) for source, edge in early.items()}
    nodes = [each for node in picture.nodes for each in (node, own.get(node.id)) if each is not None]
    if any(edge.taken for edge in early.values()):  # the run has ended there, and not here
        lines = tuple(line for line in end.lines if line.role is not LineRole.STATUS)
        nodes[-1] = evolve(end, status=NOT_STARTED, lines=lines, reason="", tooltip=("the run ended earlier",))
    return evolve(
        picture,
        nodes=tuple(nodes),
        edges=tuple(_moved(edge, own) if edge in early.values() else edge for edge in picture.edges),
        steps=_steps(picture.steps, own),
    )


def _end_of(picture: Picture, edge: Edge) -> Node:
    source, end = picture.node(edge.source), picture.end
    status, lines = end.status, tuple(line for line in end.lines if line.role is LineRole.STATUS)
    if not edge.taken:
        status, lines = None if end.status is None else NOT_STARTED, ()
    return Node(
        id=f"end_{source.id}",
        kind=NodeKind.END,
        key=f"end ({source.key})",
        lines=lines,
        tooltip=end.tooltip if edge.taken else ("the workflow ends here",),
        container=source.container,
        nested=source.nested,
        status=status,
    )


def _moved(edge: Edge, own: dict[str, Node]) -> Edge:
    return evolve(edge, target=own[edge.source].id)


def _steps(steps: tuple[NestedTask, ...], own: dict[str, Node]) -> tuple[NestedTask, ...]:
    """Return the steps with the ends behind those that they belong to."""
    found: list[NestedTask] = []
    for step in steps:
        found.append(step.with_inner(lambda inner: _steps(inner, own)))
        if step.node in own:
            found.append(NestedTask(node=own[step.node].id))
    return tuple(found)
