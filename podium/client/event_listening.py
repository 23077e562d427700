"""Lets sources bring messages to event handlers: a thread for each queue that an active handler names."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from podium.client.event_processing import EventProcessor
from podium.model.errors import PodiumError
from podium.model.messages import EventMessage, EventSource

_log = logging.getLogger("podium.events")

#: Seconds between looks at the handlers; until a source that failed is tried again, at first and at last; and that
#: those that listen have to stop.
_LOOK_S, _PAUSE_S, _PAUSE_MAX_S, _STOP_S = 1.0, 0.5, 30.0, 2.0


class EventListening:
    """
    Listens to the queues that active handlers name, as long as they do.

    Args:
        events: Deals with the messages.
        sources: By kind, such as ``kafka``.
    """

    def __init__(self, events: EventProcessor, sources: Mapping[str, EventSource]) -> None:
        self._events = events
        self._sources = dict(sources)
        self._stop = threading.Event()
        self._listeners: dict[str, tuple[threading.Event, threading.Thread]] = {}
        self._thread = threading.Thread(target=self._main, name="podium-events", daemon=True)

    def start(self) -> None:
        """Begin, on threads of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening; what was not dealt with comes again when somebody listens."""
        self._stop.set()
        self._thread.join(_STOP_S)

    def _main(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow({event for event in self._events.handlers() if event.partition(":")[0] in self._sources})
            except PodiumError as error:
                _log.warning("event handlers cannot be read now: %s", error)
            self._stop.wait(_LOOK_S)
        for stop, _ in self._listeners.values():
            stop.set()
        for _, thread in self._listeners.values():
            thread.join(_STOP_S)

    def _follow(self, wanted: set[str]) -> None:
        """Listen to the queues that are wanted, and to no others."""
        for event in self._listeners.keys() - wanted:
            self._listeners.pop(event)[0].set()
        for event in wanted - self._listeners.keys():
            stop = threading.Event()
            thread = threading.Thread(target=self._listen, args=(event, stop), name=f"podium-{event}", daemon=True)
            self._listeners[event] = stop, thread
            thread.start()

    def _listen(self, event: str, stop: threading.Event) -> None:
        kind, _, queue = event.partition(":")
        pause = _PAUSE_S

        def deliver(message: EventMessage) -> None:
            nonlocal pause
            self._events.take(event, message)
            pause = _PAUSE_S

        while not stop.is_set():
            try:
                self._sources[kind].listen(queue, deliver, stop)
            except Exception as error:  # noqa: BLE001  # it is not ours, and may fail in any way; it is tried again
                _log.warning("the source %r fails, and is tried again in %.1f s: %s", event, pause, error)
            stop.wait(pause)
            pause = min(_PAUSE_MAX_S, 2 * pause)
