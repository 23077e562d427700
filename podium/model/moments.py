"""
A run as it was at a moment: a pure function of the run's own records.

The records keep when each attempt was scheduled, began and ended, so every moment between can be told again. What they
do not keep is left out: pauses, outputs of attempts before their last word, and, for a run that was retried after it
had ended, that it had ended before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from attrs import evolve

from podium.model.attempts import TaskRun
from podium.model.errors import InvalidRequest
from podium.model.run_facts import RunFacts
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.values import JsonObject
from podium.model.walk import walk

#: A number from here on is epoch milliseconds (March 1973), a smaller one seconds from the run's start: 3,000 years.
_EPOCH_MS_MIN: Final = 100_000_000_000

_SUFFIX: Final = re.compile(r"((?:__\d+)*)$")

Moment = int | float | datetime | timedelta

#: A run, with or without verbs: what is told of it is of its own kind.
R = TypeVar("R", bound=RunFacts)


def moment_ms(run: RunFacts, moment: Moment) -> int:
    """
    Return a moment as epoch milliseconds.

    Args:
        run: The run that the moment belongs to.
        moment: An aware datetime; a timedelta or a number of seconds from the run's start; or epoch milliseconds.

    Raises:
        InvalidRequest: The datetime has no time zone, or *moment* is nothing of these.

    Example:
        >>> moment_ms(RunFacts(status=RunStatus.RUNNING, create_time=1_700_000_000_000), 1.5)
        1700000001500
    """
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise InvalidRequest(f"{moment!r} has no time zone; write datetime(..., tzinfo=UTC)")
        return round(moment.timestamp() * 1000)
    if isinstance(moment, timedelta):
        return run.create_time + round(moment.total_seconds() * 1000)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise InvalidRequest(f"a moment is a datetime, seconds from the start or epoch milliseconds, not {moment!r}")
    return round(moment) if abs(moment) >= _EPOCH_MS_MIN else run.create_time + round(moment * 1000)


def run_at_ms(run: R, at: int) -> R:
    """
    Return the run as it was at a moment; from its last change on it is the run itself.

    Asking twice is asking once: the run at ``t2``, asked for ``t1 <= t2``, equals the run at ``t1``.

    Args:
        run: The run.
        at: Epoch milliseconds, however small the number.
    """
    if at >= _last(run):
        return run
    present = [attempt for attempt in run.tasks if _created(attempt) <= at]
    newest = _newest_retry(run.tasks)
    there = _newest_retry(present)
    tasks = tuple(_attempt_at(attempt, at, newest, there, present) for attempt in present)
    return evolve(
        run,
        status=RunStatus.RUNNING,
        end_time=0,
        update_time=max((time for time in _times(run) if time <= at), default=0),
        tasks=tasks,
        output={},
        reason_for_incompletion=None,
        failed_reference_task_names=(),
        failed_task_names=(),
        last_retried_time=run.last_retried_time if run.last_retried_time <= at else 0,
        variables=_variables_at(run, present, at),
    )


def changes(run: RunFacts) -> tuple[int, ...]:
    """Return the moments at which something changed, in epoch milliseconds, growing; the run's start is the first."""
    return tuple(sorted({time for time in _times(run) if time >= run.create_time}))


def frame_times(run: RunFacts, count: int | None = None) -> tuple[int, ...]:
    """
    Return the moments at which something changed, in epoch milliseconds.

    Args:
        run: The run.
        count: Most to give, evenly through the changes, the first and the last always among them; None for all.

    Raises:
        InvalidRequest: *count* is less than 1.
    """
    if count is not None and count < 1:
        raise InvalidRequest(f"count is at least 1, not {count!r}")
    times = changes(run)
    if count is not None and len(times) > count:
        last = len(times) - 1
        times = tuple(times[round(i * last / (count - 1))] for i in range(count)) if count > 1 else times[-1:]
    return times


