"""
HTTP: what the task's input asks to send, and what the answer means for the task.

Conductor: ``HttpTask.java``. The request itself is sent by an `podium.engine.service_ports.HttpSender`, off the
kernel's thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from podium.engine.service_ports import HttpRefused, HttpReply, HttpRequest, HttpSender
from podium.engine.tasks.outcome import InvalidInputError, Outcome, done
from podium.expressions.text import java_text
from podium.model import json_text
from podium.model.json_text import kind_of, shown
from podium.model.payloads import dump
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

#: Milliseconds, when the input says nothing (Conductor: ``HttpTask.Input``).
_TIMEOUT_MS = 3_000
#: Beyond it a double does not hold every whole number.
_EXACT_MAX = 2**53

#: Most requests that are sent at once for one task.
_COPIES_MAX = 10

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


async def perform(
    task_input: Mapping[str, JsonValue], sender: HttpSender, trace: Mapping[str, str] | None = None
) -> Outcome:
    """
    Send the request of an HTTP task.

    Args:
        task_input: The task's input; the request is under ``http_request`` or the input itself.
        sender: Sends it.
        trace: Headers that pass a trace context on, unless the request has its own.

    Returns:
        COMPLETED for a 2xx answer (IN_PROGRESS with ``asyncComplete``), FAILED_WITH_TERMINAL_ERROR where a repetition
        cannot help, else FAILED.
    """
    request = task_input.get("http_request")
    if request is None:
        request = task_input
    try:
        wire = _request(request, trace or {})
    except InvalidInputError as error:
        return Outcome(TaskStatus.FAILED, {}, str(error))
    try:
        response = await sender.send(wire)
    except HttpRefused as error:
        return _failed(str(error), TaskStatus.FAILED_WITH_TERMINAL_ERROR)
    except OSError as error:
        return _failed(str(error))
    if _is_accepted(response.status_code, request):
        return done(task_input, {"response": _answer(response, _body(response))})
    if response.status_code >= 400:
        body = response.content.decode(response.encoding, "replace")
        shown = f'"{body[:1000]}"' if body else "[no body]"
        return _failed(f"{response.status_code} {response.reason_phrase}: {shown}")
    return Outcome(TaskStatus.FAILED, {"response": _answer(response, None)}, "No response from the remote service")


def _is_accepted(status: int, request: JsonValue) -> bool:
    """Return whether an answer is none that fails the task: 2xx, or what ``acceptedStatusCodes`` says (Orkes)."""
    accepted = request.get("acceptedStatusCodes") if isinstance(request, Mapping) else None
    if not accepted:
        return 200 <= status < 300
    codes = accepted if isinstance(accepted, list) else [accepted]
    return any(_has_status(java_text(code), status) for code in codes)


def _has_status(code: str, status: int) -> bool:
    """
    Return whether a status is a code, such as ``404`` or ``2xx``.

    Example:
        >>> _has_status("404", 404), _has_status("2xx", 204), _has_status("2XX", 302)
        (True, True, False)
    """
    text = str(status)
    return len(code) == len(text) and all(one in {digit, "x", "X"} for one, digit in zip(code, text, strict=True))


def _failed(text: str, status: TaskStatus = TaskStatus.FAILED) -> Outcome:
    return Outcome(status, {"response": text}, f"Failed to invoke HTTP task due to: {text}")


def _request(request: JsonValue, trace: Mapping[str, str]) -> HttpRequest:
    if not isinstance(request, Mapping):
        raise InvalidInputError(f"http_request must be an object, not {kind_of(request)}")
    uri, method = request.get("uri"), request.get("method")
    if not uri:
        raise InvalidInputError("Missing HTTP URI.  See documentation for HttpTask for required input parameters")
    if not method:
        raise InvalidInputError("No HTTP method specified")
    if not _METHOD.fullmatch(java_text(method)):
        raise InvalidInputError(f"{shown(method)} is no HTTP method; write for example GET or POST")
    headers = request.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise InvalidInputError(f"headers must be an object, not {kind_of(headers)}")
    content_type = java_text(request.get("contentType") or "application/json")
    body = request.get("body")
    sent = {str(name): java_text(value) for name, value in headers.items() if value is not None}
    names = {name.lower() for name in sent}
    if "traceparent" not in names:
        sent |= trace
    if "accept" not in names:
        accept = request.get("accept") or "application/json"
        sent["Accept"] = ", ".join(map(java_text, accept)) if isinstance(accept, list) else java_text(accept)
    if body is not None and "content-type" not in names:
        sent["Content-Type"] = content_type
    return HttpRequest(
        method=java_text(method).upper(),
        url=java_text(uri),
        headers=sent,
        content=_content(body, content_type),
        connect_timeout_s=_seconds(request, "connectionTimeOut"),
        read_timeout_s=_seconds(request, "readTimeOut"),
        copies=_copies(request),
        is_good=lambda status: _is_accepted(status, request),
        is_encoded=java_text(request.get("encode")).lower() == "false",
    )


def _copies(request: Mapping[str, JsonValue]) -> int:
    """Return how many requests are sent at once, of which the first that is answered well counts (Orkes)."""
    config = request.get("hedgingConfig")
    most = config.get("maxAttempts") if isinstance(config, Mapping) else config
    if most is None or most == "":
        return 1
    text = java_text(most)
    if isinstance(most, bool) or not text.isdecimal() or not 1 <= int(text) <= _COPIES_MAX:
        raise InvalidInputError(
            f"hedgingConfig.maxAttempts must be a whole number from 1 to {_COPIES_MAX}, not {shown(most)}"
        )
    return int(text)


def _content(body: JsonValue, content_type: str) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    if "form-urlencoded" in content_type:
        raise InvalidInputError("a form body must be given as the encoded text, such as 'a=1&b=2'")
    return dump(body)


def _seconds(request: Mapping[str, JsonValue], key: str) -> float:
    value = request.get(key)
    try:
        number = value if isinstance(value, int | float) else str(value)
        length = float(number) / 1000 if value else _TIMEOUT_MS / 1000
    except (ValueError, OverflowError):
        length = -1
    if not 0 < length < float("inf"):
        raise InvalidInputError(f"{key} must be a number of milliseconds, not {shown(value)}")
    return length


def _answer(response: HttpReply, body: JsonValue) -> dict[str, JsonValue]:
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name, []).append(value)
    return {
        "headers": headers,
        "reasonPhrase": response.reason_phrase,
        "body": body,
        "statusCode": response.status_code,
    }


def _body(response: HttpReply) -> JsonValue:
    if not response.content:
        return None
    text = response.content.decode(response.encoding, "replace")
    try:
        value: Any = json_text.read(text)
    except ValueError:
        return text
    # Conductor keeps objects, lists and numbers (as doubles) and gives every other JSON value as its text.
    if isinstance(value, bool) or value is None:
        return text.strip()
    return float(value) if isinstance(value, int) and abs(value) <= _EXACT_MAX else value
