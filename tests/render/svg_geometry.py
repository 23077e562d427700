"""What stands where in an SVG of ours, measured in the SVG itself with the widths of real fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple
from xml.etree import ElementTree as ET

from font_metrics import FONTS, width_in

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Spot = tuple[float, float]


class Box(NamedTuple):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, by: float = 0.3) -> bool:
        """Tell whether two rectangles share more than their edges."""
        across = self.left < other.right - by and other.left < self.right - by
        return across and self.top < other.bottom - by and other.top < self.bottom - by

    def holds(self, other: Box, by: float = 0.3) -> bool:
        """Tell whether another rectangle lies inside."""
        across = self.left <= other.left + by and other.right <= self.right + by
        return across and self.top <= other.top + by and other.bottom <= self.bottom + by

    @property
    def centre(self) -> Spot:
        """The middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class Text(NamedTuple):
    """A text with the room that its letters take in one font."""

    words: str
    box: Box


class Measured:
    """An SVG of a picture, taken apart: ids to figures, boxes, lines and texts."""

    def __init__(self, svg: str, font: str) -> None:
        root = ET.fromstring(svg)
        for hidden in root.findall(f"{_SVG}g[@visibility='hidden']"):
            root.remove(hidden)
        self.font = font
        self.page = Box(0, 0, float(root.get("width", "0")), float(root.get("height", "0")))
        self.figures: dict[str, Box] = {}
        self.corners: dict[str, list[Spot]] = {}
        self.boxes: dict[str, Box] = {}
        self.lines: dict[str, list[Spot]] = {}
        self.texts: dict[str, list[Text]] = {"": [_text(text, font) for text in root.findall(f"{_SVG}text")]}
        for group in root.iter(f"{_SVG}g"):
            self._group(group)

    def _group(self, group: ET.Element) -> None:
        name, kind = group.get("id", ""), group.get("class", "").split("-")[0]
        self.texts[name] = [_text(text, self.font) for text in group.iter(f"{_SVG}text")]
        if kind == "edge":
            path = group.find(f"{_SVG}path")
            self.lines[name] = list(_flat(path.get("d", ""))) if path is not None else []
        else:
            spots = [spot for element in group for spot in _spots(element)]
            if spots:
                around = Box(
                    min(x for x, _ in spots),
                    min(y for _, y in spots),
                    max(x for x, _ in spots),
                    max(y for _, y in spots),
                )
                (self.boxes if kind == "box" else self.figures)[name] = around
                self.corners[name] = spots

    @property
    def aspect(self) -> float:
        """How many times as long as its other side the longer side of the page is."""
        width, height = self.page.right, self.page.bottom
        return max(width / height, height / width)

    def texts_on_lines(self) -> Iterator[tuple[str, str]]:
        """Yield the texts outside of figures that a line runs through, and the line."""
        free = [text for name, texts in self.texts.items() if not self._is_inside(name) for text in texts]
        for name, line in self.lines.items():
            for text in free:
                if any(_cuts(one, other, text.box) for one, other in pairwise(line)):
                    yield text.words, name

    def _is_inside(self, name: str) -> bool:
        """Tell whether the texts of a group stand in its figure."""
        figure = self.figures.get(name)
        return figure is not None and all(
            figure.holds(text.box, 30) and text.box.meets(figure) for text in self.texts[name]
        )

    def overprints(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs of texts, or of a text and a figure that is not its own, that share room."""
        texts = [(name, text) for name, each in self.texts.items() for text in each]
        for (_, one), (_, other) in combinations(texts, 2):
            if one.box.meets(other.box):
                yield one.words, other.words
        for name, text in texts:
            for other, figure in self.figures.items():
                if other not in {name, "legend"} and text.box.meets(figure):
                    yield text.words, other

    def outside(self) -> Iterator[str]:
        """Yield the texts that leave their figure, their box or the page."""
        for name, texts in self.texts.items():
            for text in texts:
                if (
                    not self.page.holds(text.box)
                    or (name in self.boxes and not self.boxes[name].holds(text.box))
                    or (self._is_inside(name) and not _contains(self.corners[name], text.box))
                ):
                    yield text.words

    def crossed(self) -> Iterator[tuple[str, str]]:
        """Yield the lines that run through a figure at which they neither begin nor end, and the figure."""
        for name, line in self.lines.items():
            for other, figure in self.figures.items():
                inner = Box(figure.left + 1, figure.top + 1, figure.right - 1, figure.bottom - 1)
                ends = f"{name.removeprefix('e_')}_"
                is_own = ends.startswith(f"{other}__") or f"__{other}_" in ends
                if not is_own and any(_cuts(one, there, inner) for one, there in pairwise(line)):
                    yield name, other


def measured(svg: str) -> list[Measured]:
    """Take an SVG apart once for each font."""
    return [Measured(svg, font) for font in FONTS]


def _text(element: ET.Element, font: str) -> Text:
    size = float(element.get("font-size", "12"))
    words = element.text or ""
    width = width_in(font, words, size, bold=element.get("font-weight") == "bold")
    x, y = float(element.get("x", "0")), float(element.get("y", "0"))
    left = x - {"middle": width / 2, "end": width}.get(element.get("text-anchor", "start"), 0.0)
    return Text(words, Box(left, y - 0.76 * size, left + width, y + 0.22 * size))


def _spots(element: ET.Element) -> Iterator[Spot]:
    if element.tag == f"{_SVG}rect":
        x, y, width, height = (float(element.get(key, "0")) for key in ("x", "y", "width", "height"))
        yield from [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    elif element.tag == f"{_SVG}ellipse":
        x, y, rx, ry = (float(element.get(key, "0")) for key in ("cx", "cy", "rx", "ry"))
        for cos, sin in ((1, 0), (0.924, 0.383), (0.707, 0.707), (0.383, 0.924), (0, 1)):
            yield from [(x + a * rx * cos, y + b * ry * sin) for a in (1, -1) for b in (1, -1)]
    elif element.tag == f"{_SVG}polygon":
        numbers = [float(each) for each in _NUMBER.findall(element.get("points", ""))]
        yield from zip(numbers[::2], numbers[1::2], strict=True)


def _flat(path: str) -> Iterator[Spot]:
    """Return the corners of a path of straight parts; of its small round corners the control point."""
    numbers = [float(each) for each in _NUMBER.findall(path)]
    return zip(numbers[::2], numbers[1::2], strict=True)


def _cuts(one: Spot, other: Spot, box: Box) -> bool:
    """Tell whether a straight line runs through a rectangle (Liang and Barsky)."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    low, high = 0.0, 1.0
    for step, room in (
        (-dx, one[0] - box.left),
        (dx, box.right - one[0]),
        (-dy, one[1] - box.top),
        (dy, box.bottom - one[1]),
    ):
        if step == 0:
            if room <= 0.3:
                return False
        elif step < 0:
            low = max(low, room / step)
        else:
            high = min(high, room / step)
    return low < high - 1e-6


def _contains(spots: list[Spot], box: Box) -> bool:
    """Tell whether the corners of a rectangle lie inside the convex hull of spots."""
    hull = _hull(spots)
    corners = [(x, y) for x in (box.left + 0.3, box.right - 0.3) for y in (box.top + 0.3, box.bottom - 0.3)]
    return all(
        (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= -0.5
        for a, b in pairwise([*hull, hull[0]])
        for x, y in corners
    )


def _hull(spots: list[Spot]) -> list[Spot]:
    ordered = sorted(set(spots))

    def half(points: list[Spot]) -> list[Spot]:
        out: list[Spot] = []
        for x, y in points:
            while len(out) > 1:
                (ax, ay), (bx, by) = out[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                out.pop()
            out.append((x, y))
        return out[:-1]

    return half(ordered) + half(ordered[::-1])
