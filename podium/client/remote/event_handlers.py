"""The event handlers of a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podium.client.checked import checked_object, checked_text
from podium.client.driving import blocking
from podium.client.embedded_event_handlers import checked_handler
from podium.client.event_handlers import EventHandlers
from podium.client.remote.server import Server
from podium.dsl.arguments import checked_verbs
from podium.model.codec import from_dict, to_dict
from podium.model.errors import AlreadyExists, HandlerNotFound, ServerFailed
from podium.model.handlers import EventHandler


@checked_verbs
class RemoteEventHandlers(EventHandlers):
    """The `EventHandlers` of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @blocking
    async def add(self, handler: EventHandler, *, replace: bool = True) -> None:
        body = to_dict(checked_handler(handler))
        try:
            await self._server.ask("POST", "event", body=body, is_repeatable=True, conflict=AlreadyExists)
        except AlreadyExists:
            if not replace:
                raise
            await self._server.ask("PUT", "event", body=body, is_repeatable=True)

    @blocking
    async def list(self, event: str | None = None, *, active: bool | None = None) -> tuple[EventHandler, ...]:
        return tuple(
            one for one in await self._all() if event in {None, one.event} and (active is None or one.active is active)
        )

    async def _all(self) -> Sequence[EventHandler]:
        answer = await self._server.ask("GET", "event")
        found: Any = answer.json
        if not isinstance(found, list):
            raise ServerFailed(f"{self._server.session.settings.base} answers with no list of event handlers")
        return sorted((from_dict(one, EventHandler) for one in found), key=lambda one: one.name)

    @blocking
    async def get(self, name: str) -> EventHandler:
        wanted = checked_text(name, "the handler's name")
        for one in await self._all():
            if one.name == wanted:
                return one
        raise HandlerNotFound(f"EventHandler with name {name} not found!")

    @blocking
    async def delete(self, name: str) -> None:
        await self._server.ask("DELETE", "event", name, missing=HandlerNotFound)

    @blocking
    async def publish(self, event: str, payload: Mapping[str, object], *, message_id: str | None = None) -> str:
        body = {"event": event, "payload": checked_object(payload, "the message"), "id": message_id}
        answer = await self._server.ask("POST", "podium", "events", body=body, is_repeatable=message_id is not None)
        return str(answer.content.decode())
