"""The slots of limits, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import SlotRow


class MemorySlots(MemoryPart):
    """The `podium.engine.ports.SlotStore` in memory."""

    def slots(self, name: str | None = None) -> Sequence[SlotRow]:
        """Return the slots of a limit, or of all, by name and number."""
        with self._lock:
            return sorted(slot for slot in self._tables.slots.values() if name in {None, slot.name})

    def awaited_limit(self, after: str = "#") -> str | None:
        """Return the first name after *after* that somebody waits for, or None."""
        with self._lock:
            names = [queue for queue, keys in self._tables.open.items() if keys]
            names += [holder for holder, run_ids in self._tables.held.items() if run_ids and holder is not None]
        return min((name for name in names if after < name < "$"), default=None)
