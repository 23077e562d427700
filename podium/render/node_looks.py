"""How each kind of node looks, in every form; what its status adds is in `podium.render.palette`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from podium.render.figures import (
    diamond,
    double_ellipse,
    ellipse,
    house,
    note,
    octagon,
    pill,
    round_square,
    sides,
    solid,
    square,
    stacked,
    tab,
)
from podium.render.geometry import Rect
from podium.render.picture import NodeKind


@frozen(kw_only=True)
class NodeLook:
    """The look of one kind."""

    #: What draws it in an SVG.
    figure: Callable[[Rect, str], str] = square
    #: Its shape in DOT.
    dot: str = "box"
    #: What stands before and after its label in Mermaid.
    mermaid: tuple[str, str] = ("[", "]")
    #: What a legend says; nothing for what explains itself.
    words: str = ""
    #: Width and height of a small figure without text inside, in pixels; 0 for all others.
    point: float = 0.0
    #: It is a bar across the flow, without text inside.
    is_bar: bool = False
    #: What it needs above its text, and beside it.
    roof: float = 0.0
    sides: float = 0.0
    #: How far the text stands below the middle, and left of it.
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def is_plain(self) -> bool:
        """It has no text inside."""
        return self.is_bar or self.point > 0


#: In the order of a legend.
LOOKS: Final[Mapping[NodeKind, NodeLook]] = MappingProxyType(
    {
        NodeKind.START: NodeLook(figure=ellipse, dot="circle", mermaid=("((", "))"), point=18),
        NodeKind.END: NodeLook(figure=double_ellipse, dot="doublecircle", mermaid=("(((", ")))"), point=18),
        NodeKind.WORKER: NodeLook(figure=round_square, mermaid=("(", ")"), words="rounded box: a worker's task"),
        NodeKind.SYSTEM: NodeLook(words="square box: a task of the engine"),
        NodeKind.SWITCH: NodeLook(
            figure=diamond, dot="diamond", mermaid=("{", "}"), words="diamond: a choice, with its cases at the lines"
        ),
        NodeKind.MERGE: NodeLook(
            figure=diamond, dot="diamond", mermaid=("{", "}"), words="diamond without cases: where they meet again"
        ),
        NodeKind.FORK: NodeLook(is_bar=True, words="bar: branches begin or are joined"),
        NodeKind.JOIN: NodeLook(is_bar=True, words="bar: branches begin or are joined"),
        NodeKind.DYNAMIC_FORK: NodeLook(
            figure=stacked,
            mermaid=("[/", "\\]"),
            words="double box: branches made at run time",
            roof=6,
            shift=(2.5, 2.5),
        ),
        NodeKind.LOOP: NodeLook(figure=pill, mermaid=("(", ")"), words="dashed box: a loop, with its condition"),
        NodeKind.SUB_WORKFLOW: NodeLook(
            figure=sides, mermaid=("[[", "]]"), words="box with double sides: another workflow", sides=16
        ),
        NodeKind.ENTER: NodeLook(
            figure=ellipse, dot="circle", mermaid=("((", "))"), words="solid frame: another workflow, open", point=14
        ),
        NodeKind.LEAVE: NodeLook(figure=double_ellipse, dot="doublecircle", mermaid=("(((", ")))"), point=14),
        NodeKind.WAIT: NodeLook(figure=ellipse, dot="ellipse", mermaid=("([", "])"), words="ellipse: a wait"),
        NodeKind.HUMAN: NodeLook(
            figure=house, dot="house", mermaid=("{{", "}}"), words="house: a person's task", roof=12, shift=(5, 0)
        ),
        NodeKind.EVENT: NodeLook(
            figure=tab, dot="tab", mermaid=(">", "]"), words="tab: an event that is sent", roof=6, shift=(3, 0)
        ),
        NodeKind.TERMINATE: NodeLook(
            figure=octagon, dot="octagon", mermaid=("[\\", "/]"), words="octagon: ends the workflow", sides=16
        ),
        NodeKind.COLLAPSED: NodeLook(
            figure=solid,
            dot="box3d",
            mermaid=("[[", "]]"),
            words="block: several tasks as one",
            roof=6,
            shift=(2.5, 2.5),
        ),
        NodeKind.GAP: NodeLook(words="dotted box: tasks that are left out"),
        NodeKind.NOTE: NodeLook(figure=note, dot="note"),
    }
)
