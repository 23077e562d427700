"""
The tasks that undo a flow, beside it.

They live in a workflow of their own, the ``failureWorkflow``. The authoring room writes it so that ``undo_<step>``
undoes ``<step>``; any other failure workflow is drawn too, without lines from its steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import evolve

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.walk import blocks, walk
from podium.render.labels import detail_of, kind_of, lines_for, tooltip_for
from podium.render.naming import Ids, clean, escape_id
from podium.render.picture import (
    Aside,
    Container,
    ContainerKind,
    Edge,
    EdgeKind,
    Kind,
    Line,
    Node,
    Picture,
    Role,
    Step,
)

UNDO_ID = "c_undo"
_PREFIX = "undo_"


def with_undo(picture: Picture, undo: WorkflowDef) -> Picture:
    """
    Put the tasks of a failure workflow into a box beside a picture, in the order in which they run.

    Dotted lines lead from each step to the task that undoes it, and from each of these tasks to the next one. The
    switches around them, which only ask whether there is something to undo, are left out.
    """
    steps = {node.reference: node.id for node in picture.nodes if node.reference and not node.nested}
    ids = Ids()
    nodes = [_node(task, ids) for task in _acts(undo)]
    edges = [Edge(source=before.id, target=after.id, kind=EdgeKind.UNDO) for before, after in pairwise(nodes)]
    for node in nodes:
        step = steps.get(node.reference.removeprefix(_PREFIX)) if node.reference.startswith(_PREFIX) else None
        if step is not None:
            edges.append(Edge(source=step, target=node.id, kind=EdgeKind.UNDO))
    title = (Line(Role.NAME, "undo"), Line(Role.FACT, f"{clean(undo.name)} runs if the workflow fails"))
    box = Container(id=UNDO_ID, kind=ContainerKind.UNDO, lines=title, tooltip=(clean(undo.description or ""),))
    aside = Aside(container=UNDO_ID, steps=tuple(Step(node=node.id) for node in nodes))
    return evolve(
        picture,
        nodes=(*picture.nodes[:-1], *nodes, picture.end),
        edges=(*picture.edges, *edges),
        containers=(*picture.containers, box),
        asides=(*picture.asides, aside),
    )


def _acts(undo: WorkflowDef) -> Iterator[WorkflowTask]:
    """Give the tasks that do something: all but the structures around them."""
    for visit in walk(undo.tasks):
        if not blocks(visit.task) and kind_of(visit.task.type) not in {Kind.JOIN, Kind.MERGE}:
            yield visit.task


def _node(task: WorkflowTask, ids: Ids) -> Node:
    name = escape_id(task.task_reference_name)
    node_id = ids.take(f"undo_{name}")
    return Node(
        id=node_id,
        kind=kind_of(task.type),
        reference=task.task_reference_name,
        key=f"undo:{clean(task.task_reference_name)}{node_id.removeprefix(f'undo_{name}')}",
        task_name=task.name,
        task_type=task.type,
        lines=lines_for(task),
        detail=detail_of(task),
        tooltip=tooltip_for(task),
        container=UNDO_ID,
        nested=True,
    )
