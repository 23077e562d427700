"""Where Graphviz puts things: bars, ends and rows, measured in what it lays out."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from render_samples import CORPUS, attempt, definition, run_of, shipped_run, shipping, task

from podium.model.codec import from_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus
from podium.render import dot, graph, mermaid, svg
from podium.render.dot_source import dot_text
from podium.render.endings import with_own_ends
from podium.render.naming import text_width
from podium.render.options import Options
from podium.render.overlay import draw_run
from podium.render.palette import NOT_STARTED
from podium.render.picture import Kind, Picture, Step
from podium.render.plain_svg import plain_svg_text
from podium.render.program import find_dot, run_dot
from podium.render.subject import picture_of

SVG = "{http://www.w3.org/2000/svg}"
needs_dot = pytest.mark.skipif(find_dot() is None, reason="Graphviz's dot is not on the PATH")

#: The lowest and the highest place of something across the flow, in points.
Extent = tuple[float, float]


def extents(picture: Picture, direction: str = "TB") -> dict[str, Extent]:
    """Give where Graphviz puts every node and box, across the flow."""
    laid = json.loads(run_dot(dot_text(picture, Options(direction=direction, collapse=False)), "json0"))
    axis = 0 if direction == "TB" else 1
    found: dict[str, Extent] = {}
    for each in laid["objects"]:
        if "bb" in each:
            corners = [float(number) for number in each["bb"].split(",")]
            found[each["name"].removeprefix("cluster_")] = (corners[axis], corners[axis + 2])
        elif "pos" in each:
            middle = float(each["pos"].split(",")[axis])
            half = float(each["width" if direction == "TB" else "height"]) * 36
            found[each["name"]] = (middle - half, middle + half)
    return found


def branching(steps: tuple[Step, ...]) -> Iterator[tuple[Step, Step | None]]:
    """Give every step with branches, and the one after it."""
    for step, after in zip(steps, (*steps[1:], None), strict=False):
        if step.branches:
            yield step, after
        for branch in step.branches:
            yield from branching(branch.steps)


def inside(steps: tuple[Step, ...]) -> Iterator[str]:
    """Give the nodes and boxes of steps."""
    for step in steps:
        yield from filter(None, (step.node, step.container, step.last))
        for branch in step.branches:
            yield from inside(branch.steps)


def too_short(picture: Picture) -> list[tuple[str, float]]:
    """Give the bars that end before their branches do, and by how many points; a few do not matter."""
    place = extents(picture)
    found: list[tuple[str, float]] = []
    for step, after in branching(picture.steps):
        if picture.node(step.node).kind is Kind.FORK:
            within = [place[name] for branch in step.branches for name in inside(branch.steps)]
            low, high = min(each[0] for each in within), max(each[1] for each in within)
            bars = [
                each.node for each in (step, after) if each and picture.node(each.node).kind in {Kind.FORK, Kind.JOIN}
            ]
            found += [(bar, max(place[bar][0] - low, high - place[bar][1])) for bar in bars]
    return [(bar, by) for bar, by in found if by > 10]


# -- bars --------------------------------------------------------------------------------------------------------------


@needs_dot
def test_a_bar_is_as_wide_as_a_loop_beside_it() -> None:
    """The title of a loop's box may be wider than all that is inside it."""
    condition = "if ($.a_counter_with_a_long_name < $.limit) { true; } else { false; }"
    loop = task("a_loop_with_quite_a_long_name", "DO_WHILE", loop_condition=condition, loop_over=(task("a"),))
    fork = task("f", "FORK_JOIN", fork_tasks=((loop,), (task("b"),)))
    join = task("j", "JOIN", join_on=("a_loop_with_quite_a_long_name", "b"))

    assert too_short(picture_of(definition(fork, join))) == []


@needs_dot
def test_a_bar_is_as_wide_as_the_cases_between_it() -> None:
    """The labels of cases need room, too, also of those without tasks."""
    cases = {"the first of the cases": (task("a"),), "the second of the cases": ()}
    switch = task("s", "SWITCH", expression="x", decision_cases=cases, default_case=(task("w", "WAIT"),))
    fork = task("f", "FORK_JOIN", fork_tasks=((switch,), (task("b"), task("c", "WAIT"))))

    assert too_short(picture_of(definition(fork, task("j", "JOIN", join_on=("s", "c"))))) == []


