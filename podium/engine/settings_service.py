"""The duty of values that people set: to see those that other processes have written."""

from __future__ import annotations

from podium.engine.services import FAR_MS, Service


class SettingsService(Service):
    """Reads secrets and variables of the store again when somebody has changed them."""

    def duty(self, now: int) -> None:
        """Look whether any have changed."""
        self._ports.renew()
        if not self._ports.backend.is_shared:
            self.next_at = now + FAR_MS  # only this process changes them, and looks itself then
