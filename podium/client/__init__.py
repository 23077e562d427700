"""One interface to an engine: in this process on a store, or behind a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.client.archive import read_archive
from podium.client.connecting import connect, connect_async, run_workflow
from podium.client.embedded import EmbeddedClient
from podium.client.http import HttpPolicy
from podium.client.interface import Client
from podium.client.remote.settings import Tls
from podium.client.services.databases import Database
from podium.client.services.kafka_events import KafkaEvents
from podium.client.services.redis_events import RedisEvents
from podium.engine.limits import Limits
from podium.model.messages import EventMessage, EventSink, EventSource

if TYPE_CHECKING:
    from podium.client.asynchronous import AsyncClient

__all__ = [
    "AsyncClient",
    "Client",
    "Database",
    "EmbeddedClient",
    "EventMessage",
    "EventSink",
    "EventSource",
    "HttpPolicy",
    "KafkaEvents",
    "Limits",
    "RedisEvents",
    "Tls",
    "connect",
    "connect_async",
    "read_archive",
    "run_workflow",
]

# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name != "AsyncClient":
            raise AttributeError(f"module 'podium.client' has no attribute {name!r}")
        from podium.client.asynchronous import AsyncClient  # asyncio is slow to import, and few need it

        return AsyncClient
