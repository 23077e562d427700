"""
A picture as DOT, the language of Graphviz, with the places of `podium.render.page`.

The layout is ours: the graph asks for the engine ``nop2``, which draws everything where its ``pos`` says, whichever
program of Graphviz reads it. One point is one pixel, and y grows upwards.

Every id and every text goes through `quote` or `html`, so nothing in a definition can end a string or add a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from podium.render.dot_shapes import FONT, html, label_of, look_of, quote, text_table
from podium.render.figures import number
from podium.render.geometry import LineRoute, Point, Rect, arrow, rounded
from podium.render.options import Options
from podium.render.page import DrawnPage, legend_words, page_of
from podium.render.paints import classes_of, paint_of_line, words_of
from podium.render.palette import Border, style_of
from podium.render.picture import Container, ContainerKind, LabelLine, LineRole, Node, Picture
from podium.render.sizes import SMALL, label_lines, title_lines, words_beside

Attributes = Mapping[str, str]

#: Name of the graph; the definition's name is its label.
GRAPH_NAME: Final = "workflow"
#: Longest tooltip: Graphviz refuses texts of more than 16,384 characters. An SVG's titles are not cut.
_TOOLTIP_MAX: Final = 2_000


def dot_text(picture: Picture, options: Options) -> str:
    """Return the picture as DOT text, ending with a line end."""
    return f"digraph {GRAPH_NAME} {{\n{''.join(dot_body(picture, options))}}}\n"


def dot_body(picture: Picture, options: Options) -> list[str]:
    """Return the statements of the picture, one line each, as ``graphviz.Digraph(body=…)`` takes them."""
    return [f"\t{line}\n" for line in _Source(page_of(picture, options), options).statements()]


class _Source:
    def __init__(self, page: DrawnPage, options: Options) -> None:
        self._page = page
        self._picture = page.picture
        self._options = options
        self._colours = options.colours

    def statements(self) -> Iterator[str]:
        yield from self._defaults()
        yield from self._inside(None)
        for route in self._page.layout.routes:
            yield self._edge(route)
        if self._page.legend:
            yield self._legend()

    # -- places ------------------------------------------------------------------------------------------------------

    def _at(self, point: Point) -> str:
        return f"{number(point.x)},{number(self._page.height - point.y)}"

    def _label_place(self, place: Rect, name: str = "lp") -> Attributes:
        return {name: quote(self._at(place.middle))}

    def _size(self, place: Rect) -> Attributes:
        return {
            "pos": quote(self._at(place.middle)),
            "width": f"{place.width / 72:.4f}",
            "height": f"{place.height / 72:.4f}",
        }

    # -- statements --------------------------------------------------------------------------------------------------

    def _defaults(self) -> Iterator[str]:
        page, colours = self._page, self._colours
        yield _assign(
            "graph",
            {
                "layout": "nop2",
                "rankdir": self._options.direction,
                "bb": quote(f"0,0,{number(page.width)},{number(page.height)}"),
                "bgcolor": quote(colours.page),
                "label": text_table(page.header, page.header_at),
                **self._label_place(page.header_at),
                "lwidth": f"{page.header_at.width / 72:.4f}",
                "lheight": f"{page.header_at.height / 72:.4f}",
                "fontname": quote(FONT),
                "fontsize": "13",
                "fontcolor": quote(colours.ink),
                "outputorder": "edgesfirst",
                "pad": "0.1",
                "tooltip": quote(_cut(self._picture.title)),
            },
        )
        yield _assign(
            "node",
            {"fontname": quote(FONT), "fontsize": "13", "style": "filled", "margin": "0", "fixedsize": "shape"},
        )
        yield _assign(
            "edge",
            {"fontname": quote(FONT), "fontsize": number(SMALL), "arrowsize": "0.8", "fontcolor": quote(colours.muted)},
        )

    def _inside(self, box: str | None) -> Iterator[str]:
        """Yield the nodes and boxes directly inside a box, in the picture's order."""
        opened: set[str] = set()
        boxes = {container.id: container for container in self._picture.containers}
        for node in self._picture.nodes:
            inner = _child_of(box, node.container, boxes)
            if node.container == box:
                yield _assign(quote(node.id), self._node(node))
            elif inner is not None and inner not in opened:
                opened.add(inner)
                yield f"subgraph {quote(f'cluster_{inner}')} {{"
                yield f"\t{_assign('graph', self._cluster(boxes[inner]))}"
                yield from (f"\t{line}" for line in self._inside(inner))
                yield "}"

    def _node(self, node: Node) -> Attributes:
        placed = self._page.layout
        look = {"label": label_of(node, placed.nodes[node.id], self._options), **look_of(node, self._options)}
        if node.id in placed.words:
            words = placed.words[node.id]
            look |= {"xlabel": text_table(words_beside(node), words, is_left=False), **self._label_place(words, "xlp")}
        if node.id in self._picture.focus:
            look |= {"penwidth": "3.5", "color": quote(self._colours.ink)}
        return {
            **self._size(placed.nodes[node.id]),
            **look,
            "id": quote(node.id),
            "class": quote(classes_of(node, self._picture)),
            "tooltip": quote(_cut("\n".join(node.tooltip) or node.name)),
        }

    def _cluster(self, box: Container) -> Attributes:
        place, title = self._page.layout.boxes[box.id], self._page.layout.titles[box.id]
        low, high = Point(place.x, place.bottom), Point(place.right, place.y)
        status = f" status-{style_of(box.status).key}" if box.status else ""
        style = {ContainerKind.SUB_WORKFLOW: "solid", ContainerKind.UNDO: "dotted,rounded"}.get(
            box.kind, "dashed,rounded"
        )
        return {
            "id": quote(box.id),
            "class": quote(f"box-{box.kind}{status}"),
            "bb": quote(f"{self._at(low)},{self._at(high)}"),
            "label": text_table(title_lines(box), title),
            **self._label_place(title),
            "style": quote("invis" if box.kind is ContainerKind.ABOUT else style),
            "color": quote(self._colours.muted),
            "tooltip": quote(_cut("\n".join(box.tooltip) or box.title)),
        }

    def _edge(self, route: LineRoute) -> str:
        edge, paint = route.edge, paint_of_line(route.edge, self._options)
        attributes = {
            "pos": quote(self._spline(route.points)),
            "id": quote(edge.id),
            "class": quote(f"edge-{edge.kind}" + {True: " taken", False: " not-taken", None: ""}[edge.taken]),
            "color": quote(paint.stroke),
            "penwidth": number(paint.width),
            "tooltip": quote(_cut(words_of(edge, self._picture))),
        }
        if lines := label_lines(edge):
            label = text_table([LabelLine(LineRole.FACT, text) for text in lines], route.label)
            attributes |= {"label": label, **self._label_place(route.label)}
        if paint.border is not Border.SOLID:
            attributes["style"] = paint.border.value
        return _assign(f"{quote(edge.source)} -> {quote(edge.target)}", attributes)

    def _spline(self, points: Sequence[Point]) -> str:
        """Return a line with round corners as the control points of its curves, with its head."""
        end, *back = arrow(points)
        # Graphviz draws the head from where the curve ends to the point after "e": at the base of our own triangle,
        # then.
        neck = Point((back[0].x + back[1].x) / 2, (back[0].y + back[1].y) / 2)
        here, out = points[0], [points[0]]
        *turns, _ = rounded(points)
        for start, corner, after in turns:
            out += [here, start, start, corner, corner, after]
            here = after
        out += [here, neck, neck]
        return f"e,{self._at(end)} " + " ".join(map(self._at, out))

    def _legend(self) -> str:
        """Return the legend as a node: a row of cells for each of its rows."""
        rows: dict[float, str] = {}
        for style, place in self._page.legend:
            text = self._picture.legend_note if style is None else legend_words(style)
            ink = self._colours.muted if style is None else self._colours.text_of(style)
            look = 'border="0"' if style is None else f'bgcolor="{self._colours.fill_of(style)}"'
            font = f'<font color="{ink}" point-size="{number(SMALL)}">{html(text)}</font>'
            cell = f'<td width="{number(place.width)}" height="24" {look}>{font}</td>'
            rows[place.y] = rows.get(place.y, "") + cell
        table = f'<table border="0" cellborder="1" cellspacing="3" cellpadding="0" color="{self._colours.outline}">'
        cells = "".join(f'<tr><td align="left">{table}<tr>{row}</tr></table></td></tr>' for row in rows.values())
        places = [place for _, place in self._page.legend]
        first, right = places[0], max(place.right for place in places)
        whole = Rect(first.x, first.y, right - first.x, places[-1].bottom - first.y)
        label = f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{cells}</table>>'
        told = {"id": "legend", "class": "legend", "shape": "none", "style": quote(""), "label": label}
        return _assign("legend", {**self._size(whole), **told, "tooltip": "legend"})


def _cut(text: str) -> str:
    """Return a text that Graphviz takes; line ends stay."""
    return text if len(text) <= _TOOLTIP_MAX else f"{text[: _TOOLTIP_MAX - 1]}…"


def _child_of(box: str | None, container: str | None, boxes: Mapping[str, Container]) -> str | None:
    """Return the box directly inside *box* that holds *container*, or None if *container* is not inside *box*."""
    while container is not None and boxes[container].parent != box:
        container = boxes[container].parent
    return container


def _assign(name: str, attributes: Attributes) -> str:
    return f"{name} [{' '.join(f'{key}={value}' for key, value in attributes.items())}]"
