"""Which part of a picture is drawn, and how much of it one by one."""

from __future__ import annotations

from attrs import evolve

from podium.render.collapsing import NODES_MAX, collapse_all, collapse_by_default, collapse_named
from podium.render.focus import between, focused
from podium.render.options import NOTHING, Options
from podium.render.palette import AUTO
from podium.render.picture import Picture, tasks_of
from podium.render.summary import TASKS_MAX, summarized, with_table


def view_of(whole: Picture, options: Options) -> Picture:
    """
    Return what the options leave of a whole picture.

    Raises:
        RenderError: A name in the options is not in the picture.
    """
    part = whole
    if options.focus is not None:
        part = focused(whole, options.focus, options.hops)
    elif options.between is not None:
        part = between(whole, *options.between)
    if options.collapse is False or options.collapse == NOTHING:
        return part
    if options.collapse is True:
        drawn = collapse_all(part)
    elif options.collapse == AUTO:
        drawn = collapse_by_default(part, protected=part.focus)
    else:
        drawn = collapse_named(part, options.collapse)
    if _size(part) <= TASKS_MAX:  # a reader who wants more of it can have all of it
        return evolve(drawn, inside={})
    return summarized(part) if len(drawn.nodes) > NODES_MAX else with_table(drawn, part)


def _size(picture: Picture) -> int:
    """Count the tasks that are drawn one by one."""
    return sum(bool(tasks_of(node)) for node in picture.nodes)
