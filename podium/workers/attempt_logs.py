"""What workers log of each attempt: one line, with what it was as fields of the record."""

from __future__ import annotations

import logging

from podium.model.assignments import Assignment, Report
from podium.model.payloads import dump
from podium.model.statuses import TaskStatus
from podium.model.texts import clean, shorten

_log = logging.getLogger("podium.workers")

#: Longest reason in a line.
_REASON_MAX = 500
_SECRET = b"${workflow.secrets."  # how a reference to a secret begins


def may_be_told(assignment: Assignment) -> bool:
    """Return whether the reason of an attempt's failure can hold neither a secret nor what its run masks."""
    return assignment.hidden is None and _SECRET not in dump(assignment.input)


def tell(assignment: Assignment, report: Report, seconds: float) -> None:
    """
    Log how an attempt ended, at INFO.

    If it failed, the record's ``reason`` says why, and its ``traceback`` is what the attempt logged last: where the
    function raised. Neither is there if the attempt had secrets in its input, or its run masks fields: the engine,
    which blots them out, tells the reason.
    """
    number = assignment.retry_count + 1
    fields: dict[str, object] = {
        "run_id": assignment.run_id,
        "task_id": assignment.task_id,
        "workflow": assignment.workflow_name,
        "task": assignment.queue,
        "step": assignment.ref,
        "attempt": number,
        "status": report.status.value,
        "took_ms": round(seconds * 1000),
    }
    reason = ""
    has_failed = report.status in {TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR}
    if has_failed and report.reason and may_be_told(assignment):
        fields["reason"] = report.reason
        reason = f": {shorten(report.reason, _REASON_MAX)}"
        if report.logs:
            fields["traceback"] = report.logs[-1][1]
    words = f"task {clean(assignment.queue)} of run {assignment.run_id}, attempt {number}: {report.status.value}"
    _log.info("%s in %.3g s%s", words, seconds, reason, extra=fields)
