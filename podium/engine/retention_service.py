"""The duty to delete runs that ended longer ago than the store's policies say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.engine.config import EngineConfig
from podium.engine.heartbeats import is_alive
from podium.engine.services import FAR_MS, Service, ServiceHost
from podium.model.later import later

if TYPE_CHECKING:
    from podium.model import retention
else:
    retention = later("podium.model.retention")


class RetentionService(Service):
    """
    Lets old runs be deleted beside the engine (`EngineConfig.retain`).

    Soon after a policy has changed, and from then on as often as its age asks for. Of several processes one does it,
    that with the least id of those that live: so no run is archived twice. Nothing but work depends on that.
    """

    interval_ms = 5_000
    #: Least and most milliseconds between two turns; between them a tenth of the shortest age.
    least_ms, most_ms = 10_000, 3_600_000

    def __init__(self, host: ServiceHost, ports: EngineConfig) -> None:
        super().__init__(host, ports)
        self._version: int | None = None
        self._sweep_at = 0
        self._has_begun = False

    def duty(self, now: int) -> None:
        """Look at the policies; not at once, so that a program that runs shortly does nothing of it."""
        retain = self._ports.retain
        if retain is None:
            self.next_at = now + FAR_MS
            return
        if not self._has_begun:
            self._has_begun = True
            return
        version = self._ports.backend.registry_version()
        if version == self._version and now < self._sweep_at:
            return
        self._version, self._sweep_at = version, now + self.most_ms
        policies = [
            retention.RetentionPolicy.of(row.name, row.body) for row in self._ports.backend.entries(retention.KIND)
        ]
        ages = [retention.age_s(policy.older_than) * 1_000 for policy in policies if policy.older_than is not None]
        if not ages:
            return
        self._sweep_at = now + int(min(max(min(ages) / 10, self.least_ms), self.most_ms))
        if self._is_first(now):
            retain(policies)

    def _is_first(self, now: int) -> bool:
        ports = self._ports
        alive = [one.engine_id for one in ports.backend.engines() if is_alive(one, ports.processes, now)]
        return min(alive, default=ports.engine_id) >= ports.engine_id
