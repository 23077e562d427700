"""Messages to runs, and calls of webhooks: what comes from outside for tasks that wait for it."""

from __future__ import annotations

from collections.abc import Mapping

from podium.client.checked import checked_object
from podium.client.engine import EmbeddedEngine
from podium.engine.events import Message
from podium.model.errors import InvalidRequest, LimitExceeded


class Incoming:
    """
    Takes them in.

    Args:
        engine: Where the runs are.
    """

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    async def message(self, run_id: str, payload: Mapping[str, object]) -> str:
        """Put a message into a run's queue; returns its id."""
        limits = self._engine.limits
        try:
            body = limits.packed(checked_object(payload, "the payload"), "the payload", limits.message_bytes)
        except LimitExceeded as error:
            raise InvalidRequest(str(error)) from None
        message_id = self._engine.ids.run_id()
        await self._engine.ask(Message(run_id, message_id, body))
        return message_id
