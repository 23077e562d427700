from __future__ import annotations

from random import Random
from typing import Any

import pytest
from engine_flows import (
    EPOCH_MS,
    Crew,
    attempt_of,
    attempts_of,
    defined,
    flow,
    fork,
    inline,
    join,
    simple,
    statuses,
    task,
)

from podium.engine.events import ReportByName
from podium.engine.limits import Limits
from podium.model.assignments import Report
from podium.model.definitions import TaskDef
from podium.model.statuses import RetryLogic, RunStatus, TaskStatus, TaskTimeoutPolicy
from podium.testing.bench import Bench
from podium.testing.processes import SlowScripts

FIXED, LINEAR, EXPONENTIAL = RetryLogic.FIXED, RetryLogic.LINEAR_BACKOFF, RetryLogic.EXPONENTIAL_BACKOFF


def delays_s(bench: Bench, count: int, **definition: Any) -> list[float]:
    """Fail a task at once, again and again; give the seconds before each new attempt is offered."""
    bench.start(flow(defined("a", retry_count=count, **definition)))
    crew = Crew(bench, "a")
    seen = []
    for _ in range(count):
        crew.fail("a")
        failed_at = bench.clock.now()
        due = bench.kernel.next_due()
        if due is not None and not crew.waiting:
            bench.advance((due - failed_at) / 1000)
        assert crew.waiting == ["a"]
        seen.append((bench.clock.now() - failed_at) / 1000)
    return seen


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"retry_delay_seconds": 5}, [5, 5, 5]),
        ({"retry_delay_seconds": 0}, [0, 0, 0]),
        ({"retry_logic": LINEAR, "retry_delay_seconds": 2}, [2, 4, 6]),
        ({"retry_logic": LINEAR, "retry_delay_seconds": 2, "backoff_scale_factor": 3}, [6, 12, 18]),
        ({"retry_logic": EXPONENTIAL, "retry_delay_seconds": 2}, [2, 4, 8]),
        ({"retry_logic": EXPONENTIAL, "retry_delay_seconds": 2, "backoff_scale_factor": 9}, [2, 4, 8]),
        ({"retry_logic": EXPONENTIAL, "retry_delay_seconds": 10, "max_retry_delay_seconds": 25}, [10, 20, 25]),
        ({"retry_logic": LINEAR, "retry_delay_seconds": 10, "max_retry_delay_seconds": 15}, [10, 15, 15]),
        ({"retry_delay_seconds": 60, "max_retry_delay_seconds": 7}, [7, 7, 7]),
        ({"retry_delay_seconds": 0.25}, [0.25, 0.25, 0.25]),
        ({"retry_logic": LINEAR, "retry_delay_seconds": 0.1, "backoff_scale_factor": 3}, [0.3, 0.6, 0.9]),
        ({"retry_logic": EXPONENTIAL, "retry_delay_seconds": 0.25, "max_retry_delay_seconds": 0.6}, [0.25, 0.5, 0.6]),
    ],
)
def test_the_delay_before_each_attempt(bench: Bench, definition: dict[str, Any], expected: list[float]) -> None:
    """Fixed, linear (with the scale factor), exponential (without it), all capped, and all to the millisecond."""
    assert delays_s(bench, 3, **definition) == expected


@pytest.mark.parametrize(("pace_ms", "expected"), [(50, [0.0] * 9 + [0.05] * 3), (0, [0.0] * 12)])
def test_a_task_that_fails_again_and_again_is_paced(pace_ms: int, expected: list[float]) -> None:
    """After ten failures in a row, where the engine is told so: it shall not take an engine that others need too."""
    assert delays_s(Bench(limits=Limits(retry_pace_ms=pace_ms)), 12, retry_delay_seconds=0) == expected


def test_a_delay_of_its_own_is_its_pace() -> None:
    """However short: who wrote one has thought of it."""
    bench = Bench(limits=Limits(retry_pace_ms=50))
    assert delays_s(bench, 12, retry_delay_seconds=0.01) == [0.01] * 12


