"""Why a live attempt does not go on: the table of causes, and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from typing import NamedTuple, TypeAlias

from podium.model.assignments import queue_of
from podium.model.attempts import as_datetime
from podium.model.durations import in_milliseconds, parse_duration_s
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus, TaskType
from podium.model.task_types import SYSTEM_TYPES, TASK_KINDS, ServerProduct
from podium.model.texts import clean, shorten

#: Most holders of a limit, and most branches of a join, that are named.
NAMED_MAX = 3
REASON_MAX = 120

_NOBODY = (
    "waits for somebody to complete it, and nobody can in .run(): "
    "start it on a client of podium.connect(...), which has complete_task(...)"
)


class NeededFrom(Enum):
    """What it takes to go on."""

    #: A worker that nobody here has.
    WORKER = 1
    #: A word from outside.
    SOMEBODY = 2
    #: Nothing but time: a timer, a retry, a worker that is at it.
    TIME = 3


class Cause(StrEnum):
    """Why a run does not go on."""

    #: Somebody paused it.
    PAUSED = "PAUSED"
    #: As many runs of its workflow and key go on as may (``rateLimitConfig``).
    RUN_LIMIT = "RUN_LIMIT"
    #: A HUMAN task waits for a decision.
    HUMAN = "HUMAN"
    #: A WAIT without a time, or another task that somebody outside completes.
    SIGNAL = "SIGNAL"
    #: A task waits for a message to the run.
    MESSAGE = "MESSAGE"
    #: A task waits for a webhook.
    WEBHOOK = "WEBHOOK"
    #: A WAIT has its time.
    TIMER = "TIMER"
    #: A worker, or the engine, has the task in hand.
    WORK = "WORK"
    #: As many attempts of the task are at work as may (``concurrentExecLimit``).
    CONCURRENCY = "CONCURRENCY"
    #: As many attempts of the task have begun in its time as may (``rateLimitPerFrequency``).
    RATE_LIMIT = "RATE_LIMIT"
    #: A worker asked for time before it goes on.
    CALLBACK = "CALLBACK"
    #: A failed task is tried again later.
    RETRY = "RETRY"
    #: A task begins later (``startDelay``).
    DELAY = "DELAY"
    #: The task's worker or the engine has other work first.
    TURN = "TURN"
    #: Nobody serves the task.
    NO_WORKER = "NO_WORKER"
    #: A test that answers for the workers has no answer.
    NO_ANSWER = "NO_ANSWER"
    #: A JOIN waits for other branches, and one has failed.
    JOIN = "JOIN"
    #: A schedule starts the run later.
    SCHEDULE = "SCHEDULE"
    #: No engine works on the store.
    NO_ENGINE = "NO_ENGINE"


class Holder(NamedTuple):
    """What has one of the slots of a limit."""

    run_id: str
    #: The task; empty for the run itself.
    ref: str
    #: When the slot is free by itself, in epoch milliseconds; 0 for one that is freed when its holder ends.
    expires_at: int


class Held(NamedTuple):
    """A limit that lets nobody in."""

    #: ``task``, ``rate`` or ``runs``.
    kind: str
    holders: tuple[Holder, ...]


class ExplanationContext(NamedTuple):
    """Where to look."""

    #: Tells whether anybody here serves a queue.
    serves: Callable[[str], bool]
    #: Gives a run by its id.
    get: Callable[[str], WorkflowRun]
    #: Epoch milliseconds.
    now: int
    #: Gives the call that completes a task, by the run's id and the task's name; None where nobody can make one.
    completing: Callable[[str, str], str] | None
    #: Gives the limit that an attempt, or with number 0 a run, waits for.
    limit: Callable[[str, int], Held | None] | None = None
    #: Says why nobody answers an attempt, where a test answers for the workers; None of another one.
    unanswered: Callable[[TaskRun], str | None] | None = None


class Place(NamedTuple):
    """An attempt, and from where it is looked at."""

    run: WorkflowRun
    attempt: TaskRun
    outlook: ExplanationContext

    def held(self, kind: str) -> Held | None:
        """Return the limit of a kind that the attempt waits for."""
        limit = self.outlook.limit
        held = None if limit is None else limit(self.run.workflow_id, self.attempt.seq)
        return held if held is not None and held.kind == kind else None


# -- the table ---------------------------------------------------------------------------------------------------------

#: Says what it takes to go on, and what an attempt waits for; None if this is not the cause.
Rule: TypeAlias = Callable[[Place], tuple[NeededFrom, str] | None]


def _human(at: Place) -> tuple[NeededFrom, str] | None:
    return _somebody(at) if at.attempt.task_type == TaskType.HUMAN and _is_begun(at.attempt) else None


def _signal(at: Place) -> tuple[NeededFrom, str] | None:
    return _somebody(at) if waits_for_somebody(at.attempt) else None


def _somebody(at: Place) -> tuple[NeededFrom, str]:
    if at.outlook.completing is None:
        return NeededFrom.SOMEBODY, _NOBODY
    call = at.outlook.completing(at.run.workflow_id, at.attempt.reference_task_name)
    return NeededFrom.SOMEBODY, f"waits for somebody to complete it: {call}"


def _message(at: Place) -> tuple[NeededFrom, str] | None:
    if at.attempt.task_type != TaskType.PULL_WORKFLOW_MESSAGES or at.attempt.status.is_terminal:
        return None
    return NeededFrom.SOMEBODY, f"waits for a message to the run: client.send_message({at.run.workflow_id!r}, …)"


def _webhook(at: Place) -> tuple[NeededFrom, str] | None:
    if at.attempt.task_type != TaskType.WAIT_FOR_WEBHOOK or not _is_begun(at.attempt):
        return None
    matches = shorten(clean(str(at.attempt.input_data.get("matches"))), REASON_MAX)
    return NeededFrom.SOMEBODY, f"waits for a webhook that matches {matches}: client.deliver_webhook(…)"


def _timer(at: Place) -> tuple[NeededFrom, str] | None:
    if at.attempt.task_type != TaskType.WAIT or not _is_begun(at.attempt):
        return None
    duration = at.attempt.input_data.get("duration")
    if not duration:
        return NeededFrom.TIME, f"waits until {at.attempt.input_data.get('until')}"
    return NeededFrom.TIME, f"waits for {duration}{_end_of(at.attempt, duration)}"


def _end_of(attempt: TaskRun, duration: object) -> str:
    """Say when a WAIT ends, if that can be told from its input."""
    try:
        ends = as_datetime(attempt.start_time + 1000 * parse_duration_s(str(duration)))
    except (ValueError, OverflowError):
        return ""
    return f", until {ends:%Y-%m-%d %H:%M:%S} UTC" if ends is not None else ""


def _work(at: Place) -> tuple[NeededFrom, str] | None:
    if not _is_begun(at.attempt):
        return None
    who = f" on {at.attempt.worker_id}" if at.attempt.worker_id else ""
    return NeededFrom.TIME, f"is at work{who} since {_seconds(at.outlook.now - at.attempt.start_time)}"


def _concurrency(at: Place) -> tuple[NeededFrom, str] | None:
    held = at.held("task")
    if held is None:
        return None
    count = f"{len(held.holders)} of {_limited(at.attempt)!r} are at work"
    return NeededFrom.TIME, f"waits for a slot: {count}, which is its concurrency limit ({holders(held)})"


def _rate_limit(at: Place) -> tuple[NeededFrom, str] | None:
    held = at.held("rate")
    if held is None:
        return None
    ends = [holder.expires_at for holder in held.holders if holder.expires_at]
    when = f" in {_seconds(min(ends) - at.outlook.now)}" if ends else ""
    return NeededFrom.TIME, f"waits for its rate limit, {_rate(at.attempt)}; the next begins{when}"


def _callback(at: Place) -> tuple[NeededFrom, str] | None:
    pending = pending_ms(at.attempt, at.outlook.now)
    return (NeededFrom.TIME, f"goes on in {_seconds(pending)}") if pending and at.attempt.poll_count else None


def _retry(at: Place) -> tuple[NeededFrom, str] | None:
    pending = pending_ms(at.attempt, at.outlook.now)
    if not pending or not at.attempt.retry_count:
        return None
    # A retry that waits has the reason of the attempt before it.
    reason = shorten(clean(at.attempt.reason_for_incompletion or ""), REASON_MAX)
    after = f", after: {reason}" if reason else ""
    return (
        NeededFrom.TIME,
        f"waits for retry {at.attempt.retry_count} of {granted(at.attempt)} in {_seconds(pending)}{after}",
    )


def _delay(at: Place) -> tuple[NeededFrom, str] | None:
    pending = pending_ms(at.attempt, at.outlook.now)
    return (NeededFrom.TIME, f"starts in {_seconds(pending)}") if pending else None


def _turn(at: Place) -> tuple[NeededFrom, str] | None:
    if at.attempt.task_type in SYSTEM_TYPES:
        return NeededFrom.TIME, "is under way in the engine, or waits for its turn there"
    is_served = at.outlook.serves(queue_of(at.attempt.task_type, at.attempt.domain))
    return (NeededFrom.TIME, "waits for its turn") if is_served else None


def _no_worker(at: Place) -> tuple[NeededFrom, str] | None:
    where = f" in the domain {at.attempt.domain!r}" if at.attempt.domain else ""
    words = f"waits for a worker, and nobody here serves the task {at.attempt.task_type!r}{where}"
    kind = TASK_KINDS.get(at.attempt.task_type)
    if kind is None or kind.is_system:
        return NeededFrom.WORKER, words
    whose = "of models and agents" if ServerProduct.CONDUCTOR_AI in kind.servers else "that other servers do themselves"
    return NeededFrom.WORKER, f"{words}: it is a type {whose}, and here a worker's; @task(name={kind.name!r}) makes one"


def _no_answer(at: Place) -> tuple[NeededFrom, str] | None:
    why = None if at.outlook.unanswered is None else at.outlook.unanswered(at.attempt)
    return None if why is None else (NeededFrom.SOMEBODY, f"waits for an answer: {why}")


#: What an attempt may wait for, most telling first.
CAUSES: Mapping[Cause, Rule] = {
    Cause.NO_ANSWER: _no_answer,
    Cause.HUMAN: _human,
    Cause.MESSAGE: _message,
    Cause.WEBHOOK: _webhook,
    Cause.SIGNAL: _signal,
    Cause.TIMER: _timer,
    Cause.WORK: _work,
    Cause.CONCURRENCY: _concurrency,
    Cause.RATE_LIMIT: _rate_limit,
    Cause.CALLBACK: _callback,
    Cause.RETRY: _retry,
    Cause.DELAY: _delay,
    Cause.TURN: _turn,
    Cause.NO_WORKER: _no_worker,
}


def holders(held: Held) -> str:
    """Return who holds a limit's slots, as a list of words."""
    names = [
        f"{holder.ref!r} of run {holder.run_id}" if holder.ref else f"run {holder.run_id}" for holder in held.holders
    ]
    more = len(names) - NAMED_MAX
    return ", ".join(names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _rate(attempt: TaskRun) -> str:
    definition = attempt.task_definition
    most = definition.rate_limit_per_frequency if definition is not None else None
    span = (definition.rate_limit_frequency_in_seconds if definition is not None else None) or 1
    return f"{most} of {_limited(attempt)!r} in {span} s"


def _limited(attempt: TaskRun) -> str:
    """Return the name of the task whose limit counts."""
    return attempt.task_def_name or attempt.task_type


def _is_begun(attempt: TaskRun) -> bool:
    return attempt.status is TaskStatus.IN_PROGRESS


def waits_for_somebody(attempt: TaskRun) -> bool:
    """Return whether only a word from outside can end an attempt."""
    is_waiting = attempt.status is TaskStatus.IN_PROGRESS
    is_timed = any(attempt.input_data.get(word) for word in ("duration", "until"))
    is_asking = attempt.task_type in {TaskType.HUMAN, TaskType.YIELD}
    return is_waiting and (is_asking or (attempt.task_type == TaskType.WAIT and not is_timed))


def pending_ms(attempt: TaskRun, now: int) -> int:
    """Return the milliseconds until a worker may take an attempt; 0 if it may now, or has it."""
    if attempt.status is not TaskStatus.SCHEDULED:
        return 0
    if attempt.poll_count:  # its worker asked to be called again
        return max(0, attempt.update_time + in_milliseconds(attempt.callback_after_seconds) - now)
    return max(0, attempt.scheduled_time + in_milliseconds(attempt.start_delay_in_seconds) - now)


def granted(attempt: TaskRun) -> int:
    """Return how many retries the definition grants."""
    step, definition = attempt.workflow_task, attempt.task_definition
    if step is not None and step.retry_count is not None:
        return step.retry_count
    return definition.retry_count if definition is not None else 0


def _seconds(milliseconds: int) -> str:
    return f"{max(0, -(-milliseconds // 1000))} s"
