"""A dynamic fork that runs only so many branches at the same time: the next begins when one has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, join, refs, simple, task, times

from podium.backends.loader import open_backend
from podium.engine.events import Retry
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench, VirtualClock


def each(ref: str = "spread", most: object = 2, **fields: Any) -> WorkflowTask:
    """Make a dynamic fork over a list of inputs."""
    inputs = {
        "forkTaskName": "work",
        "forkTaskInputs": "${workflow.input.items}",
        "forkTaskMaxParallel": most,
    }
    return task("FORK_JOIN_DYNAMIC", ref, inputs=inputs, retry_count=None, **fields)


def over(most: object, **fields: Any) -> WorkflowDef:
    """Make a workflow of one such fork."""
    return flow(each(most=most, **fields), join("merge"), simple("after"))


ITEMS = {"items": [{"n": number} for number in range(5)]}


def test_the_next_branch_begins_when_one_has_ended(bench: Bench) -> None:
    """In the order of the items, whichever ends first; the JOIN waits for all."""
    run_id = bench.start(over(2), ITEMS)
    crew = Crew(bench, "work", "after")
    assert crew.waiting == ["_work_0", "_work_1"]
    crew.complete("_work_1", {"r": 1})
    assert crew.waiting == ["_work_0", "_work_2"]
    crew.complete("_work_2", {"r": 2})
    crew.complete("_work_0", {"r": 0})
    assert crew.waiting == ["_work_3", "_work_4"]
    crew.complete("_work_3", {"r": 3})
    assert crew.waiting == ["_work_4"]
    crew.complete("_work_4", {"r": 4})
    assert crew.waiting == ["after"]
    assert attempt_of(bench.run(run_id), "merge").output_data == {f"_work_{n}": {"r": n} for n in range(5)}


@pytest.mark.parametrize("most", [5, 100, "${workflow.input.most}", None])
def test_a_number_that_is_large_enough_lets_all_begin(bench: Bench, most: object) -> None:
    """So does none; it may be a reference."""
    bench.start(over(most), {**ITEMS, "most": 7})
    assert len(Crew(bench, "work").waiting) == 5


@pytest.mark.parametrize("most", [0, -1, "3", True, 1.5])
def test_what_is_no_number_of_branches_fails_the_run(bench: Bench, most: object) -> None:
    """With words that name the input."""
    run_id = bench.start(over(most), ITEMS)
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert "forkTaskMaxParallel is " in (run.reason or "")
    assert "must be a whole number of 1 or more" in (run.reason or "")


def test_an_optional_branch_that_failed_makes_room(bench: Bench) -> None:
    """A retry of a branch does not: it is still the same one."""
    items = [{"n": 0, "optional": True, "retryCount": 1, "retryLogic": "FIXED"}, {"n": 1}]
    run_id = bench.start(over(1), {"items": items})
    crew = Crew(bench, "work", "after")
    crew.fail("_work_0")
    assert crew.waiting == []  # it waits for its second attempt
    bench.advance(100)
    assert crew.waiting == ["_work_0"]
    crew.fail("_work_0")
    assert crew.waiting == ["_work_1"]
    crew.complete_all({"r": 1})
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_retry_of_the_run_goes_on_with_what_has_not_begun(bench: Bench) -> None:
    """The branches that failed and were cancelled have new attempts, and the others follow them."""
    run_id = bench.start(over(2), ITEMS)
    crew = Crew(bench, "work", "after")
    crew.complete("_work_0")
    crew.fail("_work_2", terminal=True)
    assert bench.run(run_id).status is RunStatus.FAILED
    crew.worker.waiting.clear()
    bench.ask(Retry(run_id))
    assert sorted(crew.waiting) == ["_work_1", "_work_2"]
    crew.complete("_work_2")
    assert sorted(crew.waiting) == ["_work_1", "_work_3"]
    crew.complete_all({"r": 1})
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_each_iteration_of_a_loop_counts_anew(bench: Bench) -> None:
    """The branches of the second iteration are others."""
    run_id = bench.start(flow(times("twice", 2, each(), join("merge"))), {"items": [{}, {}, {}]})
    crew = Crew(bench, "work")
    most = 0
    for _ in range(6):
        most = max(most, len(crew.waiting))
        crew.complete(crew.waiting[0], {"r": 1})
    run = bench.run(run_id)
    assert (run.status, most) == (RunStatus.COMPLETED, 2)
    assert sum("_work_" in ref for ref in refs(run)) == 6


def test_another_process_goes_on_where_the_first_died(tmp_path: Path) -> None:
    """What has begun is counted in the store."""
    clock, dead = VirtualClock(), set[str]()
    first_store = open_backend(f"sqlite:///{tmp_path / 'store.db'}")
    first = Bench(first_store, clock=clock, name="first", dead=dead, seed=1)
    run_id = first.start(over(2), ITEMS)
    crew = Crew(first, "work", "after")
    crew.complete("_work_0", {"r": 0})
    dead.add("first")
    second_store = open_backend(f"sqlite:///{tmp_path / 'store.db'}")
    second = Bench(second_store, clock=clock, name="second", dead=dead, seed=2)
    others = Crew(second, "work", "after")
    second.advance(10)
    assert sorted(others.waiting) == ["_work_1", "_work_2"]
    others.complete("_work_1", {"r": 1})
    assert sorted(others.waiting) == ["_work_2", "_work_3"]
    others.complete_all({"r": 1})
    run = second.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert refs(run).count("_work_4") == 1
    first_store.close()
    second_store.close()
