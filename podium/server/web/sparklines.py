"""Small pictures of numbers over time, in a line of a table."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from markupsafe import Markup

#: Pixels.
_BAR, _GAP, _HEIGHT = 4, 1, 22


@frozen(kw_only=True)
class Sparkline:
    """
    Bars, oldest first.

    Attributes:
        told: What it shows, in words.
        width: In pixels, as `height`.
        markup: What stands in the SVG.
    """

    told: str
    width: int
    height: int
    markup: Markup


def bars(values: Sequence[int], told: str, bad: Sequence[int] = (), most: int = 0) -> Sparkline:
    """
    Return bars, one for each stretch of time.

    Args:
        values: How many of each stretch, oldest first.
        told: What it shows, in words.
        bad: How many of each are bad; drawn in another colour, at the foot.
        most: What a bar of full height stands for; 0 for the highest of the values.

    Example:
        >>> bars([1, 4], "5 runs").width
        9
    """
    most = most or max((*values, 1))
    parts = []
    for place, value in enumerate(values):
        x, tall = place * (_BAR + _GAP), _tall(value, most)
        parts.append(f'<rect class="bar" x="{x}" y="{_HEIGHT - tall}" width="{_BAR}" height="{tall}"/>')
        if bad and bad[place]:
            tall = _tall(bad[place], most)
            parts.append(f'<rect class="bar is-bad" x="{x}" y="{_HEIGHT - tall}" width="{_BAR}" height="{tall}"/>')
    width = max(len(values) * (_BAR + _GAP) - _GAP, 1)
    return Sparkline(told=told, width=width, height=_HEIGHT, markup=Markup("".join(parts)))  # noqa: S704  # numbers only


def _tall(value: int, most: int) -> int:
    return max(2, round(value / most * _HEIGHT)) if value else 1
