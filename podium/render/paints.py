"""What all drawn forms share: colours and outlines of figures and lines, and the words and classes beside labels."""

from __future__ import annotations

from typing import NamedTuple

from podium.render.node_looks import LOOKS
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, Border, style_of
from podium.render.picture import Edge, EdgeKind, Node, NodeKind, Picture


class Paint(NamedTuple):
    """How a figure or a line is painted."""

    fill: str
    stroke: str
    #: Of the text inside; beside a figure text has the page's ink.
    text: str
    #: Pixels.
    width: float
    border: Border = Border.SOLID


def paint_of(node: Node, options: Options) -> Paint:
    """Return the colours and the outline of a figure, by its kind and its status."""
    colours = options.colours
    is_solid = LOOKS[node.kind].is_plain
    if node.status is None:
        ink = colours.ink if is_solid else colours.muted
        paint = Paint(colours.ink if is_solid else colours.box, ink, colours.box_text, 1.2)
        if node.kind is NodeKind.GAP:
            paint = paint._replace(fill=colours.page, text=colours.muted)
    else:
        style = style_of(node.status)
        is_thin = style.border is Border.THIN
        fill = colours.outline if LOOKS[node.kind].is_bar and node.status == NOT_STARTED else colours.fill_of(style)
        width = 2.5 if style.border is Border.BOLD else 0.9 if is_thin else 1.3
        paint = Paint(fill, colours.outline if is_thin else colours.ink, colours.text_of(style), width, style.border)
    if node.kind is NodeKind.GAP:
        paint = paint._replace(border=Border.DOTTED)
    if node.kind is NodeKind.LOOP and node.hidden:  # the outline of the box that it stands for
        paint = paint._replace(border=Border.DASHED)
    return paint


def paint_of_line(edge: Edge, options: Options) -> Paint:
    """Return the colour and the kind of a line."""
    colours = options.colours
    undoes = edge.kind is EdgeKind.UNDO
    ink = colours.faint if edge.taken is False else colours.muted if undoes else colours.ink
    width = 2.0 if edge.taken else 0.9 if edge.taken is False else 1.3
    if edge.share:
        width = 1.2 + 4.8 * edge.share
    border = Border.DOTTED if undoes else Border.DASHED if edge.dashed else Border.SOLID
    return Paint(ink, ink, ink, width, border)


def words_of(edge: Edge, picture: Picture) -> str:
    """Tell in words where a line leads, and when; nothing is cut."""
    source, target = picture.node(edge.source), picture.node(edge.target)
    verb = "is undone by" if edge.kind is EdgeKind.UNDO and source.container != target.container else "to"
    words = " | ".join(edge.words)
    change = f" ({edge.change})" if edge.change else ""
    there = "end" if target.kind is NodeKind.END else target.name  # a termination has an end of its own
    share = f", {edge.share:.0%} of all runs" if edge.share is not None else f", {edge.told}" if edge.told else ""
    return f"{source.name} {verb} {there}" + (f": {words}" if words else "") + change + share


def classes_of(node: Node, picture: Picture) -> str:
    """Return the classes of a node: its kind, its status, whether somebody asked about it."""
    status = f" status-{style_of(node.status).key}" if node.status else ""
    return f"node-{node.kind}{status}{' focus' if node.id in picture.focus else ''}"
