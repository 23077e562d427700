"""Spans of runs, recorded by the process that sees them end."""

from __future__ import annotations

from collections.abc import Sequence

from podium.engine.news import News, RunEnded
from podium.model.spans import Value, are_wanted, record, trace_of_run
from podium.model.statuses import RunStatus


def tell_spans(news: Sequence[News]) -> None:
    """Record the runs that have ended; a listener of the newsroom."""
    if not are_wanted():
        return
    for each in news:
        if isinstance(each, RunEnded):
            _record(each)


def _record(ended: RunEnded) -> None:
    attributes: dict[str, Value] = {
        "podium.workflow.name": ended.workflow_name,
        "podium.workflow.version": ended.version,
        "podium.run.id": ended.run_id,
        "podium.run.status": ended.status,
    }
    record(
        f"run {ended.workflow_name}",
        ended.ended_at - ended.took_ms,
        ended.ended_at,
        attributes,
        trace=trace_of_run(ended.run_id, ended.trace),
        failure=None if RunStatus(ended.status).is_successful else (ended.status, ended.reason or ""),
    )