@needs_dot
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_bars_of_the_corpus_are_wide_enough() -> None:
    """In every definition of the corpus."""
    found = {}
    for path in sorted(CORPUS.glob("definitions/*.json")):
        picture = picture_of(from_dict(json.loads(path.read_text()), WorkflowDef), Options(collapse=False))
        if any(node.kind is Kind.FORK for node in picture.nodes) and (short := too_short(picture)):
            found[path.stem] = short

    assert found == {}


def drawn_across(group: ET.Element, axis: int) -> Extent:
    """Give from where to where a group of an SVG reaches across the flow."""
    found: list[float] = []
    for element in group:
        points = re.findall(r"-?[\d.]+", element.get("points") or element.get("d") or "")
        found += [float(number) for number in points[axis::2]]
        if element.tag == f"{SVG}ellipse":
            middle, radius = (float(element.get(name[axis], "0")) for name in (("cx", "cy"), ("rx", "ry")))
            found += [middle - radius, middle + radius]
    return min(found), max(found)


@needs_dot
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_bars_in_an_svg_reach_over_all_that_is_between_them(direction: Any) -> None:
    """Also where Graphviz puts it beside the middle of its branch; in nestings, and with statuses and their words."""
    axis = 0 if direction == "TB" else 1
    short = bars = 0
    for seed in range(25):
        flow = nesting_of(seed, 2)
        picture = with_own_ends(picture_of(flow, Options(collapse=False)))
        root = ET.fromstring(svg(flow, direction=direction, collapse=False))
        place = {
            group.get("id"): drawn_across(group, axis)
            for group in root.iter(f"{SVG}g")
            if group.get("id") in {*(node.id for node in picture.nodes), *(box.id for box in picture.containers)}
        }
        for step, after in branching(picture.steps):
            if picture.node(step.node).kind is Kind.FORK:
                within = [place[name] for branch in step.branches for name in inside(branch.steps)]
                for bar in [step.node] + ([after.node] if after else []):
                    bars += 1
                    is_long = place[bar][0] <= min(low for low, _ in within) + 1
                    short += not (is_long and place[bar][1] >= max(high for _, high in within) - 1)

    assert bars > 80
    assert short <= bars / 50


@needs_dot
def test_a_bar_keeps_away_from_what_is_beside_it() -> None:
    """A longer bar stops before a node at its height, and before a line that passes."""
    cases = {"A": (task("a"),), "B": (task("b"),), "C": (task("c"),)}
    wide = task("s", "SWITCH", expression="x", decision_cases=cases)
    inner = task("f", "FORK_JOIN", fork_tasks=((wide,), (task("d"),)))
    join = task("f_join", "JOIN", join_on=("s", "d"))
    left, right = ((task(f"{side}1"), task(f"{side}2"), task(f"{side}3")) for side in "lr")
    flow = definition(task("outer", "FORK_JOIN", fork_tasks=(left, (inner, join), right)))
    groups = {group.get("id"): group for group in ET.fromstring(svg(flow)).iter(f"{SVG}g")}
    bars = [drawn_across(groups[name], 0) for name in ("n_f", "n_f_join")]

    for side, edges in (("l", 1), ("r", 0)):
        for name in [f"n_{side}{number}" for number in (1, 2, 3)]:
            other = drawn_across(groups[name], 0)
            assert all(other[1] < bar[0] if edges else bar[1] < other[0] for bar in bars)


# -- ends --------------------------------------------------------------------------------------------------------------


def test_a_termination_has_its_own_end() -> None:
    """So its line crosses nothing; the graph for analysis keeps the one end."""
    flow = shipping()
    picture = with_own_ends(picture_of(flow))
    plain = plain_svg_text(picture, Options())

    assert [(e.source, e.target) for e in picture.edges if e.source == "n_refuse"] == [("n_refuse", "end_n_refuse")]
    assert with_own_ends(picture) == picture
    assert graph(flow).has_edge("refuse", "end")
    for text in (dot(flow), mermaid(flow), plain):
        assert "end_n_refuse" in text
        assert "e_n_refuse__flow_end" not in text
    assert len(plain_svg_text(picture_of(flow), Options())) == len(plain)


