"""Attempts that are in hand here, and were ended elsewhere."""

from __future__ import annotations

from podium.engine.config import EngineConfig
from podium.engine.services import Service, ServiceHost
from podium.model.assignments import AttemptKey
from podium.model.statuses import TaskStatus


class RecallService(Service):
    """
    Sees that attempts in hand here have ended by the word of another process, and tells who works on them.

    A commit of this process tells by itself what it ends.
    """

    #: Most attempts that are looked at in one turn; the others come in the next ones.
    batch = 500

    def __init__(self, host: ServiceHost, ports: EngineConfig) -> None:
        super().__init__(host, ports)
        self._rest: list[AttemptKey] = []

    def duty(self, now: int) -> None:
        """Look at the runs that have changed."""
        backend = self._ports.backend
        in_hand = self._host.in_hand
        if not backend.is_shared or not in_hand:
            return
        self._rest = [key for key in self._rest if key in in_hand] or sorted(in_hand)
        looked, self._rest = self._rest[: self.batch], self._rest[self.batch :]
        pulses = backend.pulses({run_id for run_id, _ in looked})
        changed = [key for key in looked if key[0] not in pulses or self._is_news(key[0], pulses[key[0]].revision)]
        if gone := [key for key in changed if not self._lives(key)]:
            self._host.take_away(gone)

    def _is_news(self, run_id: str, revision: int) -> bool:
        """Return whether a revision of a run is another process's work."""
        return self._host.revision_here(run_id) != revision

    def _lives(self, key: AttemptKey) -> bool:
        row = self._ports.backend.load_task(*key)
        return row is not None and not TaskStatus(row.status).is_terminal
