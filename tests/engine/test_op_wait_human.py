from __future__ import annotations

import pytest
from engine_flows import EPOCH_MS, attempt_of, complete_by_name, flow, inline, refs, simple, task, update, wait

from podium.engine.events import Pause, ReportByName, Resume
from podium.model.definitions import TaskDef
from podium.model.errors import TaskNotFound
from podium.model.statuses import RunStatus, TaskStatus, TaskTimeoutPolicy
from podium.testing.bench import Bench


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("10 seconds", 10),
        ("5s", 5),
        ("1m 30s", 90),
        ("2 hours", 7200),
        ("1d", 86_400),
        ("1 day 2hrs 3min 4sec", 93_784),
    ],
)
def test_a_wait_ends_at_the_exact_moment(bench: Bench, duration: str, seconds: int) -> None:
    """Not a millisecond early, not at the next sweep."""
    run_id = bench.start(flow(wait("rest", duration)))
    assert attempt_of(bench.run(run_id), "rest").status is TaskStatus.IN_PROGRESS
    bench.advance(seconds - 0.001)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "rest").end_time == EPOCH_MS + seconds * 1000
    assert attempt_of(run, "rest").output_data == {}


def test_a_wait_that_is_noticed_late_ended_in_time(bench: Bench) -> None:
    """The moment that was asked for is its end; what follows begins when the engine comes to it."""
    run_id = bench.start(flow(wait("rest", "10 seconds"), simple("next")))
    bench.clock.move_to(EPOCH_MS + 60_000)
    bench.settle()
    run = bench.run(run_id)
    assert attempt_of(run, "rest").end_time == EPOCH_MS + 10_000
    assert attempt_of(run, "next").scheduled_time == EPOCH_MS + 60_000


@pytest.mark.parametrize(
    ("until", "seconds"),
    [("2026-01-01 00:30", 1800), ("2026-01-02", 86_400), ("2026-01-01 02:00 Europe/Berlin", 3600)],
)
def test_a_wait_until_a_moment(bench: Bench, until: str, seconds: int) -> None:
    """With a zone in that zone, without one in UTC (Conductor: the server's)."""
    run_id = bench.start(flow(wait("rest", inputs={"until": until})))
    bench.advance(seconds - 0.001)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(0.001)
    assert bench.run(run_id).status is RunStatus.COMPLETED


@pytest.mark.parametrize("inputs", [{"duration": "0s"}, {"until": "2020-01-01"}])
def test_a_moment_that_has_passed_is_over_at_once(bench: Bench, inputs: dict[str, str]) -> None:
    """No time passes."""
    assert bench.run(bench.start(flow(wait("rest", inputs=inputs)))).status is RunStatus.COMPLETED


def test_the_duration_may_be_an_expression(bench: Bench) -> None:
    """It is read when the task starts."""
    run_id = bench.start(flow(wait("rest", "${workflow.input.pause}")), {"pause": "3 seconds"})
    bench.advance(3)
    assert bench.run(run_id).status is RunStatus.COMPLETED


@pytest.mark.parametrize("inputs", [{}, {"duration": ""}, {"duration": None}, {"until": " "}])
def test_without_a_moment_it_waits_for_an_update(bench: Bench, inputs: dict[str, str | None]) -> None:
    """However long that takes; the update's output becomes the task's."""
    run_id = bench.start(flow(wait("rest", inputs=inputs)))
    bench.advance(86_400 * 400)
    update(bench, run_id, "rest", {"by": "hand"})
    assert bench.run(run_id).output == {"by": "hand"}


def test_an_update_may_come_before_the_moment(bench: Bench) -> None:
    """The timer that is left changes nothing."""
    run_id = bench.start(flow(wait("rest", "1 hour"), wait("more", "2 hours")))
    bench.advance(60)
    complete_by_name(bench, run_id, "rest", {"x": 1})
    bench.advance(3600)
    run = bench.run(run_id)
    assert refs(run) == ["rest", "more"]
    assert run.status is RunStatus.RUNNING