def test_a_termination_that_all_ways_lead_to_has_the_end_itself() -> None:
    """Nothing lies between it and the end."""
    flow = definition(task("a"), task("stop", "TERMINATE"))

    assert with_own_ends(picture_of(flow)) == picture_of(flow)


def test_a_run_that_was_terminated_ended_there() -> None:
    """The end behind the termination has the run's status, and the other end was not reached."""
    run = run_of(
        shipping(),
        attempt("reserve"),
        attempt("shipping", task_type="SWITCH", output_data={"selectedCase": "NEVER"}),
        attempt("refuse", task_type="TERMINATE"),
        status=RunStatus.FAILED,
    )

    picture = with_own_ends(draw_run(run))
    own, end = picture.node("end_n_refuse"), picture.end

    assert (own.status, [line.text for line in own.lines]) == ("FAILED", ["✗ failed"])
    assert (end.status, [line.text for line in end.lines]) == (NOT_STARTED, ["end"])
    assert with_own_ends(draw_run(shipped_run())).node("end_n_refuse").status == NOT_STARTED


def lines_of(picture: Picture) -> dict[str, list[complex]]:
    """Give the corners of every visible line as Graphviz draws it, as points of the plane."""
    laid = json.loads(run_dot(dot_text(picture, Options(collapse=False)), "json0"))
    return {
        each["id"]: [
            complex(*map(float, place.split(",")[-2:])) for place in each["pos"].split()[1:]
        ]  # the tip is first
        for each in laid["edges"]
        if "id" in each
    }


def crosses(one: list[complex], other: list[complex]) -> bool:
    """Tell whether two lines of corners cross; the control points of their curves are near enough."""

    def left(a: complex, b: complex, c: complex) -> bool:
        return ((b - a).conjugate() * (c - a)).imag > 0

    return any(
        left(a, b, c) != left(a, b, d) and left(c, d, a) != left(c, d, b)
        for a, b in pairwise(one)
        for c, d in pairwise(other)
    )


@needs_dot
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_no_line_crosses_one_to_an_end_of_its_own() -> None:
    """In every definition of the corpus: what goes on stands below such an end, not beside it."""
    found: list[tuple[str, str]] = []
    seen = 0
    for path in sorted(CORPUS.glob("definitions/*.json")):
        flow = from_dict(json.loads(path.read_text()), WorkflowDef)
        picture = with_own_ends(picture_of(flow, Options(collapse=False)))
        own = [edge.id for edge in picture.edges if edge.target.startswith("end_")]
        if own:
            seen += len(own)
            lines = lines_of(picture)
            found += [
                (path.stem, other)
                for name in own
                for other, way in lines.items()
                if other not in own
                and not other.endswith(name[2:].split("__")[0])
                and crosses(lines[name][1:], way[1:])
            ]

    assert seen >= 8
    assert found == []


# -- rows --------------------------------------------------------------------------------------------------------------


def out_of_order(picture: Picture, direction: str) -> tuple[int, int]:
    """Give how many rows of branches and cases stand otherwise than written, and how many there are."""
    place = extents(picture, direction)
    wrong = rows = 0
    for step, _ in branching(picture.steps):
        heads = [branch.steps[0] for branch in step.branches if branch.steps]
        middles = [sum(place[head.container or head.node]) for head in heads]
        rows += len(heads) > 1
        wrong += middles != sorted(middles, reverse=direction == "LR")
    return wrong, rows