def _times(run: RunFacts) -> set[int]:
    """Return every moment that the run's records know."""
    times = {run.create_time, run.end_time}
    if not run.status.is_terminal:
        times.add(run.update_time)
    for attempt in run.tasks:
        times |= {_created(attempt), attempt.start_time, _ended(attempt) or attempt.update_time}
    return times - {0}


def _last(run: RunFacts) -> int:
    return run.end_time if run.status.is_terminal and run.end_time else max(_times(run), default=0)


def _created(attempt: TaskRun) -> int:
    """Return when an attempt came into being; clocks of several machines may say that it began a little earlier."""
    return min((time for time in (attempt.scheduled_time, attempt.start_time, attempt.end_time) if time), default=0)


def _ended(attempt: TaskRun) -> int:
    """Return when an attempt ended, 0 if it has not; a skipped one may have no end of its own."""
    if not attempt.status.is_terminal:
        return 0
    return attempt.end_time or max(attempt.update_time, attempt.start_time, attempt.scheduled_time)


def _newest_retry(attempts: Iterable[TaskRun]) -> dict[str, int]:
    newest: dict[str, int] = {}
    for attempt in attempts:
        name = attempt.reference_task_name
        newest[name] = max(newest.get(name, 0), attempt.retry_count)
    return newest


def _attempt_at(
    attempt: TaskRun, at: int, newest: dict[str, int], there: dict[str, int], present: list[TaskRun]
) -> TaskRun:
    """Return one attempt as it was; *newest* and *there* tell by name the newest retry of the run and of the moment."""
    name = attempt.reference_task_name
    if attempt.retried and newest[name] > attempt.retry_count >= there[name]:
        attempt = evolve(attempt, retried=False)
    ended = _ended(attempt)
    if ended and ended <= at:
        return attempt
    began = bool(attempt.start_time) and attempt.start_time <= at
    if not ended:
        attempt = evolve(attempt, iteration=_iteration_at(attempt, present))
        if at >= attempt.update_time and (began or not attempt.start_time):
            return attempt
    status = attempt.status if began and not ended else TaskStatus.IN_PROGRESS if began else TaskStatus.SCHEDULED
    return evolve(
        attempt,
        status=status,
        iteration=_iteration_at(attempt, present),
        start_time=attempt.start_time if began else 0,
        end_time=0,
        update_time=max(_created(attempt), attempt.start_time if began else 0),
        executed=False,
        reason_for_incompletion=None,
        output_data={},
        worker_id=attempt.worker_id if began else None,
        sub_workflow_id=attempt.sub_workflow_id if began else None,
    )


def _iteration_at(attempt: TaskRun, present: list[TaskRun]) -> int:
    """Return a loop's iteration by the tasks of its body that were there; other tasks keep theirs."""
    loop = attempt.workflow_task
    if attempt.task_type != TaskType.DO_WHILE or loop is None or not loop.loop_over:
        return attempt.iteration
    body = {visit.task.task_reference_name for visit in walk(loop.loop_over)}
    own = _numbers(attempt.reference_task_name)
    found = [0]
    for other in present:
        name = other.reference_task_name
        numbers = _numbers(name)
        if numbers and _SUFFIX.sub("", name) in body:
            if numbers[: len(own)] == own and len(numbers) > len(own):
                found.append(numbers[len(own)])
            elif len(numbers) <= len(own):  # a record with one suffix only
                found.append(numbers[-1])
    return min(max(found), attempt.iteration) if attempt.iteration else max(found)


def _numbers(name: str) -> tuple[int, ...]:
    found = _SUFFIX.search(name)
    return tuple(int(number) for number in found.group().split("__")[1:]) if found else ()


def _variables_at(run: RunFacts, present: list[TaskRun], at: int) -> JsonObject:
    """Return the variables that the definition and the SET_VARIABLE tasks up to a moment had set."""
    values = dict(run.workflow_definition.variables) if run.workflow_definition else {}
    done = [task for task in present if task.task_type == TaskType.SET_VARIABLE and 0 < _ended(task) <= at]
    for attempt in sorted(done, key=_ended):
        if attempt.status is TaskStatus.COMPLETED:
            values |= attempt.input_data
    return values
