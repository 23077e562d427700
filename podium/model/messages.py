"""What EVENT tasks hand to sinks outside the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import NamedTuple, Protocol, TypeAlias

from podium.model.values import JsonValue

#: The kind of the queues inside the engine, whose messages are for event handlers.
INTERNAL = "conductor"


class EventMessage(NamedTuple):
    """A message on its way to a sink."""

    #: The same each time that it is sent again, so that a receiver can pass over repetitions: the task's id.
    id: str
    #: What stands behind the sink's kind, such as ``orders`` for ``kafka:orders``.
    queue: str
    #: The task's whole output, secrets put in.
    payload: Mapping[str, JsonValue]


class EventSource(Protocol):
    """What brings messages from outside, such as those of a broker, to event handlers."""

    def listen(self, queue: str, deliver: Callable[[EventMessage], None], stop: Event) -> None:
        """
        Hand each message of a queue over, until somebody stops it.

        A message is done with when *deliver* returns. If that raises, the message must come again, under the same id.

        Args:
            queue: What stands behind the source's kind in the ``event`` of handlers, such as ``orders``.
            deliver: To be called with each message, in the thread that calls this.
            stop: Is set when it is enough; it must return within a second or so then.

        Raises:
            Exception: The source cannot be had; this is called again after a while.
        """


#: Sends a message, and returns when it is sent; raises if it is not, which fails the task. Called by one thread.
EventSink: TypeAlias = Callable[[EventMessage], object]
