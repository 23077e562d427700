"""Time limits and delays with a fraction of a second, to the millisecond of virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from engine_flows import Crew, attempt_of, attempts_of, defined, flow, simple, statuses

from podium.model.statuses import RunStatus, TaskStatus, TaskTimeoutPolicy, WorkflowTimeoutPolicy
from podium.testing.bench import Bench


def limited(**definition: Any) -> Any:
    """Return a workflow of one task with these limits and no retry."""
    return flow(defined("a", **{"retry_count": 0, "timeout_policy": TaskTimeoutPolicy.TIME_OUT_WF, **definition}))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"timeout_seconds": 1.5, "response_timeout_seconds": 1.5}, "Timeout configured as 1.5 seconds"),
        ({"response_timeout_seconds": 1.5}, "responseTimeout: 1.5 exceeded"),
        ({"total_timeout_seconds": 1.5}, "exceeded total timeout of 1.5 seconds"),
    ],
    ids=["timeout", "response", "total"],
)
def test_a_time_limit_ends_at_its_millisecond(bench: Bench, limits: dict[str, Any], reason: str) -> None:
    """Neither at the second before it nor at the one behind it."""
    run_id = bench.start(limited(**limits))
    Crew(bench, "a").begin("a")
    bench.advance(1.499)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    assert statuses(bench.run(run_id)) == {"a": TaskStatus.TIMED_OUT}
    assert reason in str(attempt_of(bench.run(run_id), "a").reason_for_incompletion)


def test_a_wait_for_a_worker_ends_at_its_millisecond(bench: Bench) -> None:
    """It counts from the end of the start delay, which has a fraction too."""
    limits = limited(poll_timeout_seconds=0.5)
    run_id = bench.start(evolve(limits, tasks=(evolve(limits.tasks[0], start_delay=0.25),)))
    bench.advance(0.749)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    assert bench.run(run_id).status is RunStatus.TIMED_OUT


def test_a_run_times_out_at_its_millisecond(bench: Bench) -> None:
    """The run's own clock has milliseconds too."""
    policy = WorkflowTimeoutPolicy.TIME_OUT_WF
    run_id = bench.start(evolve(flow(simple("a")), timeout_seconds=2.125, timeout_policy=policy))
    bench.advance(2.124)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert run.status is RunStatus.TIMED_OUT
    assert "Timeout configured as 2.125 seconds" in str(run.reason_for_incompletion)


def test_a_step_begins_at_the_end_of_its_delay(bench: Bench) -> None:
    """A start delay has milliseconds, and the run shows it."""
    run_id = bench.start(flow(evolve(simple("a"), start_delay=0.2)))
    crew = Crew(bench, "a")
    bench.advance(0.199)
    assert crew.waiting == []
    bench.advance(0.001)
    assert crew.waiting == ["a"]
    assert attempt_of(bench.run(run_id), "a").start_delay_in_seconds == 0.2


def test_an_attempt_shows_its_delay(bench: Bench) -> None:
    """The delay of a retry has its fraction in the record of the run."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=0.25)))
    Crew(bench, "a").fail("a")
    again = attempts_of(bench.run(run_id), "a")[-1]
    assert (again.start_delay_in_seconds, again.callback_after_seconds) == (0.25, 0.25)
