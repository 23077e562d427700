"""The failure workflows of runs that failed, and what they have undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from podium.client.news import log
from podium.model.compensation import Undoing, failure_run_id, undoing_of
from podium.model.errors import RunNotFound, RunUndone
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus

#: Gives a run, with its tasks, by its id.
Get = Callable[[str], WorkflowRun]

_DEPTH_MAX = 20


def may_be_undone(run: WorkflowRun) -> bool:
    """Return whether `failure_runs` may yield anything; it costs no look into the store."""
    return failure_run_id(run) is not None or any(
        attempt.sub_workflow_id and attempt.status in _FAILED for attempt in run.tasks
    )


def failure_runs(run: WorkflowRun, get: Get, depth: int = 0) -> Iterator[str]:
    """Yield the ids of the runs that were started because a run, or a sub-workflow that failed in it, failed."""
    own = failure_run_id(run)
    if own is not None:
        yield own
    for attempt in run.tasks if depth < _DEPTH_MAX else ():
        if attempt.sub_workflow_id and attempt.status in _FAILED:
            try:
                child = get(attempt.sub_workflow_id)
            except RunNotFound:
                continue
            yield from failure_runs(child, get, depth + 1)


_FAILED = frozenset(
    {
        TaskStatus.FAILED,
        TaskStatus.FAILED_WITH_TERMINAL_ERROR,
        TaskStatus.TIMED_OUT,
        TaskStatus.COMPLETED_WITH_ERRORS,
    }
)


def what_was_undone(run: WorkflowRun, get: Get) -> Undoing:
    """Tell what was undone of a run; nothing of one that has no failure workflow made by ``step.undo``."""
    run_id = failure_run_id(run)
    if run_id is None:
        return Undoing()
    try:
        return undoing_of(run, get(run_id))
    except RunNotFound:
        return Undoing()


def undone_in_words(run: WorkflowRun) -> str:
    """Say what was undone of a run, and what was not; empty if nothing can be undone."""
    words = [f"undone: {', '.join(run.undone)}"] if run.undone else []
    words += [f"NOT undone: {', '.join(run.not_undone)}"] if run.not_undone else []
    return "; ".join(words)


def log_undone(run: WorkflowRun) -> None:
    """Say it in the log."""
    words = undone_in_words(run)
    if words:
        log.warning("run %s of %s is %s; %s", run.workflow_id, run.workflow_name, run.status, words)


def undone_steps(run: WorkflowRun, get: Get, *, verb: str, force: bool = False) -> frozenset[str]:
    """
    Return what was undone of a run that somebody wants to take up again: what is done later would rest on nothing.

    Args:
        run: The run.
        get: Gives others.
        verb: What the caller wants to do, such as ``retried``.
        force: The caller knows, and wants it all the same.

    Raises:
        RunUndone: It was undone, or is being undone, which not even *force* may overtake; the message names the steps.
    """
    undoing = what_was_undone(run, get)
    failure_run = failure_run_id(run)
    is_over = failure_run is None or get(failure_run).status.is_terminal
    steps = undoing.undone or (() if is_over else undoing.left)
    if not steps or (force and is_over):
        return frozenset(steps)
    why = "it was undone when it failed" if is_over else "it is being undone"
    advice = f"begin anew with client.restart({run.workflow_id!r})"
    advice += ", or take up what is left with force=True" if is_over else f"; run {failure_run} undoes it"
    message = f"run {run.workflow_id} cannot be {verb}, because {why}: {', '.join(steps)}; {advice}"
    raise RunUndone(message, run_id=run.workflow_id, steps=steps, advice=advice, may_force=is_over)
