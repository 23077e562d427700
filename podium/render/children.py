"""The runs of sub-workflows: where they are, and which of them a failure comes from."""

from __future__ import annotations

from collections.abc import Mapping

from podium.model.errors import NotFound, RenderError
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.render.attempts import STRUCTURES
from podium.render.options import Runs


def child_of(attempt: TaskRun, runs: Runs | None) -> WorkflowRun | None:
    """Return the run that a SUB_WORKFLOW task started, or None if it started none; otherwise as `find_run`."""
    return find_run(attempt.sub_workflow_id, runs) if attempt.sub_workflow_id else None


def find_run(run_id: str, runs: Runs | None) -> WorkflowRun | None:
    """
    Return a run by its id, or None if nobody has it any more.

    Raises:
        RenderError: *runs* gave something that is no run.
    """
    if runs is None:
        return None
    try:
        found = runs.get(run_id) if isinstance(runs, Mapping) else runs(run_id)
    except NotFound:
        return None
    if found is not None and not isinstance(found, WorkflowRun):
        raise RenderError(f"runs gave {type(found).__name__} for {run_id}, not a run")
    return found


def failing_path(run: WorkflowRun, runs: Runs | None = None) -> tuple[str, str]:
    """
    Tell where a run failed and why: a path such as ``audit/verify_files`` through its sub-workflows, and the reason.

    Both are empty where nothing failed, and where somebody ended the run, which no task is to blame for. A join or a
    loop that only passes a failure on is not named.
    """
    if not run.status.is_terminal or run.status.is_successful or run.status is RunStatus.TERMINATED:
        return "", ""
    bad = [task for task in run.tasks if task.status.is_terminal and not task.status.is_successful and not task.retried]
    failed = [task for task in bad if task.status is not TaskStatus.CANCELED]
    causes = [task for task in failed if task.task_type not in STRUCTURES] or failed
    if not causes:
        return "", ""
    task = causes[-1]
    child = child_of(task, runs)
    below, reason = failing_path(child, runs) if child else ("", "")
    name = task.reference_task_name
    return f"{name}/{below}" if below else name, reason or task.reason_for_incompletion or ""
