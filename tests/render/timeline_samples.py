"""Runs with times, which the tests of timelines and of playback share."""

from __future__ import annotations

from render_samples import definition, task

from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

START = 1_700_000_000_000
DONE, FAILED = TaskStatus.COMPLETED, TaskStatus.FAILED


def timed(
    named: tuple[str, str], status: TaskStatus, scheduled: int, began: int, ended: int, **fields: object
) -> TaskRun:
    """Make an attempt, by its name and type and by milliseconds from the start of the run; -1 is never."""
    name, kind = named
    times = [START + ms if ms >= 0 else 0 for ms in (scheduled, began, ended)]
    return TaskRun(
        reference_task_name=name,
        task_type=kind,
        task_def_name=kind,
        status=status,
        scheduled_time=times[0],
        start_time=times[1],
        end_time=times[2],
        **fields,  # type: ignore[arg-type]
    )


def charging_run() -> WorkflowRun:
    """Return a failed run that waited a day and tried a task three times."""
    day = 86_400_000
    flow = definition(task("reserve"), task("gap", "WAIT"), task("charge"), task("mail"), name="charging", version=2)
    return WorkflowRun(
        status=RunStatus.FAILED,
        create_time=START,
        end_time=START + day + 80_000,
        workflow_id="run-1",
        workflow_definition=flow,
        reason_for_incompletion="declined",
        tasks=(
            timed(("reserve", "reserve"), DONE, 0, 1_000, 4_000),
            timed(("gap", "WAIT"), DONE, 4_000, 4_000, day),
            timed(("charge", "charge"), TaskStatus.TIMED_OUT, day, day + 10_000, day + 40_000, retried=True),
            timed(
                ("charge", "charge"),
                FAILED,
                day + 40_000,
                day + 52_000,
                day + 55_000,
                retry_count=1,
                retried=True,
                start_delay_in_seconds=10,
            ),
            timed(
                ("charge", "charge"),
                FAILED,
                day + 60_000,
                day + 70_000,
                day + 80_000,
                retry_count=2,
                reason_for_incompletion="declined <b>",
            ),
            timed(("mail", "mail"), TaskStatus.CANCELED, day + 60_000, -1, day + 80_000),
        ),
    )


def looping_run(count: int, *, live: bool = False) -> WorkflowRun:
    """Return a run of a loop with two tasks; every 67th iteration has a failure."""
    loop = task("poll", "DO_WHILE", loop_over=(task("track"), task("poll_gap", "WAIT")))
    tries = [
        attempt
        for i in range(1, count + 1)
        for attempt in (
            timed(
                (f"track__{i}", "track"),
                DONE if i % 67 else FAILED,
                i * 1000 - 1000,
                i * 1000 - 950,
                i * 1000 - 800,
                iteration=i,
            ),
            timed((f"poll_gap__{i}", "WAIT"), DONE, i * 1000 - 800, i * 1000 - 800, i * 1000, iteration=i),
        )
    ]
    if live:
        last = (count - 1) * 1000 + 200
        tries[-1] = timed((f"poll_gap__{count}", "WAIT"), TaskStatus.IN_PROGRESS, last, last, -1, iteration=count)
    status = TaskStatus.IN_PROGRESS if live else DONE
    own = timed(("poll", "DO_WHILE"), status, 0, 0, -1 if live else count * 1000, iteration=count, workflow_task=loop)
    return WorkflowRun(
        status=RunStatus.RUNNING if live else RunStatus.COMPLETED,
        create_time=START,
        update_time=START + count * 1000 - 500,
        end_time=0 if live else START + count * 1000,
        workflow_id="run-2",
        workflow_definition=definition(loop, name="polling"),
        tasks=(own, *tries),
    )


def encoding_run(count: int) -> WorkflowRun:
    """Return a failed run of a dynamic fork, forty branches at a time; branch 17 failed."""
    names = [f"encode_{i}" for i in range(count)]
    fork = timed(("encode_all", "FORK"), DONE, 500, 500, 500, input_data={"forkedTasks": names})
    branches = [
        timed(
            (name, "encode"),
            FAILED if i == 17 else DONE,
            500,
            500 + 100 * (i // 40),
            580 + 100 * (i // 40) + i % 20,
            input_data={"index": i, "quality": "hd", "film": f"film-{i:05}.mov"},
            reason_for_incompletion="disk full" if i == 17 else None,
        )
        for i, name in enumerate(names)
    ]
    end = max(branch.end_time for branch in branches) - START
    join = timed(("encode_all_join", "JOIN"), FAILED, 500, 500, end, reason_for_incompletion="disk full")
    flow = definition(
        task("split"), task("encode_all", "FORK_JOIN_DYNAMIC"), task("encode_all_join", "JOIN"), name="encoding"
    )
    return WorkflowRun(
        status=RunStatus.FAILED,
        create_time=START,
        end_time=START + end,
        workflow_id="run-3",
        workflow_definition=flow,
        reason_for_incompletion="disk full",
        tasks=(timed(("split", "split"), DONE, 0, 10, 500), fork, *branches, join),
    )
