"""What is said about a run while it goes on, attempt by attempt."""

from __future__ import annotations

import pytest
from attrs import evolve

from podium.cli.attempts import note_of
from podium.cli.formats import now_ms
from podium.cli.progress import PlainProgress, ProgressStyle
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

STEP = WorkflowTask(name="charge", task_reference_name="charge", task_definition=TaskDef(name="charge", retry_count=2))


def attempt(status: str, number: int = 1, **more: object) -> TaskRun:
    """Return an attempt of a worker's task."""
    usual: dict[str, object] = {
        "task_type": "charge",
        "reference_task_name": "charge",
        "status": TaskStatus(status),
        "task_id": str(number),
        "retry_count": number - 1,
        "retried_task_id": str(number - 1) if number > 1 else None,
        "workflow_task": STEP,
        "seq": number,
    }
    return TaskRun(**{**usual, **more})  # type: ignore[arg-type]  # fields by name


def said(capsys: pytest.CaptureFixture[str], shown: PlainProgress, *attempts: TaskRun) -> list[str]:
    """Show a run and give the new lines."""
    shown.show(WorkflowRun(status=RunStatus.RUNNING, workflow_id="run-1", tasks=attempts))
    return [line.strip() for line in capsys.readouterr().err.splitlines()]


def test_a_task_is_followed_through_its_retries(capsys: pytest.CaptureFixture[str]) -> None:
    """Each look tells what is new, once: the failure with the retry that follows, and the end."""
    shown, now = PlainProgress(ProgressStyle()), now_ms()
    first = attempt("IN_PROGRESS")
    assert said(capsys, shown, attempt("SCHEDULED")) == []
    assert said(capsys, shown, first) == ["charge: IN_PROGRESS"]
    first = evolve(first, status=TaskStatus.TIMED_OUT, retried=True, end_time=now, reason_for_incompletion="too slow")
    second = attempt("SCHEDULED", 2, scheduled_time=now, start_delay_in_seconds=60, reason_for_incompletion="too slow")
    assert said(capsys, shown, first, second) == ["charge: attempt 1 timed out: too slow; retry 1 of 2 in 60 s"]
    assert said(capsys, shown, first, second) == []
    second = evolve(second, status=TaskStatus.IN_PROGRESS, poll_count=1)
    assert said(capsys, shown, first, second) == ["charge (attempt 2): IN_PROGRESS"]
    second = evolve(second, status=TaskStatus.FAILED, start_time=now, end_time=now + 5, reason_for_incompletion="no")
    third = attempt("SCHEDULED", 3)
    assert said(capsys, shown, first, second, third) == ["charge: attempt 2 failed: no; retry 2 of 2"]
    third = evolve(third, status=TaskStatus.COMPLETED, start_time=now, end_time=now + 5)
    assert said(capsys, shown, first, second, third) == ["charge (attempt 3): COMPLETED in 5 ms"]


def test_a_retry_that_an_operator_asked_for_is_not_one_of_those_granted(capsys: pytest.CaptureFixture[str]) -> None:
    """The definition grants two; the third is somebody's wish. What ended before the look began is no news."""
    now = now_ms()
    last = attempt("FAILED", 3, end_time=now - 10_000, retried=True, reason_for_incompletion="no")
    again = attempt("SCHEDULED", 4, scheduled_time=now, start_delay_in_seconds=600)
    (line,) = said(capsys, PlainProgress(ProgressStyle(since_ms=now)), last, again)
    assert line == "charge: attempt 3 failed: no; retry 3 in 10 min 0 s"


@pytest.mark.parametrize(
    ("task_type", "data", "note"),
    [
        ("WAIT", {"duration": "10 minutes"}, "waits for 10 minutes"),
        ("WAIT", {"until": "2030-01-02 10:00"}, "waits until 2030-01-02 10:00"),
        ("WAIT", {}, "waits for somebody"),
        ("HUMAN", {"until": "you like"}, "waits for somebody"),
        ("charge", {"duration": "10 minutes"}, ""),
    ],
)
def test_a_wait_says_for_what(task_type: str, data: dict[str, object], note: str) -> None:
    """For a time, until a moment, or for somebody who completes it."""
    assert note_of(attempt("IN_PROGRESS", task_type=task_type, input_data=data), 0) == note


def test_a_worker_that_wants_to_be_called_again_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A task that asks every few seconds does not fill the screen."""
    shown, now = PlainProgress(ProgressStyle()), now_ms()
    asked = attempt("SCHEDULED", poll_count=1, update_time=now, callback_after_seconds=30)
    assert said(capsys, shown, asked) == ["charge: goes on in 30 s"]
    for count in (2, 3):
        assert said(capsys, shown, attempt("IN_PROGRESS", poll_count=count)) == []
        assert said(capsys, shown, evolve(asked, poll_count=count)) == []
    assert said(capsys, shown, attempt("COMPLETED", poll_count=3)) == ["charge: COMPLETED"]


def test_who_waits_for_somebody_is_told_what_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the run is kept, the line holds the command."""
    asks = attempt("IN_PROGRESS", task_type="HUMAN", reference_task_name="approve")
    assert said(capsys, PlainProgress(ProgressStyle()), asks) == ["approve: waits for somebody"]
    manner = ProgressStyle(completing=lambda run_id, name: f"podium complete {run_id} {name}")
    assert said(capsys, PlainProgress(manner), asks) == ["approve: waits for somebody: podium complete run-1 approve"]


def test_what_only_orders_others_is_shown_when_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A script that fails is news, one that computes is not, unless all is asked for."""
    done = attempt("COMPLETED", task_type="INLINE", reference_task_name="sum")
    failed = attempt("FAILED", 2, task_type="INLINE", reference_task_name="bad", retry_count=0, retried_task_id=None)
    assert said(capsys, PlainProgress(ProgressStyle()), done, failed) == ["bad: FAILED"]
    assert said(capsys, PlainProgress(ProgressStyle(is_verbose=True)), done, failed) == [
        "sum: COMPLETED",
        "bad: FAILED",
    ]
