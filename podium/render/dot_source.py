"""
A picture as DOT, the language of Graphviz.

Every id and every text goes through `quote` or `html`, so nothing in a definition can end a string or add a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from podium.render.dot_bars import Bars
from podium.render.dot_order import held
from podium.render.dot_shapes import FONT, html, label_of, look_of, quote
from podium.render.endings import with_own_ends
from podium.render.naming import shorten, text_width
from podium.render.options import Options
from podium.render.palette import legend, style_of
from podium.render.picture import Container, ContainerKind, Edge, EdgeKind, Kind, Node, Picture, Role
from podium.render.wording import classes_of, words_of

Attributes = Mapping[str, str]

#: Name of the graph; the definition's name is its label.
GRAPH_NAME: Final = "workflow"

_SMALL: Final = "10"
#: Longest tooltip of a line: Graphviz refuses texts of more than 16,384 characters. An SVG's titles are not cut.
_TOOLTIP_MAX: Final = 2_000


def dot_text(picture: Picture, options: Options) -> str:
    """Give the picture as DOT text, ending with a line end."""
    return f"digraph {GRAPH_NAME} {{\n{''.join(dot_body(picture, options))}}}\n"


def dot_body(picture: Picture, options: Options) -> list[str]:
    """Give the statements of the picture, one line each, as ``graphviz.Digraph(body=…)`` takes them."""
    return [f"\t{line}\n" for line in _statements(picture, options)]


def _statements(picture: Picture, options: Options) -> Iterator[str]:
    picture = with_own_ends(picture)
    bars = Bars(picture, options)
    yield from _defaults(picture, options)
    yield from _inside(None, picture, options, bars)
    # What still leads to the end early may be long, and if it took part in the layout it would pull its case out of the
    # written order; so it does only where nothing else leads to the end.
    late = frozenset(edge.target for edge in picture.edges if not edge.early)
    for edge in picture.edges:
        yield _edge(edge, picture, options, bars, is_free=edge.early and edge.target in late)
    yield from held(picture, options)
    if options.legend and picture.statuses:
        yield _legend(picture, options)
        yield f"{quote(picture.end.id)} -> legend [style=invis]"


def _defaults(picture: Picture, options: Options) -> Iterator[str]:
    colours = options.colours
    title = f"<b>{html(picture.title)}</b>"
    for line in picture.subtitle:
        title += f'<br align="left"/><font point-size="{_SMALL}">{html(line)}</font>'
    yield _assign(
        "graph",
        {
            "rankdir": options.direction,
            "bgcolor": quote(colours.page),
            "label": f'<{title}<br align="left"/>>',
            "labelloc": "t",
            "labeljust": "l",
            "fontname": quote(FONT),
            "fontsize": "14",
            "fontcolor": quote(colours.ink),
            "newrank": "true",
            "compound": "true",
            "ordering": "out",
            "splines": "spline",
            "nodesep": "0.35",
            "ranksep": "0.4",
            "pad": "0.1",
            "tooltip": quote(picture.title),
        },
    )
    yield _assign(
        "node",
        {"fontname": quote(FONT), "fontsize": "12", "style": "filled", "margin": quote("0.14,0.07"), "height": "0.4"},
    )
    yield _assign(
        "edge", {"fontname": quote(FONT), "fontsize": _SMALL, "arrowsize": "0.7", "fontcolor": quote(colours.muted)}
    )


def _inside(box: str | None, picture: Picture, options: Options, bars: Bars) -> Iterator[str]:
    """Give the nodes and boxes directly inside a box, in the picture's order."""
    opened: set[str] = set()
    boxes = {container.id: container for container in picture.containers}
    for node in picture.nodes:
        inner = _child_of(box, node.container, boxes)
        if node.container == box:
            yield _assign(quote(node.id), _node(node, picture, options, bars))
        elif inner is not None and inner not in opened:
            opened.add(inner)
            yield f"subgraph {quote(f'cluster_{inner}')} {{"
            yield f"\t{_assign('graph', _cluster(boxes[inner], options))}"
            yield from (f"\t{line}" for line in _inside(inner, picture, options, bars))
            yield "}"


def _child_of(box: str | None, container: str | None, boxes: Mapping[str, Container]) -> str | None:
    """Give the box directly inside *box* that holds *container*, or None if *container* is not inside *box*."""
    while container is not None and boxes[container].parent != box:
        container = boxes[container].parent
    return container


