"""One interface to an engine: in this process on a store, or behind a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.client.connecting import connect, connect_async, run_workflow
from podium.client.embedded import EmbeddedClient
from podium.client.interface import Client
from podium.engine.limits import Limits
from podium.model.later import loader
from podium.model.messages import EventMessage, EventSink, EventSource

if TYPE_CHECKING:
    from podium.client.archive import read_archive
    from podium.client.asynchronous import AsyncClient
    from podium.client.http import HttpPolicy
    from podium.client.remote.settings import Tls
    from podium.client.services.databases import Database
    from podium.client.services.kafka_events import KafkaEvents
    from podium.client.services.redis_events import RedisEvents

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

#: What few programs need, by the module that has it: imported when it is asked for, as a start would pay for all.
_RARE = {
    "AsyncClient": "podium.client.asynchronous",
    "Database": "podium.client.services.databases",
    "HttpPolicy": "podium.client.http",
    "KafkaEvents": "podium.client.services.kafka_events",
    "RedisEvents": "podium.client.services.redis_events",
    "Tls": "podium.client.remote.settings",
    "read_archive": "podium.client.archive",
}

# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:
    __getattr__ = loader(__name__, _RARE)