@pytest.mark.parametrize("seed", range(4))
def test_jitter_is_added_after_the_cap(seed: int) -> None:
    """At most ``backoffJitterMs`` more, drawn anew each time, and not subject to the cap."""
    fields = {"retry_delay_seconds": 10, "max_retry_delay_seconds": 5, "backoff_jitter_ms": 2000}
    seen = delays_s(Bench(seed=seed), 4, **fields)
    assert all(5 <= delay < 7 for delay in seen)
    assert len(set(seen)) > 1


def test_those_that_fail_in_one_commit_come_back_apart(bench: Bench) -> None:
    """Each retry has a jitter of its own: a fork whose branches fail together must not come back as one."""
    refs = [f"a{number}" for number in range(5)]
    definition = {"retry_count": 1, "retry_delay_seconds": 1, "backoff_jitter_ms": 3000}
    branches = [[defined(ref, **definition)] for ref in refs]
    run_id = bench.start(flow(fork("f", *branches), join("j", *refs)))
    worker = bench.serve(*refs)
    bench.settle()
    for assignment in list(worker.waiting):
        bench.kernel.submit(Report(assignment.run_id, assignment.seq, TaskStatus.FAILED))
    bench.settle()
    rows = bench.backend.load_tasks(run_id)
    due = {row.due_at for row in rows if row.base_ref in refs and row.status == TaskStatus.SCHEDULED}
    assert len(due) == len(refs)


def test_an_exponential_delay_never_overflows(bench: Bench) -> None:
    """It ends at the largest 32-bit number of seconds."""
    from podium.engine.failures import retry_delay

    definition = TaskDef(name="a", retry_logic=EXPONENTIAL, retry_delay_seconds=60)
    assert retry_delay(definition, 80, 0.0) == (2**31 - 1, 0)


def test_how_old_and_new_attempt_differ(bench: Bench) -> None:
    """The new one names the old one, has its own id and number, and no output; the old one is marked."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=3)))
    crew = Crew(bench, "a")
    taken = crew.begin("a")
    bench.report(taken, TaskStatus.FAILED, {"partial": 1}, "broken", worker_id="w1")
    old, new = attempts_of(bench.run(run_id), "a")
    assert (old.status, old.retried, old.output_data, old.worker_id) == (TaskStatus.FAILED, True, {"partial": 1}, "w1")
    assert (new.status, new.retried, new.output_data, new.worker_id) == (TaskStatus.SCHEDULED, False, {}, None)
    assert (new.retried_task_id, new.retry_count, new.seq) == (old.task_id, 1, old.seq + 1)
    assert new.task_id != old.task_id
    assert (new.callback_after_seconds, new.start_delay_in_seconds) == (3, 3)
    assert (new.poll_count, new.start_time, new.end_time) == (0, 0, 0)
    assert old.poll_count == 1


def test_the_new_attempt_carries_the_old_reason_until_it_ends(bench: Bench) -> None:
    """So that whoever looks sees why it is tried again."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=3)))
    crew = Crew(bench, "a")
    crew.fail("a", "broken")
    assert attempt_of(bench.run(run_id), "a").reason_for_incompletion == "broken"
    bench.advance(3)
    crew.complete("a")
    assert attempt_of(bench.run(run_id), "a").reason_for_incompletion is None


def test_inputs_are_resolved_anew_over_the_old_ones(bench: Bench) -> None:
    """``${CPEWF_TASK_ID}`` is the new attempt's, and what changed meanwhile shows."""
    place = simple("a", inputs={"id": "${CPEWF_TASK_ID}", "n": "${workflow.input.n}"}, retry_count=None)
    bench.register(TaskDef(name="a", retry_count=1, retry_delay_seconds=0))
    run_id = bench.start(flow(place), {"n": 1})
    crew = Crew(bench, "a")
    first = crew.fail("a")
    second = crew.take("a")
    assert (first.input["id"], second.input["id"]) == (first.task_id, second.task_id)
    assert attempt_of(bench.run(run_id), "a").input_data["n"] == 1


