"""What Graphviz's SVG still needs: words for screen readers, ids that are unique in a page, nothing superfluous."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET  # reads only what dot has just written

from podium.render.bar_ends import stretch_bars
from podium.render.naming import text_width
from podium.render.picture import Picture
from podium.render.wording import words_of

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

#: Points by which browsers draw text higher than Graphviz reckons when it centres a label.
_LOWER: Final = 1.5
#: The estimate of a text's width leaves room for wide fonts; a ground that is too wide would cut lines beside the text.
_SLIM: Final = 0.85
#: Classes of figures whose text stands beside them, where lines may run.
_BESIDE: Final = frozenset({"node-start", "node-end"})


def finish(svg: bytes, picture: Picture, *, id_prefix: str = "") -> str:
    """
    Make Graphviz's SVG accessible.

    Adds a role, a title and a description to the whole, a title in words to every node, box and line; takes the links
    away that Graphviz wraps around tooltips; puts *id_prefix* before every id; keeps texts clear of lines; makes bars
    as long as what is between them. The tab key goes through the nodes in the picture's order.
    """
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)  # noqa: S314  # as above
    words = dict(_words(picture))
    for parent in list(root.iter()):
        _unwrap(parent)
    stretch_bars(root, picture)
    for group in root.iter(f"{{{_SVG}}}g"):
        title = group.find(f"{{{_SVG}}}title")
        text = words.get(group.get("id", ""))
        if title is not None and text is not None:
            title.text = text
        elif title is not None:
            group.remove(title)  # the graph's own name, and the legend's
    _arrange(root, picture)
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", id_prefix + element.attrib["id"])
    _place_texts(root)
    _head(root, picture, id_prefix)
    return ET.tostring(root, encoding="unicode") + "\n"


def _words(picture: Picture) -> Iterator[tuple[str, str]]:
    for node in picture.nodes:
        yield node.id, "; ".join(node.tooltip) or node.name
    for box in picture.containers:
        yield box.id, "; ".join(box.tooltip) or box.title
    for edge in picture.edges:
        yield edge.id, words_of(edge, picture)


def _unwrap(parent: ET.Element) -> None:
    """Put the content of ``<g><a xlink:title=…>`` where the group is: the title says the same, and links nowhere."""
    for child in list(parent):
        link = child.find(f"{{{_SVG}}}a") if child.tag == f"{{{_SVG}}}g" else None
        if link is not None and link.get(f"{{{_XLINK}}}href") is None:
            place = list(parent).index(child)
            parent.remove(child)
            for offset, inner in enumerate(link):
                parent.insert(place + offset, inner)


def _arrange(root: ET.Element, picture: Picture) -> None:
    """Put boxes first, lines next and nodes last, all in the picture's order, which is that of the keyboard too."""
    graph = root.find(f"{{{_SVG}}}g")
    if graph is None:
        return
    order = [*(box.id for box in picture.containers), *(edge.id for edge in picture.edges)]
    place = {name: i for i, name in enumerate([*order, *(node.id for node in picture.nodes)], start=1)}
    last = len(place) + 1

    def rank(child: ET.Element) -> int:
        return place.get(child.get("id", ""), last) if child.tag == f"{{{_SVG}}}g" else 0  # the page itself

    graph[:] = sorted(graph, key=rank)
    nodes = {node.id for node in picture.nodes}
    for child in graph:
        if child.get("id") in nodes:
            child.attrib |= {"tabindex": "0", "role": "img"}


def _place_texts(root: ET.Element) -> None:
    """
    Keep texts clear of lines: those of boxes and lines stand on a ground of their own, those in nodes in their middle.

    Graphviz draws boxes first, so that any line into a box would go through its title: the titles are drawn last.
    """
    graph = root.find(f"{{{_SVG}}}g")
    page = graph.find(f"{{{_SVG}}}polygon") if graph is not None else None
    if graph is None or page is None:
        return
    ground = page.get("fill", "none")
    for group in list(graph.iter(f"{{{_SVG}}}g")):
        kind = group.get("class", "").partition(" ")[0]
        texts = group.findall(f"{{{_SVG}}}text")
        for text in texts:
            if kind == "node":
                text.set("y", f"{float(text.get('y', '0')) + _LOWER:.2f}")
            if kind == "edge" or not _BESIDE.isdisjoint(group.get("class", "").split()):
                text.attrib |= {"paint-order": "stroke", "stroke": ground, "stroke-width": "3"}
        if kind == "cluster":
            for text in texts:
                group.remove(text)
            graph.extend([_ground_of(text, ground) for text in texts] + texts)


def _ground_of(text: ET.Element, colour: str) -> ET.Element:
    """Give the rectangle that a text covers."""
    size = float(text.get("font-size", "10"))
    place = {
        "x": text.get("x", "0"),
        "y": f"{float(text.get('y', '0')) - 0.9 * size:.2f}",
        "width": f"{_SLIM * text_width(text.text or '', size):.2f}",
        "height": f"{1.2 * size:.2f}",
    }
    ground = ET.Element(f"{{{_SVG}}}rect", {"fill": colour, **place})
    ground.tail = "\n"
    return ground


def _head(root: ET.Element, picture: Picture, id_prefix: str) -> None:
    root.set("role", "img")
    root.set("aria-labelledby", f"{id_prefix}title {id_prefix}desc")
    title = ET.Element(f"{{{_SVG}}}title", {"id": f"{id_prefix}title"})
    title.text = picture.title
    description = ET.Element(f"{{{_SVG}}}desc", {"id": f"{id_prefix}desc"})
    description.text = picture.summary
    title.tail = description.tail = "\n"
    root.insert(0, title)
    root.insert(1, description)
