"""
The way into the blocks of a large picture: in an SVG, a click on a block opens what it stands for.

It works in every browser, also from a saved file: the block is a link to a drawing inside the same SVG that is hidden
as long as it is not the link's target. There is no script. Where links do not work, as in an ``<img>`` or on paper, the
block's title says what to write instead.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET  # reads only what we have just drawn ourselves

from podium.render.collapsing import NODES_MAX, collapse_by_default
from podium.render.drawing import FONT, drawing
from podium.render.endings import with_own_ends
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.summary import in_stretches

_SVG: Final = "http://www.w3.org/2000/svg"
#: Height of the line with the link back.
_BACK: Final = 34.0


def with_ways_in(svg: str, picture: Picture, options: Options, *, id_prefix: str) -> str:
    """
    Make each block of a drawn picture that has an inside a link to it; unchanged if there is none.

    Args:
        svg: The drawing.
        picture: What it shows.
        options: Direction and theme of the insides.
        id_prefix: What every id in the SVG begins with.
    """
    if not picture.inside:
        return svg
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)  # noqa: S314  # as above
    x, y, width, height = (float(value) for value in root.get("viewBox", "0 0 0 0").split())
    parents = {child: parent for parent in root.iter() for child in parent}
    groups = {group.get("id", ""): group for group in root.iter(f"{{{_SVG}}}g")}
    details: list[ET.Element] = []
    for number, (node_id, inside) in enumerate(picture.inside.items()):
        group = groups.get(id_prefix + node_id)
        if group is None:  # it stands for others inside another block
            continue
        target = f"{id_prefix}in_{node_id}"
        _link(group, parents[group], target)
        detail = ET.Element(f"{{{_SVG}}}g", {"id": target, "class": "inside", "visibility": "hidden"})
        page = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height), "fill": options.colours.page}
        ET.SubElement(detail, f"{{{_SVG}}}rect", page)
        detail.append(_back(x + 20, y + 22, f"#{id_prefix}whole", options))
        drawn = drawing(_readable(inside()), options, id_prefix=f"{id_prefix}i{number}_")
        detail.append(_fitted(ET.fromstring(drawn), x, y + _BACK, width, height - _BACK))  # noqa: S314  # as above
        details.append(detail)
    root.set("id", f"{id_prefix}whole")
    style = ET.Element(f"{{{_SVG}}}style")
    style.text = "".join(f"#{detail.get('id')}:target{{visibility:visible}}" for detail in details)
    root.extend([*details, style])
    return ET.tostring(root, encoding="unicode") + "\n"


def _readable(part: Picture) -> Picture:
    """Give a part of which everything that is drawn can be read."""
    drawn = collapse_by_default(part)
    return with_own_ends(drawn if len(drawn.nodes) <= NODES_MAX else in_stretches(part))


def _link(group: ET.Element, parent: ET.Element, target: str) -> None:
    """Put a group into a link; the link gets the keyboard's focus in its place."""
    link = ET.Element(f"{{{_SVG}}}a", {"href": f"#{target}", "class": "way-in"})
    place = list(parent).index(group)
    parent.remove(group)
    parent.insert(place, link)
    group.attrib.pop("tabindex", None)
    link.append(group)


def _back(x: float, y: float, target: str, options: Options) -> ET.Element:
    link = ET.Element(f"{{{_SVG}}}a", {"href": target, "class": "way-back"})
    look = {"x": _n(x), "y": _n(y), "font-size": "14", "text-decoration": "underline", "fill": options.colours.ink}
    text = ET.SubElement(link, f"{{{_SVG}}}text", {**look, "font-family": FONT})
    text.text = "← back to the whole"
    return link


def _fitted(drawing: ET.Element, x: float, y: float, width: float, height: float) -> ET.Element:
    """Put a drawing where there is room for it; a larger one is drawn smaller."""
    own_width, own_height = float(drawing.get("width", "1")), float(drawing.get("height", "1"))
    share = min(1.0, width / own_width, height / own_height)
    drawing.attrib |= {"x": _n(x), "y": _n(y), "width": _n(own_width * share), "height": _n(own_height * share)}
    return drawing


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
