"""What callers give, checked before it reaches the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve

from podium.engine.rows import RunFilter
from podium.model.attempts import TaskLog, TaskResult
from podium.model.durations import exact_seconds
from podium.model.errors import InvalidRequest
from podium.model.run_facts import RunSummary
from podium.model.statuses import REPORTABLE, IdempotencyStrategy, ReturnStrategy, RunStatus, TaskStatus
from podium.model.texts import is_unicode, shown
from podium.model.values import JsonValue
from podium.typed.plain import UnwritableError, written

#: Most runs of a page, as Conductor has it.
_PAGE_MAX: Final = 5_000
#: The largest whole number of a store.
_WHOLE_MAX: Final = (1 << 63) - 1


def checked_object(given: Mapping[str, object] | None, subject: str) -> dict[str, JsonValue]:
    """
    Return a JSON object as the store will give it back; the engine's own copy, so its caller may change the original.

    Args:
        given: The object; values that Python has and JSON has not are written as workers read them.
        subject: What it is called in messages, such as ``the input``.

    Raises:
        InvalidRequest: It is no object, or something in it cannot be written as JSON; the message names the place.
    """
    if given is None:
        return {}
    try:
        copy: JsonValue = written(given, subject)
    except UnwritableError as error:
        raise InvalidRequest(f"{subject} is not JSON: {error}") from None
    if not isinstance(copy, dict):
        raise InvalidRequest(f"{subject} must be a JSON object, not {type(given).__name__}")
    return copy


def checked_domains(given: Mapping[str, str] | None) -> dict[str, str]:
    """
    Return worker domains by task type.

    Raises:
        InvalidRequest: It is no object of texts.
    """
    domains = checked_object(given, "task_to_domain")
    named = {task: domain for task, domain in domains.items() if isinstance(domain, str)}
    if len(named) < len(domains):
        raise InvalidRequest(f"task_to_domain must map task names (or '*') to domains, not {given!r:.60}")
    for domain in named.values():
        checked_text(domain, "task_to_domain")
    return named


def checked_text(given: str | None, subject: str) -> str | None:
    """
    Return a text that the store can keep, or None.

    Raises:
        InvalidRequest: It is no text, or no Unicode, or has a U+0000 in it.
    """
    if given is None:
        return None
    if not isinstance(given, str):
        raise InvalidRequest(f"{subject} must be a text, not {type(given).__name__}")
    if not is_unicode(given):
        raise InvalidRequest(f"{subject} is a text that is no Unicode ({given!r:.40})")
    if "\0" in given:
        raise InvalidRequest(f"{subject} holds the character U+0000, which not every database can keep ({given!r:.40})")
    return given


def checked_span(given: object, subject: str) -> tuple[int | None, int | None]:
    """
    Return the first and the last moment of a span in epoch milliseconds; None for one that is open, or not given.

    Raises:
        InvalidRequest: It is no pair of moments.
    """
    if given is None:
        return None, None
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise InvalidRequest(f"{subject} is a first and a last moment, such as (monday, None), not {shown(given)}")
    for at in given:
        if at is not None and not isinstance(at, datetime):
            raise InvalidRequest(f"{subject}: a datetime or None is expected, not {shown(at)}")
    return checked_moment(given[0]), checked_moment(given[1])


def checked_filter(where: RunFilter) -> RunFilter:
    """
    Return what runs are asked for, as every store can be asked.

    Raises:
        InvalidRequest: A text or a number is one that no store has.
    """
    for name, value in zip(where._fields, where, strict=True):
        if isinstance(value, int):
            checked_whole(value, name)
        else:
            checked_text(value, name)
    return where


def checked_whole(given: int, subject: str, least: int = -_WHOLE_MAX) -> int:
    """
    Return a whole number of at most 64 bits, as stores have them.

    Raises:
        InvalidRequest: It is larger, or less than the least.
    """
    if not least <= given <= _WHOLE_MAX:
        span = "of at most 64 bits" if abs(given) > _WHOLE_MAX else f"from {least} upwards"
        raise InvalidRequest(f"{subject}={given!r:.60}: a whole number {span} is expected")
    return given


def checked_limit(given: object) -> int:
    """
    Return how many are wanted at most.

    Raises:
        InvalidRequest: It is no whole number, or less than 1.
    """
    if type(given) is int and 0 < given <= _WHOLE_MAX:
        return given
    raise InvalidRequest(f"limit={given!r:.60}: a whole number from 1 upwards is expected")


def whole_search(page: object, conditions: Mapping[str, Any]) -> tuple[dict[str, Any], int, set[str]]:
    """
    Return what is asked page by page, how many runs a page has, and the ids of runs that were seen: none yet.

    What starts while the pages are read would move their ends, so only what has started before is asked for; what
    starts within the same millisecond moves them all the same, and a run that comes twice is passed over.

    Raises:
        InvalidRequest: The page has no size, or the conditions bound what is to be all.
    """
    if isinstance(page, bool) or not isinstance(page, int) or not 0 < page <= _PAGE_MAX:
        raise InvalidRequest(f"page={shown(page)}: a whole number from 1 to {_PAGE_MAX:,} is expected")
    bounds = conditions.keys() & {"limit", "offset"}
    if bounds:
        raise InvalidRequest(f"{', '.join(sorted(bounds))}: all runs are given; search(...) takes bounds")
    first, last = conditions.get("started") or (None, None)
    return {**conditions, "started": (first, datetime.now(UTC) if last is None else last)}, page, set()


def is_new(run: RunSummary, seen: set[str]) -> bool:
    """Return whether a run has not been seen, and note that it is now."""
    is_first = run.workflow_id not in seen
    seen.add(run.workflow_id)
    return is_first


def checked_moment(given: datetime | None) -> int | None:
    """
    Return a moment in epoch milliseconds, or None.

    Raises:
        InvalidRequest: The operating system has no such local time.
    """
    try:
        return None if given is None else round(given.timestamp() * 1_000)
    except (OverflowError, ValueError, OSError):
        raise InvalidRequest(f"{given} is out of range; give it a zone, such as datetime.now(timezone.utc)") from None


def checked_length(given: float | str | timedelta, subject: str) -> float:
    """
    Return a length of time in seconds, to the millisecond.

    Raises:
        InvalidRequest: It is none, or negative.
    """
    try:
        return exact_seconds(given)
    except (ValueError, TypeError, AttributeError):
        raise InvalidRequest(
            f"{subject}: a length of time is expected, such as 60, '1m', '250ms' or a timedelta, not {shown(given)}"
        ) from None


def checked_strategy(given: IdempotencyStrategy | str) -> IdempotencyStrategy:
    """
    Return an idempotency strategy.

    Raises:
        InvalidRequest: It is none that the engine has.
    """
    try:
        return IdempotencyStrategy(given)
    except ValueError:
        listed = _listed(IdempotencyStrategy)
        raise InvalidRequest(f"idempotency_strategy must be one of {listed}, not {given!r}") from None


def checked_strategy_of_return(given: ReturnStrategy | str) -> ReturnStrategy:
    """
    Return what a caller wants to get.

    Raises:
        InvalidRequest: It is none of what there is.
    """
    try:
        return ReturnStrategy(given)
    except ValueError:
        raise InvalidRequest(f"return_strategy must be one of {_listed(ReturnStrategy)}, not {given!r}") from None


def checked_run_status(given: RunStatus | str) -> RunStatus:
    """
    Return the status that a search asks for.

    Raises:
        InvalidRequest: No run can have it.
    """
    try:
        return RunStatus(given)
    except ValueError:
        raise InvalidRequest(f"status must be one of {_listed(RunStatus)}, not {given!r}") from None


def checked_report(status: TaskStatus | str) -> TaskStatus:
    """
    Return the status that somebody outside reports.

    Raises:
        InvalidRequest: Only the engine gives it.
    """
    if not isinstance(status, str) or status not in REPORTABLE:
        raise InvalidRequest(f"a task cannot be reported as {status!s}; use one of {_listed(sorted(REPORTABLE))}")
    return TaskStatus(status)


def checked_result(given: object) -> TaskResult:
    """
    Return what somebody outside says of an attempt, each field as the engine takes it.

    Raises:
        InvalidRequest: It is no `TaskResult`, or one of its fields has a wrong value; the message names the field.
    """
    if not isinstance(given, TaskResult):
        raise InvalidRequest(f"a TaskResult is expected, not {shown(given)}")
    for name in ("task_id", "workflow_instance_id", "reason_for_incompletion", "worker_id", "sub_workflow_id"):
        value = getattr(given, name)
        if value is not None and not isinstance(value, str):
            raise InvalidRequest(f"{name} must be a text, not {type(value).__name__}")
    if not all(isinstance(line, TaskLog) for line in given.logs):
        raise InvalidRequest("logs takes lines such as TaskLog(log='half of it is done')")
    checked_lines(line.log for line in given.logs)
    return evolve(
        given,
        status=checked_report(given.status),
        output_data=checked_object(given.output_data, "output_data"),
        callback_after_seconds=checked_length(given.callback_after_seconds, "callback_after_seconds"),
    )


def checked_lines(given: object) -> list[str]:
    """
    Return lines of a log.

    Raises:
        InvalidRequest: They are no texts.
    """
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping):
        raise InvalidRequest(f"logs takes lines, such as ['half of it is done'], not {shown(given)}")
    lines = list(given)
    for line in lines:
        if not isinstance(line, str):
            raise InvalidRequest(f"logs takes lines of text, not {shown(line)}")
    return lines


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
