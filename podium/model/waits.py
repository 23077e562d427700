"""What a run that has not ended waits for, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from itertools import islice
from typing import NamedTuple

from podium.model.assignments import queue_of
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.task_types import OF_OTHERS, SWITCHES, SYSTEM_TYPES
from podium.model.texts import clean, shorten

_DEPTH_MAX = 20
#: Most sub-workflows of one run that are looked into.
_CHILDREN_MAX = 10
_REASON_MAX = 120


_NOBODY = (
    "waits for somebody to complete it, and nobody can in .run(): "
    "start it on a client of podium.connect(...), which has complete_task(...)"
)


class For(Enum):
    """What it takes to go on."""

    #: A worker that nobody here has.
    WORKER = 1
    #: A word from outside.
    SOMEBODY = 2
    #: Nothing but time: a timer, a retry, a worker that is at it.
    TIME = 3


class Wait(NamedTuple):
    """One thing that a run waits for."""

    what: For
    #: The run in which it stands: that of a sub-workflow, if the wait is in there.
    run_id: str
    ref: str
    #: In words.
    text: str
    #: Since when, in epoch milliseconds.
    since: int


class Outlook(NamedTuple):
    """Where to look."""

    #: Tells whether anybody here serves a queue.
    serves: Callable[[str], bool]
    #: Gives a run by its id.
    get: Callable[[str], WorkflowRun]
    #: Epoch milliseconds.
    now: int
    #: Gives the call that completes a task, by the run's id and the task's name; None where nobody can make one.
    completing: Callable[[str, str], str] | None


def waits_of(run: WorkflowRun, outlook: Outlook, depth: int = 0) -> Iterator[Wait]:
    """Yield what a live run waits for, in the order of its tasks; what a sub-workflow waits for in its place."""
    if run.status is RunStatus.PAUSED:
        yield Wait(
            For.SOMEBODY, run.workflow_id, "", f"it is paused: client.resume({run.workflow_id!r})", run.update_time
        )
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


def in_words(waits: Iterator[Wait], limit: int = 5) -> str:
    """Return waits as one text, at most *limit* of them; empty if there are none."""
    texts = [wait.text for wait in islice(waits, limit + 1)]
    return "; ".join([*texts[:limit], *(["and more"] if len(texts) > limit else [])])


def _wait(run: WorkflowRun, attempt: TaskRun, outlook: Outlook) -> Wait:
    ref = attempt.reference_task_name
    since = attempt.start_time or attempt.scheduled_time
    what, words = _words(run, attempt, outlook)
    return Wait(what, run.workflow_id, ref, f"{ref!r} {words}", since)


def _words(run: WorkflowRun, attempt: TaskRun, outlook: Outlook) -> tuple[For, str]:
    now = outlook.now
    if attempt.status is TaskStatus.IN_PROGRESS:
        if waits_for_somebody(attempt):
            if outlook.completing is None:
                return For.SOMEBODY, _NOBODY
            call = outlook.completing(run.workflow_id, attempt.reference_task_name)
            return For.SOMEBODY, f"waits for somebody to complete it: {call}"
        if attempt.task_type == TaskType.WAIT:
            return For.TIME, _timer(attempt)
        return For.TIME, f"is at work since {_seconds(now - attempt.start_time)}"
    pending = pending_ms(attempt, now)
    if pending and attempt.poll_count:
        return For.TIME, f"goes on in {_seconds(pending)}"
    if pending and attempt.retry_count:
        # A retry that waits has the reason of the attempt before it.
        reason = shorten(clean(attempt.reason_for_incompletion or ""), _REASON_MAX)
        after = f", after: {reason}" if reason else ""
        return For.TIME, f"waits for retry {attempt.retry_count} of {granted(attempt)} in {_seconds(pending)}{after}"
    if pending:
        return For.TIME, f"starts in {_seconds(pending)}"
    queue = queue_of(attempt.task_type, attempt.domain)
    if attempt.task_type in SYSTEM_TYPES or outlook.serves(queue):
        return For.TIME, "waits for its turn"
    where = f" in the domain {attempt.domain!r}" if attempt.domain else ""
    return For.WORKER, f"waits for a worker, and nobody here serves the task {attempt.task_type!r}{where}"


def _timer(attempt: TaskRun) -> str:
    duration = attempt.input_data.get("duration")
    return f"waits for {duration}" if duration else f"waits until {attempt.input_data.get('until')}"


def waits_for_somebody(attempt: TaskRun) -> bool:
    """Return whether only a word from outside can end an attempt."""
    is_waiting = attempt.status is TaskStatus.IN_PROGRESS
    is_timed = any(attempt.input_data.get(word) for word in ("duration", "until"))
    return is_waiting and (attempt.task_type == TaskType.HUMAN or (attempt.task_type == TaskType.WAIT and not is_timed))


def pending_ms(attempt: TaskRun, now: int) -> int:
    """Return the milliseconds until a worker may take an attempt; 0 if it may now, or has it."""
    if attempt.status is not TaskStatus.SCHEDULED:
        return 0
    if attempt.poll_count:  # its worker asked to be called again
        return max(0, attempt.update_time + attempt.callback_after_seconds * 1000 - now)
    return max(0, attempt.scheduled_time + attempt.start_delay_in_seconds * 1000 - now)


def granted(attempt: TaskRun) -> int:
    """Return how many retries the definition grants."""
    step, definition = attempt.workflow_task, attempt.task_definition
    if step is not None and step.retry_count is not None:
        return step.retry_count
    return definition.retry_count if definition is not None else 0


def _seconds(milliseconds: int) -> str:
    return f"{max(0, -(-milliseconds // 1000))} s"
