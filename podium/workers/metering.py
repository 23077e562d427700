"""
What pools of workers do, counted by task for Prometheus.

The text is written by prometheus-client: it has no dependencies, and knows the format, buckets and escapes better than
we would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from podium.model.assignments import Assignment, Report

#: Most kinds of failures that are told apart; the rest is ``other``.
_KINDS_MAX = 200


class PoolMeter:
    """Counts what pools of workers do; a `podium.workers.reporter.Observer`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._given = self._counter("podium_task_polled", "Attempts that were handed to the workers here.", "task")
        self._ended = self._counter("podium_task_attempts", "Attempts that ended here.", "task", "status")
        self._failed = self._counter("podium_task_failures", "Attempts whose functions raised.", "task", "kind")
        self._seconds = Histogram(
            "podium_task_seconds", "How long an attempt took here.", ["task"], registry=self._registry
        )
        self._running = Gauge("podium_tasks_running", "Attempts in work here.", registry=self._registry)
        self._concurrency = Gauge("podium_worker_concurrency", "Most attempts at once.", registry=self._registry)
        self._kinds: dict[str, None] = {}

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def watch(self, running: Callable[[], int], concurrency: int) -> None:
        """Show how much is in work, and how much may be."""
        self._running.set_function(running)
        self._concurrency.set(concurrency)

    def show(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Show a further number, which is asked for when somebody looks."""
        Gauge(name, about, registry=self._registry).set_function(value)

    def given(self, assignments: Sequence[Assignment]) -> None:
        """Count attempts that were handed over; they may go back before they begin."""
        for each in assignments:
            self._given.labels(each.queue).inc()

    def ended(self, assignment: Assignment, report: Report, seconds: float, failure: str) -> None:
        """Count an attempt that has ended."""
        self._ended.labels(assignment.queue, report.status.value).inc()
        self._seconds.labels(assignment.queue).observe(seconds)
        if failure:
            self._failed.labels(assignment.queue, self._kind(failure)).inc()

    def _kind(self, failure: str) -> str:
        if failure not in self._kinds:
            if len(self._kinds) >= _KINDS_MAX:
                return "other"
            self._kinds[failure] = None
        return failure

    def text(self) -> bytes:
        """Return what Prometheus reads."""
        return generate_latest(self._registry)
