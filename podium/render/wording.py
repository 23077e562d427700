"""What every drawn form says of a node or a line beside its label: words for people, classes for style sheets."""

from __future__ import annotations

from podium.render.palette import style_of
from podium.render.picture import Edge, EdgeKind, Kind, Node, Picture


def words_of(edge: Edge, picture: Picture) -> str:
    """Tell in words where a line leads, and when; nothing is cut."""
    source, target = picture.node(edge.source), picture.node(edge.target)
    verb = "is undone by" if edge.kind is EdgeKind.UNDO and source.container != target.container else "to"
    words = " | ".join(edge.words)
    change = f" ({edge.change})" if edge.change else ""
    there = "end" if target.kind is Kind.END else target.name  # a termination has an end of its own
    return f"{source.name} {verb} {there}" + (f": {words}" if words else "") + change


def classes_of(node: Node, picture: Picture) -> str:
    """Return the classes of a node: its kind, its status, whether somebody asked about it."""
    status = f" status-{style_of(node.status).key}" if node.status else ""
    return f"node-{node.kind}{status}{' focus' if node.id in picture.focus else ''}"
