"""Outputs that are used again: ``cacheConfig`` of a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from engine_flows import Crew, attempt_of, flow, fork, inline, join, simple, sub

from podium.backends.loader import open_backend
from podium.model.definitions import CacheConfig, TaskDef
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench, VirtualClock


def kept(key: str = "${city}", ttl: int = 60, ref: str = "a", **fields: Any) -> Any:
    """Return a worker's task whose output is kept."""
    inputs = fields.pop("inputs", {"city": "${workflow.input.city}"})
    return simple(ref, name="a", cache_config=CacheConfig(key=key, ttl_in_second=ttl), inputs=inputs, **fields)


def run_of(bench: Bench, workflow: Any, **given: Any) -> Any:
    """Start a run and give it as it stands."""
    return bench.run(bench.start(workflow, given))


def test_a_hit_completes_the_task_without_a_worker(bench: Bench) -> None:
    """The second run has the first one's output at once; its log says whence, and another key is worked on."""
    crew = Crew(bench, "a")
    workflow = flow(kept(), output_parameters={"fare": "${a.output.fare}"})
    bench.start(workflow, {"city": "Rome"})
    crew.complete("a", {"fare": 7})
    again = run_of(bench, workflow, city="Rome")
    attempt = attempt_of(again, "a")
    assert (again.status, again.output, crew.waiting) == (RunStatus.COMPLETED, {"fare": 7}, [])
    assert (attempt.status, attempt.poll_count, attempt.worker_id) == (TaskStatus.COMPLETED, 0, None)
    lines = bench.reader.logs(attempt.task_id)
    assert [line.log for line in lines] == ["the output is that of an earlier attempt (cacheConfig)"]
    assert run_of(bench, workflow, city="Oslo").status is RunStatus.RUNNING
    assert crew.waiting == ["a"]


def test_it_expires(bench: Bench) -> None:
    """To the second; what has expired is removed within the hours after."""
    crew = Crew(bench, "a")
    workflow = flow(kept(ttl=60))
    bench.start(workflow, {"city": "Rome"})
    crew.complete("a", {"fare": 7})
    bench.advance(59.999)
    assert run_of(bench, workflow, city="Rome").status is RunStatus.COMPLETED
    bench.advance(0.001)
    assert run_of(bench, workflow, city="Rome").status is RunStatus.RUNNING
    crew.complete("a", {"fare": 8})
    assert attempt_of(run_of(bench, workflow, city="Rome"), "a").output_data == {"fare": 8}
    for _ in range(3):
        bench.advance(3_600)
    assert bench.backend.forget_expired(bench.clock.now()) == 0


def test_only_good_outputs_are_kept(bench: Bench) -> None:
    """A failure is not, and the retry's output is."""
    crew = Crew(bench, "a")
    definition = TaskDef(name="a", retry_count=1, retry_delay_seconds=0)
    workflow = flow(kept(task_definition=definition))
    bench.start(workflow, {"city": "Rome"})
    crew.fail("a", "broken")
    crew.complete("a", {"fare": 9})
    assert attempt_of(run_of(bench, workflow, city="Rome"), "a").output_data == {"fare": 9}


def test_another_attempt_looks_again_when_its_delay_is_over(bench: Bench) -> None:
    """What was kept meanwhile is its output; what it gives itself is kept too."""
    crew = Crew(bench, "a")
    workflow = flow(kept(task_definition=TaskDef(name="a", retry_count=2, retry_delay_seconds=5)))
    first, second = (bench.start(workflow, {"city": city}) for city in ("Rome", "Oslo"))
    crew.fail("a", "broken")
    crew.fail("a", "broken")
    bench.start(workflow, {"city": "Rome"})
    crew.complete("a", {"fare": 8})
    bench.advance(5)
    crew.complete("a", {"fare": 9})
    assert [bench.run(run_id).tasks[-1].output_data for run_id in (first, second)] == [{"fare": 8}, {"fare": 9}]
    assert attempt_of(run_of(bench, workflow, city="Oslo"), "a").output_data == {"fare": 9}


