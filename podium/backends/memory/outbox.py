"""Messages that wait to be sent, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import OutboxRow


class MemoryOutbox(MemoryPart):
    """The `podium.engine.ports.OutboxStore` in memory."""

    def unsent(self, limit: int) -> Sequence[OutboxRow]:
        """Return messages that wait, oldest first."""
        with self._lock:
            return sorted(self._tables.outbox.values(), key=lambda row: (row.created_at, row.event_id))[:limit]

    def forget_sent(self, event_ids: Collection[str]) -> None:
        """Remove messages that were sent; unknown ids are fine."""
        with self._lock:
            for event_id in event_ids:
                self._tables.outbox.pop(event_id, None)
