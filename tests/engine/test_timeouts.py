from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from engine_flows import (
    EPOCH_MS,
    Crew,
    attempt_of,
    attempts_of,
    defined,
    flow,
    fork,
    join,
    simple,
    statuses,
    task,
    wait,
)

from podium.engine.events import Pause, Resume, Retry
from podium.engine.news import Overdue
from podium.model.assignments import Report
from podium.model.statuses import RunStatus, TaskStatus, TaskTimeoutPolicy, WorkflowTimeoutPolicy
from podium.testing.bench import Bench

RETRY, TIME_OUT_WF, ALERT_ONLY = (
    TaskTimeoutPolicy.RETRY,
    TaskTimeoutPolicy.TIME_OUT_WF,
    TaskTimeoutPolicy.ALERT_ONLY,
)


def limited(**definition: Any) -> Any:
    """Return a workflow of one task with these limits; one retry at once."""
    return flow(defined("a", **{"retry_count": 1, "retry_delay_seconds": 0, **definition}))


def test_a_task_timeout_counts_from_the_start_of_work(bench: Bench) -> None:
    """It fires at that very millisecond; the default policy ends the run at once, without a retry."""
    run_id = bench.start(limited(timeout_seconds=10, response_timeout_seconds=10))
    crew = Crew(bench, "a")
    bench.advance(3600)
    crew.begin("a")
    bench.advance(9.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    reason = (
        "Task timed out after 10 seconds. Timeout configured as 10 seconds. Timeout policy configured to TIME_OUT_WF"
    )
    assert (run.status, run.reason) == (RunStatus.TIMED_OUT, reason)
    record = attempt_of(run, "a")
    assert (record.status, record.reason_for_incompletion) == (TaskStatus.TIMED_OUT, reason)
    assert record.end_time == run.end_time == EPOCH_MS + 3_610_000
    assert run.failed_reference_task_names == ()


def test_a_task_timeout_with_the_policy_retry(bench: Bench) -> None:
    """The attempt is TIMED_OUT and another one is made; the run times out when none is left."""
    run_id = bench.start(limited(timeout_seconds=10, timeout_policy=RETRY))
    crew = Crew(bench, "a")
    crew.begin("a")
    bench.advance(10)
    assert [one.status for one in attempts_of(bench.run(run_id), "a")] == [TaskStatus.TIMED_OUT, TaskStatus.SCHEDULED]
    second = crew.begin("a")
    bench.advance(10)
    run = bench.run(run_id)
    assert run.status is RunStatus.TIMED_OUT
    assert (run.reason or "").startswith(f"Task '{second.ref}' failed with status: TIMED_OUT and reason: 'Task timed")


def test_an_alert_is_given_once_for_each_clock() -> None:
    """ALERT_ONLY tells, of each timeout of an attempt and of the run, once; and again after a resumption."""
    told: list[tuple[str | None, str]] = []
    bench = Bench(tell=lambda news: told.extend((one.ref, one.reason) for one in news if isinstance(one, Overdue)))
    limits = {"timeout_seconds": 10, "poll_timeout_seconds": 5, "total_timeout_seconds": 20}
    run_id = bench.start(evolve(limited(timeout_policy=ALERT_ONLY, **limits), timeout_seconds=30))
    crew = Crew(bench, "a")
    bench.advance(8)
    crew.begin("a")
    bench.advance(60)
    words = ["Task poll timed out after 5", "Task timed out after 10", "exceeded total timeout of 20", "Workflow timed"]
    assert [ref for ref, _ in told] == ["a", "a", "a", None]
    assert all(word in reason for word, (_, reason) in zip(words, told, strict=True))
    bench.ask(Pause(run_id))
    bench.ask(Resume(run_id))
    bench.advance(60)
    assert [ref for ref, _ in told[4:]] == [None]


def test_an_alert_changes_nothing(bench: Bench) -> None:
    """ALERT_ONLY lets all but the worker's silence pass."""
    limits = {"timeout_seconds": 10, "poll_timeout_seconds": 5, "total_timeout_seconds": 20}
    run_id = bench.start(limited(timeout_policy=ALERT_ONLY, **limits))
    crew = Crew(bench, "a")
    bench.advance(60)
    crew.begin("a")
    bench.advance(60)
    assert statuses(bench.run(run_id)) == {"a": "IN_PROGRESS"}
    bench.advance(3600)
    assert attempts_of(bench.run(run_id), "a")[0].status is TaskStatus.TIMED_OUT


def test_a_poll_timeout_counts_while_nobody_takes_the_task(bench: Bench) -> None:
    """From its scheduling; once taken it cannot happen any more."""
    run_id = bench.start(limited(poll_timeout_seconds=7))
    bench.advance(6.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert run.status is RunStatus.TIMED_OUT
    assert run.reason == (
        "Task poll timed out after 7 seconds. Poll timeout configured as 7 seconds. "
        "Timeout policy configured to TIME_OUT_WF"
    )
    run_id = bench.start(limited(poll_timeout_seconds=7))
    Crew(bench, "a").begin("a")
    bench.advance(60)
    assert bench.run(run_id).status is RunStatus.RUNNING


@pytest.mark.parametrize("cause", ["start delay", "retry delay"])
def test_a_delay_does_not_count_as_waiting_for_a_worker(bench: Bench, cause: str) -> None:
    """It is added once (Conductor counts the delay of a retry twice)."""
    if cause == "start delay":
        run_id = bench.start(limited(poll_timeout_seconds=5, start_delay=20))
    else:
        run_id = bench.start(limited(poll_timeout_seconds=5, retry_delay_seconds=20))
        Crew(bench, "a").fail("a")
    bench.advance(24.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    assert bench.run(run_id).status is RunStatus.TIMED_OUT


def test_a_silent_worker_loses_its_attempt(bench: Bench) -> None:
    """The retry rule applies whatever the policy says."""
    run_id = bench.start(limited(response_timeout_seconds=30, timeout_policy=TIME_OUT_WF))
    crew = Crew(bench, "a")
    first = crew.begin("a")
    bench.advance(29.999)
    assert attempt_of(bench.run(run_id), "a").status is TaskStatus.IN_PROGRESS
    bench.advance(0.001)
    old, new = attempts_of(bench.run(run_id), "a")
    assert (old.status, new.status) == (TaskStatus.TIMED_OUT, TaskStatus.SCHEDULED)
    assert old.reason_for_incompletion == (
        f"responseTimeout: 30 exceeded for the taskId: {first.task_id} with Task Definition: a"
    )


def test_a_heartbeat_extends_the_lease(bench: Bench) -> None:
    """The silence counts from it; everything else in it is ignored."""
    run_id = bench.start(limited(response_timeout_seconds=30))
    one = Crew(bench, "a").begin("a")
    bench.advance(20)
    bench.ask(Report(run_id, one.seq, TaskStatus.IN_PROGRESS, {"x": 1}, is_heartbeat=True))
    bench.advance(29.999)
    record = attempt_of(bench.run(run_id), "a")
    assert (record.status, record.output_data) == (TaskStatus.IN_PROGRESS, {})
    bench.advance(0.001)
    assert attempts_of(bench.run(run_id), "a")[0].status is TaskStatus.TIMED_OUT


def test_an_attempt_that_nobody_took_is_not_silent(bench: Bench) -> None:
    """The response timeout needs a worker."""
    run_id = bench.start(limited(response_timeout_seconds=30))
    bench.advance(3600)
    assert statuses(bench.run(run_id)) == {"a": "SCHEDULED"}


def test_a_task_that_is_completed_from_outside_may_be_silent(bench: Bench) -> None:
    """``asyncComplete`` means that nobody sends signs of life."""
    definition = flow(
        task("HTTP", "a", async_complete=True, task_definition=defined("a", response_timeout_seconds=5).task_definition)
    )
    run_id = bench.start(definition)
    crew = Crew(bench, "HTTP")
    bench.report(crew.begin("a"), TaskStatus.IN_PROGRESS)
    bench.advance(3600)
    assert statuses(bench.run(run_id)) == {"a": "IN_PROGRESS"}


def test_the_total_counts_over_all_attempts_and_delays(bench: Bench) -> None:
    """From the first attempt's creation; with RETRY no other attempt follows."""
    run_id = bench.start(
        limited(total_timeout_seconds=25, retry_count=9, retry_delay_seconds=10, timeout_policy=RETRY),
    )
    crew = Crew(bench, "a")
    crew.fail("a")
    bench.advance(10)
    crew.fail("a")
    bench.advance(10)
    third = crew.begin("a")
    bench.advance(4.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert run.status is RunStatus.TIMED_OUT
    assert attempt_of(run, "a").reason_for_incompletion == (
        f"Task a/{third.task_id} exceeded total timeout of 25 seconds (elapsed 25 seconds across all attempts "
        "including retry delays). Timeout policy: RETRY"
    )
    assert "No further retries will be attempted." in (run.reason or "")


def test_the_total_ends_a_run_during_a_retrys_delay(bench: Bench) -> None:
    """Nobody needs to hold the task."""
    run_id = bench.start(limited(total_timeout_seconds=25, retry_delay_seconds=60))
    Crew(bench, "a").fail("a")
    bench.advance(25)
    run = bench.run(run_id)
    assert (run.status, run.end_time) == (RunStatus.TIMED_OUT, EPOCH_MS + 25_000)


@pytest.mark.parametrize("flag", ["optional", "permissive"])
def test_time_out_wf_asks_no_flag(bench: Bench, flag: str) -> None:
    """An optional or permissive task whose policy ends the run ends it."""
    run_id = bench.start(limited(timeout_seconds=5, response_timeout_seconds=5, **{flag: True}))
    Crew(bench, "a").begin("a")
    bench.advance(5)
    assert bench.run(run_id).status is RunStatus.TIMED_OUT


def test_an_optional_task_may_time_out_for_good(bench: Bench) -> None:
    """With RETRY, after its last attempt, it becomes COMPLETED_WITH_ERRORS."""
    run_id = bench.start(limited(timeout_seconds=5, timeout_policy=RETRY, retry_count=0, optional=True))
    Crew(bench, "a").begin("a")
    bench.advance(5)
    assert statuses(bench.run(run_id)) == {"a": "COMPLETED_WITH_ERRORS"}
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_the_sooner_of_two_limits_wins(bench: Bench) -> None:
    """A worker that is silent past both is timed out by the first."""
    run_id = bench.start(limited(timeout_seconds=20, response_timeout_seconds=10))
    Crew(bench, "a").begin("a")
    bench.advance(10)
    assert attempts_of(bench.run(run_id), "a")[0].end_time == EPOCH_MS + 10_000
    assert bench.run(run_id).status is RunStatus.RUNNING


def test_a_run_times_out_with_its_tasks(bench: Bench) -> None:
    """TIME_OUT_WF; what lives is CANCELED."""
    definition = flow(
        fork("split", [simple("a")], [wait("b")]),
        join("merge", "a", "b"),
        timeout_seconds=90,
        timeout_policy=WorkflowTimeoutPolicy.TIME_OUT_WF,
    )
    run_id = bench.start(definition)
    bench.advance(89.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert run.status is RunStatus.TIMED_OUT
    assert run.reason == (
        "Workflow timed out after 90 seconds. Timeout configured as 90 seconds. "
        "Timeout policy configured to TIME_OUT_WF"
    )
    assert statuses(run) == {"split": "COMPLETED", "a": "CANCELED", "b": "CANCELED", "merge": "CANCELED"}


def test_alert_only_is_the_default_of_a_workflow(bench: Bench) -> None:
    """``timeoutSeconds`` alone ends nothing."""
    run_id = bench.start(flow(simple("a"), timeout_seconds=5))
    bench.advance(3600)
    assert bench.run(run_id).status is RunStatus.RUNNING


TIMED = flow(simple("a"), timeout_seconds=60, timeout_policy=WorkflowTimeoutPolicy.TIME_OUT_WF)


def test_a_paused_run_can_time_out(bench: Bench) -> None:
    """The workflow's clock runs during a pause."""
    run_id = bench.start(TIMED)
    bench.ask(Pause(run_id))
    bench.advance(60)
    assert bench.run(run_id).status is RunStatus.TIMED_OUT


def test_resume_starts_the_workflows_clock_again(bench: Bench) -> None:
    """As Conductor does."""
    run_id = bench.start(TIMED)
    bench.ask(Pause(run_id))
    bench.advance(50)
    bench.ask(Resume(run_id))
    bench.advance(59.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    assert bench.run(run_id).status is RunStatus.TIMED_OUT


def test_retry_starts_the_workflows_clock_again(bench: Bench) -> None:
    """A run that timed out goes on, and times out again after the same time."""
    run_id = bench.start(TIMED)
    bench.advance(60)
    bench.ask(Retry(run_id))
    bench.advance(59.999)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert (run.status, run.end_time) == (RunStatus.TIMED_OUT, EPOCH_MS + 120_000)


def test_tasks_do_not_time_out_during_a_pause(bench: Bench) -> None:
    """They do when the run is resumed."""
    run_id = bench.start(limited(response_timeout_seconds=5))
    Crew(bench, "a").begin("a")
    bench.ask(Pause(run_id))
    bench.advance(60)
    assert statuses(bench.run(run_id)) == {"a": "IN_PROGRESS"}
    bench.ask(Resume(run_id))
    assert attempts_of(bench.run(run_id), "a")[0].status is TaskStatus.TIMED_OUT


@pytest.mark.parametrize("kind", ["JOIN", "DO_WHILE"])
def test_structures_have_no_response_timeout(bench: Bench, kind: str) -> None:
    """They wait as long as what they hold."""
    silent = defined("s", response_timeout_seconds=5).task_definition
    if kind == "JOIN":
        definition = flow(fork("split", [wait("b")]), join("s", "b", task_definition=silent))
    else:
        definition = flow(task("DO_WHILE", "s", loop_condition="false", loop_over=(wait("b"),), task_definition=silent))
    run_id = bench.start(definition)
    bench.advance(3600)
    assert bench.run(run_id).status is RunStatus.RUNNING


def test_the_engine_wakes_at_the_moments_that_matter(bench: Bench) -> None:
    """A run that waits a year costs two looks, not a year of sweeps."""
    run_id = bench.start(flow(wait("rest", "365 days")))
    looks = 0
    while (due := bench.kernel.next_due()) is not None:
        bench.clock.move_to(due)
        bench.settle()
        looks += 1
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert looks <= 2
