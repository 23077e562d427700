"""The engine's news, for whoever runs it: a line in the log for each failure, and marks for those who wait."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from podium.engine.news import AttemptFailed, Compensated, News, Overdue, ScheduleTurned, Unserved
from podium.model.schedules import Outcome
from podium.model.texts import clean, shorten

log: logging.Logger = logging.getLogger("podium")

#: Longest reason in a line of the log.
_REASON_MAX = 500

#: Most runs that are remembered for what undoes them.
_REMEMBERED_MAX = 1_000


class Newsroom:
    """
    Listens to one engine.

    Attributes:
        unserved: How many attempts have become ready for which there was no worker here.
        compensations: Failure runs that were started here, by the run that failed; the newest ones.
    """

    def __init__(self) -> None:
        self.unserved: int = 0
        self.compensations: dict[str, str] = {}

    def tell(self, news: Sequence[News]) -> None:
        """Take what is new; called by the kernel's thread."""
        for each in news:
            if isinstance(each, AttemptFailed):
                log.warning("%s", line_of(each), extra={"run_id": each.run_id})
            elif isinstance(each, Overdue):
                log.warning("%s", line_of_overdue(each), extra={"run_id": each.run_id})
            elif isinstance(each, ScheduleTurned):
                log.log(*line_of_schedule(each), extra={"run_id": each.firing.run_id, "schedule": each.name})
            elif isinstance(each, Unserved):
                self.unserved += 1
            elif isinstance(each, Compensated):
                self.compensations[each.run_id] = each.failure_run_id
                if len(self.compensations) > _REMEMBERED_MAX:
                    del self.compensations[next(iter(self.compensations))]


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
    level = logging.WARNING if firing.outcome in {Outcome.FAILED, Outcome.MISSED} else logging.INFO
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
