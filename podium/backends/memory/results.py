"""Outputs that may be used again, in memory."""

from __future__ import annotations

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import CachedRow


class MemoryResults(MemoryPart):
    """The `podium.engine.ports.ResultStore` in memory."""

    def cached(self, key: str, now: int) -> CachedRow | None:
        """Return the output that is kept under a key and expires after *now*, or None."""
        with self._lock:
            row = self._tables.cached.get(key)
            return row if row is not None and row.expires_at > now else None

    def forget_expired(self, now: int) -> int:
        """Remove what has expired at *now*; gives how many there were."""
        with self._lock:
            expired = [key for key, row in self._tables.cached.items() if row.expires_at <= now]
            for key in expired:
                del self._tables.cached[key]
            return len(expired)
