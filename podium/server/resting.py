"""Whether a run is at rest: what needs no worker and no wait has been done."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from time import monotonic

from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskType
from podium.model.task_types import Pace, task_kind
from podium.model.walk import walk
from podium.server.desk import Desk

#: Seconds that scripts get at most, and those between two looks at first.
_PATIENCE_S, _LOOK_S = 2.0, 0.005
#: What loops add to the names of the steps in them.
_ITERATION = re.compile(r"(__\d+)+$")


async def run_at_rest(desk: Desk, run_id: str) -> WorkflowRun:
    """
    Return a run as it stands when its scripts and conditions have been evaluated; as it is after two seconds.

    Conductor evaluates them within the request that leads to them; here a process of its own does, so that a script can
    hold up nothing.
    """
    deadline, pause_s = monotonic() + _PATIENCE_S, _LOOK_S
    while True:
        run = await desk.look(partial(desk.engine.reader.run, run_id))
        if not is_evaluating(run) or monotonic() >= deadline:
            return run
        await asyncio.sleep(pause_s)
        pause_s *= 1.5


def is_evaluating(run: WorkflowRun) -> bool:
    """
    Return whether something of a run goes on by itself in a moment: a script, or the condition of a loop.

    Where nothing lives, a script stands before the next step.
    """
    if run.status is not RunStatus.RUNNING:
        return False
    live = [attempt for attempt in run.tasks if not attempt.status.is_terminal]
    return not live or any(
        task_kind(each.task_type).pace is Pace.NONE or (each.task_type == TaskType.DO_WHILE and _is_bare(each, live))
        for each in live
    )


def _is_bare(loop: TaskRun, live: list[TaskRun]) -> bool:
    """Return whether nothing lives in a loop, so that its condition is due."""
    body = () if loop.workflow_task is None else loop.workflow_task.loop_over
    inside = {visit.task.task_reference_name for visit in walk(body)}
    return not any(_ITERATION.sub("", each.reference_task_name) in inside for each in live)
