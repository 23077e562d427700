"""Some steps of a picture as a picture of their own: what is behind a node that stands for them."""

from __future__ import annotations

from attrs import evolve

from podium.render.naming import shorten
from podium.render.picture import Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.steps import NestedTask, nodes_inside

_START, _END = "flow_start", "flow_end"


def part_of(picture: Picture, steps: tuple[NestedTask, ...]) -> Picture:
    """
    Return steps that follow each other as a picture.

    Lines from outside begin at its start, lines to the outside lead to its end; both say which nodes are there.
    """
    inside = dict.fromkeys(nodes_inside(steps))
    before: dict[str, None] = {}
    after: dict[str, None] = {}
    edges: dict[tuple[str, str, EdgeKind], Edge] = {}
    for edge in picture.edges:
        if edge.source not in inside and edge.target not in inside:
            continue
        moved = edge
        if edge.source not in inside:
            before[edge.source] = None
            moved = evolve(moved, source=_START, cases=(), otherwise=False)
        if edge.target not in inside:
            after[edge.target] = None
            moved = evolve(moved, target=_END, early=False)
        edges.setdefault((moved.source, moved.target, moved.kind), moved)
    boxes = {box.id: box for box in picture.containers if box.node in inside}
    nodes = [
        evolve(node, container=node.container if node.container in boxes else None)
        for node in map(picture.node, inside)
    ]
    return Picture(
        title=f"{nodes[0].name} … {nodes[-1].name}" if len(steps) > 1 else nodes[0].name,
        subtitle=(f"a part of {picture.title}",),
        nodes=(
            _outside(_START, NodeKind.START, "after", [picture.node(name) for name in before]),
            *nodes,
            _outside(_END, NodeKind.END, "before", [picture.node(name) for name in after]),
        ),
        edges=tuple(edges.values()),
        containers=tuple(evolve(box, parent=box.parent if box.parent in boxes else None) for box in boxes.values()),
        steps=steps,
        status=picture.status,
    )


def _outside(node_id: str, kind: NodeKind, word: str, others: list[Node]) -> Node:
    """Return the small figure that stands for what is around the part."""
    names = [other.name if other.kind is kind else f"{word} {other.name}" for other in others]
    text = shorten(" | ".join(names), 40) or kind.value
    status = next((other.status for other in others if other.kind is kind), None)
    return Node(id=node_id, kind=kind, key=text, lines=(LabelLine(LineRole.NAME, text),), status=status)
