"""Messages to runs in memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import MessageRow


class MemoryInboxes(MemoryPart):
    """The `podium.engine.ports.InboxStore` in memory."""

    def load_messages(self, run_id: str, after: int, limit: int) -> Sequence[MessageRow]:
        """Return the messages to a run with a number above *after*, by number."""
        with self._lock:
            numbers = sorted(self._tables.messages.get(run_id, {}))
            found = (self._tables.messages[run_id][number] for number in numbers if number > after)
            return list(islice(found, limit))
