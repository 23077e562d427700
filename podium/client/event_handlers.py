"""What callers do with event handlers: ``client.event_handlers.add(...)``, ``.list(...)``, ``.publish(...)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from podium.model.handlers import EventHandler


class EventHandlers(Protocol):
    """
    The event handlers of a store.

    They hear of the EVENT tasks of runs, while an engine works on the store, and of what sources bring
    (``podium.connect(url, sources=...)``). `AsyncClient.event_handlers` has the same methods, to be awaited.

    Example:
        >>> import podium
        >>> with podium.connect("memory://") as client:
        ...     client.event_handlers.add(
        ...         podium.EventHandler(
        ...             name="stop",
        ...             event="conductor:order:refused",
        ...             actions=[
        ...                 {"action": "terminate_workflow", "terminate_workflow": {"workflowId": "${orderRun}"}},
        ...             ],
        ...             active=True,
        ...         )
        ...     )
        ...     [handler.name for handler in client.event_handlers.list()]
        ['stop']
    """

    def add(self, handler: EventHandler, *, replace: bool = True) -> None:
        """
        Put a handler into the store.

        Args:
            handler: The handler.
            replace: False to refuse one of a name that is there.

        Raises:
            DefinitionError: It cannot be; the message names the places.
            AlreadyExists: One of its name is there, and it shall not be replaced.
        """

    def list(self, event: str | None = None, *, active: bool | None = None) -> tuple[EventHandler, ...]:
        """Return the handlers of an event, or all, by name; only active ones, or only others, where that is said."""

    def get(self, name: str) -> EventHandler:
        """
        Return a handler.

        Raises:
            HandlerNotFound: No handler has this name.
        """

    def delete(self, name: str) -> None:
        """
        Take a handler out.

        Raises:
            HandlerNotFound: No handler has this name.
        """

    def publish(self, event: str, payload: Mapping[str, object], *, message_id: str | None = None) -> str:
        """
        Hand a message to the active handlers of an event, and return when they have dealt with it.

        Args:
            event: The whole name of the queue, such as ``conductor:order:refused``.
            payload: The message.
            message_id: The same for a message that is given again: what it has started is not started twice.

        Returns:
            The message's id.

        Raises:
            InvalidRequest: The payload is no JSON object.
        """