def test_expressions_see_the_newest_attempt(bench: Bench) -> None:
    """Its output, and how often it was retried."""
    after = inline("after", "[$.n, $.r]", n="${a.output.n}", r="${a.retryCount}")
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=0), after))
    crew = Crew(bench, "a")
    crew.fail("a")
    crew.complete("a", {"n": 5})
    assert bench.run(run_id).output == {"result": [5, 1]}


def test_the_run_fails_when_no_attempt_is_left(bench: Bench) -> None:
    """Three retries mean four attempts; the failed names are listed once."""
    run_id = bench.start(flow(defined("a", retry_count=3, retry_delay_seconds=1)))
    crew = Crew(bench, "a")
    for _ in range(3):
        crew.fail("a", "try again")
        bench.advance(1)
    last = crew.fail("a", "enough")
    run = bench.run(run_id)
    assert [one.status for one in attempts_of(run, "a")] == [TaskStatus.FAILED] * 4
    assert run.reason == f"Task '{last.ref}' failed with status: FAILED and reason: 'enough'"
    assert run.failed_reference_task_names == ("a",)


def test_an_unregistered_task_has_three_retries_after_a_minute_each(bench: Bench) -> None:
    """The defaults of a task definition."""
    run_id = bench.start(flow(simple("a", retry_count=None)))
    crew = Crew(bench, "a")
    for minutes in range(3):
        assert bench.clock.now() == EPOCH_MS + minutes * 60_000
        crew.fail("a")
        bench.advance(59.999)
        assert crew.waiting == []
        bench.advance(0.001)
    crew.fail("a")
    assert bench.run(run_id).status is RunStatus.FAILED


@pytest.mark.parametrize(("place", "attempts"), [(0, 1), (2, 3), (None, 2)])
def test_the_place_overrides_the_definition(bench: Bench, place: int | None, attempts: int) -> None:
    """0 is an override too; None asks the definition."""
    bench.register(TaskDef(name="a", retry_count=1, retry_delay_seconds=0))
    run_id = bench.start(flow(simple("a", retry_count=place)))
    crew = Crew(bench, "a")
    while crew.waiting:
        crew.fail("a")
    assert len(attempts_of(bench.run(run_id), "a")) == attempts


@pytest.mark.parametrize("terminal", ["terminal", "canceled"])
def test_what_is_never_retried(bench: Bench, terminal: str) -> None:
    """A terminal error, and a task that its worker cancelled."""
    run_id = bench.start(flow(defined("a", retry_count=3)))
    one = Crew(bench, "a").take("a")
    if terminal == "terminal":
        bench.fail(one, "hopeless", terminal=True)
        assert bench.run(run_id).status is RunStatus.FAILED
        assert statuses(bench.run(run_id)) == {"a": "FAILED_WITH_TERMINAL_ERROR"}
        assert bench.run(run_id).failed_reference_task_names == ("a",)
    else:
        bench.report(one, TaskStatus.CANCELED, reason="called off")
        run = bench.run(run_id)
        assert run.status is RunStatus.TERMINATED
        assert run.reason == f"Task '{one.ref}' failed with status: TERMINATED and reason: 'called off'"
        assert run.failed_reference_task_names == ()


def test_no_attempt_is_made_after_the_total_time(bench: Bench) -> None:
    """The budget counts from the first attempt's creation, over all attempts and delays, also with ALERT_ONLY."""
    alert = TaskTimeoutPolicy.ALERT_ONLY
    run_id = bench.start(
        flow(defined("a", retry_count=10, retry_delay_seconds=4, total_timeout_seconds=10, timeout_policy=alert)),
    )
    crew = Crew(bench, "a")
    for _ in range(2):
        crew.fail("a")
        bench.advance(4)
    assert bench.clock.now() == EPOCH_MS + 8000
    bench.advance(2)
    last = crew.fail("a", "late")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert run.reason == (
        f"Task a/{last.task_id} exceeded total timeout of 10 seconds (elapsed 10 seconds across all attempts). "
        "No further retries will be attempted."
    )


