"""EVENT tasks and the sinks outside the engine: who gets the messages, and what their failures are."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import pytest

import podium
from podium.client import EventMessage
from podium.model.runs import WorkflowRun


@podium.workflow
def shop(order_id: str, sink: str) -> None:
    """Tell of an order."""
    podium.event("told", sink, order_id=order_id, key=podium.secret("SHOP"))


def told(sinks: dict[str, Any], sink: str) -> WorkflowRun:
    """Run the workflow with these sinks."""
    with podium.connect("memory://", sinks=sinks) as client:
        return client.run(shop, {"order_id": "7", "sink": sink}, timeout=30)


def test_a_sink_gets_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sink of the kind gets the queue's name, the task's id and the whole output with its secrets, kept nowhere."""
    monkeypatch.setenv("CONDUCTOR_SECRET_SHOP", "s3cret")
    sent: list[EventMessage] = []

    run = told({"kafka": sent.append}, "kafka:shop:orders")

    (message,) = sent
    (task,) = run.tasks
    assert run.status == "COMPLETED"
    assert message.id == task.task_id
    assert message.queue == "shop:orders"
    assert message.payload["order_id"] == "7"
    assert message.payload["key"] == "s3cret"
    assert task.output_data["event_produced"] == "kafka:shop:orders"
    assert "s3cret" not in str(task)


def test_an_unknown_kind_fails_the_task() -> None:
    """A kind that nobody brings is named in the reason, as Conductor's servers name it."""
    run = told({}, "nats:orders")

    assert run.status == "FAILED"
    assert run.tasks[0].reason_for_incompletion == "Error loading queue:nats:orders, error: Unknown queue type nats"


def test_a_sink_without_a_queue_fails_the_task() -> None:
    """A sink that names only a kind goes nowhere."""
    run = told({}, "nats")

    assert run.tasks[0].reason_for_incompletion == f"Unable to find queue name for task {run.tasks[0].task_id}"


def test_what_a_sink_raises_is_the_reason() -> None:
    """A sink that fails fails the task with its words."""

    def down(message: EventMessage) -> None:
        raise OSError(f"no broker for {message.queue}")

    run = told({"amqp": down}, "amqp:orders")

    assert run.tasks[0].reason_for_incompletion == "no broker for orders"


def test_the_log_of_a_sink_that_fails_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the sink says is told without the secrets that its message had, and so is the task's reason."""
    monkeypatch.setenv("CONDUCTOR_SECRET_SHOP", "s3cret")

    def refuse(message: EventMessage) -> None:
        raise ValueError(f"no such key: {message.payload['key']}")

    run = told({"kafka": refuse}, "kafka:orders")

    assert run.tasks[0].reason_for_incompletion == "no such key: ***"
    assert "could not take the message" in caplog.text
    assert "s3cret" not in caplog.text


def test_packages_bring_sinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point of the group ``podium.sinks`` is the sink of its name."""
    sent: list[EventMessage] = []

    class Entry:
        def load(self) -> Any:
            return sent.append

    def entries(*, group: str, name: str = "") -> list[Entry]:
        return [Entry()] if (group, name) == ("podium.sinks", "sqs") else []

    monkeypatch.setattr(metadata, "entry_points", entries)

    assert told({}, "sqs:orders").status == "COMPLETED"
    assert [message.queue for message in sent] == ["orders"]
