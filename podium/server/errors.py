"""Errors as Conductor's API tells them (``ApplicationExceptionMapper.java``, ``ValidationExceptionMapper.java``)."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Mapping
from typing import Any

from podium.model.errors import (
    BackendError,
    Conflict,
    DefinitionError,
    EngineStopped,
    Fault,
    InboxFull,
    InternalError,
    InvalidRequest,
    LimitExceeded,
    NoResult,
    NotFound,
    PodiumError,
    RunTimeout,
    Shortage,
    StoreError,
)
from podium.server.answers import Answer, json_answer

_log = logging.getLogger("podium.server")

#: Who answers.
_INSTANCE = socket.gethostname()


class Refusal(PodiumError):
    """
    A refusal with a status of its own, such as a path that nobody has.

    Args:
        status: Of HTTP.
        message: Why.
        headers: What goes with it.
        more: Further keys of the body.
    """

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = tuple((key.encode(), value.encode()) for key, value in (headers or {}).items())
        self.more = more


class InvalidBody(InvalidRequest):
    """
    A body breaks rules of its fields.

    Args:
        faults: The fields and what is wrong with them.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


#: The status of each error; the first row that fits counts.
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (NoResult, 409),
    (InboxFull, 429),
    (InvalidRequest, 400),
    (DefinitionError, 400),
    (LimitExceeded, 400),
    (RunTimeout, 408),
    (StoreError, 503),
    (Shortage, 503),
    (EngineStopped, 503),
    (BackendError, 500),
    (InternalError, 500),
)
#: What goes by itself: trying again is worth it.
_PASSING = (StoreError, Shortage, EngineStopped)


def status_of(error: Exception, refusals: Mapping[type[Exception], int]) -> int:
    """Return the status of an error; *refusals* are those of the route."""
    if isinstance(error, Refusal):
        return error.status
    for kind, status in (*refusals.items(), *STATUS):
        if isinstance(error, kind):
            return status
    return 500


def error_answer(
    error: Exception, refusals: Mapping[type[Exception], int], about: str, ids: Mapping[str, str] | None = None
) -> Answer:
    """
    Return the answer that tells of an error; of a bug it tells nothing but that it is one.

    Args:
        error: What happened.
        refusals: The statuses of the route.
        about: What was asked for, for the log.
        ids: The run and the attempt that it was about, as records of the log name them.
    """
    status = status_of(error, refusals)
    if isinstance(error, DefinitionError | InvalidBody):
        return json_answer(_validation_body(error), status)
    if not isinstance(error, PodiumError) or isinstance(error, InternalError):
        _log.error("%s failed because of a bug", about, exc_info=error, extra=ids)
        return json_answer(error_body(500, "Internal server error"), 500)
    if status >= 500:
        _log.warning("%s: %s", about, error, extra=ids)
    body = error_body(status, str(error), is_retryable=isinstance(error, _PASSING))
    if isinstance(error, Refusal):
        return json_answer(body | error.more, status)._replace(headers=error.headers)
    return json_answer(body | {"code": type(error).__name__}, status)


def error_body(status: int, message: str, *, is_retryable: bool = False) -> dict[str, Any]:
    """Return the body that tells of an error."""
    return {"status": status, "message": message, "instance": _INSTANCE, "retryable": is_retryable}


def _validation_body(error: DefinitionError | InvalidBody) -> dict[str, Any]:
    faults = [{"path": fault.path, "message": fault.message, "invalidValue": None} for fault in error.faults]
    message = "Validation failed, check below errors for detail."
    return {"status": 400, "message": message, "retryable": False, "validationErrors": faults}
