"""KAFKA_PUBLISH (Conductor: KafkaPublishTaskTest): what is published, and what its failures are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

import podium
from podium.engine.service_ports import Record
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus

_LONG = "org.apache.kafka.common.serialization.LongSerializer"
_INTEGER = "org.apache.kafka.common.serialization.IntegerSerializer"


class Kept:
    """A producer that keeps what it is given, or says what is wrong."""

    def __init__(self, fault: str = "") -> None:
        self.records: list[Record] = []
        self._fault = fault

    def produce(self, record: Record) -> None:
        """Keep a record."""
        if self._fault:
            raise OSError(self._fault)
        self.records.append(record)

    def close(self) -> None:
        """Hold nothing."""


def publish(producer: Any, request: object) -> WorkflowRun:
    """Run one KAFKA_PUBLISH task."""
    made = podium.Workflow("tell")
    made >> podium.system_task("tell", "KAFKA_PUBLISH", kafka_request=request)
    with podium.connect("memory://", kafka=producer) as client:
        return client.run(made, {}, timeout=30)


def task_of(run: WorkflowRun) -> TaskRun:
    """Return the one task of a run."""
    (task,) = run.tasks
    return task


def given(**more: object) -> dict[str, object]:
    """Return a request that has all that it needs."""
    return {"bootStrapServers": "kafka:9092", "topic": "orders", "value": {"id": 7}, **more}


def test_a_record_is_published() -> None:
    """The value is JSON, headers are texts, a key that is absent is the text ``null``, and there is no output."""
    producer = Kept()
    run = publish(producer, given(headers={"by": "shop", "n": 1, "none": None}))

    (record,) = producer.records
    assert (record.servers, record.topic, record.value, record.key) == ("kafka:9092", "orders", b'{"id":7}', b"null")
    assert record.headers == [("by", b"shop"), ("n", b"1"), ("none", b"null")]
    assert record.timeout_s == 30
    assert (run.status, task_of(run).output_data) == ("COMPLETED", {})


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"key": "k"}, b"k"),
        ({"key": 5}, b"5"),
        ({"key": 5, "keySerializer": _LONG}, b"\0\0\0\0\0\0\0\5"),
        ({"key": "-2", "keySerializer": _INTEGER}, b"\xff\xff\xff\xfe"),
        ({"key": 5, "keySerializer": "com.example.Own"}, b"5"),
    ],
)
def test_keys_are_written_as_their_serializer_does(more: dict[str, object], key: bytes) -> None:
    """Long and Integer serializers write the number's bytes; every other one the text."""
    producer = Kept()
    publish(producer, given(**more))

    assert producer.records[0].key == key


def test_a_text_gets_quotes() -> None:
    """The value of a record is always JSON; the two limits of time are one."""
    producer = Kept()
    publish(producer, given(value="sold", maxBlockMs=500, requestTimeoutMs="1000"))

    assert (producer.records[0].value, producer.records[0].timeout_s) == (b'"sold"', 1.5)


_SEE = "See documentation for KafkaTask for required input parameters"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            None,
            "Missing Kafka request. Task input MUST have a 'kafka_request' key with KafkaTask.Input as value. " + _SEE,
        ),
        (given(bootStrapServers=" "), "No boot strap servers specified"),
        (given(topic=None), f"Missing Kafka topic. {_SEE}"),
        (given(value=None), f"Missing Kafka value.  {_SEE}"),
        ("x", "kafka_request must be an object, not a text"),
        (given(headers="x"), "headers must be an object, not a text"),
        (
            given(key="x", keySerializer=_LONG),
            "Failed to invoke kafka task due to: the key must be a whole number, not 'x'",
        ),
        (given(maxBlockMs="soon"), "maxBlockMs and requestTimeoutMs are milliseconds, not 'soon'"),
        (given(maxBlockMs=0), "maxBlockMs and requestTimeoutMs must be more than 0 together, not 0"),
    ],
)
def test_what_is_no_request_fails_in_words(request_: object, reason: str) -> None:
    """The reasons are the server's, where it has one."""
    task = task_of(publish(Kept(), request_))

    assert (task.status, task.reason_for_incompletion, task.output_data) == (TaskStatus.FAILED, reason, {})


def test_what_a_broker_refuses_is_the_reason() -> None:
    """The reason begins as the server's does."""
    task = task_of(publish(Kept("Broker: Unknown topic or partition"), given()))

    assert task.status is TaskStatus.FAILED
    assert task.reason_for_incompletion == "Failed to invoke kafka task due to: Broker: Unknown topic or partition"


def test_secrets_reach_the_record_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record has a secret's value; what is stored names it, and so does what a failure quotes."""
    monkeypatch.setenv("CONDUCTOR_SECRET_TOKEN", "t-123")
    producer = Kept()
    request = given(value={"token": "${workflow.secrets.TOKEN}"})
    run = publish(producer, request)
    failed = publish(Kept("the value t-123 is too long"), request)

    assert producer.records[0].value == b'{"token":"t-123"}'
    assert "t-123" not in str(run)
    assert "t-123" not in str(failed)


def test_without_the_library_the_task_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """No retry helps, and the reason is a command."""
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    task = task_of(publish(None, given()))

    assert task.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert task.reason_for_incompletion == "KAFKA_PUBLISH needs confluent-kafka: pip install 'podium[kafka]'"


# -- with the protocol itself: brokers of the library's own mock cluster, on loopback ----------------------------------


@pytest.fixture
def brokers() -> Iterator[str]:
    """Yield the address of a cluster that speaks Kafka's protocol."""
    library = pytest.importorskip("confluent_kafka")
    host = library.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    yield ",".join(f"{one.host}:{one.port}" for one in host.list_topics(timeout=10).brokers.values())
    host.flush(1)


def test_a_broker_has_the_record(brokers: str) -> None:
    """What a consumer reads of the topic is what the task published, headers and key included."""
    import confluent_kafka

    request = given(bootStrapServers=brokers, key="k-7", headers={"by": "shop"})
    run = publish(None, request)
    settings = {"bootstrap.servers": brokers, "group.id": "g", "auto.offset.reset": "earliest", "log_level": 0}
    consumer = confluent_kafka.Consumer(settings)
    consumer.subscribe(["orders"])
    message = None
    for _ in range(100):
        message = message or consumer.poll(0.1)
    consumer.close()

    assert run.status == "COMPLETED"
    assert message is not None
    assert (message.key(), message.value(), message.headers()) == (b"k-7", b'{"id":7}', [("by", b"shop")])


def test_nobody_there_fails_in_time() -> None:
    """Where no broker listens the task fails when its time is up, with the library's words."""
    pytest.importorskip("confluent_kafka")
    task = task_of(publish(None, given(bootStrapServers="127.0.0.1:1", maxBlockMs=200)))

    assert task.status is TaskStatus.FAILED
    assert (task.reason_for_incompletion or "").startswith("Failed to invoke kafka task due to: ")
