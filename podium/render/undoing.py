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
from podium.model.errors import RenderError
from podium.model.runs import WorkflowRun
from podium.model.walk import blocks, walk
from podium.render.attempts import AttemptsByName, attempts_of
from podium.render.captions import UNDONE_BY
from podium.render.catalogue import Catalogue
from podium.render.children import find_run
from podium.render.labels import kind_of, node_for
from podium.render.naming import Ids, clean, escape_id
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, style_of
from podium.render.picture import Container, ContainerKind, Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.run_words import marked
from podium.render.steps import NestedTask, SideBox

UNDO_ID = "c_undo"
_PREFIX = "undo_"


def with_its_undo(picture: Picture, subject: object, definition: WorkflowDef | None, options: Options) -> Picture:
    """
    Put what undoes a workflow beside its picture, with its run if that is known; as it is if nothing undoes it.

    Args:
        picture: The picture.
        subject: A run, or something else.
        definition: Its definition.
        options: Has the definitions, and what gives runs by their ids.

    Raises:
        RenderError: The failure workflow is known neither by its run nor by its definition.
    """
    if definition is None or not definition.failure_workflow:
        return picture
    run = _undo_run(subject, options)
    known = run.workflow_definition if run else None
    return with_undo(picture, known or _undo(definition, options.definitions), run)


def with_undo(picture: Picture, undo: WorkflowDef, run: WorkflowRun | None = None) -> Picture:
    """
    Put the tasks of a failure workflow into a box beside a picture, in the order in which they run.

    Dotted lines lead from each step to the task that undoes it, and from each of these tasks to the next one. The
    switches around them, which only ask whether there is something to undo, are left out.

    Args:
        picture: The picture of the workflow, or of a run of it.
        undo: The failure workflow.
        run: Its run, if it ran.
    """
    steps = {node.reference: node.id for node in picture.nodes if node.reference and not node.nested}
    ids = Ids()
    nodes = [_node(task, ids) for task in _acts(undo)]
    if picture.status is not None or run is not None:
        attempts = attempts_of(run, undo) if run else AttemptsByName()
        marks = [attempts.of(node.reference) for node in nodes]
        nodes = [
            marked(node, mark, ()) if mark else evolve(node, status=NOT_STARTED)
            for node, mark in zip(nodes, marks, strict=True)
        ]
    edges = [_edge(before.id, after) for before, after in pairwise(nodes)]
    for node in nodes:
        step = steps.get(node.reference.removeprefix(_PREFIX)) if node.reference.startswith(_PREFIX) else None
        if step is not None:
            edges.append(_edge(step, node))
    box = Container(
        id=UNDO_ID, kind=ContainerKind.UNDO, lines=_title(undo, run), tooltip=(clean(undo.description or ""),)
    )
    aside = SideBox(container=UNDO_ID, steps=tuple(NestedTask(node=node.id) for node in nodes))
    return evolve(
        picture,
        nodes=(*picture.nodes[:-1], *nodes, picture.end),
        edges=(*picture.edges, *edges),
        containers=(*picture.containers, box),
        asides=(*picture.asides, aside),
    )


def _title(undo: WorkflowDef, run: WorkflowRun | None) -> tuple[LabelLine, ...]:
    name = clean(undo.name)
    if run is None:
        return LabelLine(LineRole.NAME, "undo"), LabelLine(LineRole.FACT, f"{name} runs if the workflow fails")
    style = style_of(run.status)
    return (
        LabelLine(LineRole.NAME, "undo"),
        LabelLine(LineRole.FACT, name),
        LabelLine(LineRole.STATUS, f"{style.icon} {style.word}"),
    )


def _edge(source: str, node: Node) -> Edge:
    """Return the line to a task that undoes something; it was taken if that task ran."""
    taken = None if node.status is None else node.status != NOT_STARTED
    return Edge(source=source, target=node.id, kind=EdgeKind.UNDO, taken=taken)


def _acts(undo: WorkflowDef) -> Iterator[WorkflowTask]:
    """Yield the tasks that do something: all but the structures around them."""
    for visit in walk(undo.tasks):
        if not blocks(visit.task) and kind_of(visit.task.type) not in {NodeKind.JOIN, NodeKind.MERGE}:
            yield visit.task


def _node(task: WorkflowTask, ids: Ids) -> Node:
    name = escape_id(task.task_reference_name)
    node_id = ids.take(f"undo_{name}")
    key = f"undo:{clean(task.task_reference_name)}{node_id.removeprefix(f'undo_{name}')}"
    return node_for(task, node_id, key, container=UNDO_ID, nested=True)


def _undo_run(subject: object, options: Options) -> WorkflowRun | None:
    """Return the run that undid a run, if that is known."""
    found = subject.output.get(UNDONE_BY) if isinstance(subject, WorkflowRun) else None
    return find_run(found, options.runs) if isinstance(found, str) else None


def _undo(definition: WorkflowDef, known: Catalogue) -> WorkflowDef:
    name = definition.failure_workflow or ""
    found = known.find(name, definition.failure_workflow_version)
    if found is None:
        raise RenderError(
            f"undo=True needs the definition of {name!r}, the failure workflow, in definitions=; of a run that it has "
            "undone, runs=client.get is enough"
        )
    return found
