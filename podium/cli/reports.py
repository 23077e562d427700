"""What is said about a run: how it ended, and which task is to blame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from podium.cli.console import COLOURS, out_json, say
from podium.cli.formats import first_line, now_ms, span
from podium.model.compensation import FAILURE_RUN_KEY
from podium.model.errors import RunNotFound
from podium.model.expressions import references
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.walk import walk

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

#: Most lines of a log that are shown; the last ones tell most.
_LOG_LINES_MAX = 40
#: Sub-workflows that are followed to the cause of a failure.
_DEPTH_MAX = 20


def causes(client: ShowingClient, run: WorkflowRun) -> Iterator[tuple[WorkflowRun, TaskRun]]:
    """
    Yield the task that made a run fail; if that is a sub-workflow, then what failed in it, and so on.

    Yields:
        A run and its failing task; nothing for a run that did not fail because of a task.
    """
    for _ in range(_DEPTH_MAX):
        failing = run.failing_task
        if failing is None or run.status.is_successful or _is_bystander(run, failing):
            return
        yield run, failing
        if not failing.sub_workflow_id:
            return
        try:
            run = client.get(failing.sub_workflow_id)
        except RunNotFound:
            return


def failure_lines(client: ShowingClient, run: WorkflowRun) -> Iterator[str]:
    """
    Tell which task made a run fail, and why; nothing if none did.

    A failed sub-workflow is followed down to the task that failed in it.

    Yields:
        The task with its reason, then the lines that it logged.
    """
    found = list(causes(client, run))
    for (_, failing), (inner, _) in pairwise(found):
        yield f"{_headline(failing)}, because of run {inner.workflow_id} of {inner.workflow_name}:"
    if found:
        yield from _task_lines(client, found[-1][1])


def _is_bystander(run: WorkflowRun, failing: TaskRun) -> bool:
    """Return whether a task was only cancelled because somebody ended its run."""
    return failing.status is TaskStatus.CANCELED and run.status not in {RunStatus.FAILED, RunStatus.TIMED_OUT}


def _headline(failing: TaskRun) -> str:
    number = f", attempt {failing.retry_count + 1}" if failing.retry_count else ""
    return f"failing task: {failing.reference_task_name} ({failing.task_type}){number}: {failing.status}"


def _task_lines(client: ShowingClient, failing: TaskRun) -> Iterator[str]:
    yield _headline(failing)
    for line in (failing.reason_for_incompletion or "it gave no reason").splitlines():
        yield f"  {line}"
    lines = [line for entry in client.logs(failing.task_id) for line in entry.log.splitlines()]
    if lines:
        yield "  log:" if len(lines) <= _LOG_LINES_MAX else f"  log (the last {_LOG_LINES_MAX} of {len(lines)} lines):"
        for line in lines[-_LOG_LINES_MAX:]:
            yield f"    {line}"


def way_on(run: WorkflowRun) -> str:
    """Return the command that takes up a run that has ended badly: ``retry``, or ``restart`` where that is refused."""
    newest = [attempt for attempt in run.tasks if not attempt.retried]
    bad = any(attempt.status.is_terminal and not attempt.status.is_successful for attempt in newest)
    can_retry = (bad or run.status is RunStatus.TIMED_OUT) and not run.undone
    return "retry" if can_retry else "restart"


def undone_lines(run: WorkflowRun) -> Iterator[str]:
    """Tell what was undone of a failed run, and what was not."""
    if run.undone:
        yield f"undone: {', '.join(run.undone)}"
    if run.not_undone:
        yield f"NOT undone: {', '.join(run.not_undone)}"


def null_lines(run: WorkflowRun) -> Iterator[str]:
    """
    Tell which steps gave nothing to the output of a run that ended badly: it says null there, also inside of texts.

    Example:
        ``null in the output: nothing came from pay``
    """
    definition = run.workflow_definition
    ended_itself = any(attempt.task_type == TaskType.TERMINATE for attempt in run.tasks)  # it gave an output of its own
    if definition is None or run.status.is_successful or not run.status.is_terminal or ended_itself:
        return
    steps = {visit.task.task_reference_name for visit in walk(definition.tasks)}
    read = dict.fromkeys(found.root for found in references(dict(definition.output_parameters)) if found.root in steps)
    silent = [name for name in read if name and not getattr(run.task(name), "output_data", None)]
    if silent:
        yield f"null in the output: nothing came from {', '.join(silent)}"


def report_end(client: ShowingClient, run: WorkflowRun, *, again: str | None, picture: str | None) -> int:
    """
    Write a completed run's output, how the run ended, and where to go from here.

    The standard output gets the output of a completed run only: that of a failed one looks like a result and is none.
    What is in it all the same is said on the standard error.

    Args:
        client: Where it ran.
        run: The run as it ended.
        again: The command that takes the run up again (see `way_on`), if there can be one.
        picture: The command that draws the run, if there can be one.

    Returns:
        The exit code.
    """
    if run.status.is_successful:
        out_json(dict(run.output))
    told = list(failure_lines(client, run))
    for line in told:
        say(line)
    reason = "" if told else first_line(run.reason_for_incompletion)  # it only says again which task it was
    took = span(run.create_time, run.end_time, now_ms())
    say(f"{run.status} in {took}" + (f": {reason}" if reason else ""), colour=COLOURS.get(run.status))
    said = {key: value for key, value in run.output.items() if value is not None and key != FAILURE_RUN_KEY}
    if said and not run.status.is_successful:
        say(f"output, though it did not complete: {json.dumps(said, ensure_ascii=False)}")
        for line in null_lines(run):
            say(line)
    for line in undone_lines(run):
        say(line)
    if again and not run.status.is_successful:
        say(f"{way_on(run)}: {again}")
    if picture:
        say(f"picture: {picture}")
    return 0 if run.status.is_successful else 1
