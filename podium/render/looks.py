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
from podium.render.picture import Kind


@frozen(kw_only=True)
class Look:
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
LOOKS: Final[Mapping[Kind, Look]] = MappingProxyType(
    {
        Kind.START: Look(figure=ellipse, dot="circle", mermaid=("((", "))"), point=18),
        Kind.END: Look(figure=double_ellipse, dot="doublecircle", mermaid=("(((", ")))"), point=18),
        Kind.WORKER: Look(figure=round_square, mermaid=("(", ")"), words="rounded box: a worker's task"),
        Kind.SYSTEM: Look(words="square box: a task of the engine"),
        Kind.SWITCH: Look(
            figure=diamond, dot="diamond", mermaid=("{", "}"), words="diamond: a choice, with its cases at the lines"
        ),
        Kind.MERGE: Look(
            figure=diamond, dot="diamond", mermaid=("{", "}"), words="diamond without cases: where they meet again"
        ),
        Kind.FORK: Look(is_bar=True, words="bar: branches begin or are joined"),
        Kind.JOIN: Look(is_bar=True, words="bar: branches begin or are joined"),
        Kind.DYNAMIC_FORK: Look(
            figure=stacked,
            mermaid=("[/", "\\]"),
            words="double box: branches made at run time",
            roof=6,
            shift=(2.5, 2.5),
        ),
        Kind.LOOP: Look(figure=pill, mermaid=("(", ")"), words="dashed box: a loop, with its condition"),
        Kind.SUB_WORKFLOW: Look(
            figure=sides, mermaid=("[[", "]]"), words="box with double sides: another workflow", sides=16
        ),
        Kind.ENTER: Look(
            figure=ellipse, dot="circle", mermaid=("((", "))"), words="solid frame: another workflow, open", point=14
        ),
        Kind.LEAVE: Look(figure=double_ellipse, dot="doublecircle", mermaid=("(((", ")))"), point=14),
        Kind.WAIT: Look(figure=ellipse, dot="ellipse", mermaid=("([", "])"), words="ellipse: a wait"),
        Kind.HUMAN: Look(
            figure=house, dot="house", mermaid=("{{", "}}"), words="house: a person's task", roof=12, shift=(5, 0)
        ),
        Kind.EVENT: Look(
            figure=tab, dot="tab", mermaid=(">", "]"), words="tab: an event that is sent", roof=6, shift=(3, 0)
        ),
        Kind.TERMINATE: Look(
            figure=octagon, dot="octagon", mermaid=("[\\", "/]"), words="octagon: ends the workflow", sides=16
        ),
        Kind.COLLAPSED: Look(
            figure=solid,
            dot="box3d",
            mermaid=("[[", "]]"),
            words="block: several tasks as one",
            roof=6,
            shift=(2.5, 2.5),
        ),
        Kind.GAP: Look(words="dotted box: tasks that are left out"),
        Kind.NOTE: Look(figure=note, dot="note"),
    }
)
