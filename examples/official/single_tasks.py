"""
Tasks that Conductor's reference pages show one at a time.

Originals: docs/documentation/configuration/workflowdef/operators and systemtasks in conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any

from podium import exclusive_join, for_each, http, kafka, set_variable, switch, task, terminate, variable, workflow


@task
def greet_user(var_name: str) -> None:
    """Say hello."""


@task
def send_reminder_email(var_name: str) -> None:
    """Write to somebody."""


@workflow(name="Welcome_User_Workflow")
def welcome_user(userName: str) -> None:
    """Remember who it is about, in a variable."""
    set_variable("set_name_ref", name=userName).opts(task_name="set_name")
    greet_user.as_("greet_user_ref")(variable("name"))
    send_reminder_email.as_("send_reminder_email_ref")(variable("name"))


@workflow
def kafka_publish() -> None:
    """Publish a message with a key that is a number."""
    sent = kafka(
        "kafka_ref",
        servers="localhost:9092",
        topic="userTopic",
        value="Message to publish",
        headers={"x-Auth": "Auth-key"},
        key="123",
        key_serializer="org.apache.kafka.common.serialization.IntegerSerializer",
    )
    sent.opts(task_name="kafka")


@workflow
def process_items(itemList: list[Any]) -> None:
    """Send each item of a list to a service."""
    with for_each("process_items_ref", itemList).opts(task_name="process_items") as each:
        body = {"item": each.item, "index": each.index}
        http("http_ref", "https://api.example.com/process", method="POST", body=body).opts(task_name="http")


@task
def process_task(item: Any, index: int) -> None:
    """Do something with an item."""


@workflow
def process_list(myList: list[Any]) -> None:
    """Hand each item of a list to a worker."""
    with for_each("do_while_ref", myList).opts(task_name="do_while") as each:
        process_task.as_("process_ref")(each.item, each.index)


@task
def primary_response(question: str) -> str:
    """Answer as one should."""
    return question


@task
def fallback_response(question: str) -> str:
    """Answer something."""
    return "?"


@workflow
def first_response(question: str, kind: str) -> Any:
    """Take the answer of whichever way was taken."""
    with switch("way", kind) as way:
        with way.case("KNOWN"):
            primary = primary_response(question)
        with way.otherwise():
            fallback = fallback_response(question)
    return exclusive_join("first_response", [primary, fallback], default=[fallback]).output


@task
def ship(provider: str) -> None:
    """Hand a parcel over."""


@workflow
def no_provider(provider: str) -> None:
    """End the run where no case fits."""
    with switch("switch_task", provider) as known:
        with known.case("fedex", "ups"):
            ship(provider)
        with known.otherwise():
            terminate("terminate_ref", "FAILED", "Shipping provider not found.").opts(task_name="terminate")


if __name__ == "__main__":
    print(process_items.describe())
