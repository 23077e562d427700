"""The engine processes that work on a store in memory."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import EngineRow


class MemoryMembership(MemoryPart):
    """The `podium.engine.ports.MembershipStore` in memory."""

    def heartbeat(self, engine: EngineRow) -> None:
        """Insert or update an engine process's row."""
        with self._lock:
            self._tables.engines[engine.engine_id] = engine

    def engines(self) -> Sequence[EngineRow]:
        """Return every engine process that is not forgotten, by id."""
        with self._lock:
            return [self._tables.engines[engine_id] for engine_id in sorted(self._tables.engines)]

    def forget_engine(self, engine_id: str) -> None:
        """Remove an engine process's row; unknown ids are fine."""
        with self._lock:
            self._tables.engines.pop(engine_id, None)

    def meet(self, *, has_company: bool) -> None:
        """Nothing: there is nobody to be told."""

    def time(self) -> int | None:
        """Return nothing: this is no place of its own."""
        return None
