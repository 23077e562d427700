"""What the shapes of a definition's picture mean; the statuses of a run are explained by the drawings themselves."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from podium.render.node_looks import LOOKS
from podium.render.picture import Container, ContainerKind, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.steps import NestedTask, SideBox


def with_legend(picture: Picture) -> Picture:
    """Put the meaning of the shapes that occur beside a picture."""
    kinds = {node.kind for node in picture.nodes}
    words = list(dict.fromkeys(look.words for kind, look in LOOKS.items() if kind in kinds and look.words))
    if any(edge.otherwise and edge.dashed for edge in picture.edges):
        words.append("dashed line: no case fits")
    lines = tuple(LabelLine(LineRole.FACT, text) for text in words) or (LabelLine(LineRole.FACT, "no tasks"),)
    return with_note(picture, "legend", "Legend", lines, tooltip=["legend", *words])


def with_note(
    picture: Picture, name: str, title: str, lines: tuple[LabelLine, ...], *, tooltip: Sequence[str]
) -> Picture:
    """Put a text with a title beside a picture, under a name of its own."""
    box = Container(id=f"c_{name}", kind=ContainerKind.ABOUT, lines=(LabelLine(LineRole.NAME, title),))
    note = Node(
        id=f"g_{name}", kind=NodeKind.NOTE, key=f"({name})", lines=lines, tooltip=tuple(tooltip), container=box.id
    )
    return evolve(
        picture,
        nodes=(*picture.nodes[:-1], note, picture.end),
        containers=(*picture.containers, box),
        asides=(*picture.asides, SideBox(container=box.id, steps=(NestedTask(node=note.id),))),
    )
