"""Runs as tables: lists of flat dictionaries of plain JSON values, as a data frame takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from podium.model.attempts import TaskRun
from podium.model.run_facts import RunFacts, RunSummary
from podium.model.values import JsonValue
from podium.model.walk import walk

#: One row of a table: column name to a text, a number, a boolean or None.
Record = dict[str, JsonValue]

_ITERATION: Final = re.compile(r"__\d+$")


def attempt_records(run: RunFacts) -> list[Record]:
    """
    Return a run as a table with one row for each attempt, in the order in which they were created.

    Every row has the same columns. Times are epoch milliseconds, None for "not yet"; lengths are milliseconds.

    ==============  ================================================================================================
    column          meaning
    ==============  ================================================================================================
    workflow_id     the run's id
    workflow        the definition's name
    version         the definition's version
    run_status      a `RunStatus`
    seq             position in the run, from 1
    reference       reference name in the run, with ``__<iteration>`` inside loops
    step            reference name in the definition; of a dynamic fork's branch the name in the run
    task            the task's name
    type            the worker's queue, or the system task's type
    status          a `TaskStatus`
    attempt         1 for the first attempt, 2 for its first retry, …
    iteration       iteration of the innermost loop; 0 outside loops
    retried         a newer attempt replaces this one
    scheduled_ms    when it was created
    started_ms      when it began
    ended_ms        when it ended
    wait_ms         from its creation to its beginning; None while it has not begun
    duration_ms     from its beginning to its end; None while it has not ended
    polls           how often a worker took it
    worker          who had it last
    domain          the domain of its workers
    sub_workflow_id the child run that it started
    reason          why it ended badly
    task_id         the attempt's id
    ==============  ================================================================================================
    """
    head: Record = {
        "workflow_id": run.workflow_id,
        "workflow": run.workflow_name,
        "version": run.workflow_version,
        "run_status": run.status.value,
    }
    tasks = run.workflow_definition.tasks if run.workflow_definition else ()
    steps = frozenset(visit.task.task_reference_name for visit in walk(tasks))
    return [head | _attempt(attempt, _step(attempt, steps)) for attempt in run.tasks]


def _attempt(attempt: TaskRun, step: str) -> Record:
    return {
        "seq": attempt.seq,
        "reference": attempt.reference_task_name,
        "step": step,
        "task": attempt.task_def_name or attempt.task_type,
        "type": attempt.task_type,
        "status": attempt.status.value,
        "attempt": attempt.retry_count + 1,
        "iteration": attempt.iteration,
        "retried": attempt.retried,
        "scheduled_ms": attempt.scheduled_time or None,
        "started_ms": attempt.start_time or None,
        "ended_ms": attempt.end_time or None,
        "wait_ms": between(attempt.scheduled_time, attempt.start_time),
        "duration_ms": between(attempt.start_time, attempt.end_time),
        "polls": attempt.poll_count,
        "worker": attempt.worker_id,
        "domain": attempt.domain,
        "sub_workflow_id": attempt.sub_workflow_id,
        "reason": attempt.reason_for_incompletion,
        "task_id": attempt.task_id,
    }


def _step(attempt: TaskRun, steps: frozenset[str]) -> str:
    """Return the name in the definition: a run appends ``__<iteration>`` once for each loop around the task."""
    name = attempt.reference_task_name
    while attempt.iteration and name not in steps and _ITERATION.search(name):
        name = _ITERATION.sub("", name)
    return name


def between(begin_ms: int, end_ms: int) -> int | None:
    """
    Return the milliseconds between two moments, None if one of them has not come; clocks that disagree count as 0.

    Example:
        >>> between(1_000, 2_500), between(1_000, 0)
        (1500, None)
    """
    return max(0, end_ms - begin_ms) if begin_ms and end_ms else None


class RunList(list[RunSummary]):
    """
    What a search found: a list of `RunSummary`, newest first, that also is a table.

    Example:
        >>> RunList().to_records()
        []
    """

    def to_records(self) -> list[Record]:
        """
        Return the runs as a table with one row for each, in the order of the list.

        The columns are ``workflow_id``, ``workflow``, ``version``, ``status``, ``started_ms`` and ``ended_ms`` (epoch
        milliseconds; None while it goes on), ``duration_ms``, ``correlation_id``, ``parent_workflow_id``, ``reason``.
        """
        return list(_summaries(self))


def _summaries(runs: Iterable[RunSummary]) -> Iterator[Record]:
    for run in runs:
        yield {
            "workflow_id": run.workflow_id,
            "workflow": run.workflow_type,
            "version": run.version,
            "status": run.status.value,
            "started_ms": run.create_time or None,
            "ended_ms": run.end_time or None,
            "duration_ms": between(run.create_time, run.end_time),
            "correlation_id": run.correlation_id,
            "parent_workflow_id": run.parent_workflow_id,
            "reason": run.reason_for_incompletion,
        }
