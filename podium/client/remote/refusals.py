"""What a server's refusal means, as the errors that every client raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from podium.client.remote.calls import HttpAnswer, HttpCall, NoAnswer
from podium.model import errors
from podium.model.errors import (
    AccessDenied,
    AlreadyExists,
    AnswerLost,
    DefinitionError,
    Fault,
    IllegalTransition,
    InvalidRequest,
    LimitExceeded,
    NotOffered,
    PodiumError,
    RunNotFound,
    RunUndone,
    ScheduleNotFound,
    ServerBusy,
    ServerFailed,
    ServerUnreachable,
    TaskNotFound,
    WorkflowNotFound,
)
from podium.model.texts import clean, shorten
from podium.model.values import JsonValue

#: Longest message of a server that is passed on.
_WORDS_MAX = 2_000

#: What servers say where a path leads to nothing at all.
NO_PATH = re.compile(
    r"No static resource|No handler found|NoSuchPath|No endpoint|^Not Found$|no such path", re.IGNORECASE
)

#: What says "not now": a request that came too slowly or too early, too many of them, a server that starts or ends.
BUSY = frozenset({408, 425, 429, 502, 503, 504})

#: What stands between says these if the server does not answer it: it may have been done.
BETWEEN = frozenset({502, 504})

#: How Conductor begins what it says of things that are not there, whatever else may be missing.
_MISSING = (
    (re.compile(r"No such workflow( found)? by id|Workflow .* not found|No such run", re.IGNORECASE), RunNotFound),
    (re.compile(r"No such (workflow found )?by name|No such workflow definition", re.IGNORECASE), WorkflowNotFound),
    (re.compile(r"No such (task|taskType)|Task not found|Task .* not found", re.IGNORECASE), TaskNotFound),
    (re.compile(r"schedule", re.IGNORECASE), ScheduleNotFound),
)

#: What Conductor says, with a 500, of requests that are wrong by themselves.
_WRONG = (
    (re.compile(r"^JSON parse error"), InvalidRequest),
    (re.compile(r"^The task referenced by .* does not exist"), IllegalTransition),
    (re.compile(r"already exists"), AlreadyExists),
)

#: What Conductor says, with a 500, of a request that does not fit the state of a run.
_STATE = re.compile(r"not PAUSED|is not RUNNING|is not in|terminal state|Cannot \w+|already", re.IGNORECASE)

#: Errors that say by themselves what they mean, by their names; the code of a body is one of these.
_BY_NAME: Mapping[str, type[PodiumError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type)
    and issubclass(kind, PodiumError)
    and not issubclass(kind, DefinitionError | errors.BackendError | errors.InternalError)
}


def refusal(call: HttpCall, answer: HttpAnswer, base: str) -> PodiumError:
    """
    Return the error that an answer means.

    Args:
        call: What was asked.
        answer: One that is not good.
        base: Where the server is.
    """
    body = answer.error
    words = _words(answer)
    code = body.get("code")
    if isinstance(code, str) and code in _BY_NAME:
        return _named(_BY_NAME[code], words, body)
    faults = _faults(body)
    if answer.status in {400, 422} and faults:
        return DefinitionError(faults) if call.path.startswith("/metadata") else InvalidRequest(_listed(words, faults))
    if answer.status in {404, 405, 501}:
        return _missing(call, answer, words, base)
    if answer.status == 409:
        return call.conflict(words)
    if answer.status in {401, 403}:
        return AccessDenied(
            f"{base} refuses {call.method} {call.path} ({answer.status}): {words}; {_keys(answer.status)}"
        )
    if answer.status == 413:
        return LimitExceeded(words)
    if answer.status in BUSY:
        return _not_now(call, answer.status, words, base)
    if answer.status >= 500:
        return _failed(call, answer, words, base)
    if answer.status == 400:
        return InvalidRequest(words)
    if 300 <= answer.status < 400:
        place = answer.headers.get("location", "elsewhere")
        return InvalidRequest(f"{base} sends {call.method} {call.path} on to {place}; connect to that address instead")
    return InvalidRequest(_answered(call, answer, words, base))


def is_final(answer: HttpAnswer) -> bool:
    """Return whether an answer names what is wrong with the request itself, so that it does not help to ask again."""
    code = answer.error.get("code")
    kind = _BY_NAME.get(code) if isinstance(code, str) else None
    return kind is not None and issubclass(kind, errors.RequestError)


def named_refusal(body: Mapping[str, JsonValue]) -> PodiumError:
    """Return the error that an object tells of by its code and message; one of many that a server answers at once."""
    code, words = str(body.get("code")), str(body.get("message"))
    return _named(_BY_NAME.get(code, InvalidRequest), words, body)


def unreachable(call: HttpCall, outcome: NoAnswer, base: str) -> PodiumError:
    """Return the error that says that there is no answer."""
    if outcome.was_sent:
        return _lost(call, outcome.why, base)
    advice = "see that the certificate is trusted: tls=podium.client.Tls(ca=...)" if outcome.is_hopeless else _ADVICE
    return ServerUnreachable(f"{base} cannot be reached ({outcome.why}); nothing was changed; {advice}")


def _not_now(call: HttpCall, status: int, words: str, base: str) -> PodiumError:
    if status in BETWEEN and call.method != "GET":
        return _lost(call, f"{status}: {words}", base)
    return ServerBusy(f"{base} takes no {call.method} {call.path} for now ({status}): {words}")


def _lost(call: HttpCall, why: str, base: str) -> AnswerLost:
    advice = "look whether it has happened before you ask again"
    if call.path.startswith("/workflow") and call.method == "POST":
        advice += "; a start with idempotency_key= and idempotency_strategy='RETURN_EXISTING' may be repeated"
    return AnswerLost(f"{base} broke off {call.method} {call.path} ({why}): perhaps it was done; {advice}")


_ADVICE = "see that the server runs, such as with 'podium server', and that the address is right"


def lacks(what: str, kind: str, base: str) -> NotOffered:
    """Return the error that says that a server of another kind has no such operation."""
    return NotOffered(f"{what} is Podium's own, and {base} is {kind}")


def _named(kind: type[PodiumError], words: str, body: Mapping[str, JsonValue]) -> PodiumError:
    if kind is not RunUndone:
        return kind(words)
    more: Any = body.get("metadata")
    more = more if isinstance(more, dict) else {}
    return RunUndone(
        words,
        run_id=str(more.get("runId", "")),
        steps=[str(step) for step in more.get("steps", ())],
        advice=str(more.get("advice", "")),
        may_force=bool(more.get("mayForce")),
    )


def _failed(call: HttpCall, answer: HttpAnswer, words: str, base: str) -> PodiumError:
    """Return what a server means that has failed, or, being Conductor's, says so of what is wrong with the request."""
    if call.method == "DELETE" and words.startswith("No such"):
        return call.missing(words)  # Conductor's registry says it so
    for pattern, kind in _WRONG:
        if pattern.search(words):
            return kind(words)
    if call.conflict is IllegalTransition and _STATE.search(words):
        return IllegalTransition(words)
    return ServerFailed(_answered(call, answer, words, base))


