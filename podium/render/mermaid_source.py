"""
A picture as a Mermaid flowchart, which GitHub and GitLab render inside Markdown.

What is avoided: ids that are words of the language (``end``), edges to a subgraph (they are unreliable), HTML in
labels, and characters that a label could end with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from podium.render.endings import with_own_ends
from podium.render.naming import clean
from podium.render.node_looks import LOOKS
from podium.render.options import Options
from podium.render.palette import Border, Style, legend, style_of
from podium.render.picture import Container, ContainerKind, Edge, EdgeKind, Node, NodeKind, Picture
from podium.render.summary import summarized

#: What Mermaid or HTML would read, and what Markdown would read where it stands: a list at the beginning, emphasis at
#: the edge of a word, a formula.
_LANGUAGE = re.compile(r"[\"#<>&`\\*~]")
_SYNTAX = re.compile(r"[\"#<>&`\\;{}%]")
_MARKDOWN = re.compile(r"^(?:[-+]|\d+\.)|(?<![^\W_])_|_(?![^\W_])|\$\$")

_DASHES: Final[Mapping[Border, str]] = MappingProxyType(
    {
        Border.THIN: "stroke-width:1px",
        Border.SOLID: "stroke-width:1.5px",
        Border.BOLD: "stroke-width:3px",
        Border.DASHED: "stroke-width:1.5px,stroke-dasharray:5 3",
        Border.DOTTED: "stroke-width:1.5px,stroke-dasharray:2 3",
        Border.DOUBLE: "stroke-width:4px",
    },
)

#: What Mermaid draws unless its page allows more (its settings ``maxTextSize`` and ``maxEdges``).
_CHARACTERS_MAX: Final = 50_000
_EDGES_MAX: Final = 500


def label(text: str) -> str:
    """
    Return a text as a quoted Mermaid label: everything that Mermaid or HTML reads becomes an entity.

    Example:
        >>> label('a "b" <i>')
        '"a #quot;b#quot; #lt;i#gt;"'
    """
    return f'"{_entities(text)}"'


def _entities(text: str) -> str:
    out = _LANGUAGE.sub(lambda match: _entity(match.group()), clean(text))
    out = _MARKDOWN.sub(lambda match: "".join(_entity(c) if c in "-+._$" else c for c in match.group()), out)
    return _with_colons(out) or " "


def _with_colons(escaped: str) -> str:
    """Hide colons before entities: after the word "style" Mermaid takes the two for a colour, and eats a semicolon."""
    return re.sub(r":(?=\S*#)", _entity(":"), escaped)


def _entity(character: str) -> str:
    names = {'"': "quot", "<": "lt", ">": "gt", "&": "amp"}
    return f"#{names.get(character, ord(character))};"


def mermaid_text(picture: Picture, options: Options) -> str:
    """
    Return the picture as Mermaid text, ending with a line end.

    What GitHub would refuse to draw is summed up instead, unless everything was asked for.
    """
    drawn = with_own_ends(picture)
    text = "".join(f"{line}\n" for line in _lines(drawn, options))
    is_too_large = len(text) > _CHARACTERS_MAX or len(drawn.edges) > _EDGES_MAX
    if not is_too_large or options.collapse is False or picture.asides:
        return text
    return "".join(f"{line}\n" for line in _lines(with_own_ends(summarized(picture)), options))


def _lines(picture: Picture, options: Options) -> Iterator[str]:
    yield '%%{init: {"flowchart": {"htmlLabels": false}}}%%'
    yield f"flowchart {'LR' if options.direction == 'LR' else 'TD'}"
    yield f"    accTitle: {_plain(picture.title)}"
    yield f"    accDescr: {_plain(picture.summary)}"
    yield from _inside(None, picture, "    ")
    for edge in picture.edges:
        yield f"    {_edge(edge)}"
    yield from _styles(picture, options)


def _plain(text: str) -> str:
    """Return a text for a line that knows no quotes."""
    return _with_colons(_SYNTAX.sub(lambda match: _entity(match.group()), clean(text))) or "workflow"


def _inside(box: str | None, picture: Picture, indent: str) -> Iterator[str]:
    for node in picture.nodes:
        if node.container == box and (box is not None or node is not picture.end):
            yield f"{indent}{_node(node)}"
    for container in picture.containers:
        if container.parent == box:
            yield f"{indent}subgraph {container.id}[{label(container.title)}]"
            yield from _inside(container.id, picture, f"{indent}    ")
            yield f"{indent}end"
    if box is None:
        yield f"{indent}{_node(picture.end)}"


def _node(node: Node) -> str:
    before, after = LOOKS[node.kind].mermaid
    lines = "<br/>".join(_entities(line.text) for line in node.lines) or _entities(node.name)
    if node.kind in {NodeKind.ENTER, NodeKind.LEAVE} or (node.kind is NodeKind.END and not node.lines):
        lines = " "  # the subgraph says it, or the TERMINATE before it
    return f'{node.id}{before}"{lines}"{after}'


def _edge(edge: Edge) -> str:
    arrow = "-.->" if edge.dashed else "==>" if edge.taken else "-->"
    text = f"|{label(edge.label)}|" if edge.label else ""
    return f"{edge.source} {arrow}{text} {edge.target}"


def _styles(picture: Picture, options: Options) -> Iterator[str]:
    colours = options.colours
    bars = [node.id for node in picture.nodes if node.kind in {NodeKind.FORK, NodeKind.JOIN} and node.status is None]
    boxes = [node.id for node in picture.nodes if node.status is None and node.id not in bars]
    yield f"    classDef step fill:{colours.box},color:{colours.box_text},stroke:{colours.muted}"
    yield f"    class {','.join(boxes)} step"
    if bars:
        yield f"    classDef bar fill:{colours.ink},color:{colours.page},stroke:{colours.ink}"
        yield f"    class {','.join(bars)} bar"
    for style in legend(picture.statuses):
        members = [node.id for node in picture.nodes if node.status and style_of(node.status) is style]
        if members:
            name = style.key.replace("-", "_")
            yield f"    classDef {name} {_class(style, options)}"
            yield f"    class {','.join(members)} {name}"
    if picture.containers:
        yield f"    classDef box fill:none,color:{colours.ink},stroke:{colours.muted},stroke-dasharray:6 4"
        yield f"    classDef sub fill:none,color:{colours.ink},stroke:{colours.muted}"
        yield from (f"    class {box.id} {_box_class(box)}" for box in picture.containers)
    undoing = [str(i) for i, edge in enumerate(picture.edges) if edge.kind is EdgeKind.UNDO]
    if undoing:
        yield f"    linkStyle {','.join(undoing)} stroke:{colours.muted},stroke-width:1px"
    faint = [str(i) for i, edge in enumerate(picture.edges) if edge.taken is False]
    if faint:
        yield f"    linkStyle {','.join(faint)} stroke:{colours.faint},stroke-width:1px"


def _class(style: Style, options: Options) -> str:
    colours = options.colours
    stroke = colours.outline if style.border is Border.THIN else colours.ink
    return f"fill:{colours.fill_of(style)},color:{colours.text_of(style)},stroke:{stroke},{_DASHES[style.border]}"


def _box_class(box: Container) -> str:
    return "sub" if box.kind is ContainerKind.SUB_WORKFLOW else "box"
