"""The engine's news, for whoever runs it: a line in the log for each failure, and marks for those who wait."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from podium.engine.news import (
    AttemptFailed,
    Compensated,
    Listener,
    News,
    Overdue,
    RunEnded,
    RunStarted,
    ScheduleTurned,
    TaskUnserved,
)
from podium.model.texts import clean, shorten

log: logging.Logger = logging.getLogger("podium")

#: Longest reason in a line of the log.
_REASON_MAX = 500

#: Most runs that are remembered for what undoes them.
_REMEMBERED_MAX = 1_000


class EngineLog:
    """
    Listens to one engine.

    Attributes:
        unserved: How many attempts have become ready for which there was no worker here.
        compensations: Failure runs that were started here, by the run that failed; the newest ones.
        listeners: Are told of everything too; they must return at once and raise nothing.
    """

    def __init__(self) -> None:
        self.unserved: int = 0
        self.compensations: dict[str, str] = {}
        self.listeners: list[Listener] = []

    def tell(self, news: Sequence[News]) -> None:
        """Take what is new; called by the kernel's thread."""
        for listener in self.listeners:
            listener(news)
        tells_all = log.isEnabledFor(logging.INFO)
        for each in news:
            if isinstance(each, RunStarted | RunEnded):
                if tells_all:
                    text = line_of_end(each) if isinstance(each, RunEnded) else line_of_start(each)
                    log.info("%s", text, extra=_fields(each))
            elif isinstance(each, AttemptFailed):
                log.warning("%s", line_of(each), extra=_fields(each))
            elif isinstance(each, Overdue):
                log.warning("%s", line_of_overdue(each), extra=_fields(each))
            elif isinstance(each, ScheduleTurned):
                log.log(*line_of_schedule(each), extra={"run_id": each.firing.run_id, "schedule": each.name})
            elif isinstance(each, TaskUnserved):
                self.unserved += 1
                if tells_all:
                    words = f"run {each.run_id} waits: nobody serves the task {clean(each.queue)!r}"
                    log.info("%s", words, extra=_fields(each))
            elif isinstance(each, Compensated):
                self.compensations[each.run_id] = each.failure_run_id
                if len(self.compensations) > _REMEMBERED_MAX:
                    del self.compensations[next(iter(self.compensations))]


#: What a record of the log says beside its line, and what the news call it.
_FIELDS = {
    "run_id": "run_id",
    "task_id": "task_id",
    "workflow": "workflow_name",
    "step": "ref",
    "attempt": "attempt",
    "status": "status",
    "reason": "reason",
    "took_ms": "took_ms",
    "task": "queue",
}


def _fields(news: News) -> dict[str, object]:
    found = {field: getattr(news, name, None) for field, name in _FIELDS.items()}
    return {field: value for field, value in found.items() if value is not None}


def line_of_start(started: RunStarted) -> str:
    """
    Return the line for a run that has begun.

    Example:
        >>> line_of_start(RunStarted("01a2", "order", 3, None))
        'run 01a2 of order: started, version 3'
    """
    parent = f", as a sub-workflow of run {started.parent_id}" if started.parent_id else ""
    return f"run {started.run_id} of {clean(started.workflow_name)}: started, version {started.version}{parent}"


def line_of_end(ended: RunEnded) -> str:
    """
    Return the line for a run that has ended.

    Example:
        >>> line_of_end(RunEnded("01a2", "order", "FAILED", "no route", 1500))
        'run 01a2 of order: FAILED in 1.5 s: no route'
    """
    reason = f": {shorten(ended.reason, _REASON_MAX)}" if ended.reason else ""
    took = f"{ended.took_ms / 1000:g} s"
    return f"run {ended.run_id} of {clean(ended.workflow_name)}: {ended.status} in {took}{reason}"


def line_of_overdue(late: Overdue) -> str:
    """
    Return the line for what takes longer than its timeout, and goes on.

    Example:
        >>> line_of_overdue(Overdue("01a2", "order", "charge", "Task timed out after 5 seconds"))
        "run 01a2 of order: 'charge' goes on: Task timed out after 5 seconds"
    """
    step = f": {clean(late.ref)!r}" if late.ref is not None else ""
    return f"run {late.run_id} of {clean(late.workflow_name)}{step} goes on: {late.reason}"


def line_of_schedule(turned: ScheduleTurned) -> tuple[int, str]:
    """Return the level and the line for what became of a moment of a schedule."""
    firing = turned.firing
    moment = datetime.fromtimestamp(firing.scheduled_at / 1000, UTC).isoformat()
    run = f" run {firing.run_id} of {clean(turned.workflow_name)}" if firing.run_id else ""
    reason = f": {shorten(firing.reason, _REASON_MAX)}" if firing.reason else ""
    level = logging.WARNING if firing.outcome.is_bad else logging.INFO
    return level, f"schedule {clean(turned.name)}: {firing.outcome}{run} for {moment}{reason}"


def line_of(failed: AttemptFailed) -> str:
    r"""
    Return the line for an attempt that has failed.

    Example:
        >>> line_of(AttemptFailed("01a2", "order", "charge", 1, "failed", "OSError: no\nroute", "retry 1 of 3 in 60 s"))
        "run 01a2 of order: 'charge' attempt 1 failed: OSError: no route; retry 1 of 3 in 60 s"
    """
    reason = f": {shorten(failed.reason, _REASON_MAX)}" if failed.reason else ""
    subject = f"run {failed.run_id} of {clean(failed.workflow_name)}: {clean(failed.ref)!r}"
    return f"{subject} attempt {failed.attempt} {failed.ended}{reason}; {failed.follows}"
