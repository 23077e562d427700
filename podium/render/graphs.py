"""A picture as a ``networkx`` graph, for questions that a drawing does not answer: dominators, reachability, paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.render.picture import Edge, Node, NodeKind, Picture

if TYPE_CHECKING:
    import networkx as nx


def digraph_of(picture: Picture) -> nx.DiGraph[str]:
    """Return the picture as a directed graph; `podium.render.graph` tells its attributes."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(
        name=picture.title, start=picture.start.key, end=picture.end.key, status=picture.status
    )
    for node in picture.nodes:
        if node.kind is not NodeKind.NOTE:  # a text beside a drawing
            graph.add_node(node.key, **_of_node(node, picture))
    keys = {node.id: node.key for node in picture.nodes}
    for edge in picture.edges:
        source, target = keys[edge.source], keys[edge.target]
        if graph.has_edge(source, target):  # a loop whose whole body is one line back
            graph.edges[source, target]["kinds"] += (edge.kind.value,)
        else:
            graph.add_edge(source, target, **_of_edge(edge))
    return graph


def _of_node(node: Node, picture: Picture) -> dict[str, Any]:
    boxes = {box.id: box for box in picture.containers}
    around = boxes.get(node.container or "")
    if around is not None and around.node == node.id:  # a loop stands inside its own box
        around = boxes.get(around.parent or "")
    return {
        "id": node.id,
        "kind": node.kind.value,
        "reference": node.reference,
        "name": node.task_name,
        "type": node.task_type,
        "label": "\n".join(line.text for line in node.lines) or node.key,
        "container": picture.node(around.node).key if around is not None and around.node else None,
        "join_on": node.join_on,
        "hidden": node.hidden,
        "status": node.status,
        "attempts": node.attempts,
        "iteration": node.iteration,
        "reason": node.reason,
    }


def _of_edge(edge: Edge) -> dict[str, Any]:
    return {
        "kind": edge.kind.value,
        "kinds": (edge.kind.value,),
        "cases": edge.cases,
        "otherwise": edge.otherwise,
        "label": edge.label,
        "taken": edge.taken,
    }
