"""Which engine processes of other machines live: they are heard of by their heartbeats alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from podium.engine.rows import EngineRow

if TYPE_CHECKING:
    from podium.engine.ports import Processes

#: Milliseconds of silence after which an engine process of another machine counts as dead.
SILENCE_MS = 10_000

#: The same for one who looks only once, and whom nobody knows to look.
_ONE_LOOK_MS = 30_000

#: Milliseconds between two heartbeats while others rely on them: processes of another machine, who see nothing else.
HEARTBEAT_MS = 2_000

#: A look that comes later than this after the one before counts as if it had come then: the store may have been gone in
#: between, or this machine asleep, and then the others could not be heard.
_GAP_MS = 1_500

#: Milliseconds of looking after which a heartbeat that is old by the clock is believed to be old.
_GLANCE_MS = 5_000


def is_alive(engine: EngineRow, processes: Processes, now: int) -> bool:
    """
    Return whether an engine process lives, as far as one look can tell.

    A process of this machine is known to be dead as soon as the operating system says so; one of another machine when
    it has been silent for half a minute.
    """
    if not engine.heartbeat_at:
        return False  # it said good-bye
    alive = processes.is_alive(engine.identity)
    return now - engine.heartbeat_at <= _ONE_LOOK_MS if alive is None else alive


class _Heard(NamedTuple):
    heartbeat_at: int
    #: Milliseconds of looking in which that has not changed.
    silent_ms: int


class Silence:
    """
    How long the others have said nothing, as seen by one who looks again and again.

    Who takes the work of another over must be surer than `is_alive` is: clocks of machines differ, and when the store
    comes back after an hour everybody's heartbeat is an hour old. So what counts is the time in which this process
    looked, and saw no heartbeat.
    """

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}
        self._looked_at = 0

    def look(self, engines: Sequence[EngineRow], now: int) -> None:
        """Look at the heartbeats as they are in the store now."""
        passed = min(max(0, now - self._looked_at), _GAP_MS) if self._looked_at else 0
        self._looked_at = now
        before = self._heard
        self._heard = {}
        for engine in engines:
            heard = before.get(engine.engine_id)
            is_same = heard is not None and heard.heartbeat_at == engine.heartbeat_at
            silent_ms = heard.silent_ms + passed if heard is not None and is_same else 0
            self._heard[engine.engine_id] = _Heard(engine.heartbeat_at, silent_ms)

    def is_alive(self, engine: EngineRow, processes: Processes, now: int) -> bool:
        """Return whether an engine process that was looked at lives."""
        if not engine.heartbeat_at:
            return False
        alive = processes.is_alive(engine.identity)
        if alive is not None:
            return alive
        silent_ms = self._heard[engine.engine_id].silent_ms
        is_old = now - engine.heartbeat_at > SILENCE_MS
        return silent_ms < (_GLANCE_MS if is_old else SILENCE_MS)
