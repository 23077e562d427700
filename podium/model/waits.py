"""
What a run that has not ended waits for, in words.

What may keep a single attempt is a table, `podium.model.causes.CAUSES`: the first cause that holds is the one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from podium.model.causes import CAUSES, NAMED_MAX, REASON_MAX, Cause, ExplanationContext, NeededFrom, Place, holders
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskType
from podium.model.task_types import OF_OTHERS, SWITCHES
from podium.model.texts import clean, shorten

_DEPTH_MAX = 20
#: Most sub-workflows of one run that are looked into.
_CHILDREN_MAX = 10
_JOINS = frozenset({TaskType.JOIN, TaskType.EXCLUSIVE_JOIN})


class Wait(NamedTuple):
    """One thing that a run waits for."""

    what: NeededFrom
    #: The run in which it stands: that of a sub-workflow, if the wait is in there.
    run_id: str
    ref: str
    #: In words.
    text: str
    #: Since when, in epoch milliseconds.
    since: int
    cause: Cause


def waits_of(run: WorkflowRun, outlook: ExplanationContext, depth: int = 0) -> Iterator[Wait]:
    """Yield what a live run waits for, in the order of its tasks; what a sub-workflow waits for in its place."""
    if run.status is RunStatus.PAUSED:
        text = f"it is paused: client.resume({run.workflow_id!r})"
        yield Wait(NeededFrom.SOMEBODY, run.workflow_id, "", text, run.update_time, Cause.PAUSED)
        return
    if run.rate_limited:
        yield _run_limit(run, outlook)
        return
    live = [attempt for attempt in run.tasks if not attempt.status.is_terminal]
    children = 0
    for attempt in live:
        if attempt.sub_workflow_id and depth < _DEPTH_MAX:
            children += 1
            if children <= _CHILDREN_MAX:
                child = outlook.get(attempt.sub_workflow_id)
                prefix = f"in {attempt.reference_task_name!r}, run {child.workflow_id} of {child.workflow_name}: "
                for wait in waits_of(child, outlook, depth + 1):
                    yield wait._replace(text=prefix + wait.text)
        elif attempt.task_type not in OF_OTHERS | SWITCHES:  # those tell more
            yield _wait(run, attempt, outlook)
    for attempt in live:
        if attempt.task_type in _JOINS and (words := _join(run, attempt)):
            yield _said(run, attempt, Cause.JOIN, NeededFrom.TIME, words)


def in_words(waits: Iterator[Wait], limit: int = 5) -> str:
    """Return waits as one text, at most *limit* of them; empty if there are none."""
    texts = [wait.text for wait in islice(waits, limit + 1)]
    return "; ".join([*texts[:limit], *(["and more"] if len(texts) > limit else [])])


def _wait(run: WorkflowRun, attempt: TaskRun, outlook: ExplanationContext) -> Wait:
    for cause, rule in CAUSES.items():
        found = rule(Place(run, attempt, outlook))
        if found is not None:
            return _said(run, attempt, cause, *found)
    raise AssertionError("the last rule holds for every attempt")


def _said(run: WorkflowRun, attempt: TaskRun, cause: Cause, what: NeededFrom, words: str) -> Wait:
    ref = attempt.reference_task_name
    since = attempt.start_time or attempt.scheduled_time
    return Wait(what, run.workflow_id, ref, f"{ref!r} {words}", since, cause)


# -- what is not of one attempt ----------------------------------------------------------------------------------------


def _run_limit(run: WorkflowRun, outlook: ExplanationContext) -> Wait:
    held = None if outlook.limit is None else outlook.limit(run.workflow_id, 0)
    key = f" with the key {run.rate_limit_key!r}" if run.rate_limit_key else ""
    who = f" ({holders(held)})" if held is not None and held.holders else ""
    text = f"it waits to begin: as many runs of {run.workflow_name}{key} go on as its rate limit lets{who}"
    return Wait(NeededFrom.TIME, run.workflow_id, "", text, run.create_time, Cause.RUN_LIMIT)


def _join(run: WorkflowRun, attempt: TaskRun) -> str:
    """Say which branches of a join have failed while it waits for others; empty if none has: the others tell more."""
    joined = attempt.input_data.get("joinOn")
    refs = [ref for ref in joined if isinstance(ref, str)] if isinstance(joined, list | tuple) else []
    newest = {each.reference_task_name: each for each in run.tasks}
    branches = [newest[ref] for ref in refs if ref in newest]
    failed = [each for each in branches if _has_failed(each)]
    if not failed:
        return ""
    alive = [each.reference_task_name for each in branches if not each.status.is_terminal]
    parts = [f"waits for {_listed(alive)}"] if alive else []
    for each in failed[:NAMED_MAX]:
        reason = shorten(clean(each.reason_for_incompletion or ""), REASON_MAX)
        parts.append(f"{each.reference_task_name!r} has failed{reason and f': {reason}'}")
    return "; ".join(parts)


def _has_failed(attempt: TaskRun) -> bool:
    return attempt.status.is_terminal and not attempt.status.is_successful


def _listed(refs: list[str]) -> str:
    more = len(refs) - NAMED_MAX
    return ", ".join(repr(ref) for ref in refs[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