def _node(node: Node, picture: Picture, options: Options, bars: Bars) -> Attributes:
    classes = classes_of(node, picture)
    common = {"id": quote(node.id), "class": quote(classes), "tooltip": quote("\n".join(node.tooltip) or node.name)}
    if node.kind in {Kind.FORK, Kind.JOIN}:
        return bars.attributes(node) | common
    asked = {"penwidth": "3.5", "color": quote(options.colours.ink)} if node.id in picture.focus else {}
    return {"label": label_of(node, options), **look_of(node, options), **common, **asked}


def _cluster(box: Container, options: Options) -> Attributes:
    colours = options.colours
    status = f" status-{style_of(box.status).key}" if box.status else ""
    style = {ContainerKind.SUB_WORKFLOW: "solid", ContainerKind.UNDO: "dotted,rounded"}.get(box.kind, "dashed,rounded")
    return {
        "id": quote(box.id),
        "class": quote(f"box-{box.kind}{status}"),
        "label": _box_title(box, options),
        "labeljust": "l",
        "fontsize": "12",
        "style": quote("invis" if box.kind is ContainerKind.ABOUT else style),
        "color": quote(colours.muted),
        "margin": "14",
        "tooltip": quote("\n".join(box.tooltip) or box.title),
    }


def _box_title(box: Container, options: Options) -> str:
    """Give the title of a box, with as much room on its right: a line enters the box in the middle, beside the text."""
    title = "<br/>".join(
        f"<b>{html(line.text)}</b>"
        if line.role is Role.NAME
        else f'<font point-size="{_SMALL}">{html(line.text)}</font>'
        for line in box.lines
    )
    text = f'<td align="left" balign="left">{title}</td>'
    room = round(max(text_width(line.text, 12 if line.role is Role.NAME else 10) for line in box.lines))
    beside = f'<td width="{room + 24}"></td>' if box.node and options.direction == "TB" else ""
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{text}{beside}</tr></table>>'


def _edge(edge: Edge, picture: Picture, options: Options, bars: Bars, *, is_free: bool) -> str:
    colours = options.colours
    taken = edge.taken
    attributes = {
        "id": quote(edge.id),
        "class": quote(f"edge-{edge.kind}" + {True: " taken", False: " not-taken", None: ""}[taken]),
        "color": quote(colours.faint if taken is False else colours.ink),
        "penwidth": {True: "2", False: "0.8", None: "1.2"}[taken],
        "tooltip": quote(shorten(words_of(edge, picture), _TOOLTIP_MAX)),
    }
    # A line without constraint gets no room for its label, and an arrow that leads back needs none.
    if edge.label and edge.kind is not EdgeKind.BACK:
        attributes["label"] = f"<&#160;{html(edge.label)}&#160;>"
    if edge.kind is EdgeKind.UNDO:
        attributes |= {"style": "dotted", "color": quote(colours.muted)}
    elif edge.dashed:
        attributes["style"] = "dashed"
    if edge.kind is EdgeKind.BACK or is_free or _leads_aside(edge, picture):
        attributes["constraint"] = "false"
    elif edge.kind is EdgeKind.FLOW and not edge.dashed:
        attributes["weight"] = "8" if taken is not False else "4"
    ends = f"{quote(edge.source)}{bars.port(edge, edge.source)} -> {quote(edge.target)}{bars.port(edge, edge.target)}"
    return _assign(ends, attributes)


def _leads_aside(edge: Edge, picture: Picture) -> bool:
    """Tell whether a line leads from a step to the task that undoes it, which stands beside the flow."""
    return edge.kind is EdgeKind.UNDO and picture.node(edge.source).container != picture.node(edge.target).container


def _legend(picture: Picture, options: Options) -> str:
    colours = options.colours
    cells = "".join(
        f'<td bgcolor="{colours.fill_of(style)}"><font color="{colours.text_of(style)}">'
        f"{html(f'{style.icon} {style.word}')}</font></td>"
        for style in legend(picture.statuses)
    )
    row = f'<tr>{cells}<td><font color="{colours.muted}">{html(picture.legend_note)}</font></td></tr>'
    table = f'<table border="0" cellborder="1" cellspacing="3" cellpadding="4" color="{colours.outline}">{row}</table>'
    return _assign(
        "legend",
        {
            "id": "legend",
            "class": "legend",
            "shape": "plain",
            "style": quote(""),
            "fontsize": _SMALL,
            "label": f"<{table}>",
            "tooltip": "legend",
        },
    )


def _assign(name: str, attributes: Attributes) -> str:
    return f"{name} [{' '.join(f'{key}={value}' for key, value in attributes.items())}]"
