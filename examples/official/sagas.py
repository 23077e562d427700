"""
Orders that are undone when they fail: by a workflow of their own that reads what the failed run has done.

Podium's ``step.undo(...)`` writes such a workflow by itself (docs/authoring.md); these are written out, as the
originals are: docs/devguide/cookbook/assets/saga-order-*.json and docs/devguide/how-tos/Workflows/handling-errors.md in
conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from podium import HttpResponse, Step, failure, http, jq, ref, switch, task, workflow

SHOP = "http://localhost:8088"

T = TypeVar("T")


def post(name: str, path: str, key: str, body: dict[str, Any], returns: type[T]) -> Step[HttpResponse[T]]:
    """Ask the shop to do something; asking again with the same key does nothing more."""
    return http(
        name,
        f"{SHOP}/{path}",
        method="POST",
        headers={"Idempotency-Key": key},
        body=body,
        connect_timeout_ms=10_000,
        read_timeout_ms=40_000,
        returns=returns,
    )


def patiently(step: Step[Any]) -> None:
    """Try a refund or a release longer than anything else."""
    step.opts(
        retries=5,
        retry_logic="EXPONENTIAL_BACKOFF",
        retry_delay="5s",
        response_timeout="30s",
        timeout="5m",
        timeout_policy="TIME_OUT_WF",
    )


@attrs.frozen
class Done:
    """What a failed order has already done."""

    done: list[str]
    orderId: str
    undoPayment: bool
    undoInventory: bool


@workflow(timeout="15m")
def saga_order_compensation(
    reason: str,
    workflowId: str,
    failureStatus: str,
    failureTaskId: str,
    failedWorkflow: dict[str, Any],
) -> Any:
    """Undo what a failed order has done, the last thing first."""
    found = """
        [.failed.tasks[]? | select(.status == "COMPLETED").referenceTaskName] as $done
        | {$done, orderId: (.failed.input.orderId // "unknown"),
           undoPayment: any($done[]; . == "charge_payment"), undoInventory: any($done[]; . == "reserve_inventory")}
    """
    done = jq("completed_steps", found, failed=failedWorkflow, returns=Done).opts(task_name="determine_what_completed")
    order = done.output.orderId
    undo_payment, undo_inventory = done.output.undoPayment, done.output.undoInventory
    refunding = switch("route_refund", undo_payment, input_name="undoPayment").opts(task_name="route_payment_refund")
    with refunding, refunding.case("true"):
        why = {"orderId": order, "reason": reason}
        patiently(post("refund_payment", "payments/refund", f"{order}-refund", why, dict))
    releasing = switch("route_release", undo_inventory, input_name="undoInventory")
    with releasing.opts(task_name="route_inventory_release"), releasing.case("true"):
        patiently(post("release_inventory", "inventory/release", f"{order}-release", {"orderId": order}, dict))
    return {
        "compensatedOrder": order,
        "stepsCompleted": done.output.done,
        "paymentRefunded": done.output.undoPayment,
        "inventoryReleased": done.output.undoInventory,
        "originalFailure": reason,
    }


@attrs.frozen
class Reserved:
    """Goods put aside."""

    reservationId: str


@attrs.frozen
class Charged:
    """Money taken."""

    chargeId: str


@workflow(timeout="10m", failure_workflow=saga_order_compensation)
def saga_order_fulfillment(orderId: str, amount: float, shipmentStatus: str) -> Any:
    """Reserve, charge and ship, each in a way that may be repeated."""
    goods = {"orderId": orderId, "action": "reserve"}
    held = post("reserve_inventory", "inventory/reserve", f"{orderId}-reserve", goods, Reserved)
    bill = {"orderId": orderId, "amount": amount}
    charged = post("charge_payment", "payments/charge", f"{orderId}-charge", bill, Charged)
    path = f"shipping/book?status={shipmentStatus}"
    post("book_shipment", path, f"{orderId}-ship", {"orderId": orderId}, dict).opts(
        retries=1,
        retry_logic="EXPONENTIAL_BACKOFF",
        retry_delay="2s",
        response_timeout="30s",
        timeout="1m",
        timeout_policy="TIME_OUT_WF",
    )
    return {
        "orderId": orderId,
        "reservationId": held.output.body.reservationId,
        "chargeId": charged.output.body.chargeId,
    }


@attrs.frozen
class Transaction:
    """A payment, as the bank calls it."""

    transactionId: str


@attrs.frozen
class Shipment:
    """A parcel on its way."""

    shipmentId: str


@task(retry_logic="EXPONENTIAL_BACKOFF", retry_delay="5s")
def charge_payment(orderId: str, customerId: str, amount: float) -> Transaction:
    """Take the money."""
    return Transaction(transactionId=f"T-{orderId}")


@task(retry_delay="3s")
def reserve_inventory(orderId: str, items: list[str], paymentTransactionId: str) -> Reserved:
    """Put goods aside."""
    return Reserved(reservationId=f"R-{orderId}")


@task(retry_delay="10s")
def arrange_shipping(orderId: str, shippingAddress: str, items: list[str], inventoryReservationId: str) -> Shipment:
    """Book a parcel."""
    return Shipment(shipmentId=f"S-{orderId}")


@task(retry_delay="5s")
def cancel_shipment(orderId: str, shipmentId: str) -> None:
    """Stop a parcel."""


@task(retry_delay="5s")
def restore_inventory(orderId: str, reservationId: str) -> None:
    """Put goods back."""


@task(retry_logic="EXPONENTIAL_BACKOFF", retry_delay="10s")
def refund_payment(orderId: str, transactionId: str, amount: float) -> None:
    """Give the money back."""


@workflow(owner="order-team@example.com", timeout="20m", timeout_policy="ALERT_ONLY")
def order_compensation() -> None:
    """Undo what a failed order has done; what was not done is undone without harm."""
    given = failure().failed_workflow.input
    order = given["orderId"]

    def output_of(step: str, key: str) -> Any:
        return ref(f"workflow.input.failedWorkflow.tasks[{step}].output.{key}")

    cancelled = cancel_shipment.as_("cancel_shipment_ref")(order, output_of("arrange_shipping_ref", "shipmentId"))
    cancelled.opts(optional=True, retries=3)
    restored = restore_inventory.as_("restore_inventory_ref")(
        order, output_of("reserve_inventory_ref", "reservationId")
    )
    restored.opts(optional=True, retries=3)
    transaction = output_of("charge_payment_ref", "transactionId")
    refund_payment.as_("refund_payment_ref")(order, transaction, given["totalAmount"]).opts(retries=5)


@workflow(owner="order-team@example.com", timeout="10m", status_listener=True, failure_workflow=order_compensation)
def order_processing(orderId: str, customerId: str, items: list[str], totalAmount: float, shippingAddress: str) -> None:
    """Charge, reserve and ship."""
    paid = charge_payment.as_("charge_payment_ref")(orderId, customerId, totalAmount).opts(retries=2)
    held = reserve_inventory.as_("reserve_inventory_ref")(orderId, items, paid.output.transactionId).opts(retries=2)
    sent = arrange_shipping.as_("arrange_shipping_ref")(orderId, shippingAddress, items, held.output.reservationId)
    sent.opts(retries=1)


@workflow(owner="conductor@example.com")
def shipping_failure() -> None:
    """Tell the team that a run has failed."""
    failed = failure()
    told = http(
        "send_slack_message",
        "https://hooks.slack.com/services/<_unique_Slack_generated_key_>",
        method="POST",
        headers={"Content-type": "application/json"},
        body={"text": f"workflow: {failed.workflow_id} failed. {failed.reason}"},
        connect_timeout_ms=5000,
        read_timeout_ms=5000,
    )
    told.opts(task_name="slack_message", retries=3)


if __name__ == "__main__":
    print(saga_order_fulfillment.describe())
