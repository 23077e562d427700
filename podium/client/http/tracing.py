"""Spans of the requests of HTTP tasks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from attrs import evolve

from podium.engine.service_ports import HttpReply, HttpRequest, HttpSender
from podium.model.assignments import Assignment
from podium.model.spans import Value, span, trace_of_run
from podium.model.tracing import trace_headers


class TracedSender:
    """
    Sends the requests of one attempt, each as a span of its run's trace; whom it asks is told to be a part of that.

    Args:
        sender: What sends them.
        assignment: The attempt, with its secrets not yet put in.
    """

    def __init__(self, sender: HttpSender, assignment: Assignment) -> None:
        self._sender = sender
        self._assignment = assignment

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send a request; see `podium.engine.service_ports.HttpSender`."""
        assignment = self._assignment
        trace = trace_of_run(assignment.run_id, assignment.trace)
        attributes = {**_about(request, assignment), "podium.task.reference_name": assignment.ref}
        with span(request.method, "CLIENT", attributes, trace=trace) as made:
            response = await self._sender.send(self._as_part_of(request, made.trace))
            made.tell({"http.response.status_code": response.status_code})
            if response.status_code >= 400:
                made.fail(str(response.status_code))
            return response

    def _as_part_of(self, request: HttpRequest, trace: str | None) -> HttpRequest:
        """Return a request with the context of its span, unless its author gave it another one."""
        own = {name: value for name, value in request.headers.items() if name.lower() == "traceparent"}
        if trace is None or own != trace_headers((self._assignment.trace or "").partition(" ")[0]):
            return request
        kept = {name: value for name, value in request.headers.items() if name.lower() != "tracestate"}
        return evolve(request, headers={**kept, **trace_headers(trace)})


def _about(request: HttpRequest, assignment: Assignment) -> dict[str, Value]:
    """Return what may be said of a request: of its address what holds neither a secret nor a value that is masked."""
    found: dict[str, Value] = {"http.request.method": request.method, "podium.run.id": assignment.run_id}
    try:
        real = urlsplit(request.url)
        found |= {"server.address": real.hostname or "", "url.scheme": real.scheme}
        found["server.port"] = real.port or (443 if real.scheme == "https" else 80)
    except ValueError:
        return found  # what is wrong with it, the sender says
    given = assignment.input.get("http_request")
    written = (given if isinstance(given, Mapping) else assignment.input).get("uri")
    if isinstance(written, str) and assignment.hidden is None:
        address = written.partition("?")[0].partition("#")[0]
        scheme, _, rest = address.partition("://")
        found["url.full"] = f"{scheme}://{rest.rpartition('@')[2]}" if rest else address
    return found
