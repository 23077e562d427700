"""Where things stand in pictures, measured in the SVG with the letters of three fonts: nothing lies on another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from large_samples import chain, nested, wide
from render_samples import (
    corpus_subjects,
    definition,
    nasty,
    nasty_run,
    nesting,
    polled_run,
    polling,
    shipped_run,
    shipping,
    spread_run,
    spreading,
    task,
    telling,
)
from svg_geometry import Measured, measured
from timeline_samples import charging_run, encoding_run, looping_run

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import WorkflowRun
from podium.render import diff_picture, svg, timeline
from podium.render.endings import with_own_ends
from podium.render.estate import estate
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.steps import NestedTask, entry_of
from podium.render.subject import picture_of

DIRECTIONS = ("TB", "LR")
#: A picture is at most so many times as long as its shorter side.
ASPECT = 8


def faults(drawn: str) -> list[tuple[str, Any]]:
    """Return everything in an SVG that lies on something else or leaves its place, in any of the fonts."""
    return [
        (f"{found.font}: {kind}", each)
        for found in measured(drawn)
        for kind in ("texts_on_lines", "overprints", "outside", "crossed")
        for each in getattr(found, kind)()
    ]


def branching(steps: tuple[NestedTask, ...]) -> Iterator[tuple[NestedTask, NestedTask | None]]:
    """Yield every step with branches, and the one after it."""
    for step, after in zip(steps, (*steps[1:], None), strict=False):
        if len([branch for branch in step.branches if branch.steps]) > 1:
            yield step, after
        for branch in step.branches:
            yield from branching(branch.steps)


def inside(steps: tuple[NestedTask, ...]) -> Iterator[str]:
    """Yield the nodes and boxes of steps."""
    for step in steps:
        yield from filter(None, (step.node, step.container, step.last))
        for branch in step.branches:
            yield from inside(branch.steps)


def uneven(picture: Picture, found: Measured, direction: str) -> list[str]:
    """Return the structures whose branches begin at different heights, in another order, or beyond their bar."""
    along, across = (1, 0) if direction == "TB" else (0, 1)
    places = found.figures | found.boxes
    wrong: list[str] = []
    picture = with_own_ends(picture)
    for step, after in branching(picture.steps):
        heads = [places[entry_of(branch.steps[0])].centre for branch in step.branches if branch.steps]
        order = [head[across] for head in heads]
        kinds = {"fork": step.node, "join": after.node if after else ""}
        bars = [name for kind, name in kinds.items() if name and picture.node(name).kind == kind]
        within = [places[name] for branch in step.branches for name in inside(branch.steps)]
        low, high = min(each[across] for each in within), max(each[across + 2] for each in within)
        if (
            max(head[along] for head in heads) - min(head[along] for head in heads) > 0.2
            or order != sorted(order)
            or any(places[bar][across] > low + 0.2 or places[bar][across + 2] < high - 0.2 for bar in bars)
        ):
            wrong.append(step.node)
    return wrong


SAMPLES = {
    "shipping": shipping(),
    "telling": telling(),
    "polling": polling(),
    "spreading": spreading(),
    "nesting": nesting(),
    "spread_run": spread_run(3, bad=1),
    "many_run": spread_run(30, bad=1),
    "polled_run": polled_run(),
    "shipped_run": shipped_run(),
    "wide": wide(12),
    "collapsed": nested(120),
    "summary": chain(1_500),
}


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_lies_on_anything_else(name: str, direction: Any) -> None:
    """Texts keep off lines, figures and each other, and stay in their figures; lines run round figures."""
    drawn = svg(SAMPLES[name], direction=direction, expand=1, legend=True)

    assert faults(drawn) == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_corpus_is_drawn_cleanly(direction: Any) -> None:
    """Every real definition and run; branches begin side by side in their order, bars are wide enough, no strips."""
    wrong: dict[str, Any] = {}
    for name, subject in corpus_subjects():
        drawn = svg(subject, direction=direction)
        found = measured(drawn)[0]
        bad = [*faults(drawn)[:3], *uneven(picture_of(subject, Options()), found, direction)]
        if bad or found.aspect > ASPECT:
            wrong[name] = bad or found.aspect

    assert wrong == {}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_differences_of_the_corpus_are_drawn_cleanly(direction: Any) -> None:
    """Of every seventh definition from the next one: lines that lead anywhere go round, and texts find a place."""
    subjects = [subject for _, subject in corpus_subjects() if isinstance(subject, WorkflowDef)][::7]
    wrong: dict[str, Any] = {}
    for old, new in pairwise(subjects):
        drawn = diff_picture(old, new, collapse=False, direction=direction).svg()
        bad = [each for each in faults(drawn) if "crossed" not in each[0]]
        if bad:
            wrong[f"{old.name} - {new.name}"] = bad[:3]

    assert wrong == {}


def nesting_of(seed: int, depth: int) -> WorkflowDef:
    """Return forks, switches and loops in each other, as a seed has it."""
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
            cases = {label: steps(left - 1) for label in ("A", "a longer case", "C")[: dice.randint(1, 3)]}
            cases |= {"nothing to do": ()} if dice.random() < 0.3 else {}
            return [task(name, "SWITCH", expression="x", decision_cases=cases, default_case=steps(left - 1))]
        if kind < 0.75:
            condition = f"$.{name}['iteration'] < $.limit_of_all"
            return [task(name, "DO_WHILE", loop_condition=condition, loop_over=steps(left - 1))]
        return [task(name, dice.choice(["SIMPLE", "HTTP", "WAIT", "TERMINATE"] if left else ["SIMPLE", "HUMAN"]))]

    return definition(*steps(depth))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("seed", range(25))
def test_nestings_are_drawn_cleanly(seed: int, direction: Any) -> None:
    """Whatever stands in whatever."""
    flow = nesting_of(seed, 2)
    drawn = svg(flow, direction=direction, collapse=False)

    assert faults(drawn) == []
    assert uneven(picture_of(flow, Options(collapse=False)), measured(drawn)[0], direction) == []


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    "flow",
    [
        chain(200),
        definition(task("l", "DO_WHILE", loop_over=tuple(task(f"t{i}") for i in range(50))), task("z")),
        definition(
            task("f", "FORK_JOIN", fork_tasks=(tuple(task(f"t{i}") for i in range(50)), (task("b"),))),
            task("j", "JOIN", join_on=("t49", "b")),
        ),
    ],
    ids=["chain", "loop", "branch"],
)
def test_long_lists_are_folded(flow: WorkflowDef, direction: Any) -> None:
    """A long chain goes on in the next column, also inside a loop or a branch, so that no picture is a strip."""
    drawn = svg(flow, direction=direction, collapse=False)
    found = measured(drawn)[0]

    assert faults(drawn) == []
    assert found.aspect < 4
    assert "t20" in drawn


def fork_of(*branches: tuple[WorkflowTask, ...]) -> WorkflowDef:
    """Return a fork of these branches, and its join."""
    ends = tuple(branch[-1].task_reference_name for branch in branches)
    return definition(task("fork", "FORK_JOIN", fork_tasks=branches), task("fork_join", "JOIN", join_on=ends))


def choice_of(name: str, cases: int) -> WorkflowTask:
    """Return a switch of so many cases with a task, and one without."""
    tasks = {f"case {i}": (task(f"{name}_{i}"),) for i in range(cases)}
    return task(name, "SWITCH", expression="x", decision_cases={**tasks, "none of them": ()})


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    "flow",
    [
        fork_of(*((task(f"t{i}"),) for i in range(188))),
        wide(60),
        definition(task("l", "DO_WHILE", loop_over=fork_of(*((task(f"t{i}"),) for i in range(40))).tasks), task("z")),
        fork_of(*((choice_of(f"t{i}", 18),) for i in range(14))),
    ],
    ids=["fork", "fork and switch", "inside a loop", "inside each other"],
)
def test_very_many_branches_stand_on_shelves(flow: WorkflowDef, direction: Any) -> None:
    """So no picture is a strip; the lines to lower shelves and from upper ones run beside the others."""
    drawn = svg(flow, direction=direction, collapse=False)
    found = measured(drawn)[0]

    assert faults(drawn) == []
    assert found.aspect < 4


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_long_names_are_folded(direction: Any) -> None:
    """So a dozen branches with long names are no strip, and all of a name can be read."""
    names = [f"integration_of_the_warehouse_number_{i:03}" for i in range(12)]
    loop = task("a_loop_with_a_long_name_that_goes_on_and", "DO_WHILE", loop_over=(task(names[0]),))
    fork = task("fork", "FORK_JOIN", fork_tasks=((loop,), *((task(name),) for name in names[1:])))
    drawn = svg(
        definition(fork, task("join", "JOIN", join_on=(loop.task_reference_name, *names[1:]))), direction=direction
    )

    assert faults(drawn) == []
    assert measured(drawn)[0].aspect < ASPECT
    assert all(name.rpartition("_")[2] in drawn for name in names)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_estates_fill_a_page(direction: Any) -> None:
    """What hangs together stands together, side by side with the others; a hub's many lines are cut into rows."""
    alone = [definition(task("a"), name=f"workflow_{number}") for number in range(150)]
    calls = [
        task(f"c{i}", "START_WORKFLOW", input_parameters={"startWorkflow": {"name": f"workflow_{i}"}})
        for i in range(60)
    ]
    for graph in (estate(alone), estate([*alone, definition(*calls, name="hub")])):
        drawn = svg(graph, direction=direction)
        # A crowd of equal words at the lines of a hub may meet.
        assert "hub" in graph or faults(drawn) == []
        assert list(measured(drawn)[0].outside()) == []
        assert measured(drawn)[0].aspect < 4


@pytest.mark.parametrize("subject", [nasty(), nasty_run()], ids=["definition", "run"])
def test_any_text_has_its_place(subject: Any) -> None:
    """Letters of other scripts and signs that no font has are given room, too."""
    found = [each for each in faults(svg(subject, expand=1)) if "crossed" not in each[0]]

    assert found == []


@pytest.mark.parametrize("run", [charging_run(), looping_run(70), looping_run(4, live=True), encoding_run(5)])
def test_timelines_are_drawn_cleanly(run: WorkflowRun) -> None:
    """Names, bars and words beside them have room, whatever the font."""
    for found in measured(timeline(run).svg()):
        assert list(found.overprints()) == []
        assert list(found.outside()) == []
