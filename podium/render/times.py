"""When and how long: the times of a run at the nodes of its graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podium.model.definitions import WorkflowDef
from podium.model.records import between
from podium.model.runs import TaskRun, WorkflowRun
from podium.render.attempts import AttemptsByName, attempts_of, stand_in
from podium.render.picture import Container, ContainerKind, Node, NodeKind, Picture

if TYPE_CHECKING:
    import networkx as nx


def add_times(graph: nx.DiGraph[str], picture: Picture) -> nx.DiGraph[str]:
    """
    Add to a picture's graph what its run says about time; `podium.render.graph` tells the attributes.

    Args:
        graph: The graph of *picture*, which is changed and given back.
        picture: The picture; the nodes of a definition, and those inside sub-workflows whose run is not known, get None
            and 0.
    """
    attempts = {node: attempts_of(run, _definition(run)) for node, run in picture.child_runs.items()}
    whole = AttemptsByName() if picture.run is None else attempts_of(picture.run, _definition(picture.run))
    boxes = {box.id: box for box in picture.containers}
    for node in picture.nodes:
        around = _sub_workflow_around(node, boxes)
        known = whole if around is None else attempts.get(around, AttemptsByName())
        mark = known.of(node.reference) if node.reference else None
        graph.nodes[node.key].update(_times(mark.tries if mark else ()))
    if picture.run is not None:
        run = picture.run
        graph.graph.update(
            workflow_id=run.workflow_id, started_ms=run.create_time or None, ended_ms=run.end_time or None
        )
    return graph


def _sub_workflow_around(node: Node, boxes: Mapping[str, Container]) -> str | None:
    """Return the node of the innermost open sub-workflow around a node, whose own ends are outside of it; or None."""
    box = boxes.get(node.container or "")
    if box is not None and node.kind in {NodeKind.ENTER, NodeKind.LEAVE}:
        box = boxes.get(box.parent or "")
    while box is not None and box.kind is not ContainerKind.SUB_WORKFLOW:
        box = boxes.get(box.parent or "")
    return box.node if box is not None else None


def _definition(run: WorkflowRun) -> WorkflowDef:
    return run.workflow_definition or stand_in(run)


def _times(attempts: Sequence[TaskRun]) -> dict[str, Any]:
    newest = attempts[-1] if attempts else None
    return {
        "scheduled_ms": _first(attempt.scheduled_time for attempt in attempts),
        "started_ms": _first(attempt.start_time for attempt in attempts),
        "ended_ms": (newest.end_time or None) if newest and newest.status.is_terminal else None,
        "wait_ms": sum(between(attempt.scheduled_time, attempt.start_time) or 0 for attempt in attempts),
        "duration_ms": sum(between(attempt.start_time, attempt.end_time) or 0 for attempt in attempts),
        "attempts_all": len(attempts),
        "worker": newest.worker_id if newest else None,
        "sub_workflow_id": newest.sub_workflow_id if newest else None,
        "task_ids": tuple(attempt.task_id for attempt in attempts),
    }


def _first(times: Iterable[int]) -> int | None:
    return min((time for time in times if time), default=None)
