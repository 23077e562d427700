"""What callers give, checked before it reaches the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from podium.engine.records import dump, parse
from podium.model.errors import InvalidRequest
from podium.model.statuses import REPORTABLE, IdempotencyStrategy, RunStatus, TaskStatus
from podium.model.values import JsonValue

_STRATEGIES = (IdempotencyStrategy.FAIL, IdempotencyStrategy.RETURN_EXISTING)


def checked_object(given: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    """
    Give a JSON object as the store will give it back; the engine's own copy, so its caller may change the original.

    Raises:
        InvalidRequest: It is no JSON object.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidRequest(f"a JSON object is expected, not {type(given).__name__}")
    try:
        copy: dict[str, JsonValue] = parse(dump(given))
    except TypeError as error:
        raise InvalidRequest(f"this is not JSON: {error}") from error
    return copy


def checked_strategy(given: IdempotencyStrategy | str) -> IdempotencyStrategy:
    """
    Give an idempotency strategy.

    Raises:
        InvalidRequest: It is none that the engine has.
    """
    if given not in _STRATEGIES:
        raise InvalidRequest(f"idempotency_strategy must be one of {_listed(_STRATEGIES)}, not {given!r}")
    return IdempotencyStrategy(given)


def checked_run_status(given: RunStatus | str) -> RunStatus:
    """
    Give the status that a search asks for.

    Raises:
        InvalidRequest: No run can have it.
    """
    try:
        return RunStatus(given)
    except ValueError:
        raise InvalidRequest(f"status must be one of {_listed(RunStatus)}, not {given!r}") from None


def checked_report(status: TaskStatus | str) -> TaskStatus:
    """
    Give the status that somebody outside reports.

    Raises:
        InvalidRequest: Only the engine gives it.
    """
    if status not in REPORTABLE:
        raise InvalidRequest(f"a task cannot be reported as {status!s}; use one of {_listed(sorted(REPORTABLE))}")
    return TaskStatus(status)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
