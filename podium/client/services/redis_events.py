"""
Events by way of Redis: streams as sinks of EVENT tasks, and as queues of event handlers (extra ``podium[redis]``).

Those who listen are one group of consumers, so each message goes to one of several processes; what one had when it died
goes to another after half a minute. A message is acknowledged when it has been dealt with.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Event
from typing import Any
from uuid import uuid4

from podium.client.services.kafka_events import payload_of
from podium.model.errors import BackendNotInstalled
from podium.model.messages import EventMessage
from podium.model.payloads import dump

#: The field of an entry that holds the message as JSON, and that of its id.
_BODY, _ID = "body", "id"
#: Milliseconds that a look for messages may take, and after which one that nobody has acknowledged goes to another.
_LOOK_MS, _LOST_MS = 500, 30_000
_BATCH = 50


class RedisEvents:
    """
    A server of Redis as sink and source of events; its queues are streams.

    An entry has a field ``body``, which holds JSON, and may have an ``id``, by which an entry that was added twice is
    known. Of entries without a ``body`` all fields are the message.

    Args:
        url: Such as ``redis://localhost:6379/0``.
        group: The consumers' group.

    Example:
        >>> import podium
        >>> from podium.client import RedisEvents
        >>> redis = RedisEvents("redis://localhost:6379")
        >>> client = podium.connect("memory://", sinks={"redis": redis}, sources={"redis": redis})
        >>> client.close()
    """

    def __init__(self, url: str, *, group: str = "podium") -> None:
        self._url = url
        self._group = group
        self._name = f"{os.uname().nodename}-{os.getpid()}-{uuid4().hex[:8]}"
        self._sending: Any = None

    def __call__(self, message: EventMessage) -> None:
        """Add a message to a stream."""
        if self._sending is None:
            self._sending = _library().Redis.from_url(self._url, decode_responses=True)
        self._sending.xadd(message.queue, {_ID: message.id, _BODY: dump(dict(message.payload)).decode()})

    def listen(self, queue: str, deliver: Callable[[EventMessage], None], stop: Event) -> None:
        """Hand over the messages of a stream; see `podium.model.messages.EventSource`."""
        library = _library()
        server = library.Redis.from_url(self._url, decode_responses=True)
        try:
            try:
                server.xgroup_create(queue, self._group, id="0", mkstream=True)
            except library.ResponseError as error:
                if "BUSYGROUP" not in str(error):  # the group is there: others have made it
                    raise
            # First what this consumer could not deal with before, then what others have left, then what is new.
            after = "0"
            while not stop.is_set():
                if after == "0":
                    server.xautoclaim(queue, self._group, self._name, _LOST_MS, count=_BATCH)
                found = server.xreadgroup(self._group, self._name, {queue: after}, count=_BATCH, block=_LOOK_MS)
                entries = found[0][1] if found else []
                for entry_id, fields in entries:
                    deliver(_message(queue, entry_id, fields or {}))
                    server.xack(queue, self._group, entry_id)
                after = ">" if after == "0" and not entries else "0" if not entries else after
        finally:
            server.close()


def _message(queue: str, entry_id: str, fields: dict[str, str]) -> EventMessage:
    place = f"{queue}:{entry_id}"
    if _BODY not in fields:
        return EventMessage(place, queue, dict(fields))
    return EventMessage(fields.get(_ID) or place, queue, payload_of(fields[_BODY]))


def _library() -> Any:
    try:
        import redis
    except ImportError as error:
        raise BackendNotInstalled("events by way of Redis need its client: pip install 'podium[redis]'") from error
    return redis
