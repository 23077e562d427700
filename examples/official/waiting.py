"""
Workflows that wait: for somebody's word, for a moment, for an event; and those that send the event.

Originals: docs/devguide/cookbook/wait-and-timers.md, docs/devguide/cookbook/sending-signals.md,
docs/devguide/cookbook/examples/events, docs/devguide/labs/eventhandlers.md in conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any

import attrs

from podium import event, http, set_variable, task, wait, workflow

API = "https://api.example.com"


@attrs.frozen
class Approval:
    """Who said yes."""

    approvedBy: str


@workflow
def order_with_manual_approval(orderId: str, amount: float) -> None:
    """Let somebody approve an order before it goes out."""
    http("validate", f"{API}/orders/{orderId}/validate").opts(task_name="validate_order")
    approval = wait("approval", returns=Approval).opts(task_name="wait_for_approval")
    who = {"approvedBy": approval.output.approvedBy}
    http("fulfill", f"{API}/orders/{orderId}/fulfill", method="POST", body=who).opts(task_name="fulfill_order")


@attrs.frozen
class Report:
    """A report that is ready."""

    reportId: str


@task
def prepare_report() -> Report:
    """Write a report."""
    return Report(reportId="R-1")


@workflow
def scheduled_report(reportDate: str) -> None:
    """Write a report now and publish it at its time."""
    ready = prepare_report.as_("prepare")()
    wait("schedule_wait", until=reportDate).opts(task_name="wait_until_publish_time")
    report = {"reportId": ready.output.reportId}
    http("publish", f"{API}/reports/publish", method="POST", body=report).opts(task_name="publish_report")


@workflow
def order_approval(orderId: str) -> Any:
    """Wait for a signal, and give it to whoever started the run."""
    approval = wait("approval").opts(task_name="wait_for_approval")
    return {"orderId": orderId, "approval": approval.output}


@workflow
def wait_for_order_approval(orderId: str) -> Any:
    """Wait until an event handler completes the step."""
    approval = wait("approval").opts(task_name="wait_for_approval")
    return {"approval": approval.output}


@workflow
def publish_order_event(orderId: str, status: str) -> None:
    """Tell everybody who listens how an order stands."""
    event("publish_order_status", "conductor:order-status", orderId=orderId, status=status, eventVersion=1)


@workflow
def fulfill_order(orderId: str, sourceEventId: str) -> Any:
    """Begin when an event says so, and remember which one it was."""
    set_variable("record_fulfillment_start", orderId=orderId, sourceEventId=sourceEventId)
    return {"orderId": orderId}


@workflow(name="test_workflow_for_eventHandler")
def starts_another_by_event() -> None:
    """Publish an event whose handler starts the other workflow, and wait for it."""
    event("start_workflow_with_event", "conductor").opts(task_name="test_start_workflow_event")
    wait("test_task_tobe_completed_by_eventHandler")


@workflow(name="test_workflow_startedBy_eventHandler")
def started_by_event(sourceWorkflowId: str) -> None:
    """Publish the event whose handler completes the step that waits."""
    published = event("complete_task_with_event", "conductor", sourceWorkflowId=sourceWorkflowId)
    published.opts(task_name="test_complete_task_event")


if __name__ == "__main__":
    print(order_with_manual_approval.describe())
