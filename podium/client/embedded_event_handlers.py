"""The event handlers of `podium.client.event_handlers` on an engine in this process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from podium.client.checked import checked_object, checked_text
from podium.client.driving import BlockingCall, blocking
from podium.client.engine import EmbeddedEngine
from podium.client.event_handlers import EventHandlers
from podium.client.event_processing import KIND
from podium.dsl.arguments import checked_verbs
from podium.engine.requests import Register
from podium.model.codec import from_json, to_dict
from podium.model.errors import DefinitionError, HandlerNotFound, InvalidRequest
from podium.model.handlers import EventHandler
from podium.model.messages import EventMessage
from podium.model.payloads import dump
from podium.model.texts import shown


def checked_handler(handler: EventHandler) -> EventHandler:
    """
    Return a handler that can be.

    Raises:
        DefinitionError: It cannot; the message names the places.
        InvalidRequest: It is no handler at all.
    """
    if not isinstance(handler, EventHandler):
        raise InvalidRequest(f"a podium.EventHandler is expected, not {shown(handler)}")
    faults = list(handler.faults())
    if faults:
        raise DefinitionError(faults)
    return handler


@checked_verbs
class EmbeddedEventHandlers(EventHandlers):
    """The `EventHandlers` of an engine in this process."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    @blocking
    async def add(self, handler: EventHandler, *, replace: bool = True) -> None:
        checked_handler(handler)
        body = dump(checked_object(to_dict(handler), f"event handler {handler.name!r}"))
        entry = [(KIND, handler.name, body)]
        kernel = await self._engine.started()
        await kernel.register(Register(entries=entry) if replace else Register(new_entries=entry))

    def list(self, event: str | None = None, *, active: bool | None = None) -> tuple[EventHandler, ...]:
        rows = self._engine.backend.entries(KIND)
        handlers = (from_json(row.body, EventHandler) for row in rows)
        return tuple(one for one in handlers if event in {None, one.event} and (active is None or one.active is active))

    def get(self, name: str) -> EventHandler:
        row = self._engine.backend.entry(KIND, checked_text(name, "the handler's name") or "")
        if row is None:
            raise HandlerNotFound(f"EventHandler with name {name} not found!")
        return from_json(row.body, EventHandler)

    @blocking
    async def delete(self, name: str) -> None:
        await BlockingCall(partial(self.get, name))
        kernel = await self._engine.started()
        await kernel.register(Register(gone_entries=[(KIND, name)]))

    @blocking
    async def publish(self, event: str, payload: Mapping[str, object], *, message_id: str | None = None) -> str:
        told = checked_object(payload, "the message")
        message = EventMessage(message_id or self._engine.ids.run_id(), event.partition(":")[2], told)
        await self._engine.started()
        await BlockingCall(partial(self._engine.events.take, event, message))
        return message.id
