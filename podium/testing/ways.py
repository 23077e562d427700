"""The ways that runs take, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.model.attempts import TaskRun, chosen_case
from podium.model.runs import WorkflowRun
from podium.model.task_types import SWITCHES
from podium.model.texts import clean, shorten

#: Longest reason in a line.
_REASON_MAX = 100


def way_of(run: WorkflowRun, marks: Mapping[int, str] | None = None) -> str:
    """
    Return the way that a run took, a line for each task in the order in which they began.

    Args:
        run: The run, with its tasks.
        marks: Words for some attempts, by their numbers in the run.
    """
    marks = marks or {}
    rows = []
    for number, attempt in enumerate(firsts(run), 1):
        newest = run.task(attempt.reference_task_name) or attempt
        tries = sum(each.reference_task_name == attempt.reference_task_name for each in run.tasks)
        notes = [choice_of(attempt)] if attempt.task_type in SWITCHES else []
        notes += [f"{tries} attempts"] if tries > 1 else []
        if newest.reason_for_incompletion and not newest.status.is_successful:
            notes.append(shorten(clean(newest.reason_for_incompletion), _REASON_MAX))
        notes += [f"<- {marks[attempt.seq]}"] if attempt.seq in marks else []
        sign = ">" if attempt.seq in marks else " "
        rows.append((f"  {sign} {number:>2}  ", attempt.reference_task_name, newest.status.value, "; ".join(notes)))
    width = max((len(row[1]) for row in rows), default=0)
    lines = [f"{head}{name:<{width}}  {status:<9}  {notes}".rstrip() for head, name, status, notes in rows]
    return "\n".join(lines) or "    (it came to no task)"


def firsts(run: WorkflowRun) -> Iterator[TaskRun]:
    """Yield the first attempt of each task, in the order in which they were made."""
    seen: set[str] = set()
    for attempt in run.tasks:
        if attempt.reference_task_name not in seen:
            seen.add(attempt.reference_task_name)
            yield attempt


def names_of(attempt: TaskRun) -> set[str]:
    """Return what an attempt may be called: its reference, and in a loop that without the iteration."""
    place = attempt.workflow_task
    names = {attempt.reference_task_name}
    return names | {place.task_reference_name} if place is not None and attempt.iteration else names


def choice_of(switch: TaskRun) -> str:
    """Return which way a switch took, in words."""
    place, case = switch.workflow_task, chosen_case(switch)
    if case is None:
        return "has not chosen"
    if place is not None and case in place.decision_cases:
        return f"took the case {case!r}"
    return f"took the default, for its value is {case!r}"
