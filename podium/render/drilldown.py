"""
The way into the blocks of a large picture: in an SVG, a click on a block opens what it stands for.

It works in every browser, also from a saved file: the block is a link to a drawing inside the same SVG that is hidden
as long as it is not the link's target. There is no script. Where links do not work, as in an ``<img>`` or on paper, the
block's title says what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from podium.render.collapsing import NODES_MAX, collapse_by_default
from podium.render.endings import with_own_ends
from podium.render.figures import number
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.summary import in_stretches

#: Height of the line with the link back.
_BACK: Final = 34.0


class SizedDrawing(NamedTuple):
    """A drawing and its size."""

    text: str
    width: float
    height: float


def insides(
    picture: Picture,
    options: Options,
    id_prefix: str,
    size: tuple[float, float],
    draw: Callable[[Picture, str], SizedDrawing],
) -> Iterator[str]:
    """
    Yield a hidden drawing for each block of a picture that has an inside, and the style that shows it.

    Args:
        picture: The large one.
        options: Direction and theme of the insides.
        id_prefix: What every id in the SVG begins with.
        size: Width and height that they are drawn into; a larger one is drawn smaller.
        draw: Draws a picture, with a prefix for its ids.
    """
    width, height = size
    page = f'<rect width="{number(width)}" height="{number(height)}" fill="{options.colours.page}"/>'
    look = f'x="20" y="22" font-size="14" text-decoration="underline" fill="{options.colours.ink}"'
    back = f'<a href="#{id_prefix}whole" class="way-back"><text {look}>← back to the whole</text></a>'
    for place, (node_id, inside) in enumerate(picture.inside.items()):
        drawn = draw(_readable(inside()), f"{id_prefix}i{place}_")
        share = min(1.0, width / drawn.width, (height - _BACK) / drawn.height)
        fitted = f'<g transform="translate(0 {number(_BACK)}) scale({share:.4f})">{drawn.text}</g>'
        yield f'<g id="{id_prefix}in_{node_id}" class="inside" visibility="hidden">{page}{back}{fitted}</g>'
    targets = (f"#{id_prefix}in_{node_id}:target{{visibility:visible}}" for node_id in picture.inside)
    yield f"<style>{''.join(targets)}</style>"


def _readable(part: Picture) -> Picture:
    """Return a part of which everything that is drawn can be read."""
    drawn = collapse_by_default(part)
    return with_own_ends(drawn if len(drawn.nodes) <= NODES_MAX else in_stretches(part))
