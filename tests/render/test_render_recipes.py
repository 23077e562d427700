"""Graphs as data: the times of a run, and questions that a drawing does not answer."""

from __future__ import annotations

import doctest
from typing import Any

import networkx as nx
import pytest
from render_samples import attempt, definition, nesting, run_of, shipping, spread_run, spreading, task, telling

from podium.model.errors import NotFound
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import estate, graph, recipes
from podium.render.recipes import callers, critical_path, dominators, longest_waits, shared_tasks


def _ran(reference: str, begin: int, end: int, **fields: Any) -> Any:
    times = {"scheduled_time": begin, "start_time": begin, "end_time": end} | fields.pop("times", {})
    return attempt(reference, times=times, **fields)


def _looping() -> Any:
    body = (task("ask"), task("inner", "DO_WHILE", loop_condition="true", loop_over=(task("deep"),)))
    return definition(task("first"), task("poll", "DO_WHILE", loop_condition="true", loop_over=body), task("last"))


@pytest.mark.parametrize("module", [recipes, estate], ids=["recipes", "estate"])
def test_the_examples_are_true(module: Any) -> None:
    """Each recipe's example gives what it says."""
    result = doctest.testmod(module)

    assert result.attempted
    assert not result.failed


def test_a_run_tells_its_times_at_the_nodes() -> None:
    """Waiting and working are sums over retries and iterations, in milliseconds; moments are the first and the last."""
    run = run_of(
        _looping(),
        _ran("first", 1_000, 2_000, times={"start_time": 1_250}, worker_id="w1", task_id="t1"),
        _ran("ask__1", 2_000, 2_400, status=TaskStatus.FAILED, task_id="t2", iteration=1),
        _ran("ask__1", 2_500, 2_600, retry_count=1, task_id="t3", iteration=1),
        _ran("ask__2", 2_700, 0, status=TaskStatus.IN_PROGRESS, task_id="t4", iteration=2),
        create_time=990,
    )
    found = graph(run)
    first, ask, last = (found.nodes[key] for key in ("first", "ask", "last"))

    assert (first["scheduled_ms"], first["started_ms"], first["ended_ms"]) == (1_000, 1_250, 2_000)
    assert (first["wait_ms"], first["duration_ms"], first["worker"], first["task_ids"]) == (250, 750, "w1", ("t1",))
    assert (ask["scheduled_ms"], ask["ended_ms"], ask["duration_ms"]) == (2_000, None, 500)
    assert (ask["attempts"], ask["attempts_all"], ask["task_ids"]) == (1, 3, ("t2", "t3", "t4"))
    assert (last["scheduled_ms"], last["duration_ms"], last["attempts_all"], last["task_ids"]) == (None, 0, 0, ())
    assert (found.graph["workflow_id"], found.graph["started_ms"], found.graph["ended_ms"]) == ("run-1", 990, None)


def test_branches_that_only_the_run_knows_have_times_too() -> None:
    """Each branch of a dynamic fork has its own."""
    nodes = graph(spread_run(3)).nodes

    assert [nodes[f"_encode_{i}"]["duration_ms"] for i in range(3)] == [1_500] * 3


def test_a_definition_has_the_same_attributes_without_values() -> None:
    """So that one loop over the nodes serves both."""
    flow, run = graph(shipping()), graph(run_of(shipping()))

    assert {tuple(data) for _, data in flow.nodes(data=True)} == {tuple(data) for _, data in run.nodes(data=True)}
    assert {data["duration_ms"] for _, data in flow.nodes(data=True)} == {0}


def test_a_loop_is_inside_what_is_around_it() -> None:
    """A loop's own node stands inside its box in a picture, but the loop is not around itself."""
    nodes = graph(_looping()).nodes

    assert [nodes[key]["container"] for key in ("poll", "ask", "inner", "deep")] == [None, "poll", "poll", "inner"]


def test_the_critical_path_takes_a_loop_as_one_step() -> None:
    """All its rounds count for the loop; what it adds is the time from the step before to its end."""
    run = run_of(
        _looping(),
        _ran("first", 1_000, 2_000),
        _ran("poll", 2_000, 9_000, task_type="DO_WHILE", iteration=2),
        _ran("ask__1", 2_000, 3_000, iteration=1),
        _ran("inner__1", 3_000, 4_000, task_type="DO_WHILE", iteration=1),
        _ran("deep__1__1", 3_000, 4_000, iteration=1),
        _ran("last", 9_000, 9_500),
        status=RunStatus.COMPLETED,
        create_time=900,
    )

    assert critical_path(run) == {"first": 1_100, "poll": 7_000, "last": 500}


def test_the_critical_path_of_a_failed_run_leads_to_what_failed() -> None:
    """The join that was canceled with the run took no part."""
    run = run_of(
        telling(),
        _ran("tell", 1_000, 1_000, task_type="FORK"),
        _ran("mail", 1_000, 1_500),
        _ran("charge", 1_000, 4_000, status=TaskStatus.FAILED),
        _ran("tell_join", 1_000, 4_000, status=TaskStatus.CANCELED, task_type="JOIN"),
        status=RunStatus.FAILED,
        create_time=900,
    )

    assert critical_path(run) == {"tell": 100, "charge": 3_000}


def test_the_critical_path_of_a_live_run_leads_to_what_it_waits_for() -> None:
    """The sum is the time from the start to the last end; a run that has done nothing has none."""
    flow = definition(task("a"), task("b"))
    waiting = attempt("b", TaskStatus.SCHEDULED, times={"scheduled_time": 2_000, "start_time": 0, "end_time": 0})
    run = run_of(flow, _ran("a", 1_000, 2_000), waiting, create_time=1_000)

    assert critical_path(run) == {"a": 1_000, "b": 0}
    assert critical_path(run_of(flow)) == {}


def test_the_longest_waits_come_first_and_are_limited() -> None:
    """Steps that never waited are no answer."""
    flow = definition(*(task(f"t{i}") for i in range(4)))
    run = run_of(flow, *(_ran(f"t{i}", 1_000, 9_000, times={"start_time": 1_000 + 100 * i}) for i in range(4)))

    assert list(longest_waits(run).items()) == [("t3", 300), ("t2", 200), ("t1", 100)]
    assert longest_waits(run, limit=1) == {"t3": 300}


def test_dominators_of_a_merge_pass_over_the_cases() -> None:
    """What every way goes through; a step that is not there is an error, and so is one behind a termination."""
    assert dominators(shipping(), "shipping_merge") == ["reserve", "shipping"]
    assert dominators(shipping(), "reserve") == []
    assert dominators(shipping(), "start") == []
    with pytest.raises(NotFound, match="nothing"):
        dominators(shipping(), "nothing")


def test_shared_tasks_look_into_inline_sub_workflows() -> None:
    """A task name counts once, in the order of the first workflow; system tasks have no workers."""
    other = definition(task("x", name="post"), task("y", name="pack"), task("z", "HTTP", name="pack_2"))

    assert shared_tasks(nesting(), other) == ["pack", "post"]
    assert shared_tasks(spreading(), other) == []


def test_callers_may_call_themselves() -> None:
    """Recursion is a way to be called; an unknown name is an error."""
    calls = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "b")])

    assert callers(calls, "b") == {"a": 1, "c": 1, "b": 2}
    with pytest.raises(NotFound):
        callers(calls, "d")
