"""One interface to an engine: in this process on a store, or behind a server."""

from __future__ import annotations

from podium.client.embedded import EmbeddedClient, connect, run_workflow
from podium.client.http import HttpPolicy
from podium.engine.limits import Limits

__all__ = ["EmbeddedClient", "HttpPolicy", "Limits", "connect", "run_workflow"]
