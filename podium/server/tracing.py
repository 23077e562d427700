"""Spans of the requests to a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from podium.model.spans import NOTHING, Span, Value, are_wanted, span
from podium.model.tracing import trace_in
from podium.server.routing import Route

#: What is asked again and again, so that it says nothing of any run: polls, and whether the server lives.
_IDLE = ("/api/tasks/poll", "/api/podium/workers/", "/health", "/api/health", "/metrics", "/actuator")
#: Results of workers: of attempts there are spans already, so it is one only as a part of something.
_RESULTS = ("/api/tasks", "/api/tasks/update-v2", "/api/podium/tasks/update")


@contextmanager
def request_span(scope: Mapping[str, Any]) -> Iterator[Span]:
    """Record a request while the block is open, as a part of the trace that it came with."""
    path: str = scope["path"]
    if not are_wanted() or path.startswith(_IDLE):
        yield NOTHING
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    trace = trace_in(headers)
    if trace is None and (path.rstrip("/") in _RESULTS or _is_log(scope["method"], path)):
        yield NOTHING
        return
    attributes: dict[str, Value] = {"http.request.method": scope["method"], "url.path": path}
    attributes["url.scheme"] = scope.get("scheme", "http")
    if scope.get("server"):
        attributes |= zip(("server.address", "server.port"), scope["server"], strict=False)
    if scope.get("client"):
        attributes["client.address"] = scope["client"][0]
    if "user-agent" in headers:
        attributes["user_agent.original"] = headers["user-agent"]
    with span(scope["method"], "SERVER", attributes, trace=trace) as made:
        yield made


def _is_log(method: str, path: str) -> bool:
    """Return whether a worker sends a line that it has logged for an attempt."""
    return method == "POST" and path.startswith("/api/tasks/") and path.endswith("/log")


def tell_route(made: Span, route: Route) -> None:
    """Say which row of the table a request has found."""
    made.name(f"{route.method} {route.full_path}")
    made.tell({"http.route": route.full_path})


def tell_answer(made: Span, status: int) -> None:
    """Say how a request was answered."""
    made.tell({"http.response.status_code": status})
    if status >= 500:
        made.fail(str(status))