FORMS = "write whole days, hours, minutes and seconds in this order, such as 10 seconds, 1h 30m or 2 days"


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"duration": [None, True]}, f"Not valid duration: [null, true]; {FORMS}"),
        (
            {"duration": "1s", "until": "2026-01-02"},
            "Both 'duration' and 'until' specified. Please provide only one input",
        ),
        ({"until": "tomorrow"}, "Invalid/Unsupported Wait Until format.  Provided: tomorrow"),
        ({"duration": "soon"}, f"Not valid duration: soon; {FORMS}"),
        ({"duration": "PT5S"}, f"Not valid duration: PT5S; {FORMS}"),
        ({"duration": 5}, f"Not valid duration: 5; {FORMS}"),
    ],
)
def test_inputs_that_say_nothing_fail_the_task(bench: Bench, inputs: dict[str, str], reason: str) -> None:
    """FAILED_WITH_TERMINAL_ERROR (a duration that cannot be read hangs Conductor's run)."""
    run = bench.run(bench.start(flow(wait("rest", inputs=inputs))))
    record = attempt_of(run, "rest")
    assert record.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert record.reason_for_incompletion == reason
    assert run.status is RunStatus.FAILED


def test_a_pause_of_the_run_outlasts_a_wait(bench: Bench) -> None:
    """What became due meanwhile is over when the run is resumed."""
    run_id = bench.start(flow(wait("rest", "10s"), inline("after", "1")))
    bench.ask(Pause(run_id))
    bench.advance(60)
    assert attempt_of(bench.run(run_id), "rest").status is TaskStatus.IN_PROGRESS
    bench.ask(Resume(run_id))
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_human_task_waits_for_its_answer(bench: Bench) -> None:
    """IN_PROGRESS with its inputs; the update by name ends it."""
    human = task("HUMAN", "approve", inputs={"order": "${workflow.input.id}"})
    run_id = bench.start(flow(human, inline("after", "$.by", by="${approve.output.by}")), {"id": 7})
    bench.advance(86_400 * 365)
    record = attempt_of(bench.run(run_id), "approve")
    assert (record.status, record.input_data) == (TaskStatus.IN_PROGRESS, {"order": 7})
    complete_by_name(bench, run_id, "approve", {"by": "Ada"})
    assert bench.run(run_id).output == {"result": "Ada"}


def test_an_update_in_progress_keeps_output_and_the_next_one_merges(bench: Bench) -> None:
    """By name the output is merged into what the task has."""
    run_id = bench.start(flow(task("HUMAN", "approve")))
    bench.ask(ReportByName(run_id, "approve", TaskStatus.IN_PROGRESS, {"draft": 1, "seen": True}))
    record = attempt_of(bench.run(run_id), "approve")
    assert (record.status, record.output_data) == (TaskStatus.IN_PROGRESS, {"draft": 1, "seen": True})
    complete_by_name(bench, run_id, "approve", {"draft": 2})
    assert bench.run(run_id).output == {"draft": 2, "seen": True}


def test_a_human_task_may_fail(bench: Bench) -> None:
    """Nobody registered it, so it is not retried."""
    run_id = bench.start(flow(task("HUMAN", "approve")))
    update(bench, run_id, "approve", status=TaskStatus.FAILED, reason="refused")
    assert "refused" in (bench.run(run_id).reason or "")


def test_a_name_that_does_not_live_is_refused(bench: Bench) -> None:
    """Unknown, or ended already."""
    run_id = bench.start(flow(task("HUMAN", "approve"), task("HUMAN", "sign")))
    with pytest.raises(TaskNotFound):
        complete_by_name(bench, run_id, "nobody")
    complete_by_name(bench, run_id, "approve")
    with pytest.raises(TaskNotFound):
        complete_by_name(bench, run_id, "approve")


def test_an_update_by_name_reaches_into_a_loop(bench: Bench) -> None:
    """The plain name finds the live iteration."""
    again = task("DO_WHILE", "again", loop_condition="$.again.iteration < 2", loop_over=(task("HUMAN", "ask"),))
    run_id = bench.start(flow(again))
    complete_by_name(bench, run_id, "ask", {"n": 1})
    complete_by_name(bench, run_id, "ask__2", {"n": 2})
    assert bench.run(run_id).output == {"n": 2}


@pytest.mark.parametrize("kind", ["WAIT", "HUMAN"])
def test_silence_is_no_timeout_but_duration_is(bench: Bench, kind: str) -> None:
    """A response timeout means workers; ``timeoutSeconds`` counts for whoever waits."""
    bench.register(
        TaskDef(
            name="rest",
            response_timeout_seconds=5,
            timeout_seconds=60,
            timeout_policy=TaskTimeoutPolicy.RETRY,
            retry_count=0,
        ),
    )
    run_id = bench.start(flow(task(kind, "rest")))
    bench.advance(59.999)
    assert attempt_of(bench.run(run_id), "rest").status is TaskStatus.IN_PROGRESS
    bench.advance(0.001)
    run = bench.run(run_id)
    assert attempt_of(run, "rest").status is TaskStatus.TIMED_OUT
    assert run.status is RunStatus.TIMED_OUT
