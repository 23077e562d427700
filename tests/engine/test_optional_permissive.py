from __future__ import annotations

import pytest
from engine_flows import Crew, attempt_of, defined, flow, inline, simple

from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


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
    bench.report(Crew(bench, "a").take("a"), TaskStatus.FAILED, {"partial": 1}, "torn")
    assert bench.run(run_id).output == {"result": ["COMPLETED_WITH_ERRORS", 1]}
