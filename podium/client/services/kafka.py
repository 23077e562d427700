"""
KAFKA_PUBLISH by way of confluent-kafka (extra ``podium[kafka]``).

Of the two libraries this one is chosen because it is the protocol's vendor's own, has threads as its model, as the
services have, waits for the acknowledgement of each record by a callback, and carries a cluster to be tested against
(``test.mock.num.brokers``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from podium.engine.service_ports import ProducerRefused, Record, RecordProducer
from podium.engine.tasks.kafka import publish
from podium.engine.tasks.outcome import Outcome
from podium.model.assignments import Assignment
from podium.model.errors import InvalidRequest
from podium.model.statuses import TaskType

if TYPE_CHECKING:
    from confluent_kafka import Producer

#: Clusters to which connections are kept.
_CLUSTERS_MAX = 16
#: Seconds between two looks whether a record has been acknowledged.
_LOOK_S = 0.1
#: Seconds that connections get to end.
_CLOSE_S = 2.0


class KafkaPublish:
    """Publishes the records of KAFKA_PUBLISH tasks; *producer* sends them."""

    task_type: str = TaskType.KAFKA_PUBLISH.value
    size: int = 8

    def __init__(self, producer: RecordProducer) -> None:
        self._producer = producer

    def perform(self, assignment: Assignment) -> Outcome:
        """Publish a record."""
        return publish(assignment.input, self._producer)

    def close(self) -> None:
        """Close the connections."""
        self._producer.close()


class ConfluentProducer:
    """
    Publishes records with confluent-kafka; connections to a cluster are kept.

    Args:
        settings: More settings of the library for every connection, such as ``security.protocol``.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self._settings: dict[str, Any] = {"log_level": 0, "linger.ms": 0, **(settings or {})}
        self._lock = threading.Lock()
        self._producers: OrderedDict[tuple[str, float], Producer] = OrderedDict()

    def check(self) -> None:
        """
        Look whether the library takes the settings, without a connection; where it is not installed, nothing is known.

        Raises:
            InvalidRequest: It does not.
        """
        try:
            from confluent_kafka import KafkaException, Producer
        except ImportError:
            return
        try:
            Producer(self._settings)
        except KafkaException as error:
            raise InvalidRequest(f"kafka=: {error.args[0].str()}") from None
        except (TypeError, ValueError) as error:
            raise InvalidRequest(f"kafka=: {error}") from None

    def produce(self, record: Record) -> None:
        """Publish a record; see `podium.engine.service_ports.RecordProducer`."""
        producer = self._producer(record.servers, record.timeout_s)
        delivered = threading.Event()
        errors: list[str] = []

        def note(error: Any, _: Any) -> None:
            if error is not None:
                errors.append(error.str())
            delivered.set()

        deadline = monotonic() + record.timeout_s + _CLOSE_S
        try:
            producer.produce(record.topic, record.value, record.key, on_delivery=note, headers=list(record.headers))
        except BufferError:
            raise OSError("too many records wait to be sent to this cluster") from None
        except Exception as error:  # the library's own errors have no base but this one
            raise OSError(str(error)) from error
        while not delivered.is_set():
            if monotonic() >= deadline:
                raise OSError(f"no broker of {record.servers} has acknowledged it within {record.timeout_s:g} s")
            producer.poll(_LOOK_S)
        if errors:
            raise OSError(errors[0])

    def _producer(self, servers: str, timeout_s: float) -> Producer:
        """Return the connections to a cluster; how long a record may take is a setting of theirs."""
        try:
            from confluent_kafka import KafkaException, Producer
        except ImportError:
            raise ProducerRefused("KAFKA_PUBLISH needs confluent-kafka: pip install 'podium[kafka]'") from None
        with self._lock:
            known = self._producers.get((servers, timeout_s))
            if known is None:
                own = {"bootstrap.servers": servers, "message.timeout.ms": max(1, round(timeout_s * 1000))}
                try:
                    known = Producer({**self._settings, **own})
                except KafkaException as error:
                    raise ProducerRefused(f"a setting for Kafka is wrong: {error.args[0].str()}") from None
                self._producers[servers, timeout_s] = known
            self._producers.move_to_end((servers, timeout_s))
            while len(self._producers) > _CLUSTERS_MAX:
                self._producers.popitem(last=False)
            return known

    def close(self) -> None:
        """Free connections; what is under way has a moment to end."""
        with self._lock:
            for producer in self._producers.values():
                producer.flush(_CLOSE_S)
            self._producers.clear()


if TYPE_CHECKING:
    _conforms: type[RecordProducer] = ConfluentProducer
