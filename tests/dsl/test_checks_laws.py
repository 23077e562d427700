"""Laws of the checks' own reasoning, held against a plain computation."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import quickjs
from check_samples import fork, loop, step, switch
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.checks import check, ruling
from podium.checks.layout import TaskLayout, TaskPosition
from podium.checks.results import gives_text, results_of
from podium.checks.waits import WaitGraph
from podium.dsl import load
from podium.model.definitions import WorkflowTask
from podium.model.errors import DefinitionError
from podium.model.statuses import TaskType
from podium.model.walk import blocks

CORPUS = sorted((Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions").glob("*.json"))

_LITERALS = st.sampled_from(["'a'", '"b;{"', "'it: ?'", "3", "-1", "true", "false", "null"])
_OPERANDS = st.sampled_from(["$.x", "$['y']", "$.x.length", "'z'", "1", "($.y + 1)"])


@st.composite
def _truths(draw: st.DrawFn, depth: int = 2) -> str:
    if depth and draw(st.booleans()):
        joint = draw(st.sampled_from([" && ", " || "]))
        return f"({draw(_truths(depth - 1))}{joint}{draw(_truths(depth - 1))})"
    sign = draw(st.sampled_from(["==", "!=", "===", "<", ">=", "<="]))
    text = f"{draw(_OPERANDS)} {sign} {draw(_OPERANDS)}"
    return f"!({text})" if draw(st.booleans()) else text


@st.composite
def _scripts(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["literal", "truth", "choice", "if", "function", "comment"]))
    if not depth or kind == "literal":
        return draw(_LITERALS)
    if kind == "truth":
        return draw(_truths())
    first, second = draw(_LITERALS), draw(_LITERALS)
    if kind == "choice":
        other = draw(st.sampled_from([second, f"({draw(_truths())}) ? {second} : {first}"]))
        return f"{draw(_truths())} ? {first} : {other}"
    if kind == "if":
        rest = draw(st.sampled_from(["", f" else {{ {second} }}", f" else if ({draw(_truths())}) {{ {second}; }}"]))
        return f"if ({draw(_truths())}) {{ {first}; }}{rest}"
    if kind == "comment":
        return f"/* 'x' ? */ {draw(_scripts(depth - 1))} // 'y'"
    return f"(function () {{ if ({draw(_truths())}) {{ return {first}; }} return {second}; }})();"


@settings(max_examples=200, deadline=None)
@given(_scripts(), st.sampled_from(["abc", 1, None, True]), st.integers(-2, 2))
def test_a_script_gives_one_of_the_values_that_are_told(script: str, x: Any, y: int) -> None:
    """Whatever the inputs, the value is among those that were read off the text."""
    told = results_of(script)
    context = quickjs.Context()
    context.set("given", json.dumps({"x": x, "y": y}))
    context.eval("var $ = JSON.parse(given); undefined")
    try:
        value = context.eval(script)
    except quickjs.JSException:
        return  # such as the length of null
    text = json.dumps(value) if value is None or isinstance(value, bool | int) else str(value)
    assert told is None or text in told
    assert not gives_text(script) or value is None or isinstance(value, str)


@st.composite
def _blocks(draw: st.DrawFn, names: list[str], depth: int = 2) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 3 if depth > 1 else 2))):
        name = f"s{len(names)}"
        names.append(name)
        kind = draw(st.sampled_from(["step", "fork", "switch", "loop"])) if depth else "step"
        if kind == "step":
            found.append(step(name))
        elif kind == "switch":
            found.append(switch(name, {"A": draw(_blocks(names, depth - 1))}, *draw(_blocks(names, depth - 1))))
        elif kind == "loop":
            found.append(loop(name, "$.x", *draw(_blocks(names, depth - 1))))
        else:
            branches = [draw(_blocks(names, depth - 1)), draw(_blocks(names, depth - 1))]
            on = draw(st.lists(st.sampled_from(names), max_size=3))
            found += fork(name, *branches, on=on)
            names.append(f"{name}_join")
    return found


def _have_covered(spot: TaskPosition, reader: TaskPosition) -> bool:
    """Say the same as `WaitGraph.have_covered`, by looking at everything."""
    names: set[str] = set()
    for place in reader.line:
        for task in place.before:
            if task.type in {TaskType.JOIN, TaskType.EXCLUSIVE_JOIN}:
                names.update(task.join_on)
    if spot.name in names:
        return True
    for place in spot.line:
        if place.task.type == TaskType.DO_WHILE and place.name in names and place.task is not spot.task:
            return True
        if any(_holds(task, names) for task in place.level.tasks[place.index + 1 :]):
            return True
    return False


def _holds(task: WorkflowTask, names: set[str]) -> bool:
    return task.task_reference_name in names or any(
        _holds(inner, names) for block in blocks(task) for inner in block.tasks
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_joins_have_waited_for(data: st.DataObject) -> None:
    """The quick answer is the plain one, for every pair of steps."""
    names: list[str] = []
    layout = TaskLayout(load({"name": "w", "tasks": data.draw(_blocks(names))}).definition)
    waits = WaitGraph(layout)

    for reader in layout.spots:
        for spot in layout.spots:
            assert waits.have_covered(spot, reader) == _have_covered(spot, reader), (spot.name, reader.name)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_check_takes_anything_that_loads(data: st.DataObject) -> None:
    """No shape of a definition breaks a rule."""
    names: list[str] = []
    tasks = data.draw(_blocks(names))
    paths = st.lists(st.sampled_from([f"${{{name}.output.x}}" for name in names] + ["${workflow.input.x}"]), max_size=3)
    outputs = {str(index): path for index, path in enumerate(data.draw(paths))}

    report = load({"name": "w", "tasks": tasks, "outputParameters": outputs}).check(tasks=[], notes=True)

    assert all(problem.message for problem in report)


#: What stands for anything, and is often not what belongs there.
_ODD = (
    None,
    0,
    1.5,
    True,
    "",
    "${a.output.b}",
    "${workflow}",
    "${${x}}",
    [],
    {},
    [[]],
    "$.x['y'",
    "return 1",
    "DO_WHILE",
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


@pytest.mark.skipif(not CORPUS, reason="the corpus of definitions is not here")
@pytest.mark.parametrize("seed", range(20))
def test_real_definitions_with_odd_changes_do_not_break_the_check(seed: int) -> None:
    """Whatever still loads is checked."""
    chance = random.Random(seed)
    documents = [json.loads(chance.choice(CORPUS).read_text()) for _ in range(20)]
    checked = 0
    for document in documents:
        changed = copy.deepcopy(document)
        for _ in range(chance.randint(1, 3)):
            *around, key = chance.choice(list(_places(changed)))
            inner = changed
            for each in around:
                inner = inner[each]
            inner[key] = copy.deepcopy(chance.choice(_ODD))
        try:
            workflow = load(changed)
        except DefinitionError:
            continue
        checked += 1
        assert all(problem.message for problem in workflow.check(tasks=[], others=[load(documents[0])], notes=True))
    assert checked


@pytest.mark.parametrize("odd", _ODD, ids=repr)
def test_a_termination_status_may_be_anything(odd: Any) -> None:
    """What is no status is told, also where it is a list or an object."""
    inputs = {"terminationStatus": odd}
    task = {"name": "end", "taskReferenceName": "end", "type": "TERMINATE", "inputParameters": inputs}

    found = load({"name": "w", "tasks": [task]}).check().errors

    assert "inputParameters.terminationStatus" in "".join(each.path for each in found)


@pytest.mark.skipif(not CORPUS, reason="the corpus of definitions is not here")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_rule_that_is_passed_over_would_have_said_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The types that a rule looks at are all of which it has something to say."""
    definition = load(json.loads(path.read_text())).definition
    chosen = check(definition, notes=True)
    monkeypatch.setattr(ruling._Rule, "looks_at", lambda *_: True)

    assert chosen == check(definition, notes=True)
