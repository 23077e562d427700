"""How large figures and texts are, in pixels at 100 %."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from podium.render.fonts import text_width
from podium.render.naming import lines_of
from podium.render.node_looks import LOOKS
from podium.render.picture import Container, Edge, EdgeKind, LabelLine, LineRole, Node, NodeKind, Picture

#: Nothing is smaller than 12.
_SIZES: Final[Mapping[LineRole, float]] = MappingProxyType({LineRole.NAME: 13.0})
SMALL: Final = 12.0
#: Height of a line of text, as a part of the font's size.
LEADING: Final = 1.25
BAR: Final = 8.0
_SHORTEST: Final = 60.0
#: Longest line of a name, in characters.
_NAME_CHARACTERS: Final = 26
#: Longest line of the text at a line, in characters.
_LABEL_CHARACTERS: Final = 30
#: A header may be so wide even where the picture is narrow, and how wide a character counts to break it.
_HEADER: Final = 440.0
_CHARACTER: Final = 8.0


def size_of(line: LabelLine) -> float:
    """Return the font size of a line."""
    return _SIZES.get(line.role, SMALL)


def is_bold(line: LabelLine) -> bool:
    """Return whether a line is written in bold."""
    return line.role in {LineRole.NAME, LineRole.STATUS}


def extent_of(lines: Sequence[LabelLine]) -> tuple[float, float]:
    """Return width and height of lines of text."""
    widths = [text_width(line.text, size_of(line), bold=is_bold(line)) for line in lines]
    return max(widths, default=0.0), sum(size_of(line) * LEADING for line in lines)


def node_lines(node: Node) -> tuple[LabelLine, ...]:
    """Return the text of a node as it is written: long names are folded; what is broken already stays so."""
    return node.lines if node.kind is NodeKind.NOTE else _folded(node.lines)


def title_lines(box: Container) -> tuple[LabelLine, ...]:
    """Return the title of a box as it is written."""
    return _folded(box.lines) if box.node else box.lines


def _folded(lines: Sequence[LabelLine]) -> tuple[LabelLine, ...]:
    parts: list[LabelLine] = []
    for line in lines:
        is_long = line.role is LineRole.NAME and len(line.text) > _NAME_CHARACTERS
        texts = lines_of(line.text, width=_NAME_CHARACTERS, count=3) if is_long else (line.text,)
        parts += (LabelLine(line.role, text) for text in texts)
    return tuple(parts)


def node_size(node: Node) -> tuple[float, float]:
    """Return width and height of a node's figure; of a bar, how long at least and how thick it is in any direction."""
    look = LOOKS[node.kind]
    if look.point:
        return look.point, look.point
    if look.is_bar:
        return _SHORTEST, BAR
    width, height = extent_of(node_lines(node))
    # A text fits into a diamond if its shares of both extents add up to 1.
    if node.kind in {NodeKind.SWITCH, NodeKind.MERGE}:
        whole = width * 1.4 + 36
        return whole, height / (1 - width / whole) + 8
    if node.kind is NodeKind.WAIT:
        return width * 1.25 + 28, height * 1.2 + 20
    return max(width + 20 + look.sides, _SHORTEST), height + 14 + look.roof


def words_beside(node: Node) -> tuple[LabelLine, ...]:
    """Return the text that stands beside a figure which has no room for it: an end, or a bar."""
    if node.kind in {NodeKind.START, NodeKind.END}:
        return node_lines(node)
    return tuple(line for line in node_lines(node) if line.role is not LineRole.TYPE) if LOOKS[node.kind].is_bar else ()


def title_size(box: Container) -> tuple[float, float]:
    """Return width and height of the title of a box."""
    return extent_of(title_lines(box))


def label_lines(edge: Edge) -> tuple[str, ...]:
    """Return what is written at a line; what leads back in a loop says it by its look."""
    if edge.kind is EdgeKind.BACK or not edge.label:
        return ()
    return lines_of(edge.label, width=_LABEL_CHARACTERS, count=6)


def label_size(edge: Edge) -> tuple[float, float]:
    """Return width and height of what is written at a line."""
    lines = label_lines(edge)
    return max((text_width(line, SMALL) for line in lines), default=0.0), len(lines) * SMALL * LEADING


def header_lines(picture: Picture, width: float) -> tuple[LabelLine, ...]:
    """Return what stands above a picture of some width; long texts are folded."""
    characters = round(max(width, _HEADER) / _CHARACTER)
    texts = [(LineRole.NAME, picture.title), *((LineRole.FACT, text) for text in (*picture.subtitle, *picture.about))]
    return tuple(LabelLine(role, part) for role, text in texts for part in lines_of(text, width=characters, count=3))
