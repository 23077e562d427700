"""What the shapes of a definition's picture mean; the statuses of a run are explained by the drawings themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve

from podium.render.picture import Aside, Container, ContainerKind, Kind, Line, Node, Picture, Role, Step

#: Shape and meaning, in the order of the legend.
_WORDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.WORKER: "rounded box: a worker's task",
        Kind.SYSTEM: "square box: a task of the engine",
        Kind.SWITCH: "diamond: a choice, with its cases at the lines",
        Kind.MERGE: "diamond without cases: where they meet again",
        Kind.FORK: "bar: branches begin or are joined",
        Kind.JOIN: "bar: branches begin or are joined",
        Kind.DYNAMIC_FORK: "double box: branches made at run time",
        Kind.LOOP: "dashed box: a loop, with its condition",
        Kind.SUB_WORKFLOW: "box with double sides: another workflow",
        Kind.ENTER: "solid frame: another workflow, open",
        Kind.WAIT: "ellipse: a wait",
        Kind.HUMAN: "house: a person's task",
        Kind.EVENT: "tab: an event that is sent",
        Kind.TERMINATE: "octagon: ends the workflow",
        Kind.COLLAPSED: "block: several tasks as one",
        Kind.GAP: "dotted box: tasks that are left out",
    },
)


def with_legend(picture: Picture) -> Picture:
    """Put the meaning of the shapes that occur beside a picture."""
    kinds = {node.kind for node in picture.nodes}
    words = list(dict.fromkeys(text for kind, text in _WORDS.items() if kind in kinds))
    if any(edge.otherwise and edge.dashed for edge in picture.edges):
        words.append("dashed line: no case fits")
    lines = tuple(Line(Role.FACT, text) for text in words) or (Line(Role.FACT, "no tasks"),)
    return with_note(picture, "legend", "Legend", lines, tooltip=["legend", *words])


def with_note(picture: Picture, name: str, title: str, lines: tuple[Line, ...], *, tooltip: Sequence[str]) -> Picture:
    """Put a text with a title beside a picture, under a name of its own."""
    box = Container(id=f"c_{name}", kind=ContainerKind.ABOUT, lines=(Line(Role.NAME, title),))
    note = Node(id=f"g_{name}", kind=Kind.NOTE, key=f"({name})", lines=lines, tooltip=tuple(tooltip), container=box.id)
    return evolve(
        picture,
        nodes=(*picture.nodes[:-1], note, picture.end),
        containers=(*picture.containers, box),
        asides=(*picture.asides, Aside(container=box.id, steps=(Step(node=note.id),))),
    )
