"""How each kind of node looks in DOT, and how a text gets into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from podium.render.figures import number
from podium.render.geometry import Rect
from podium.render.naming import clean
from podium.render.node_looks import LOOKS
from podium.render.options import Options
from podium.render.paints import paint_of
from podium.render.palette import Border
from podium.render.picture import LabelLine, Node, NodeKind
from podium.render.sizes import extent_of, is_bold, node_lines, size_of

#: Fonts that every system has in some form; nothing is fetched.
FONT: Final = "Helvetica,Arial,sans-serif"


def quote(text: str) -> str:
    r"""
    Return a text as a DOT string.

    Graphviz reads backslash sequences and HTML entities inside strings, so both are made literal.

    Example:
        >>> quote('say "a&b"')
        '"say \\"a&amp;b\\""'
    """
    lines = (clean(line).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'


def html(text: str) -> str:
    """Return a text for an HTML-like label; never empty, because Graphviz refuses an empty element."""
    escaped = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped or " "


def text_line(line: LabelLine) -> str:
    """Return one line of a label in its size and weight."""
    text = html(line.text)
    if is_bold(line):
        text = f"<b>{text}</b>"
    return f'<font point-size="{number(size_of(line))}">{text}</font>'


def text_table(lines: Sequence[LabelLine], place: Rect, *, is_left: bool = True) -> str:
    """Return lines of text at least as wide as their place, so that they begin where it does."""
    rows = "<br/>".join(text_line(line) for line in lines)
    side = ' align="left" balign="left"' if is_left else ""
    cell = f'<td{side} width="{round(place.width)}">{rows}</td>'
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{cell}</tr></table>>'


def label_of(node: Node, place: Rect, options: Options) -> str:
    """Return the label inside a node, or an empty one for small figures and bars."""
    if LOOKS[node.kind].is_plain:
        return quote("")
    text = "<br/>".join(text_line(line) for line in node_lines(node)) or html(node.key)
    if node.kind is NodeKind.NOTE:
        return text_table(node.lines, Rect(0, 0, extent_of(node.lines)[0], 0))
    if node.kind is NodeKind.SUB_WORKFLOW:  # with double sides
        ink = options.colours.muted if node.status is None else paint_of(node, options).text
        width, height = round(place.width) - 14, round(place.height) - 2
        cell = f'<td border="1" sides="LR" color="{ink}" width="{width}" height="{height}">{text}</td>'
        return f'<<table border="0" cellspacing="0" cellpadding="0"><tr>{cell}</tr></table>>'
    return f"<{text}>"


def look_of(node: Node, options: Options) -> dict[str, str]:
    """Return shape, colours and outline of a node."""
    paint = paint_of(node, options)
    styles = ["filled"]
    if node.kind in {NodeKind.WORKER, NodeKind.LOOP}:
        styles.append("rounded")
    if paint.border in {Border.DASHED, Border.DOTTED}:
        styles.append(paint.border.value)
    beside = LOOKS[node.kind].is_plain
    peripheries = 1 + (node.kind is NodeKind.DYNAMIC_FORK) + (paint.border is Border.DOUBLE)
    return {
        "shape": LOOKS[node.kind].dot,
        "fillcolor": quote(paint.fill),
        "fontcolor": quote(options.colours.ink if beside else paint.text),
        "color": quote(paint.stroke),
        "penwidth": number(paint.width),
        **({"peripheries": str(peripheries)} if peripheries > 1 else {}),
        "style": quote(",".join(styles)),
    }
