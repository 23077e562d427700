"""
Services called at the same time, one of several ways, and with a person in between.

Originals: docs/devguide/cookbook/microservice-orchestration.md, docs/devguide/how-tos/conductor-skills.md in
conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any

import attrs

from podium import fork, http, human, if_, join, js, switch, workflow

API = "https://api.example.com"


@workflow
def enrich_customer_data(customerId: str) -> Any:
    """Ask three services about a customer at the same time."""
    credit = http("credit", f"{API}/credit/{customerId}").opts(task_name="get_credit_score")
    purchases = http("purchases", f"{API}/purchases/{customerId}").opts(task_name="get_purchase_history")
    tickets = http("tickets", f"{API}/support/{customerId}").opts(task_name="get_support_tickets")
    gathered = join("join", on=[credit, purchases, tickets]).opts(task_name="join_results")
    fork("fork", [credit], [purchases], [tickets], join=gathered).opts(task_name="parallel_enrichment")
    return {
        "creditScore": credit.output.body,
        "purchases": purchases.output.body,
        "tickets": tickets.output.body,
    }


@attrs.frozen
class Profile:
    """A user, as far as it matters here."""

    tier: str


@workflow
def user_onboarding(userId: str) -> None:
    """Give large customers a person, and all others a mail."""
    profile = http("profile", f"{API}/users/{userId}", returns=Profile).opts(task_name="get_user_profile")
    tier = js("$.tier === 'enterprise' ? $.tier : 'standard'", tier=profile.output.body.tier)
    with switch("tier_switch", tier).opts(task_name="route_by_tier") as by_tier:
        with by_tier.case("enterprise"):
            assigned = http("assign_am", f"{API}/account-managers/assign", method="POST", body={"userId": userId})
            assigned.opts(task_name="assign_account_manager")
        with by_tier.case("standard"):
            welcome = http("welcome", f"{API}/emails/welcome", method="POST", body={"userId": userId})
            welcome.opts(task_name="send_welcome_email")


@attrs.frozen
class Hold:
    """Goods put aside."""

    holdId: str


@attrs.frozen
class Payment:
    """Money taken."""

    paymentId: str


@attrs.frozen
class Shipment:
    """A parcel on its way."""

    trackingNumber: str


@workflow(failure_workflow="order_processing_compensation")
def order_processing(orderId: str, customerId: str, items: list[str], totalAmount: float) -> Any:
    """Sell something; somebody looks at large orders before they are paid."""
    valid = http("validate", f"{API}/orders/{orderId}/validate", method="POST", body={"items": items})
    valid.opts(task_name="validate_order")
    held = http("inventory", f"{API}/inventory/hold", method="POST", body={"items": items}, returns=Hold)
    held.opts(task_name="check_inventory")
    verdict = if_(totalAmount > 500, "needs_review", "auto_approve")
    with switch("review_gate", verdict) as gate, gate.case("needs_review"):
        human("review", orderId=orderId, amount=totalAmount).opts(task_name="human_review")
    bill = {"customerId": customerId, "amount": totalAmount, "holdId": held.output.body.holdId}
    paid = http("payment", f"{API}/payments/charge", method="POST", body=bill, returns=Payment)
    paid.opts(task_name="charge_payment")
    parcel = {"orderId": orderId, "items": items, "paymentId": paid.output.body.paymentId}
    sent = http("fulfillment", f"{API}/fulfillment/ship", method="POST", body=parcel, returns=Shipment)
    sent.opts(task_name="fulfill_order")
    return {
        "orderId": orderId,
        "paymentId": paid.output.body.paymentId,
        "trackingNumber": sent.output.body.trackingNumber,
    }


if __name__ == "__main__":
    print(order_processing.describe())
