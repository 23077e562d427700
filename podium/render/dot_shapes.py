"""How each kind of node looks in DOT, and how a text gets into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from podium.render.geometry import Rect
from podium.render.naming import clean
from podium.render.options import Options
from podium.render.palette import NOT_STARTED, Border, style_of
from podium.render.picture import Kind, Line, Node
from podium.render.shapes import number
from podium.render.sizes import BARS, POINTS, extent_of, is_bold, size_of

#: Fonts that every system has in some form; nothing is fetched.
FONT: Final = "Helvetica,Arial,sans-serif"

_SHAPES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.START: "circle",
        Kind.END: "doublecircle",
        Kind.ENTER: "circle",
        Kind.LEAVE: "doublecircle",
        Kind.WORKER: "box",
        Kind.SYSTEM: "box",
        Kind.SWITCH: "diamond",
        Kind.MERGE: "diamond",
        Kind.FORK: "box",
        Kind.JOIN: "box",
        Kind.DYNAMIC_FORK: "box",
        Kind.LOOP: "box",
        Kind.SUB_WORKFLOW: "box",
        Kind.WAIT: "ellipse",
        Kind.HUMAN: "house",
        Kind.EVENT: "tab",
        Kind.TERMINATE: "octagon",
        Kind.COLLAPSED: "box3d",
        Kind.GAP: "box",
        Kind.NOTE: "note",
    },
)


def quote(text: str) -> str:
    r"""
    Give a text as a DOT string.

    Graphviz reads backslash sequences and HTML entities inside strings, so both are made literal.

    Example:
        >>> quote('say "a&b"')
        '"say \\"a&amp;b\\""'
    """
    lines = (clean(line).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'


def html(text: str) -> str:
    """Give a text for an HTML-like label; never empty, because Graphviz refuses an empty element."""
    escaped = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped or " "


def text_line(line: Line) -> str:
    """Give one line of a label in its size and weight."""
    text = html(line.text)
    if is_bold(line):
        text = f"<b>{text}</b>"
    return f'<font point-size="{number(size_of(line))}">{text}</font>'


def text_table(lines: Sequence[Line], place: Rect, *, is_left: bool = True) -> str:
    """Give lines of text at least as wide as their place, so that they begin where it does."""
    rows = "<br/>".join(text_line(line) for line in lines)
    side = ' align="left" balign="left"' if is_left else ""
    cell = f'<td{side} width="{round(place.width)}">{rows}</td>'
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{cell}</tr></table>>'


def label_of(node: Node, place: Rect, options: Options) -> str:
    """Give the label inside a node, or an empty one for small figures and bars."""
    if node.kind in POINTS or node.kind in BARS:
        return quote("")
    text = "<br/>".join(text_line(line) for line in node.lines) or html(node.key)
    if node.kind is Kind.NOTE:
        return text_table(node.lines, Rect(0, 0, extent_of(node.lines)[0], 0))
    if node.kind is Kind.SUB_WORKFLOW:  # with double sides
        ink = options.colours.muted if node.status is None else fill_and_text(node, options)[1]
        width, height = round(place.width) - 14, round(place.height) - 2
        cell = f'<td border="1" sides="LR" color="{ink}" width="{width}" height="{height}">{text}</td>'
        return f'<<table border="0" cellspacing="0" cellpadding="0"><tr>{cell}</tr></table>>'
    return f"<{text}>"


def fill_and_text(node: Node, options: Options) -> tuple[str, str]:
    """Give the colours of a node's inside and of its text."""
    colours = options.colours
    if node.status is None:
        return colours.box, colours.box_text
    style = style_of(node.status)
    return colours.fill_of(style), colours.text_of(style)


def look_of(node: Node, options: Options) -> dict[str, str]:
    """Give shape, size, colours and outline of a node."""
    look = {"shape": _SHAPES[node.kind]}
    styles = ["filled"]
    if node.kind in {Kind.WORKER, Kind.LOOP}:
        styles.append("rounded")
    fill, text = fill_and_text(node, options)
    look |= {"fillcolor": quote(fill), "fontcolor": quote(text)} | _border(node, options, styles)
    if node.kind in POINTS and node.status is None:
        look |= {"fillcolor": quote(options.colours.ink), "color": quote(options.colours.ink)}
    elif node.kind in BARS and node.status in {None, NOT_STARTED}:
        ink = options.colours.ink if node.status is None else options.colours.outline
        look |= {"fillcolor": quote(ink), "color": quote(ink)}
    elif node.kind is Kind.GAP:
        look |= {"fillcolor": quote(options.colours.page), "fontcolor": quote(options.colours.muted)}
        styles.append("dotted")
    if node.kind is Kind.LOOP and node.hidden and node.status is None:
        styles.append("dashed")  # the outline of the box that it stands for
    look["style"] = quote(",".join(styles))
    return look


def _border(node: Node, options: Options, styles: list[str]) -> dict[str, str]:
    colours = options.colours
    peripheries = 2 if node.kind is Kind.DYNAMIC_FORK else 1
    if node.status is None:
        look = {"color": quote(colours.muted)}
    else:
        border = style_of(node.status).border
        thin = border is Border.THIN
        look = {
            "color": quote(colours.outline if thin else colours.ink),
            "penwidth": "2.5" if border is Border.BOLD else "0.8" if thin else "1.2",
        }
        if border in {Border.DASHED, Border.DOTTED}:
            styles.append(border.value)
        peripheries += border is Border.DOUBLE
    return look | ({"peripheries": str(peripheries)} if peripheries > 1 else {})
