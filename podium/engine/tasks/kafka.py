"""
KAFKA_PUBLISH: what the task's input asks to publish. Conductor: ``KafkaPublishTask.java``.

The record itself is sent by a `podium.engine.service_ports.RecordProducer`, off the kernel's thread.
"""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine.service_ports import ProducerRefused, Record, RecordProducer
from podium.engine.tasks.outcome import InvalidInputError, Outcome, done, failed, refused
from podium.expressions.text import java_text
from podium.model.json_text import kind_of, shown
from podium.model.payloads import dump
from podium.model.values import JsonValue

_SERIALIZERS = "org.apache.kafka.common.serialization."
#: Bytes of a key, by the class that the input names; a text where it is none of these.
_NUMBERS = {f"{_SERIALIZERS}LongSerializer": 8, f"{_SERIALIZERS}IntegerSerializer": 4}
#: Milliseconds until a record must be acknowledged, where the input says nothing.
_TIMEOUT_MS = 30_000
_SEE = "See documentation for KafkaTask for required input parameters"


def publish(task_input: Mapping[str, JsonValue], producer: RecordProducer) -> Outcome:
    """
    Publish the record of a KAFKA_PUBLISH task.

    Returns:
        COMPLETED without an output when a broker has it (IN_PROGRESS with ``asyncComplete``), else FAILED;
        FAILED_WITH_TERMINAL_ERROR where a repetition cannot help.
    """
    try:
        record = _record(task_input.get("kafka_request"))
    except InvalidInputError as error:
        return failed(str(error))
    try:
        producer.produce(record)
    except ProducerRefused as error:
        return refused(str(error))
    except OSError as error:
        return failed(f"Failed to invoke kafka task due to: {error}")
    return done(task_input, {})


def _record(request: JsonValue) -> Record:
    if request is None:
        raise InvalidInputError(
            "Missing Kafka request. Task input MUST have a 'kafka_request' key with KafkaTask.Input as value. "
            "See documentation for KafkaTask for required input parameters"
        )
    if not isinstance(request, Mapping):
        raise InvalidInputError(f"kafka_request must be an object, not {kind_of(request)}")
    servers, topic, value = request.get("bootStrapServers"), request.get("topic"), request.get("value")
    if servers is None or not java_text(servers).strip():
        raise InvalidInputError("No boot strap servers specified")
    if topic is None or not java_text(topic).strip():
        raise InvalidInputError(f"Missing Kafka topic. {_SEE}")
    if value is None:
        raise InvalidInputError(f"Missing Kafka value.  {_SEE}")
    headers = request.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise InvalidInputError(f"headers must be an object, not {kind_of(headers)}")
    return Record(
        servers=java_text(servers),
        topic=java_text(topic),
        key=_key(request.get("key"), request.get("keySerializer")),
        value=dump(value),
        headers=[(str(name), java_text(text).encode("utf-8", "replace")) for name, text in headers.items()],
        timeout_s=_timeout_ms(request) / 1000,
    )


def _key(key: JsonValue, serializer: JsonValue) -> bytes:
    """Return the bytes of a key; that of a record without one is the text ``null``, as Conductor has it."""
    text = java_text(key)
    size = _NUMBERS.get(str(serializer))
    if size is None:
        return text.encode("utf-8", "replace")
    try:
        return int(text).to_bytes(size, "big", signed=True)
    except (ValueError, OverflowError):
        kind = "a whole number" if size == 8 else "a whole number of 32 bits"
        raise InvalidInputError(
            f"Failed to invoke kafka task due to: the key must be {kind}, not {shown(key)}"
        ) from None


def _timeout_ms(request: Mapping[str, JsonValue]) -> int:
    """Return the milliseconds for all of it: to find the topic (``maxBlockMs``), and to have it acknowledged."""
    given = [request.get(key) for key in ("maxBlockMs", "requestTimeoutMs")]
    lengths = [length for length in given if length is not None]
    if not lengths:
        return _TIMEOUT_MS
    total = 0
    for length in lengths:
        try:
            total += int(java_text(length))
        except ValueError:
            raise InvalidInputError(f"maxBlockMs and requestTimeoutMs are milliseconds, not {shown(length)}") from None
    if total <= 0:
        raise InvalidInputError(f"maxBlockMs and requestTimeoutMs must be more than 0 together, not {total}")
    return total
