"""Figures as SVG elements: each into its place, with the attributes of its paint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from podium.render.geometry import Rect
from podium.render.palette import Border


def number(value: float) -> str:
    """Return a number with at most one digit after the point, so that files are small and equal everywhere."""
    text = f"{value:.1f}"
    whole = text[:-2] if text[-1] == "0" else text
    return "0" if whole == "-0" else whole


def _polygon(points: Sequence[tuple[float, float]], paint: str) -> str:
    corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polygon points="{corners}" {paint}/>'


def _rect(box: Rect, paint: str, radius: float = 0.0) -> str:
    x, y, width, height = (number(value) for value in box)
    rounded = f' rx="{number(radius)}"' if radius else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}"{rounded} {paint}/>'


def inset(box: Rect, by: float) -> Rect:
    """Return a smaller rectangle with the same middle."""
    return Rect(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by)


def round_square(box: Rect, paint: str) -> str:
    """Draw a rectangle with round corners."""
    return _rect(box, paint, 9)


def pill(box: Rect, paint: str) -> str:
    """Draw a rectangle with round sides."""
    return _rect(box, paint, min(box.height / 2, 16))


def square(box: Rect, paint: str) -> str:
    """Draw a rectangle."""
    return _rect(box, paint)


def diamond(box: Rect, paint: str) -> str:
    """Draw a diamond."""
    x, y = box.middle
    return _polygon([(x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y)], paint)


def ellipse(box: Rect, paint: str) -> str:
    """Draw an ellipse."""
    x, y = box.middle
    rx, ry = number(box.width / 2), number(box.height / 2)
    return f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="{rx}" ry="{ry}" {paint}/>'


def double_ellipse(box: Rect, paint: str) -> str:
    """Draw an ellipse with a ring around it."""
    ring = paint.replace(f'fill="{_fill(paint)}"', 'fill="none"')
    return ellipse(box, ring) + ellipse(inset(box, 4), paint)


def stacked(box: Rect, paint: str) -> str:
    """Draw a rectangle before another one."""
    front = Rect(box.x, box.y + 5, box.width - 5, box.height - 5)
    return _rect(Rect(box.x + 5, box.y, box.width - 5, box.height - 5), paint) + _rect(front, paint)


def solid(box: Rect, paint: str) -> str:
    """Draw a front with a top and a side, so that it looks as if there was something in it."""
    x, y, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    outline = [(x, y + 5), (x + 5, y), (right, y), (right, bottom - 5), (right - 5, bottom), (x, bottom)]
    corner = f"{number(right - 5)} {number(y + 5)}"
    edges = f"M{number(x)} {number(y + 5)}L{corner}V{number(bottom)}M{corner}"
    line = paint.replace(f'fill="{_fill(paint)}"', 'fill="none"')
    return f'{_polygon(outline, paint)}<path d="{edges}L{number(right)} {number(y)}" {line}/>'


def note(box: Rect, paint: str) -> str:
    """Draw a sheet with a folded corner."""
    right, bottom = box.x + box.width, box.y + box.height
    corners = [(box.x, box.y), (right - 10, box.y), (right, box.y + 10), (right, bottom), (box.x, bottom)]
    return _polygon(corners, paint)


def _fill(paint: str) -> str:
    return paint.split('fill="', 1)[1].split('"', 1)[0]


def sides(box: Rect, paint: str) -> str:
    """Draw a rectangle with double sides."""
    return _rect(box, paint) + _rect(Rect(box.x + 6, box.y, box.width - 12, box.height), paint)


def house(box: Rect, paint: str) -> str:
    """Draw a house."""
    right, bottom, eaves = box.x + box.width, box.y + box.height, box.y + 12
    return _polygon([(box.middle.x, box.y), (right, eaves), (right, bottom), (box.x, bottom), (box.x, eaves)], paint)


def tab(box: Rect, paint: str) -> str:
    """Draw a sheet with a tab."""
    return _rect(Rect(box.x, box.y, 18, 6), paint) + _rect(Rect(box.x, box.y + 6, box.width, box.height - 6), paint)


def octagon(box: Rect, paint: str) -> str:
    """Draw an octagon."""
    right, bottom, cut = box.x + box.width, box.y + box.height, 11.0
    corners = [
        (box.x + cut, box.y), (right - cut, box.y), (right, box.y + cut), (right, bottom - cut),
        (right - cut, bottom), (box.x + cut, bottom), (box.x, bottom - cut), (box.x, box.y + cut),
    ]  # fmt: skip
    return _polygon(corners, paint)


_DASHES: Final[Mapping[Border, str]] = MappingProxyType(
    {Border.DASHED: ' stroke-dasharray="5 3"', Border.DOTTED: ' stroke-dasharray="1.5 3"'}
)


def dash_of(border: Border) -> str:
    """Return the attribute that breaks an outline or a line, if it is broken."""
    return _DASHES.get(border, "")
