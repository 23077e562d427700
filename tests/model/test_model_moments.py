"""A run as it was at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest
from podium.model.moments import changes
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

START = 1_700_000_000_000


def tried(name: str, status: TaskStatus, scheduled: int, began: int, ended: int, **fields: object) -> TaskRun:
    """Make an attempt by milliseconds from the start of the run; 0 is the start, -1 is never."""
    times = [START + ms if ms >= 0 else 0 for ms in (scheduled, began, ended)]
    kind = fields.pop("task_type", name)
    return TaskRun(
        reference_task_name=name,
        task_type=kind,  # type: ignore[arg-type]
        status=status,
        scheduled_time=times[0],
        start_time=times[1],
        end_time=times[2],
        update_time=times[2] or times[1],
        worker_id="w1",
        **fields,  # type: ignore[arg-type]
    )


def retried_run() -> WorkflowRun:
    """Return a failed run with a retry, a variable and a loop."""
    body = WorkflowTask(name="a", task_reference_name="a")
    loop = WorkflowTask(name="l", task_reference_name="l", type="DO_WHILE", loop_over=(body,))
    return WorkflowRun(
        status=RunStatus.FAILED,
        create_time=START,
        end_time=START + 900,
        workflow_definition=WorkflowDef(name="w", tasks=(loop,), variables={"x": 0}),
        variables={"x": 2},
        output={"y": 1},
        reason_for_incompletion="bad",
        failed_reference_task_names=("b",),
        tasks=(
            tried("v", TaskStatus.COMPLETED, 0, 0, 10, task_type="SET_VARIABLE", input_data={"x": 1}),
            tried("l", TaskStatus.COMPLETED, 10, 10, 400, task_type="DO_WHILE", iteration=2, workflow_task=loop),
            tried("a__1", TaskStatus.COMPLETED, 10, 100, 200, iteration=1, output_data={"o": 1}),
            tried("a__2", TaskStatus.COMPLETED, 200, 300, 400, iteration=2),
            tried("b", TaskStatus.TIMED_OUT, 400, 500, 600, retried=True, reason_for_incompletion="slow"),
            tried("b", TaskStatus.FAILED, 600, 700, 900, retry_count=1, reason_for_incompletion="bad"),
            tried("c", TaskStatus.CANCELED, 400, -1, 900),
        ),
    )


def shown(run: WorkflowRun) -> list[str]:
    """Return each attempt as ``name status``."""
    return [f"{task.reference_task_name} {task.status}" for task in run.tasks]


def test_attempts_come_begin_and_end() -> None:
    """What was not yet scheduled is missing, what had not begun is scheduled, what had not ended is in progress."""
    run = retried_run()

    assert shown(run.at(0.05)) == ["v COMPLETED", "l IN_PROGRESS", "a__1 SCHEDULED"]
    assert shown(run.at(0.15))[2] == "a__1 IN_PROGRESS"
    assert shown(run.at(0.55))[4:] == ["b IN_PROGRESS", "c SCHEDULED"]
    assert shown(run.at(0.65))[4:] == ["b TIMED_OUT", "b SCHEDULED", "c SCHEDULED"]


def test_what_was_not_known_yet_is_not_told() -> None:
    """Outputs, reasons, ends and workers of later are gone; so is the run's own end."""
    early = retried_run().at(0.15)

    assert (early.status, early.end_time, early.output, early.reason) == (RunStatus.RUNNING, 0, {}, None)
    assert early.failed_reference_task_names == ()
    assert early.update_time == START + 100
    body = early.tasks[2]
    assert (body.end_time, body.output_data, body.worker_id) == (0, {}, "w1")
    assert retried_run().at(0.05).tasks[2].worker_id is None
    assert retried_run().at(0.61).tasks[5].reason_for_incompletion is None


def test_an_attempt_is_retried_only_once_the_next_is_there() -> None:
    """The flag follows the records, so a picture counts one attempt before the retry and two after it."""
    run = retried_run()
    first = run.tasks[4]

    assert not WorkflowRun.at(run, 0.59).tasks[4].retried
    assert run.at(0.6).tasks[4] == first


def test_loops_and_variables_as_they_were() -> None:
    """A loop tells the iteration of that moment, the run the variables that had been set."""
    run = retried_run()

    assert [run.at(s).tasks[1].iteration for s in (0.15, 0.25, 0.5)] == [1, 2, 2]
    assert [run.at(s).variables for s in (0.005, 0.5)] == [{"x": 0}, {"x": 1}]
    assert run.at(0.9).variables == {"x": 2}


def test_from_its_end_on_the_run_is_itself() -> None:
    """And before its start it has no tasks."""
    run = retried_run()

    assert run.at(0.9) is run
    assert run.at(START + 10**9) is run
    assert run.at(-5).tasks == ()


def test_moments_can_be_said_in_four_ways() -> None:
    """Seconds from the start, a timedelta, an aware datetime, epoch milliseconds."""
    run = retried_run()
    aware = datetime.fromtimestamp((START + 250) / 1000, UTC)

    assert run.at(0.25) == run.at(timedelta(milliseconds=250)) == run.at(aware) == run.at(START + 250)
    for wrong in (aware.replace(tzinfo=None), "now", None, True):
        with pytest.raises(InvalidRequest):
            run.at(wrong)  # type: ignore[arg-type]


@given(st.integers(-50, 1000), st.integers(-50, 1000))
def test_asking_twice_is_asking_once(one: int, two: int) -> None:
    """The moment of a moment is the moment; nothing is known earlier than it happened."""
    run = retried_run()
    early, late = sorted((START + one, START + two))

    assert run.at(late).at(early) == run.at(early)
    assert shown(run.at(early)) == shown(run.at(early).at(early))
    assert len(run.at(early).tasks) <= len(run.at(late).tasks)


def test_frames_are_the_changes() -> None:
    """Each frame differs from the one before; the last is the run itself; fewer can be asked for."""
    run = retried_run()

    frames = run.frames()

    assert [frame.at_ms for frame in frames] == list(changes(run))
    assert frames[0].at_ms == START
    assert frames[-1].run is run
    assert all(one.run != two.run for one, two in pairwise(frames))
    few = run.frames(3)
    assert [few[0].at_ms, few[-1].at_ms, len(few)] == [START, START + 900, 3]
    assert [frame.seconds for frame in run.frames(1)] == [0.9]
    with pytest.raises(InvalidRequest):
        run.frames(0)


def test_live_runs_end_with_their_newest_record() -> None:
    """A paused run is paused from its last change on, and its loop shows the iteration it has."""
    run = WorkflowRun(
        status=RunStatus.PAUSED,
        create_time=START,
        update_time=START + 500,
        tasks=(tried("a", TaskStatus.IN_PROGRESS, 0, 100, -1), tried("b", TaskStatus.SCHEDULED, 300, -1, -1)),
    )

    assert run.at(0.5) is run
    assert run.at(0.4).status is RunStatus.RUNNING
    assert shown(run.at(0.2)) == ["a IN_PROGRESS"]
    assert shown(run.at(0.05)) == ["a SCHEDULED"]
