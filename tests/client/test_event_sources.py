"""Real brokers as sinks and sources of events: Redis streams, and Kafka by its library's own cluster."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kinds import eventually

import podium
from podium.client import KafkaEvents, RedisEvents
from podium.model.messages import EventMessage
from tests.client.test_event_handlers import handler, ship


@podium.workflow
def tell(order: str, sink: str) -> None:
    """Tell a broker of an order."""
    podium.event("tell", f"{sink}:orders", order=order)


def _exchange(kind: str, broker: Any) -> None:
    """Let one run tell the broker, and a handler start another run of what the broker brings; twice under one id."""
    with podium.connect("memory://", sinks={kind: broker}, sources={kind: broker}) as client:
        client.register(ship, tell)
        client.event_handlers.add(handler(event=f"{kind}:orders"))
        client.run(tell, {"order": "o-1", "sink": kind}, timeout=30)
        assert client.get(eventually(lambda: client.search(name="ship"))[0].workflow_id).input["order"] == "o-1"
        for message_id in ("m", "m", "n"):
            broker(EventMessage(message_id, "orders", {"order": message_id}))
        runs = eventually(lambda: len(found := client.search(name="ship")) == 3 and found)
        assert sorted(client.get(run.workflow_id).input["order"] for run in runs) == ["m", "n", "o-1"]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of its own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}"
        process.terminate()


def test_redis_streams_take_and_bring_events(redis_url: str) -> None:
    """What a run tells a stream starts a run; an entry under a known id starts none."""
    _exchange("redis", RedisEvents(redis_url))


def test_entries_of_others_are_messages_by_their_fields(redis_url: str) -> None:
    """An entry without a body is the map of its fields, and what came before anybody listened is not lost."""
    import redis

    server = redis.Redis.from_url(redis_url)
    server.xadd("orders", {"order": "o-5", "id": "7"})
    broker = RedisEvents(redis_url)
    with podium.connect("memory://", sources={"redis": broker}) as client:
        client.register(ship)
        client.event_handlers.add(handler(event="redis:orders"))
        run = eventually(lambda: client.search(name="ship"))[0]
        assert client.get(run.workflow_id).input["order"] == "o-5"
    server.close()


def test_kafka_takes_and_brings_events() -> None:
    """What a run tells a topic starts a run; a record under a known id starts none."""
    library = pytest.importorskip("confluent_kafka")
    host = library.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    servers = ",".join(str(each) for each in host.list_topics(timeout=10).brokers.values())
    servers = servers.partition("/")[0]
    _exchange("kafka", KafkaEvents(servers))
