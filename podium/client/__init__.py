"""One interface to an engine: in this process on a store, or behind a server."""

from __future__ import annotations

from podium.client.embedded import EmbeddedClient, connect, run_workflow
from podium.client.http import HttpPolicy

__all__ = ["EmbeddedClient", "HttpPolicy", "connect", "run_workflow"]