def nesting_of(seed: int, depth: int) -> WorkflowDef:
    """Give forks, switches and loops in each other, as a seed has it."""
    dice, count = random.Random(seed), iter(range(10_000))

    def steps(left: int) -> tuple[WorkflowTask, ...]:
        return tuple(each for _ in range(dice.randint(1, 3)) for each in step(left))

    def step(left: int) -> list[WorkflowTask]:
        name, kind = f"t{next(count)}", dice.random() if left else 1.0
        if kind < 0.3:
            branches = tuple(steps(left - 1) for _ in range(dice.randint(2, 3)))
            fork = task(name, "FORK_JOIN", fork_tasks=branches)
            return [
                fork,
                task(f"{name}_join", "JOIN", join_on=tuple(each[-1].task_reference_name for each in branches)),
            ]
        if kind < 0.6:
            cases = {label: steps(left - 1) for label in "ABC"[: dice.randint(1, 3)]}
            return [task(name, "SWITCH", expression="x", decision_cases=cases, default_case=steps(left - 1))]
        if kind < 0.75:
            return [task(name, "DO_WHILE", loop_condition="true", loop_over=steps(left - 1))]
        return [task(name, dice.choice(["SIMPLE", "HTTP", "WAIT"]))]

    return definition(*steps(depth))


@needs_dot
def test_a_loop_keeps_its_place_between_other_cases() -> None:
    """Graphviz looks past lines into boxes, so a point stands for the box."""

    def chosen(name: str) -> WorkflowTask:
        body = tuple(task(f"{name}_{part}") for part in ("first", "second"))
        loop = task(f"{name}_loop", "DO_WHILE", loop_condition="true", loop_over=body)
        cases = {"A": (task(f"{name}_a"),), "B": (loop,), "C": (task(f"{name}_c"),)}
        return task(name, "SWITCH", expression="x", decision_cases=cases)

    around = task("around", "DO_WHILE", loop_condition="true", loop_over=(chosen("inner"), task("z")))
    flow = definition(chosen("outer"), around)

    assert out_of_order(picture_of(flow), "TB") == (0, 2)


@needs_dot
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_rows_of_nestings_stand_as_written(direction: str) -> None:
    """Of rows in random nestings, at most one in a hundred is in another order."""
    found = [out_of_order(picture_of(nesting_of(seed, 2), Options(collapse=False)), direction) for seed in range(40)]

    assert sum(rows for _, rows in found) > 150
    assert sum(wrong for wrong, _ in found) <= sum(rows for _, rows in found) / 100


# -- room --------------------------------------------------------------------------------------------------------------


def test_long_names_keep_away_from_the_double_sides() -> None:
    """The room between the side lines is wider than the text in any common font."""
    name = "population_min_max_2a27fdfb_295d"
    text = dot(definition(task(name, "SUB_WORKFLOW")))
    sides = text.split('sides="LR"')[1].split(">")[0]

    assert int(sides.split('width="')[1].split('"')[0]) >= int(text_width("SUB_WORKFLOW", 10)) + 16
    assert 'cellpadding="8"' in text


@pytest.mark.parametrize(
    ("text", "ems"), [("PULL_WORKFLOW_MESSAGES", 15.4), ("image_convert_resize", 9.9), ("WWW", 2.8)]
)
def test_texts_are_not_wider_than_they_are_thought(text: str, ems: float) -> None:
    """Compared with the widths of Helvetica's letters (its AFM file), capitals are wider than the others."""
    assert ems * 12 <= text_width(text, 12) <= 1.3 * ems * 12


@needs_dot
def test_words_beside_a_figure_stay_readable_over_lines() -> None:
    """A line that comes to the end from below does not cut its word."""
    for drawing in (svg(shipping()), plain_svg_text(picture_of(shipping()), Options())):
        ends = [text for text in ET.fromstring(drawing).iter(f"{SVG}text") if text.text == "end"]
        assert [text.get("paint-order") for text in ends] == ["stroke"]


@needs_dot
def test_a_thick_outline_is_not_cut() -> None:
    """Around the drawing there is more room than half of the thickest line and its corners need."""
    text = run_dot(dot_text(picture_of(shipping(), Options(focus="shipping")), Options()), "svg").decode()
    moved = re.search(r"translate\(([\d.]+) ", text)

    assert 'stroke-width="3.5"' in text
    assert moved is not None
    assert float(moved.group(1)) >= 7