def _answered(call: HttpCall, answer: HttpAnswer, words: str, base: str) -> str:
    return f"{base} answered {call.method} {call.path} with {answer.status}: {words}"


def _missing(call: HttpCall, answer: HttpAnswer, words: str, base: str) -> PodiumError:
    if answer.status != 404 or not answer.error or NO_PATH.search(words):
        return NotOffered(f"{base} has no {call.method} {call.path} ({answer.status}): {words}")
    for pattern, kind in _MISSING:
        if pattern.search(words):
            return kind(words)
    return call.missing(words)


def _words(answer: HttpAnswer) -> str:
    message = answer.error.get("message")
    if not isinstance(message, str) or not message:
        message = answer.error.get("error")
    if not isinstance(message, str) or not message:
        message = (
            answer.text if answer.content and "<html" not in answer.text[:200].lower() else f"status {answer.status}"
        )
    return shorten(clean(message), _WORDS_MAX)


def _faults(body: Mapping[str, JsonValue]) -> list[Fault]:
    given = body.get("validationErrors")
    found: list[Any] = given if isinstance(given, list) else []
    return [Fault(_place(one.get("path")), str(one.get("message"))) for one in found if isinstance(one, dict)]


def _place(path: JsonValue) -> str:
    """Return where a fault is, without the names that Conductor's validation puts before it."""
    return re.sub(
        r"^\w+\.(workflowDef|workflowDefList|taskDefinition|taskDefinitions|taskDef)\b\.?", "", str(path or "")
    )


def _listed(words: str, faults: list[Fault]) -> str:
    return f"{words} {'; '.join(map(str, faults))}"


def _keys(status: int) -> str:
    if status == 403:
        return "the key may not do that"
    return "give key_id= and key_secret=, or set CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET"
