"""The duty to remove outputs that nobody is given any more (`podium.engine.caching`)."""

from __future__ import annotations

from podium.engine.config import EngineConfig
from podium.engine.services import Service, ServiceHost


class ExpiryService(Service):
    """Removes outputs that have expired: nobody is given one any more, so there is no hurry."""

    interval_ms = 3_600_000

    def __init__(self, host: ServiceHost, ports: EngineConfig) -> None:
        super().__init__(host, ports)
        self._has_begun = False

    def duty(self, now: int) -> None:
        """Remove them; not before an hour has passed, so that a program that runs shortly does nothing of it."""
        if self._has_begun:
            self._ports.backend.forget_expired(now)
        self._has_begun = True
