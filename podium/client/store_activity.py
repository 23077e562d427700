"""Whether anybody works on a store."""

from __future__ import annotations

from podium.engine.heartbeats import is_alive
from podium.engine.ports import Clock, MembershipStore, Processes


def has_engine(backend: MembershipStore, processes: Processes, clock: Clock) -> bool:
    """Return whether a live engine process works on a store."""
    now = clock.now()
    return any(is_alive(engine, processes, now) for engine in backend.engines())
