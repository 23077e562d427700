"""Steps that wait for something outside: an HTTP service, a moment, a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, ClassVar, Generic

from attrs import frozen

from podium.dsl.arguments import checked_arguments
from podium.dsl.messaging import milliseconds_of
from podium.dsl.refs import Ref, refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step
from podium.model.durations import parse_duration_s, parse_until
from podium.model.statuses import TaskType
from podium.typed.authored import Authored


@frozen(kw_only=True)
class HttpResponse(Generic[T]):
    """The answer of an `http` step."""

    __wire_names__: ClassVar[Mapping[str, str]] = {"status_code": "statusCode", "reason": "reasonPhrase"}

    status_code: int
    #: Parsed if it is JSON, else text.
    body: T
    #: Header name, as the server wrote it, to its values.
    headers: Mapping[str, list[str]]
    #: Such as ``OK``.
    reason: str


@checked_arguments
def http(
    name: str,
    uri: str | None = None,
    /,
    *,
    returns: type[T] = ANYTHING,
    url: str | None = None,
    method: str = "GET",
    headers: Mapping[str, object] | None = None,
    body: object = None,
    accept: str | None = None,
    content_type: str | None = None,
    connect_timeout: Duration | None = None,
    read_timeout: Duration | None = None,
    connect_timeout_ms: int | None = None,
    read_timeout_ms: int | None = None,
    encode: bool | None = None,
    accepted_statuses: Sequence[str] | None = None,
    hedge: int | None = None,
    flat: bool = False,
) -> Step[HttpResponse[T]]:
    """
    Call an HTTP service (HTTP).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        uri: Where.
        url: Another word for it.
        returns: The type of the body, so that its fields are checked.
        method: ``GET``, ``POST``, ….
        headers: Header name to value.
        body: Sent as JSON, or as it is if it is a text.
        accept: What is accepted; JSON by default.
        content_type: What the body is; JSON by default.
        connect_timeout: Longest time for the connection; Conductor's default is 3 s.
        read_timeout: Longest time for the answer; Conductor's default is 3 s.
        connect_timeout_ms: The same in milliseconds.
        read_timeout_ms: The same in milliseconds.
        encode: Encode the query of the address (Orkes; True by default).
        accepted_statuses: The statuses that are no failure, such as ``"2xx"`` and ``"404"`` (Orkes).
        hedge: Ask so many times at once, and take the first answer (Orkes); only for what may be asked twice.
        flat: Write the inputs side by side, as newer definitions do, and not inside ``http_request``.

    Returns:
        The step; ``.output`` has ``status_code``, ``body``, ``headers`` and ``reason``.
    """
    where = uri if uri is not None else url
    if where is None or (uri is not None and url is not None) or (isinstance(where, str) and not where):
        refuse(f"http {name!r} needs one address")
    if isinstance(hedge, int) and hedge < 1:
        refuse(f"http {name!r}: hedge={hedge} must be 1 or more")
    request = {
        "uri": where,
        "method": method.upper() if isinstance(method, str) and "${" not in method else method,
        "headers": headers,
        "body": body,
        "accept": accept,
        "contentType": content_type,
        "connectionTimeOut": _timeout("connect_timeout", connect_timeout, connect_timeout_ms),
        "readTimeOut": _timeout("read_timeout", read_timeout, read_timeout_ms),
        "encode": encode,
        "acceptedStatusCodes": accepted_statuses,
        "hedgingConfig": None if hedge is None else {"maxAttempts": hedge},
    }
    given = {key: value for key, value in request.items() if value is not None}
    body_type: Any = returns
    return Step(
        name,
        type=TaskType.HTTP.value,
        inputs=given if flat else {"http_request": given},
        returns=HttpResponse[body_type],
        keys=("output", "response"),
    )


def _timeout(setting: str, length: Duration | None, in_ms: int | None) -> Authored:
    if length is not None and in_ms is not None:
        refuse(f"{setting}= and {setting}_ms= say the same; give one of them")
    given = in_ms if length is None else milliseconds_of(length, setting)
    if type(given) is int and given < 1:
        refuse(f"{setting}={length if in_ms is None else in_ms!r} must be longer than nothing")
    return given


@checked_arguments
def wait(name: str, /, *, duration: object = None, until: object = None, returns: type[T] = ANYTHING) -> Step[T]:
    """
    Wait for a time, or for an update from outside (WAIT).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        duration: How long: a text such as ``"10 seconds"`` or ``"1 day 2h"``, whole seconds or a timedelta.
        until: Until when: ``"2026-12-24 18:00"``, with or without a time zone behind it, or a datetime. There are no
            seconds; a datetime is rounded up to the minute.
        returns: What the update from outside brings, if there is one.

    Raises:
        AuthoringError: P1, both are given, or one cannot be read.
    """
    if duration is not None and until is not None:
        refuse(f"wait {name!r} takes duration= or until=, not both")
    inputs: dict[str, Authored] = {}
    if duration is not None:
        inputs["duration"] = _duration(duration)
    if until is not None:
        inputs["until"] = _until(until)
    return Step(name, type=TaskType.WAIT.value, inputs=inputs, returns=returns)


def _duration(value: object) -> Authored:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not isfinite(value) or value < 0 or value != int(value):
            refuse(f"duration={value!r} must be whole seconds: Conductor counts no finer")
        return f"{int(value)} seconds"
    if isinstance(value, str) and "${" not in value:
        try:
            parse_duration_s(value)
        except ValueError as error:
            refuse(str(error))
    elif not isinstance(value, str | Ref):
        refuse(f"duration={value!r:.40} is no duration; write a text such as '10 seconds'")
    return value


def _until(value: object) -> Authored:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            refuse("until= needs a datetime with a time zone: without one it would mean the server's zone")
        if value.second or value.microsecond:
            value = value.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, str) and "${" not in value:
        try:
            parse_until(value, UTC)
        except ValueError as error:
            refuse(f"{error}; write '2026-12-24 18:00', a zone may follow")
    elif not isinstance(value, str | Ref):
        refuse(f"until={value!r:.40} is no point of time")
    return value


@checked_arguments
def human(name: str, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Ask a person (HUMAN); it waits until somebody completes it. `podium.dsl.people` asks with Orkes' forms.

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        returns: What the answer holds.
        inputs: What the person gets to see.
    """
    return Step(name, type=TaskType.HUMAN.value, inputs=inputs, returns=returns)
