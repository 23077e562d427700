"""Why a run stands where it stands, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from podium.model.attempts import TaskRun, as_datetime
from podium.model.causes import REASON_MAX, Cause
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.model.texts import clean, shorten
from podium.model.waits import Wait


@frozen(repr=False)
class Explanation:
    """
    What a run or a schedule waits for and why, or why it has ended; its text says all of it.

    Attributes:
        run_id: The run; of a schedule, its name.
        status: How it stands; None of a schedule.
        waits: What it waits for, that of its sub-workflows too; empty for a run that has ended.
        text: In words, several lines.
    """

    run_id: str
    status: RunStatus | None
    waits: tuple[Wait, ...]
    text: str

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The cause of each wait, each once, in their order."""
        return tuple(dict.fromkeys(wait.cause for wait in self.waits))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def __contains__(self, words: str) -> bool:
        return words in self.text


def _nothing(_: TaskRun) -> Sequence[str]:
    return ()


def explanation(
    run: WorkflowRun,
    waits: tuple[Wait, ...],
    get: Callable[[str], WorkflowRun],
    lacks: Callable[[TaskRun], Sequence[str]] = _nothing,
) -> Explanation:
    """
    Return the explanation of a run.

    Args:
        run: The run, with its tasks.
        waits: What it waits for.
        get: Gives the runs that it called.
        lacks: Says what an attempt that failed should have had and did not get, a line each.
    """
    name = f"{run.workflow_name} version {run.workflow_version}" if run.workflow_definition else "a workflow"
    head = f"run {run.workflow_id} of {name} is {run.status}"
    if run.status.is_terminal:
        return Explanation(run.workflow_id, run.status, (), "\n".join([f"{head}{_since(run)}", *_end(run, get, lacks)]))
    lines = [f"  {wait.text}" for wait in waits] or ["  nothing: the engine brings it on in a moment"]
    return Explanation(run.workflow_id, run.status, waits, "\n".join([f"{head} and waits for:", *lines]))


def _since(run: WorkflowRun) -> str:
    ended = as_datetime(run.end_time)
    return f" since {ended:%Y-%m-%d %H:%M:%S} UTC" if ended else ""


def _end(
    run: WorkflowRun,
    get: Callable[[str], WorkflowRun],
    lacks: Callable[[TaskRun], Sequence[str]],
    prefix: str = "  ",
) -> list[str]:
    """Say why a run ended: its reason, the task that made it fail, and what failed inside of that."""
    if run.status.is_successful:
        return []
    lines = [f"{prefix}because: {shorten(clean(run.reason), 2 * REASON_MAX)}"] if run.reason else []
    failing = run.failing_task
    if failing is not None:
        tries = sum(each.reference_task_name == failing.reference_task_name for each in run.tasks)
        lines.append(f"{prefix}{_failed(failing)}{f', after {tries} attempts' if tries > 1 else ''}")
        lines += (f"{prefix}{each}" for each in lacks(failing))
        if failing.sub_workflow_id:
            child = get(failing.sub_workflow_id)
            lines.append(f"{prefix}in it, run {child.workflow_id} of {child.workflow_name} is {child.status}")
            lines += _end(child, get, lacks, f"{prefix}  ")
    if run.undone:
        lines.append(f"{prefix}undone: {', '.join(run.undone)}")
    if run.not_undone:
        lines.append(f"{prefix}not undone: {', '.join(run.not_undone)}")
    return lines


def _failed(attempt: TaskRun) -> str:
    reason = shorten(clean(attempt.reason_for_incompletion or ""), REASON_MAX)
    return f"{attempt.reference_task_name!r} is {attempt.status}{reason and f': {reason}'}"
