"""Services: HTTP asked again and again, gRPC, webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.dsl.builders.converting import by_path, in_some_milliseconds, in_some_seconds, one_of, script_text
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.expressions import Script
from podium.dsl.external_steps import HttpResponse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step

__all__ = ["grpc", "poll", "wait_for_event", "wait_for_webhook"]


_METHODS = one_of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_POLL_KEYS = {
    "until": "terminationCondition",
    "every": "pollingInterval",
    "strategy": "pollingStrategy",
    "max_polls": "maxPollCount",
    "connect_timeout": "connectionTimeOut",
    "read_timeout": "readTimeOut",
    "accepted_statuses": "acceptedStatusCodes",
}


@builder(
    "HTTP_POLL",
    output=HttpResponse,
    at=("output", "response"),
    inside="http_request",
    keys=_POLL_KEYS,
    convert={
        "until": script_text,
        "method": _METHODS,
        "every": in_some_seconds,
        "strategy": one_of("FIXED", "LINEAR_BACKOFF", "EXPONENTIAL_BACKOFF"),
        "connect_timeout": in_some_milliseconds,
        "read_timeout": in_some_milliseconds,
    },
)
def poll(
    name: str,
    uri: str,
    /,
    *,
    until: str | Script,
    method: str = "GET",
    every: Duration | None = None,
    strategy: str | None = None,
    max_polls: int | None = None,
    headers: Mapping[str, object] | None = None,
    body: object = None,
    accept: str | None = None,
    content_type: str | None = None,
    connect_timeout: Duration | None = None,
    read_timeout: Duration | None = None,
    encode: bool | None = None,
    accepted_statuses: Sequence[str] | None = None,
    returns: type[T] = ANYTHING,
) -> Step[HttpResponse[T]]:
    """
    Call an HTTP service again and again until its answer says what is wanted (HTTP_POLL).

    Run by: Podium, Orkes. Everywhere else, put `podium.dsl.http` and a `podium.dsl.wait` into a `podium.dsl.loop`.

    Args:
        name: The reference name.
        uri: Where.
        until: JavaScript that is true when it is enough; it reads the answer as ``$.output.response.body``, earlier
            steps as ``$.ref.output``.
        method: ``GET``, ``POST``, ….
        every: Time between two calls; 60 s by default, which is the least that Orkes takes.
        strategy: ``FIXED`` (the default), ``LINEAR_BACKOFF`` or ``EXPONENTIAL_BACKOFF``.
        max_polls: How often at most; 1,000 by default.
        headers: Header name to value.
        body: Sent as JSON, or as it is if it is a text.
        accept: What is accepted; JSON by default.
        content_type: What the body is; JSON by default.
        connect_timeout: Longest time for the connection.
        read_timeout: Longest time for the answer.
        encode: Encode the query of the address; True by default.
        accepted_statuses: The statuses that are no failure, such as ``"2xx"`` and ``"404"``.
        returns: The type of the body.

    Returns:
        The step; ``.output`` is the last answer.

    Example:
        ``web.poll("job", f"{jobs}/{job_id}", until="$.output.response.body.state === 'DONE'", every="2m")``
    """
    declared()


@builder(
    "GRPC",
    at=("output",),
    keys={"use_ssl": "useSSL", "hedge": "hedgingConfig.maxAttempts"},
    convert={
        "method_type": one_of(
            "UNARY", "SERVER_STREAMING", "CLIENT_STREAMING", "BIDI_STREAMING", "BIDIRECTIONAL_STREAMING"
        )
    },
)
def grpc(
    name: str,
    /,
    *,
    host: str,
    port: int,
    method: str,
    request: object = None,
    method_type: str = "UNARY",
    service: str | None = None,
    use_ssl: bool | None = None,
    trust_cert: bool | None = None,
    headers: Mapping[str, object] | None = None,
    input_type: str | None = None,
    output_type: str | None = None,
    hedge: int | None = None,
    returns: type[T] = ANYTHING,
) -> Step[T]:
    """
    Call a gRPC service (GRPC).

    Run by: Orkes.

    Args:
        name: The reference name.
        host: The server.
        port: Its port.
        method: The method.
        request: What it is given.
        method_type: ``UNARY``, ``SERVER_STREAMING``, ``CLIENT_STREAMING`` or ``BIDI_STREAMING``.
        service: The service as it is registered.
        use_ssl: Encrypt the connection.
        trust_cert: Take any certificate.
        headers: Header name to value.
        input_type: Name of the request's schema.
        output_type: Name of the answer's schema.
        hedge: Ask so many times at once, and take the first answer; only for what may be asked twice.
        returns: The type of the answer.
    """
    declared()


@builder("WAIT_FOR_WEBHOOK", at=("output",), convert={"matches": by_path})
def wait_for_webhook(name: str, /, *, matches: Mapping[str, object], returns: type[T] = ANYTHING) -> Step[T]:
    """
    Wait until somebody calls a webhook with what is wanted (WAIT_FOR_WEBHOOK).

    Run by: Podium, Orkes. Podium's engine is told of a call by ``client.deliver_webhook(payload)``.

    Args:
        name: The reference name.
        matches: Path in the payload, such as ``$['event']['type']``, to the value there; all must fit.
        returns: The type of the payload.

    Returns:
        The step; ``.output`` is the payload.
    """
    declared()


@builder("WAIT_FOR_EVENT", at=("output",))
def wait_for_event(name: str, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Wait for an event (WAIT_FOR_EVENT), a type that Conductor's editor knows and nobody documents.

    Run by: no server that is documented. Use `podium.dsl.wait` and an event handler.

    Args:
        name: The reference name.
        returns: The type of the output.
        inputs: Its inputs.
    """
    declared()