def test_the_key_belongs_to_the_task(bench: Bench) -> None:
    """Another task with the same key has an output of its own; the same task elsewhere shares it."""
    crew = Crew(bench, "a", "b")
    bench.start(flow(kept()), {"city": "Rome"})
    crew.complete("a", {"fare": 7})
    other = simple("b", cache_config=CacheConfig(key="${city}", ttl_in_second=60), inputs={"city": "Rome"})
    assert run_of(bench, flow(other, name="other")).status is RunStatus.RUNNING
    shared = run_of(bench, flow(kept(ref="elsewhere", inputs={"city": "Rome"}), name="third"))
    assert attempt_of(shared, "elsewhere").output_data == {"fare": 7}


@pytest.mark.parametrize(
    ("key", "is_shared"),
    [
        ("${city}-${where.zip}", True),
        ("fare ${workflow.input.city}", True),
        ("all", True),
        ("${nobody}", False),
        ("${where.nothing}", False),
        ("", False),
    ],
)
def test_keys_are_filled_in_from_inputs_or_from_the_run(bench: Bench, key: str, *, is_shared: bool) -> None:
    """A key of which a part is missing is none: it would be the same for all."""
    crew = Crew(bench, "a")
    workflow = flow(kept(key, inputs={"city": "${workflow.input.city}", "where": {"zip": 5}}))
    bench.start(workflow, {"city": "Rome"})
    crew.complete("a", {"n": 1})
    assert (run_of(bench, workflow, city="Rome").status is RunStatus.COMPLETED) == is_shared


def test_no_time_to_live_keeps_nothing(bench: Bench) -> None:
    """As a definition without the setting."""
    crew = Crew(bench, "a")
    workflow = flow(kept(ttl=0))
    bench.start(workflow, {"city": "Rome"})
    crew.complete("a", {"n": 1})
    assert run_of(bench, workflow, city="Rome").status is RunStatus.RUNNING


def test_processes_share_what_is_kept(tmp_path: Path) -> None:
    """It is in the store, also after a restart."""
    clock = VirtualClock()
    url = f"sqlite:///{tmp_path}/podium.db"
    one = Bench(open_backend(url), clock=clock, name="one")
    workflow = flow(kept())
    one.start(workflow, {"city": "Rome"})
    Crew(one, "a").complete("a", {"fare": 7})
    two = Bench(open_backend(url), clock=clock, name="two", seed=1)
    assert attempt_of(run_of(two, workflow, city="Rome"), "a").output_data == {"fare": 7}
    for bench in (one, two):
        bench.backend.close()
    three = Bench(open_backend(url), clock=clock, name="three", seed=2)
    assert run_of(three, workflow, city="Rome").status is RunStatus.COMPLETED
    three.backend.close()


def test_all_that_does_something_can_be_kept(bench: Bench) -> None:
    """System tasks and sub-workflows too; a structure is not, whatever its definition says."""
    config = CacheConfig(key="k", ttl_in_second=60)
    crew = Crew(bench, "w")
    bench.register(flow(simple("w"), name="child"))
    scripted = attrs.evolve(inline("i", "1"), cache_config=config)
    calling = flow(sub("call", "child", cache_config=config), scripted)
    run_id = bench.start(calling)
    crew.complete("w", {"n": 3})
    assert bench.run(run_id).status is RunStatus.COMPLETED, bench.run(run_id).reason
    again = run_of(bench, calling)
    assert (again.status, attempt_of(again, "call").output_data["n"], crew.waiting) == (RunStatus.COMPLETED, 3, [])

    forked = attrs.evolve(fork("f", [simple("w")]), cache_config=config)
    for _ in range(2):
        run_id = bench.start(flow(forked, join("j", "w"), name="forked"))
        crew.complete("w", {"n": 4})
        assert bench.run(run_id).status is RunStatus.COMPLETED


def test_branches_that_begin_together_both_work(bench: Bench) -> None:
    """Nobody waits for another's output; the last one is kept."""
    crew = Crew(bench, "a")
    branches = [[kept(ref=ref, inputs={"city": "Rome"})] for ref in ("x", "y")]
    run_id = bench.start(flow(fork("f", *branches), join("j", "x", "y")))
    assert crew.waiting == ["x", "y"]
    crew.complete("x", {"n": 1})
    crew.complete("y", {"n": 2})
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert attempt_of(run_of(bench, flow(kept(), name="after"), city="Rome"), "a").output_data == {"n": 2}
