"""The span of an attempt: a worker's part of the trace of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from podium.model.assignments import Report
from podium.model.spans import Span, Value, span, trace_of_run
from podium.workers.attempt_logs import may_be_told
from podium.workers.attempts import Attempt


@contextmanager
def attempt_span(attempt: Attempt) -> Iterator[Span]:
    """Record an attempt while the block is open; what its function does there is a part of it."""
    assignment = attempt.assignment
    attributes: dict[str, Value] = {
        "messaging.system": "podium",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": assignment.queue,
        "messaging.message.id": assignment.task_id,
        "messaging.message.conversation_id": assignment.run_id,
        "messaging.client.id": attempt.reporter.worker_id,
        "podium.workflow.name": assignment.workflow_name,
        "podium.run.id": assignment.run_id,
        "podium.task.reference_name": assignment.ref,
        "podium.task.attempt": assignment.retry_count + 1,
    }
    trace = trace_of_run(assignment.run_id, assignment.trace)
    with span(f"process {assignment.queue}", "CONSUMER", attributes, trace=trace) as made:
        yield made


def tell_end(made: Span, attempt: Attempt, report: Report) -> Report:
    """Say how an attempt ended, and why where the log may say that too; gives the report."""
    made.tell({"podium.task.status": report.status.value})
    if attempt.failure:
        made.fail(attempt.failure, (report.reason or "") if may_be_told(attempt.assignment) else "")
    return report
