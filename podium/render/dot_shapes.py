"""How each kind of node looks in DOT, and how a text gets into it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from podium.render.naming import clean, widest
from podium.render.options import Options
from podium.render.palette import Border, style_of
from podium.render.picture import Kind, Line, Node, Role

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

#: Kinds that are a small figure with their text beside it.
POINTS: Final = frozenset({Kind.START, Kind.END, Kind.ENTER, Kind.LEAVE})

_SIZES: Final[Mapping[Role, str]] = MappingProxyType(
    {Role.NAME: "12", Role.TYPE: "9", Role.DETAIL: "10", Role.FACT: "10", Role.STATUS: "10", Role.REASON: "10"},
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
    if line.role in {Role.NAME, Role.STATUS}:
        text = f"<b>{text}</b>"
    return text if line.role is Role.NAME else f'<font point-size="{_SIZES[line.role]}">{text}</font>'


def label_of(node: Node, options: Options) -> str:
    """Give the label inside a node, or an empty one for small figures."""
    if node.kind in POINTS:
        return _beside(node)
    if node.kind is Kind.NOTE:
        rows = [f'{text_line(line)}<br align="left"/>' for line in node.lines]
        return f"<{''.join(rows)}>"
    text = "<br/>".join(text_line(line) for line in node.lines) or html(node.key)
    if node.kind is Kind.SUB_WORKFLOW:
        colours = options.colours
        ink = colours.muted if node.status is None else fill_and_text(node, options)[1]
        # Fonts differ in width from those that Graphviz measures, so the text keeps well away from the lines.
        room = f'width="{round(widest((line.text for line in node.lines if line.role is not Role.NAME), 10)) + 16}"'
        return (
            f'<<table border="0" cellspacing="0" cellpadding="8"><tr><td border="1" sides="LR" color="{ink}" {room}>'
            f"{text}</td></tr></table>>"
        )
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
    if node.kind in POINTS:
        look |= _point(node, options)
    elif node.kind is Kind.SUB_WORKFLOW:
        look["margin"] = quote("0.05,0")
    elif node.kind in {Kind.SWITCH, Kind.HUMAN, Kind.MERGE}:
        look["margin"] = quote("0.04,0.03")
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


def _point(node: Node, options: Options) -> dict[str, str]:
    """Give a small figure its size; its text may be larger than it."""
    colours = options.colours
    size = "0.16" if node.kind in {Kind.ENTER, Kind.LEAVE} else "0.22"
    look = {"fixedsize": "shape", "width": size, "height": size, "fontcolor": quote(colours.ink)}
    if node.status is None:
        look |= {"fillcolor": quote(colours.ink), "color": quote(colours.ink)}
    return look


def _beside(node: Node) -> str:
    """
    Give the text above the start or below the end.

    A label is centred on its figure, so as many empty lines on the other side, and one more for the figure, move it.
    """
    if node.kind in {Kind.ENTER, Kind.LEAVE} or not node.lines:  # the box around a sub-workflow says its name
        return quote("")
    text = "<br/>".join(text_line(line) for line in node.lines)
    empty = "<br/> " * (len(node.lines) + 2)
    return f"<{text}{empty}>" if node.kind is Kind.START else f"<{empty.removeprefix('<br/>')}<br/>{text}>"
