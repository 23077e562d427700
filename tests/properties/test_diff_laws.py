"""What must hold of the difference between any two definitions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings, strategies

from podium.diff import Change, DefinitionDiff, diff_definitions
from podium.diff.settings import TIMES, are_same
from podium.model.codec import from_dict, to_dict
from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError
from podium.model.walk import walk
from podium.testing.definitions import Shape, definitions

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "definitions"

laws = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
small = definitions(Shape(tasks_max=10))
seeds = strategies.integers(0, 2**32 - 1).map(Random)

#: What a change is when the difference is turned around.
MIRROR = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}


# -- changes that an author might make ---------------------------------------------------------------------------------


def edited(definition: WorkflowDef, rng: Random) -> WorkflowDef:
    """Change a few things: lists are shuffled, cut and copied, settings set, steps renamed."""
    tasks = definition.tasks
    for _ in range(rng.randint(1, 4)):
        tasks = rng.choice((_shuffled, _shortened, _set, _renamed, _wrapped, _relabelled))(tasks, rng)
    changes: list[dict[str, Any]] = [{}, {"version": 2}, {"output_parameters": {"x": rng.choice((1, "${a.output.x}"))}}]
    return evolve(definition, tasks=tasks, **rng.choice(changes))


def _everywhere(tasks: tuple[WorkflowTask, ...], change: Any) -> tuple[WorkflowTask, ...]:
    return tuple(
        change(
            evolve(
                task,
                decision_cases={label: _everywhere(inner, change) for label, inner in task.decision_cases.items()},
                default_case=_everywhere(task.default_case, change),
                fork_tasks=tuple(_everywhere(inner, change) for inner in task.fork_tasks),
                loop_over=_everywhere(task.loop_over, change),
            )
        )
        for task in tasks
    )


def _shuffled(tasks: tuple[WorkflowTask, ...], rng: Random) -> tuple[WorkflowTask, ...]:
    def shuffle(task: WorkflowTask) -> WorkflowTask:
        branches = rng.sample(task.fork_tasks, len(task.fork_tasks))
        return evolve(
            task, fork_tasks=tuple(branches), loop_over=tuple(rng.sample(task.loop_over, len(task.loop_over)))
        )

    return tuple(rng.sample(_everywhere(tasks, shuffle), len(tasks)))


def _shortened(tasks: tuple[WorkflowTask, ...], rng: Random) -> tuple[WorkflowTask, ...]:
    return tuple(task for task in tasks if rng.random() < 0.8)


def _set(tasks: tuple[WorkflowTask, ...], rng: Random) -> tuple[WorkflowTask, ...]:
    values: tuple[Any, ...] = (1, True, 1.0, None, [1], [{"a": 1}], {}, {"a": {}}, "x" * 80, "${workflow.input.n}", "")
    keys = ("n", "a.b", "it's", "")

    def change(task: WorkflowTask) -> WorkflowTask:
        if rng.random() < 0.7:
            return task
        return evolve(task, input_parameters={**task.input_parameters, rng.choice(keys): rng.choice(values)})

    return _everywhere(tasks, change)


def _renamed(tasks: tuple[WorkflowTask, ...], rng: Random) -> tuple[WorkflowTask, ...]:
    def change(task: WorkflowTask) -> WorkflowTask:
        if rng.random() < 0.6:
            return task
        return evolve(task, task_reference_name=f"{task.task_reference_name}{rng.choice(('_new', ''))}")

    return _everywhere(tasks, change)


def _wrapped(tasks: tuple[WorkflowTask, ...], rng: Random) -> tuple[WorkflowTask, ...]:
    cut = rng.randint(0, len(tasks))
    case = WorkflowTask(
        name="wrap", task_reference_name="wrap", type="SWITCH", decision_cases={"A": tasks[cut:], rng.choice("BC"): ()}
    )
    fork = WorkflowTask(name="wrap", task_reference_name="wrap", type="FORK_JOIN", fork_tasks=(tasks[cut:], ()))
    return (*tasks[:cut], rng.choice((case, fork)))


def _relabelled(tasks: tuple[WorkflowTask, ...], rng: Random) -> tuple[WorkflowTask, ...]:
    def change(task: WorkflowTask) -> WorkflowTask:
        cases = {label + rng.choice(("", "2")): inner for label, inner in task.decision_cases.items()}
        return evolve(task, decision_cases=cases)

    return _everywhere(tasks, change)


# -- the laws ----------------------------------------------------------------------------------------------------------


def content(definition: WorkflowDef) -> dict[str, Any]:
    """Return a definition as JSON, without the times of its registration."""
    return {key: value for key, value in to_dict(definition).items() if key not in TIMES}


def names(definition: WorkflowDef) -> Counter[str]:
    """Count the reference names of all steps."""
    return Counter(visit.task.task_reference_name for visit in walk(definition.tasks))


def told(diff: DefinitionDiff, *, turned: bool) -> list[Any]:
    """Return all of a difference in a form that does not depend on the order; *turned* the other way round."""
    found: list[Any] = []
    for step in diff.changed_steps:
        sides = [
            (step.reference if step.change is not Change.REMOVED else "", step.new_place),
            (step.old_reference, step.old_place),
        ]
        settings = [(each.path, repr(each.old), repr(each.new)) for each in step.settings]
        edges = [(each.kind, each.change, each.old, each.new) for each in step.edges]
        change = step.change
        if turned:
            sides.reverse()
            settings = [(path, new, old) for path, old, new in settings]
            edges = [(kind, MIRROR.get(what, what), new, old) for kind, what, old, new in edges]
            change = MIRROR.get(change, change)
        inner = told(step.inner, turned=turned) if step.inner else []
        found.append((*sides, change, step.is_moved, sorted(settings), sorted(edges, key=repr), inner))
    return sorted(found, key=repr)


def hold(old: WorkflowDef, new: WorkflowDef) -> DefinitionDiff:
    """Try every law on a pair."""
    there, back = diff_definitions(old, new), diff_definitions(new, old)
    assert told(there, turned=False) == told(back, turned=True)
    assert bool(there) == bool(back) == (not are_same(content(old), content(new)))
    assert Counter(step.old_reference for step in there.steps if step.change is not Change.ADDED) == names(old)
    assert Counter(step.reference for step in there.steps if step.change is not Change.REMOVED) == names(new)
    assert there.describe().count("\n") == len(there.describe().splitlines())
    assert json.loads(there.to_json()) == there.to_dict()
    assert there == diff_definitions(old, new)
    return there


@laws
@given(small)
def test_nothing_differs_from_itself(catalog: Any) -> None:
    """A definition, and its copy read from JSON, do not differ from it, and then nothing is said of others either."""
    for definition in (catalog.main, from_dict(to_dict(catalog.main), WorkflowDef)):
        found = diff_definitions(catalog.main, definition)
        assert not found
        assert found.describe().endswith(": no difference\n")
        assert found.compatibility.runs == found.compatibility.callers == ()


@laws
@given(small, small)
def test_laws_for_unrelated_definitions(one: Any, other: Any) -> None:
    """Whatever two definitions are: each step is told once, turning around mirrors, only equal ones do not differ."""
    hold(one.main, other.main)


@laws
@given(small, seeds)
def test_laws_for_edited_definitions(catalog: Any, rng: Random) -> None:
    """The same for a definition and what an author made of it, also with names that repeat."""
    hold(catalog.main, edited(catalog.main, rng))


@laws
@given(small, seeds)
def test_laws_for_embedded_definitions(catalog: Any, rng: Random) -> None:
    """What a step carries is compared inside, and turns around too."""

    def carrying(definition: WorkflowDef) -> WorkflowDef:
        params = SubWorkflowParams(name="inner", version=1, workflow_definition=definition)
        step = WorkflowTask(name="call", task_reference_name="call", type="SUB_WORKFLOW", sub_workflow_param=params)
        return WorkflowDef(name="outer", tasks=(step,))

    new = edited(catalog.main, rng)
    inner = diff_definitions(catalog.main, new)
    outer = hold(carrying(catalog.main), carrying(new))
    assert [step.summary for step in [outer.steps[0].inner] if step] == ([inner.summary] if inner else [])


@laws
@given(small, seeds)
def test_renaming_every_step_is_no_other_change(catalog: Any, rng: Random) -> None:
    """
    If steps get other names, and all that mentions them follows, then that is all that is told.

    A structure whose steps are nearly all renamed too cannot always be known again; what stands in it has then moved.
    """
    from podium.diff.renaming import with_names

    main = catalog.main
    changed = {name: f"{name}_2" for name in names(main) if rng.random() < 0.5}

    def follow(task: WorkflowTask) -> WorkflowTask:
        own = {key: value for key, value in to_dict(task).items() if key not in _LISTS}
        plain = from_dict({key: with_names(key, value, changed) for key, value in own.items()}, WorkflowTask)
        return evolve(
            plain,
            task_reference_name=changed.get(task.task_reference_name, task.task_reference_name),
            decision_cases=task.decision_cases,
            default_case=task.default_case,
            fork_tasks=task.fork_tasks,
            loop_over=task.loop_over,
        )

    outputs = with_names("outputParameters", dict(main.output_parameters), changed)
    new = evolve(main, tasks=_everywhere(main.tasks, follow), output_parameters=outputs)
    found = hold(main, new)
    unknown = {step.reference for step in found.of(Change.ADDED)}
    assert {step.new_place.rpartition(" of ")[2] for step in found.of(Change.MOVED)} <= unknown
    assert not found.settings
    assert len(found.of(Change.ADDED)) == len(found.of(Change.REMOVED))


_LISTS = {"decisionCases", "defaultCase", "forkTasks", "loopOver"}


# -- the corpus --------------------------------------------------------------------------------------------------------


@cache
def corpus() -> Sequence[WorkflowDef]:
    """Return the definitions of the corpus."""
    found = []
    for path in sorted(CORPUS.glob("*.json")):
        try:
            found.append(from_dict(json.loads(path.read_text()), WorkflowDef))
        except (DefinitionError, ValueError):
            continue
    return found


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_laws_for_pairs_of_the_corpus() -> None:
    """All pairs of every eighth definition, and every definition with its neighbour."""
    sample = corpus()[::8]
    pairs = [*product(sample, sample), *zip(corpus(), corpus()[1:], strict=False)]
    assert len(pairs) > 500
    for old, new in pairs:
        hold(old, new)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_laws_for_edits_of_the_corpus() -> None:
    """Each definition, and what an author made of it, five times."""
    rng = Random(6)
    for definition in corpus():
        for _ in range(5):
            hold(definition, edited(definition, rng))