def test_a_definition_that_changes_does_not_touch_a_live_run(bench: Bench) -> None:
    """The run keeps the task definition it started with."""
    bench.register(TaskDef(name="a", retry_count=1, retry_delay_seconds=1))
    run_id = bench.start(flow(simple("a", retry_count=None)))
    bench.register(TaskDef(name="a", retry_count=0))
    crew = Crew(bench, "a")
    crew.fail("a")
    bench.advance(1)
    crew.complete("a")
    assert bench.run(run_id).status is RunStatus.COMPLETED
    run_id = bench.start(flow(simple("a", retry_count=None)))
    crew.fail("a")
    assert bench.run(run_id).status is RunStatus.FAILED


def test_a_start_delay(bench: Bench) -> None:
    """The first attempt is offered after it; retries have their own delay."""
    run_id = bench.start(flow(simple("a", start_delay=30)))
    crew = Crew(bench, "a")
    record = attempt_of(bench.run(run_id), "a")
    assert (record.callback_after_seconds, record.start_delay_in_seconds) == (30, 30)
    bench.advance(29.999)
    assert crew.waiting == []
    bench.advance(0.001)
    assert crew.waiting == ["a"]


def test_a_start_delay_is_counted_from_the_scheduling() -> None:
    """A slow script of another branch, which holds the run up, does not make it longer."""
    scripts = SlowScripts(Random(0), 1.0)
    bench = Bench(scripts=scripts)
    crew = Crew(bench, "b")
    branches = ((inline("a", "[1].length"),), (simple("b", start_delay=30),))
    bench.start(flow(task("FORK_JOIN", "fork", fork_tasks=branches), task("JOIN", "join", join_on=("a", "b"))))
    bench.advance(20)
    scripts.finish(0)
    bench.settle()
    assert crew.waiting == []

    bench.advance(10)

    assert crew.waiting == ["b"]


@pytest.mark.parametrize("kind", ["JSON_JQ_TRANSFORM", "WAIT"])
def test_a_resting_attempt_of_the_engine_is_not_begun_by_a_report(bench: Bench, kind: str) -> None:
    """Somebody says that it is in progress: it begins when its rest is over all the same, as it should."""
    inputs = {"queryExpression": "error", "duration": "30 seconds"}
    run_id = bench.start(flow(task(kind, "a", inputs=inputs, retry_count=1)))
    if kind == "WAIT":
        bench.ask(ReportByName(run_id, "a", TaskStatus.FAILED))

    bench.ask(ReportByName(run_id, "a", TaskStatus.IN_PROGRESS, {"said": "by somebody"}))
    bench.advance(60)

    second = attempts_of(bench.run(run_id), "a")[1]
    if kind == "WAIT":
        assert (second.status, second.start_time) == (TaskStatus.IN_PROGRESS, EPOCH_MS + 60_000)
    else:
        assert (second.status, list(second.output_data)) == (TaskStatus.FAILED, ["error"])


def test_a_worker_may_ask_to_be_called_again(bench: Bench) -> None:
    """IN_PROGRESS with a delay shows as SCHEDULED, keeps the output, and offers the same attempt again."""
    run_id = bench.start(flow(simple("a")))
    crew = Crew(bench, "a")
    bench.report(crew.begin("a"), TaskStatus.IN_PROGRESS, {"page": 1}, callback_after_s=20)
    record = attempt_of(bench.run(run_id), "a")
    assert (record.status, record.output_data, record.callback_after_seconds) == (TaskStatus.SCHEDULED, {"page": 1}, 20)
    bench.advance(19.999)
    assert crew.waiting == []
    bench.advance(0.001)
    again = crew.complete("a", {"page": 2})
    assert again.output == {"page": 1}
    assert (again.seq, bench.run(run_id).output) == (1, {"page": 2})
