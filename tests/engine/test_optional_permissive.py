from __future__ import annotations

import pytest
from engine_flows import Crew, attempt_of, defined, flow, fork, inline, join, simple, statuses

from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

COMPLETED, FAILED, TERMINAL, CANCELED, ERRORS = (
    TaskStatus.COMPLETED,
    TaskStatus.FAILED,
    TaskStatus.FAILED_WITH_TERMINAL_ERROR,
    TaskStatus.CANCELED,
    TaskStatus.COMPLETED_WITH_ERRORS,
)

#: How the worker ends the task, optional, permissive; then the statuses of task, JOIN and run.
TABLE = [
    (COMPLETED, False, False, COMPLETED, COMPLETED, RunStatus.COMPLETED),
    (COMPLETED, True, False, COMPLETED, COMPLETED, RunStatus.COMPLETED),
    (COMPLETED, False, True, COMPLETED, COMPLETED, RunStatus.COMPLETED),
    (COMPLETED, True, True, COMPLETED, COMPLETED, RunStatus.COMPLETED),
    (FAILED, False, False, FAILED, CANCELED, RunStatus.FAILED),
    (FAILED, True, False, ERRORS, ERRORS, RunStatus.COMPLETED),
    (FAILED, False, True, FAILED, FAILED, RunStatus.FAILED),
    (FAILED, True, True, ERRORS, ERRORS, RunStatus.COMPLETED),
    (TERMINAL, False, False, TERMINAL, CANCELED, RunStatus.FAILED),
    (TERMINAL, True, False, ERRORS, ERRORS, RunStatus.COMPLETED),
    (TERMINAL, False, True, TERMINAL, FAILED, RunStatus.FAILED),
    (TERMINAL, True, True, ERRORS, ERRORS, RunStatus.COMPLETED),
    (CANCELED, False, False, CANCELED, CANCELED, RunStatus.TERMINATED),
    (CANCELED, True, False, ERRORS, ERRORS, RunStatus.COMPLETED),
    (CANCELED, False, True, CANCELED, CANCELED, RunStatus.TERMINATED),
    (CANCELED, True, True, ERRORS, ERRORS, RunStatus.COMPLETED),
]


@pytest.mark.parametrize(("reported", "optional", "permissive", "shown", "joined", "ended"), TABLE)
def test_status_by_flags_in_a_fork(
    bench: Bench,
    *,
    reported: TaskStatus,
    optional: bool,
    permissive: bool,
    shown: TaskStatus,
    joined: TaskStatus,
    ended: RunStatus,
) -> None:
    """What a task's end means for the task, the JOIN over it and the run; the other branch ends well."""
    branch = simple("a", optional=optional, permissive=permissive)
    run_id = bench.start(flow(fork("split", [branch], [simple("b")]), join("merge", "a", "b"), inline("after", "1")))
    crew = Crew(bench, "a", "b")
    bench.report(crew.take("a"), reported, reason="torn")
    crew.complete("b")
    run = bench.run(run_id)
    assert (attempt_of(run, "a").status, attempt_of(run, "merge").status, run.status) == (shown, joined, ended)
    assert ("after" in statuses(run)) is (ended is RunStatus.COMPLETED)


#: The same without a JOIN, in a chain.
CHAIN = [
    (FAILED, False, False, FAILED, False, RunStatus.FAILED),
    (FAILED, True, False, ERRORS, True, RunStatus.COMPLETED),
    (FAILED, False, True, FAILED, True, RunStatus.FAILED),
    (FAILED, True, True, ERRORS, True, RunStatus.COMPLETED),
    (TERMINAL, False, True, TERMINAL, True, RunStatus.FAILED),
    (CANCELED, False, False, CANCELED, False, RunStatus.TERMINATED),
    (CANCELED, True, False, ERRORS, True, RunStatus.COMPLETED),
    (CANCELED, False, True, CANCELED, True, RunStatus.FAILED),
]


@pytest.mark.parametrize(("reported", "optional", "permissive", "shown", "goes_on", "ended"), CHAIN)
def test_status_by_flags_in_a_chain(
    bench: Bench,
    *,
    reported: TaskStatus,
    optional: bool,
    permissive: bool,
    shown: TaskStatus,
    goes_on: bool,
    ended: RunStatus,
) -> None:
    """Whether the flow goes on, and how the run ends."""
    run_id = bench.start(flow(simple("a", optional=optional, permissive=permissive), inline("after", "1")))
    bench.report(Crew(bench, "a").take("a"), reported, reason="torn")
    run = bench.run(run_id)
    assert (attempt_of(run, "a").status, "after" in statuses(run), run.status) == (shown, goes_on, ended)


@pytest.mark.parametrize("flag", ["optional", "permissive"])
def test_retries_come_first(bench: Bench, flag: str) -> None:
    """A flag means nothing while attempts are left."""
    place = defined("a", retry_count=1, retry_delay_seconds=1, **{flag: True})
    run_id = bench.start(flow(place, simple("b")))
    crew = Crew(bench, "a", "b")
    crew.fail("a")
    bench.advance(1)
    assert crew.waiting == ["a"]
    crew.complete("a")
    crew.complete("b")
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_every_permissive_failure_is_told_at_the_end(bench: Bench) -> None:
    """The reason lists the tasks with their own statuses; the failed names are theirs."""
    run_id = bench.start(flow(simple("a", permissive=True), simple("b", permissive=True), simple("c")))
    crew = Crew(bench, "a", "b", "c")
    first = crew.fail("a", "one")
    second = crew.fail("b", "two", terminal=True)
    assert bench.run(run_id).status is RunStatus.RUNNING
    crew.complete("c")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert run.reason == (
        f"Task '{first.ref}' failed with status: FAILED and reason: 'one'. "
        f"Task '{second.ref}' failed with status: FAILED_WITH_TERMINAL_ERROR and reason: 'two'"
    )
    assert run.failed_reference_task_names == ("a", "b")


def test_optional_failures_are_no_failed_names(bench: Bench) -> None:
    """COMPLETED_WITH_ERRORS is no failure of the run."""
    run_id = bench.start(flow(simple("a", optional=True)))
    Crew(bench, "a").fail("a", "never mind")
    run = bench.run(run_id)
    assert run.failed_reference_task_names == ()
    assert attempt_of(run, "a").reason_for_incompletion == "never mind"
    assert run.reason is None


def test_the_output_of_an_optional_failure_can_be_read(bench: Bench) -> None:
    """What it reported, and its status."""
    after = inline("after", "[$.s, $.o]", s="${a.status}", o="${a.output.partial}")
    run_id = bench.start(flow(simple("a", optional=True), after))
    bench.report(Crew(bench, "a").take("a"), FAILED, {"partial": 1}, "torn")
    assert bench.run(run_id).output == {"result": ["COMPLETED_WITH_ERRORS", 1]}
