"""
The first workflows of Conductor's documentation: call a service, compute with its answer, hand it to a worker.

Originals: docs/quickstart/workflow.json, docs/quickstart/first-worker.md, docs/devguide/concepts/workflows.md in
conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any

import attrs

from podium import http, inline, js, task, workflow


@attrs.frozen
class Answer:
    """What the test service says about itself."""

    hostName: str
    apiRandomDelay: str
    randomInt: int


@attrs.frozen
class Summary:
    """The same, for people."""

    summary: str
    host: str
    randomValue: int


@workflow(owner="dev@example.com")
def hello_workflow() -> Any:
    """Ask a service, and say in a sentence what it answered."""
    fetched = http("fetch_ref", "https://orkes-api-tester.orkesconductor.com/api", returns=Answer)
    fetched.opts(task_name="fetch_data")
    sentence = """
        const {hostName: host, apiRandomDelay: delay, randomInt: number} = $.data;
        const summary = "Host " + host + " responded in " + delay + " with random value " + number;
        ({summary, host, randomValue: number})
    """
    parsed = inline("parse_ref", js(sentence, data=fetched.output.body), returns=Summary)
    parsed.opts(task_name="parse_response")
    return {"summary": parsed.output.summary, "apiResponse": fetched.output.body}


@task
def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello, {name}"


@workflow
def greetings(name: str) -> str:
    """Let a worker greet somebody."""
    return greet.as_("greet_ref")(name).output


@attrs.frozen
class Order:
    """An order as the shop knows it."""

    country: str
    region: str


@attrs.frozen
class Fulfillment:
    """How far the warehouse is."""

    status: str


@task
def fulfill_order(enrichedOrder: Order) -> Fulfillment:
    """Hand an order to the warehouse."""
    return Fulfillment(status=f"packed for {enrichedOrder.region}")


@workflow(
    owner="team-platform@example.com",
    timeout="1h",
    timeout_policy="ALERT_ONLY",
    failure_workflow="handle_order_failure",
)
def process_order(orderId: str) -> Any:
    """Get an order, add its region, and hand it to the warehouse."""
    fetched = http(
        "fetch_order",
        f"https://api.example.com/orders/{orderId}",
        connect_timeout_ms=5000,
        read_timeout_ms=5000,
        returns=Order,
    )
    region = "({...$.order, region: $.order.country === 'US' ? 'domestic' : 'international'})"
    enriched = inline("enrich_order", js(region, order=fetched.output.body), returns=Order)
    fulfilled = fulfill_order(enriched.output)
    return {"enrichedOrder": enriched.output, "fulfillmentStatus": fulfilled.output.status}


if __name__ == "__main__":
    print(greetings.run(name="Ada").output)
