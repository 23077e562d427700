"""
What ``/metrics`` says, for Prometheus.

Requests and attempts are counted as they come; what the engine and the store know is looked at when it is asked for.
The text is written by prometheus-client: it knows the format, buckets and escapes better than we would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from podium.engine.counts import Counts
from podium.engine.news import News, RunEnded, RunStarted
from podium.server.routing import Route

CONTENT_TYPE: bytes = CONTENT_TYPE_LATEST.encode()

#: Seconds: requests that wait for nobody take some milliseconds, long polls some seconds.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
#: Most task types and workflows that are told apart; the rest is ``other``.
_NAMES_MAX = 1_000


class MeteredEngine(Protocol):
    """What is asked of the engine at each look."""

    @property
    def counts(self) -> Counts:
        """What it has done so far."""


class MeteredAudit(Protocol):
    """What is asked of the audit at each look."""

    #: How many changes are written, and how many could be said in the log only.
    written: int
    unwritten: int


class Meter:
    """
    Counts what a server does. Belongs to the event loop, but for `tell`.

    Args:
        engine: The kernel.
        audit: What writes who has changed what.
    """

    def __init__(self, engine: MeteredEngine, audit: MeteredAudit) -> None:
        self._registry = CollectorRegistry()
        self._engine = engine
        self._audit = audit
        self._queues: Mapping[str, int] = {}
        self._waiting = 0
        self._requests = self._counter("podium_http_requests", "Requests.", "method", "path", "status")
        self._seconds = self._histogram("podium_http_request_seconds", "How long requests took.", "method", "path")
        self._handed = self._counter("podium_task_handouts", "Attempts that workers were given.", "task")
        self._waits = self._histogram(
            "podium_task_queue_seconds", "How long attempts waited for a worker.", "task", buckets=(*_BUCKETS, 60, 600)
        )
        self._work = self._histogram(
            "podium_task_work_seconds",
            "From the hand-out of an attempt to the worker's result.",
            "task",
            buckets=(*_BUCKETS, 60, 600),
        )
        self._results = self._counter("podium_task_results", "Results of workers.", "task", "status")
        self._started = self._counter("podium_runs_started", "Runs that began here.", "workflow")
        self._ended = self._counter("podium_runs_ended", "Runs that ended here.", "workflow", "status")
        self._names: dict[str, None] = {}
        self._registry.register(self)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, *labels: str, buckets: Sequence[float] = _BUCKETS) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self._registry)

    def _named(self, name: str) -> str:
        """Return a label that callers chose; there is an end to how many are told apart."""
        if name not in self._names:
            if len(self._names) >= _NAMES_MAX:
                return "other"
            self._names[name] = None
        return name

    def request(self, route: Route, status: int, seconds: float) -> None:
        """Count a request that has found its row."""
        self._requests.labels(route.method, route.full_path, status).inc()
        self._seconds.labels(route.method, route.full_path).observe(seconds)

    def handed(self, task_type: str, waited_ms: int) -> None:
        """Count an attempt that a worker was given."""
        task = self._named(task_type)
        self._handed.labels(task).inc()
        self._waits.labels(task).observe(waited_ms / 1000)

    def result(self, task_type: str, status: str, seconds: float | None) -> None:
        """Count a result of a worker, and the seconds since its attempt was handed out, where that was here."""
        task = self._named(task_type)
        self._results.labels(task, status).inc()
        if seconds is not None:
            self._work.labels(task).observe(seconds)

    def tell(self, news: Sequence[News]) -> None:
        """Hear of runs that begin and end; called by the engine's thread."""
        for each in news:
            if isinstance(each, RunStarted):
                self._started.labels(self._named(each.workflow_name)).inc()
            elif isinstance(each, RunEnded):
                self._ended.labels(self._named(each.workflow_name), each.status).inc()

    def text(self, queues: Mapping[str, int], waiting: int) -> bytes:
        """
        Return what Prometheus reads.

        Args:
            queues: How many attempts lie open, by queue.
            waiting: How many polls wait.
        """
        self._queues, self._waiting = queues, waiting
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield what is looked at; called by the registry."""
        depth = GaugeMetricFamily("podium_queue_depth", "Attempts that wait for a worker.", labels=["queue"])
        for queue, size in self._queues.items():
            depth.add_metric([queue], size)
        yield depth
        yield GaugeMetricFamily("podium_polls_waiting", "Polls that wait for an attempt.", value=self._waiting)
        counts = self._engine.counts
        for name, text, value in (
            ("podium_decisions", "Events that the engine decided.", counts.decisions),
            ("podium_commits", "Commits of the engine.", counts.commits),
            ("podium_commit_seconds", "Seconds that all commits took.", counts.commit_s),
            ("podium_timers", "Timers that fired.", counts.timers),
            ("podium_audit_records", "Changes that were written into the audit.", self._audit.written),
            ("podium_audit_unwritten", "Changes that are in the log only.", self._audit.unwritten),
            ("podium_timers_late", "Timers that fired more than a second late.", counts.late_timers),
        ):
            yield CounterMetricFamily(name, text, value=value)
