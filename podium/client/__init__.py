"""One interface to an engine: in this process on a store, or behind a server."""

from __future__ import annotations

from podium.client.embedded import EmbeddedClient, connect, run_workflow

__all__ = ["EmbeddedClient", "connect", "run_workflow"]
