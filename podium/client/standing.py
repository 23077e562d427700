"""Whether anybody works on a store."""

from __future__ import annotations

from podium.engine.ports import Backend, Clock, Processes
from podium.engine.rows import EngineRow
from podium.engine.services import RescueService


def has_engine(backend: Backend, processes: Processes, clock: Clock) -> bool:
    """
    Say whether a live engine process works on a store.

    The rule is that of `podium.engine.services.RescueService`, which takes over what a dead process leaves: a process
    of this machine lives if the operating system says so, one of another machine if it was heard of lately.
    """
    now = clock.now()
    return any(_is_alive(engine, processes, now) for engine in backend.engines())


def _is_alive(engine: EngineRow, processes: Processes, now: int) -> bool:
    if not engine.heartbeat_at:
        return False  # it said good-bye
    alive = processes.is_alive(engine.identity)
    return now - engine.heartbeat_at <= RescueService.silence_ms if alive is None else alive
