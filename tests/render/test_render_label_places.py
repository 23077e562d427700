"""In a layout of our own no label is printed over another one, or over a node."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from attrs import evolve
from render_samples import corpus_subjects, definition, shipping, task

from podium.model.definitions import WorkflowDef
from podium.render import diff_picture
from podium.render.flow import draw_definition
from podium.render.layers import LABEL_SIZE, Layout, Rect, layout
from podium.render.naming import text_width
from podium.render.picture import EdgeKind, Picture
from podium.render.plain_shapes import node_size
from podium.render.plain_svg import _title_size


def placed(picture: Picture, *, left_to_right: bool) -> Layout:
    """Lay a picture out."""
    return layout(picture, left_to_right=left_to_right, node_size=node_size, title_size=_title_size)


def overprints(picture: Picture, *, left_to_right: bool) -> Iterator[tuple[str, str]]:
    """Give the labels that share room with another label or with a node, and what they share it with."""
    found = placed(picture, left_to_right=left_to_right)
    labels = [
        (route.edge.label, Rect(route.label.x - width / 2, route.label.y - LABEL_SIZE / 2, width, LABEL_SIZE))
        for route in found.routes
        if route.edge.label and route.edge.kind is not EdgeKind.BACK
        for width in [text_width(route.edge.label, LABEL_SIZE)]
    ]
    for (one, box), (other, place) in combinations(labels, 2):
        if meet(box, place):
            yield one, other
    for label, box in labels:
        yield from ((label, name) for name, place in found.nodes.items() if meet(box, place))


def meet(one: Rect, other: Rect) -> bool:
    """Tell whether two rectangles share more than an edge."""
    across = one.x < other.x + other.width - 0.1 and other.x < one.x + one.width - 0.1
    return across and one.y < other.y + other.height - 0.1 and other.y < one.y + one.height - 0.1


@pytest.mark.parametrize("left_to_right", [False, True])
def test_labels_of_differences_can_be_read(left_to_right: bool) -> None:
    """Cases that came and went leave their switch side by side, past steps that were taken in between."""
    old = shipping()
    way = old.tasks[1]
    empty = {"DRONE": (), "PICKUP": (), "BICYCLE": (task("ride"),)}
    new = evolve(old, tasks=(old.tasks[0], evolve(way, decision_cases=empty, default_case=()), task("after")))
    forked = definition(task("a"), evolve(way, decision_cases={"X": (), "Y": (), "Z": (task("z"),)}), task("b"))
    joined = definition(task("b"), evolve(way, decision_cases={"Z": (), "W": (task("b2"),)}), task("z"), task("a"))
    for pair in ((old, new), (new, old), (forked, joined), (joined, forked), (old, joined)):
        picture = diff_picture(*pair, collapse=False).picture
        assert list(overprints(picture, left_to_right=left_to_right)) == []


@pytest.mark.parametrize("left_to_right", [False, True])
def test_labels_of_the_corpus_can_be_read(left_to_right: bool) -> None:
    """Of every definition, and of its difference from the next one."""
    subjects = [subject for _, subject in corpus_subjects() if isinstance(subject, WorkflowDef)]
    for subject in subjects:
        assert list(overprints(draw_definition(subject), left_to_right=left_to_right)) == [], subject.name
    for old, new in pairwise(subjects):
        picture = diff_picture(old, new, collapse=False).picture
        assert list(overprints(picture, left_to_right=left_to_right)) == [], (old.name, new.name)


def test_labels_stay_on_the_page() -> None:
    """However long a label is, and wherever it goes along its line, it does not reach out of the picture."""
    cases = {f"a rather long label of case {number}": () for number in range(4)}
    switch = task("way", "SWITCH", decision_cases=cases)
    old, new = definition(switch, task("b")), definition(evolve(switch, decision_cases={}), task("c"), task("b"))
    found = placed(diff_picture(old, new).picture, left_to_right=False)

    for route in found.routes:
        width = text_width(route.edge.label, LABEL_SIZE)
        assert route.label.x - width / 2 >= -20, route.edge.label
        assert route.label.x + width / 2 <= found.width + 20, route.edge.label
