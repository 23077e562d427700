"""
Spans of OpenTelemetry, for programs that have set it up: what is done for runs, as parts of their traces.

Nothing of OpenTelemetry is imported here before the program has done so, and nothing is done before it has set a
provider of tracers: who wants no spans pays for a look into a dict. Names of attributes are those of OpenTelemetry's
semantic conventions (``http.…``, ``messaging.…``, ``error.type``) where these have one; the others begin with
``podium.``, as there are none for workflows yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from podium.model.tracing import trace_headers
from podium.model.version import own_version

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span as RecordedSpan
    from opentelemetry.trace import Tracer, TracerProvider

#: What an attribute of a span may be.
Value: TypeAlias = "str | int | float | bool"
#: Who does it for whom, as OpenTelemetry tells kinds of spans apart.
Kind: TypeAlias = Literal["INTERNAL", "SERVER", "CLIENT", "CONSUMER"]

#: The provider that was asked last, and its tracer.
_known: tuple[TracerProvider, Tracer] | None = None


class Span:
    """
    Something that is being done; nothing is kept of it where nobody wants spans.

    Attributes:
        trace: Its context, as `podium.model.tracing` has it, for what is done on its behalf; None without spans.
    """

    trace: str | None = None

    def name(self, name: str) -> None:
        """Say better what it is."""

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """Say more of it."""

    def fail(self, kind: str, words: str = "") -> None:
        """
        Say that it has failed.

        Args:
            kind: Of the failure, one of few: the name of an exception, a status.
            words: Why; no secret, for spans go elsewhere.
        """


class _Recorded(Span):
    """A span that is kept."""

    def __init__(self, span: RecordedSpan) -> None:
        self._span = span
        self.trace = _written(span)

    def name(self, name: str) -> None:
        self._span.update_name(name)

    def tell(self, attributes: Mapping[str, Value]) -> None:
        self._span.set_attributes(dict(attributes))

    def fail(self, kind: str, words: str = "") -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_attribute("error.type", kind)
        self._span.set_status(StatusCode.ERROR, words or None)


#: What stands for all spans that nobody wants.
NOTHING: Span = Span()


def are_wanted() -> bool:
    """Return whether the program records spans."""
    return _tracer() is not None


def current_trace() -> str | None:
    """Return the trace context of what is being done here; None without spans, or outside of any."""
    if _tracer() is None:
        return None
    from opentelemetry.trace import get_current_span

    return _written(get_current_span())


def trace_of_start(run_id: str) -> str | None:
    """Return the trace context of a run that is started here; None without spans."""
    return trace_of_run(run_id, current_trace()) if are_wanted() else None


def trace_of_run(run_id: str, trace: str | None) -> str | None:
    """
    Return the trace context of a run that may have none: then it follows from the run's id, the same for all processes.

    Example:
        >>> trace_of_run("018bcfe5-6800-7000-8000-000700000000", None)
        '00-018bcfe5680070008000000700000000-8000000700000000-01'
    """
    if trace is not None:
        return trace
    digits = run_id.replace("-", "")
    return f"00-{digits}-{digits[16:]}-01" if len(digits) == 32 else None


@contextmanager
def span(name: str, kind: Kind, attributes: Mapping[str, Value], *, trace: str | None = None) -> Iterator[Span]:
    """
    Record a span while the block is open, as the current one of this thread or coroutine.

    An exception that leaves the block makes it failed.

    Args:
        name: What is done, one of few.
        kind: For whom.
        attributes: What is known of it.
        trace: The context that it is part of; None for the current one, if there is any.
    """
    tracer = _tracer()
    if tracer is None:
        yield NOTHING
        return
    from opentelemetry.trace import SpanKind

    with tracer.start_as_current_span(
        name,
        context=_context(trace),
        kind=SpanKind[kind],
        attributes=dict(attributes),
        record_exception=False,  # its text may hold a secret
        set_status_on_exception=False,
    ) as recorded:
        made = _Recorded(recorded)
        try:
            yield made
        except BaseException as error:
            made.fail(type(error).__name__)
            raise


def record(
    name: str,
    began_ms: int,
    ended_ms: int,
    attributes: Mapping[str, Value],
    *,
    trace: str | None,
    failure: tuple[str, str] | None,
) -> None:
    """
    Record what is over.

    Args:
        name: What was done, one of few.
        began_ms: When, in epoch milliseconds.
        ended_ms: Until when.
        attributes: What is known of it.
        trace: The context that it was part of.
        failure: The kind of its failure, and why; None if it did well.
    """
    tracer = _tracer()
    if tracer is None:
        return
    begun = tracer.start_span(
        name, context=_context(trace), attributes=dict(attributes), start_time=began_ms * 1_000_000
    )
    if failure is not None:
        _Recorded(begun).fail(*failure)
    begun.end(ended_ms * 1_000_000)


def _tracer() -> Tracer | None:
    """Return what records spans, if the program has set that up."""
    global _known  # noqa: PLW0603  # a provider is one for the process, too
    module: Any = sys.modules.get("opentelemetry.trace")
    ask = getattr(module, "get_tracer_provider", None)
    if ask is None:  # it is not there, or another thread has not loaded it to its end
        return None
    provider = ask()
    if isinstance(provider, module.ProxyTracerProvider | module.NoOpTracerProvider):
        return None
    if _known is None or _known[0] is not provider:
        _known = provider, provider.get_tracer("podium", own_version())
    return _known[1]


def _context(trace: str | None) -> Context | None:
    """Return a trace context as OpenTelemetry has it; None for the current one."""
    if trace is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract(trace_headers(trace))


def _written(span: RecordedSpan) -> str | None:
    """Return the context of a span as one text; None for one that is no part of a trace."""
    context = span.get_span_context()
    if not context.is_valid:
        return None
    parent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
    state = context.trace_state.to_header()
    return f"{parent} {state}" if state else parent
