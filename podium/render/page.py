"""A picture with all that is on its page: the header above it, the layout, the legend below."""

from __future__ import annotations

from attrs import evolve, frozen

from podium.render.endings import with_own_ends
from podium.render.fonts import text_width
from podium.render.geometry import Layout, Point, Rect
from podium.render.layout import layout
from podium.render.options import Options
from podium.render.palette import Style, legend
from podium.render.picture import LabelLine, Picture
from podium.render.sizes import SMALL, extent_of, header_lines

MARGIN = 20.0
_BELOW_HEADER = 16.0
_ENTRY = 24.0
#: A legend may be so wide even where the picture is narrow.
_LEGEND_WIDTH = 560.0


@frozen(kw_only=True)
class DrawnPage:
    """What is drawn, and where; pixels from the upper left corner of the page."""

    picture: Picture
    header: tuple[LabelLine, ...]
    header_at: Rect
    layout: Layout
    #: Looks of statuses with their places, and at last the place of the note on lines; empty without a legend.
    legend: tuple[tuple[Style | None, Rect], ...]
    width: float
    height: float


def page_of(picture: Picture, options: Options, shape: Picture | None = None) -> DrawnPage:
    """
    Put a picture on a page.

    Args:
        picture: What is drawn.
        options: Direction, legend.
        shape: The picture whose layout is used: the same nodes, lines and boxes, with the longest texts that they ever
            have. So the frames of a playback keep their places.
    """
    drawn = with_own_ends(picture)
    shaped = drawn if shape is None else with_own_ends(shape)
    # The frames of a playback share one layout, that of the longest texts; only what is written into it differs.
    placed = layout(shaped, left_to_right=options.direction == "LR")
    if shape is not None:
        edges = {edge.id: edge for edge in drawn.edges}
        placed = evolve(placed, routes=tuple(route._replace(edge=edges[route.edge.id]) for route in placed.routes))
    header_at = Rect(MARGIN, MARGIN - 4, *extent_of(header_lines(shaped, placed.width)))
    top = header_at.bottom + _BELOW_HEADER
    inner = max(placed.width, header_at.width)
    below = top + placed.height + _BELOW_HEADER
    entries: tuple[tuple[Style | None, Rect], ...] = ()
    if options.legend and shaped.statuses:
        entries = _legend(shaped, Point(MARGIN, below), max(inner, _LEGEND_WIDTH))
        inner = max(inner, *(place.right - MARGIN for _, place in entries))
    bottom = max((place.bottom for _, place in entries), default=top + placed.height)
    return DrawnPage(
        picture=drawn,
        header=header_lines(drawn, placed.width),
        header_at=header_at,
        layout=placed.moved(MARGIN, top),
        legend=entries,
        width=inner + 2 * MARGIN,
        height=bottom + MARGIN,
    )


def _legend(picture: Picture, at: Point, width: float) -> tuple[tuple[Style | None, Rect], ...]:
    """Place the entries of a legend in rows."""
    texts: list[tuple[Style | None, str]] = [(style, legend_words(style)) for style in legend(picture.statuses)]
    texts.append((None, picture.legend_note))
    found: list[tuple[Style | None, Rect]] = []
    x, y = at
    for style, text in texts:
        needed = text_width(text, SMALL) + 18
        if x > at.x and x + needed > at.x + width:
            x, y = at.x, y + _ENTRY + 6
        found.append((style, Rect(x, y, needed, _ENTRY)))
        x += needed + 6
    return tuple(found)


def legend_words(style: Style) -> str:
    """Return what a legend says of a status."""
    return f"{style.icon} {style.word}".strip()
