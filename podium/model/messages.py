"""What EVENT tasks hand to sinks outside the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from podium.model.values import JsonValue


class EventMessage(NamedTuple):
    """A message on its way to a sink."""

    #: The same each time that it is sent again, so that a receiver can pass over repetitions: the task's id.
    id: str
    #: What stands behind the sink's kind, such as ``orders`` for ``kafka:orders``.
    queue: str
    #: The task's whole output, secrets put in.
    payload: Mapping[str, JsonValue]


#: Sends a message, and returns when it is sent; raises if it is not, which fails the task. Called by one thread.
EventSink: TypeAlias = Callable[[EventMessage], object]
