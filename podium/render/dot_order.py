"""
What keeps nodes in their places in DOT: invisible lines and points, which no other form needs.

``ordering=out`` alone does not keep branches and cases in the order in which they were written, because Graphviz looks
past the lines into boxes. With what stands here, all rows of real definitions stand as written; of rows in random
nestings of up to 60 nodes, 3 to 6 of 1,000 do not, and in very deep ones, which are drawn whole only on request, 1 to 4
of 100. (Our own drawing has its order from the nesting itself.)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from podium.render.dot_shapes import quote
from podium.render.options import Options
from podium.render.picture import Branch, Kind, Picture, Step, entry_of

#: Stands for a box in the row of its neighbours.
_POINT: Final = "[shape=point width=0.01 style=invis]"


def held(picture: Picture, options: Options) -> Iterator[str]:
    """Give the statements that keep the nodes of a picture in their places."""
    yield from _unreached(picture)
    yield from _rows(picture.steps, picture, options)
    yield from _before_what_follows(picture.steps, picture, "")


def _unreached(picture: Picture) -> Iterator[str]:
    """Hold on to nodes that no line leads to: unreachable tasks, and those that only the run knows."""
    if picture.start.kind is not Kind.START:  # no flow, so there is no place that a node belongs to
        return
    reached = {edge.target for edge in picture.edges}
    before = picture.start
    for node in picture.nodes[1:]:
        if node.id not in reached and node.kind is not Kind.END:
            above = picture.start if node.kind is Kind.NOTE else before
            yield f"{quote(above.id)} -> {quote(node.id)} [style=invis]"
        before = node


def _rows(steps: tuple[Step, ...], picture: Picture, options: Options) -> Iterator[str]:
    """
    Hold the heads of branches and cases in the written order, by invisible lines within their rank.

    Within boxes, Graphviz (2.43 and others) turns a flow from left to right upside down, so there the lines are written
    the other way round.
    """
    for step in steps:
        around = step.container or picture.node(step.node).container
        heads = [branch for branch in step.branches if branch.steps]
        is_turned = around is not None and options.direction == "LR"
        # From top to bottom the ports of a bar hold its branches in order, and straight.
        if len(heads) > 1 and (is_turned or picture.node(step.node).kind is Kind.SWITCH):
            for branch in heads:
                yield from _point(step, branch, around)
            row = [_place(branch) for branch in heads]
            yield "{"
            yield "\tgraph [rank=same]"
            yield from (
                f"\t{quote(one)} -> {quote(other)} [style=invis]"
                for one, other in pairwise(row[::-1] if is_turned else row)
            )
            yield "}"
        for branch in step.branches:
            yield from _rows(branch.steps, picture, options)


def _place(branch: Branch) -> str:
    """Give the node that stands in the row: the branch's first one, or a point above it if that is in a box."""
    head = branch.steps[0]
    return f"at_{head.node}" if head.container else head.node


def _point(step: Step, branch: Branch, around: str | None) -> Iterator[str]:
    """Put a point above a head that is in a box of its own, where the box's neighbours are."""
    head = branch.steps[0]
    if head.container:
        point = f"{quote(_place(branch))} {_POINT}"
        yield f"subgraph {quote(f'cluster_{around}')} {{ {point} }}" if around else point
        yield f"{quote(step.node)} -> {quote(_place(branch))} [style=invis weight=2]"
        yield f"{quote(_place(branch))} -> {quote(entry_of(head))} [style=invis weight=20]"


def _before_what_follows(steps: tuple[Step, ...], picture: Picture, after: str) -> Iterator[str]:
    """
    Hold the end behind a termination above what the flow goes on with: beside it, lines would cross.

    Args:
        steps: The steps of one level.
        picture: Where they are.
        after: The node that follows them, or an empty text.
    """
    for step, follower in zip(steps, (*steps[1:], None), strict=False):
        below = entry_of(follower) if follower else after
        if below and picture.node(step.node).kind is Kind.END:
            yield f"{quote(step.node)} -> {quote(below)} [style=invis weight=0]"
        for branch in step.branches:
            yield from _before_what_follows(branch.steps, picture, step.last if step.container else below)
