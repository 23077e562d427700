from __future__ import annotations

import pytest
from engine_flows import Crew, attempts_of, defined, flow, simple, statuses, times

from podium.engine.events import Retry, Terminate
from podium.engine.requests import RestartRequest
from podium.model.assignments import Report, TaskStarted
from podium.model.errors import TaskNotFound
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.IN_PROGRESS])
def test_a_second_result_changes_nothing(bench: Bench, status: TaskStatus) -> None:
    """The first one counts, while the run lives and after its end."""
    run_id = bench.start(flow(simple("a"), simple("b")))
    crew = Crew(bench, "a", "b")
    one = crew.complete("a", {"x": 1})
    before = bench.run(run_id)
    bench.report(one, status, {"x": 2}, "again")
    assert bench.run(run_id) == before
    crew.complete("b")
    before = bench.run(run_id)
    bench.report(one, status, {"x": 3})
    assert bench.run(run_id) == before


def test_a_result_for_an_ended_run_changes_nothing(bench: Bench) -> None:
    """The cancelled attempt stays cancelled; the caller is not refused."""
    run_id = bench.start(flow(simple("a")))
    one = Crew(bench, "a").take("a")
    bench.ask(Terminate(run_id))
    before = bench.run(run_id)
    bench.ask(Report(run_id, one.seq, TaskStatus.COMPLETED, {"x": 1}))
    assert bench.run(run_id) == before


def test_a_result_of_a_timed_out_attempt_changes_nothing(bench: Bench) -> None:
    """Its successor is another attempt."""
    run_id = bench.start(flow(defined("a", retry_count=1, retry_delay_seconds=0, response_timeout_seconds=5)))
    crew = Crew(bench, "a")
    late = crew.begin("a")
    bench.advance(5)
    bench.complete(late, {"from": "late"})
    assert [one.status for one in attempts_of(bench.run(run_id), "a")] == [TaskStatus.TIMED_OUT, TaskStatus.SCHEDULED]
    crew.complete("a", {"from": "second"})
    assert bench.run(run_id).output == {"from": "second"}


def test_a_result_from_before_a_restart_changes_nothing(bench: Bench) -> None:
    """Attempt numbers are never used twice."""
    run_id = bench.start(flow(simple("a")))
    crew = Crew(bench, "a")
    late = crew.take("a")
    bench.ask(Terminate(run_id))
    bench.ask(RestartRequest(run_id))
    bench.complete(late, {"x": "old"})
    assert statuses(bench.run(run_id)) == {"a": "SCHEDULED"}
    crew.complete("a", {"x": "new"})
    assert bench.run(run_id).output == {"x": "new"}


def test_a_result_from_before_a_retry_changes_nothing(bench: Bench) -> None:
    """The cancelled attempt has a successor."""
    run_id = bench.start(flow(simple("a")))
    crew = Crew(bench, "a")
    late = crew.take("a")
    bench.ask(Terminate(run_id))
    bench.ask(Retry(run_id))
    bench.complete(late, {"x": "old"})
    assert bench.run(run_id).status is RunStatus.RUNNING


def test_a_result_of_an_earlier_iteration_changes_nothing(bench: Bench) -> None:
    """The loop has gone on."""
    run_id = bench.start(flow(times("again", 2, simple("a"))))
    crew = Crew(bench, "a")
    late = crew.complete("a__1", {"n": 1})
    before = bench.run(run_id)
    bench.complete(late, {"n": 7})
    assert bench.run(run_id) == before


def test_an_attempt_that_never_was_is_refused(bench: Bench) -> None:
    """An unknown id is the caller's mistake, not lateness."""
    run_id = bench.start(flow(simple("a")))
    with pytest.raises(TaskNotFound, match="No such task found by id"):
        bench.ask(Report(run_id, 99, TaskStatus.COMPLETED))


def test_a_late_taken_changes_nothing(bench: Bench) -> None:
    """A hand-out that is told after the result was."""
    run_id = bench.start(flow(simple("a"), simple("b")))
    one = Crew(bench, "a", "b").complete("a")
    before = bench.run(run_id)
    bench.kernel.submit(TaskStarted(run_id, one.seq, "w", bench.clock.now()))
    bench.settle()
    assert bench.run(run_id) == before


def test_a_late_heartbeat_changes_nothing(bench: Bench) -> None:
    """No lease is left to extend."""
    run_id = bench.start(flow(simple("a"), simple("b")))
    one = Crew(bench, "a", "b").complete("a")
    before = bench.run(run_id)
    bench.report(one, TaskStatus.IN_PROGRESS, is_heartbeat=True)
    assert bench.run(run_id) == before


def test_a_result_without_a_poll_is_taken(bench: Bench) -> None:
    """Somebody outside may complete a task that no worker took."""
    run_id = bench.start(flow(simple("a")))
    bench.ask(Report(run_id, 1, TaskStatus.COMPLETED, {"x": 1}))
    run = bench.run(run_id)
    assert (run.status, run.tasks[0].poll_count) == (RunStatus.COMPLETED, 0)


def test_a_result_replaces_the_output_that_was_there(bench: Bench) -> None:
    """Only the update by name merges."""
    run_id = bench.start(flow(simple("a")))
    one = Crew(bench, "a").begin("a")
    bench.report(one, TaskStatus.IN_PROGRESS, {"page": 1})
    bench.report(one, TaskStatus.COMPLETED, {"done": True})
    assert bench.run(run_id).output == {"done": True}


def test_logs_are_kept_in_order(bench: Bench) -> None:
    """Also those of reports that do not end the attempt; those of late ones are dropped."""
    run_id = bench.start(flow(simple("a")))
    one = Crew(bench, "a").begin("a")
    bench.report(one, TaskStatus.IN_PROGRESS, logs=[(1, "one"), (2, "two")])
    bench.report(one, TaskStatus.COMPLETED, logs=[(3, "three")])
    bench.report(one, TaskStatus.COMPLETED, logs=[(4, "four")])
    assert [line.log for line in bench.reader.logs(one.task_id)] == ["one", "two", "three"]
    assert bench.run(run_id).status is RunStatus.COMPLETED
