"""The engine behind a server: where it differs from one within a program."""

from __future__ import annotations

from typing import Final

from podium.backends.loader import open_backend
from podium.client.embedded import EmbeddedClient
from podium.client.serving import ServiceSettings
from podium.client.system import ConductorIds
from podium.client.world import SystemWorld
from podium.engine.limits import Limits

#: Least milliseconds between attempts of a task that has failed ten times in a row, unless a server is told otherwise.
RETRY_PACE_MS: Final = 50


def open_engine(
    url: str,
    services: ServiceSettings | None = None,
    *,
    retry_pace_ms: int = RETRY_PACE_MS,
    derives_child_ids: bool = True,
) -> EmbeddedClient:
    """
    Open a store by its URL, with the engine of a server.

    Args:
        url: Of a store, as `podium.connect` takes it.
        services: What tasks may reach outside.
        retry_pace_ms: A task that fails at once, with many retries and no delay, must not take a server that others
            need too: after ten failures in a row, so many milliseconds lie between two attempts. 0 for none.
        derives_child_ids: Sub-workflows get the ids that Conductor's own generator gives them
            (`podium.engine.ids.child_id`), which programs may compute. False for ids that say when they began, which a
            database writes faster.

    Raises:
        BackendError: The URL names no backend, or one that cannot be used.
        StoreUnavailable: It cannot be reached.
    """
    world = SystemWorld(ConductorIds()) if derives_child_ids else None
    limits = Limits(retry_pace_ms=retry_pace_ms)
    return EmbeddedClient(open_backend(url), services=services, limits=limits, world=world)
