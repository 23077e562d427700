"""
Events by way of Kafka: topics as sinks of EVENT tasks, and as queues of event handlers (extra ``podium[kafka]``).

Those who listen are one group of consumers, so each message goes to one of several processes. It is acknowledged when
it has been dealt with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import TYPE_CHECKING, Any

from podium.model.errors import BackendNotInstalled
from podium.model.messages import EventMessage
from podium.model.payloads import dump, parse
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from confluent_kafka import Message

#: The header that holds the id of a message.
_ID = "podium-message-id"
#: Seconds that a look for messages, or the acknowledgement of one that is sent, may take.
_LOOK_S, _SEND_S = 0.5, 30.0


class KafkaEvents:
    """
    A cluster as sink and source of events; its queues are topics.

    Args:
        servers: ``host:port``, several with commas.
        group: The consumers' group.
        settings: More settings of confluent-kafka, such as ``security.protocol``.

    Example:
        >>> import podium
        >>> from podium.client import KafkaEvents
        >>> kafka = KafkaEvents("localhost:9092")
        >>> client = podium.connect("memory://", sinks={"kafka": kafka}, sources={"kafka": kafka})
        >>> client.close()
    """

    def __init__(self, servers: str, *, group: str = "podium", settings: Mapping[str, Any] | None = None) -> None:
        self._settings = {"bootstrap.servers": servers, "log_level": 0, **(settings or {})}
        self._group = group
        self._producer: Any = None

    def __call__(self, message: EventMessage) -> None:
        """Publish a message, and return when the cluster has it."""
        library = _library()
        if self._producer is None:
            self._producer = library.Producer(self._settings)
        faults: list[object] = []

        def heard(error: object, _: object) -> None:
            faults.append(error)

        headers = [(_ID, message.id.encode())]
        self._producer.produce(message.queue, value=dump(dict(message.payload)), headers=headers, callback=heard)
        left = self._producer.flush(_SEND_S)
        if left or faults != [None]:
            raise OSError(f"Kafka did not take message {message.id}: {next(filter(None, faults), 'no answer')}")

    def listen(self, queue: str, deliver: Callable[[EventMessage], None], stop: Event) -> None:
        """Hand over the messages of a topic; see `podium.model.messages.EventSource`."""
        settings = {"group.id": self._group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
        consumer = _library().Consumer({**self._settings, **settings})
        try:
            consumer.subscribe([queue])
            while not stop.is_set():
                message = consumer.poll(_LOOK_S)
                if message is None:
                    continue
                if message.error() is not None:
                    raise OSError(str(message.error()))
                deliver(_message(queue, message))
                consumer.commit(message, asynchronous=False)
        finally:
            consumer.close()


def _message(queue: str, message: Message) -> EventMessage:
    """Return a message; its id is its place, unless a header says another, as those of EVENT tasks do."""
    given = dict(message.headers() or ()).get(_ID)
    place = f"{queue}:{message.partition()}:{message.offset()}"
    return EventMessage(place if given is None else _text(given), queue, payload_of(message.value()))


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")


def payload_of(data: bytes | str | None) -> Any:
    """Return what a message carries: its JSON, or its text where it is none."""
    raw = data.encode() if isinstance(data, str) else data or b"null"
    try:
        value: JsonValue = parse(raw)
    except ValueError:
        return _text(raw)
    return value


def _library() -> Any:
    try:
        import confluent_kafka
    except ImportError as error:
        raise BackendNotInstalled("events by way of Kafka need confluent-kafka: pip install 'podium[kafka]'") from error
    return confluent_kafka
