"""Clients and workers of servers that ask who calls, and of those behind https."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import podium
from podium import task, workflow
from podium.client import Tls
from podium.client.embedded import open_embedded
from podium.engine.requests import Register
from podium.model.errors import AccessDenied, ServerUnreachable
from podium.server.access import APPLICATION, AccessApplication, Role, with_new_key
from podium.server.settings import ServerSettings
from podium.testing.serving import running_server

PATIENCE_S = 60.0


@task
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@workflow
def doubled(number: int) -> int:
    """Double a number once."""
    return double(number).output


@pytest.fixture
def guarded() -> Iterator[tuple[str, dict[Role, tuple[str, str]]]]:
    """The address of a server that asks who calls, and a key of each role."""
    keys: dict[Role, tuple[str, str]] = {}

    def opened() -> podium.EmbeddedClient:
        client = open_embedded("memory://")
        for role in Role:
            application, *keys[role] = with_new_key(AccessApplication(id=role.lower(), name=role, roles=(role,)), 1)  # type: ignore[assignment]  # a starred target is a list
            client.kernel.register(Register(entries=[(APPLICATION, application.id, application.body())])).wait()
        return client

    with running_server(opened, settings=ServerSettings(asks_who=True)) as server:
        yield server.api, keys


def test_a_worker_works_with_the_key_of_a_worker(guarded: tuple[str, dict[Role, tuple[str, str]]]) -> None:
    """It may poll and report and nothing else; who starts runs has another key; who has none is told what to give."""
    api, keys = guarded
    (worker_id, worker_secret), (editor_id, editor_secret) = keys[Role.WORKER], keys[Role.EDITOR]
    with (
        podium.connect(api, key_id=editor_id, key_secret=editor_secret) as editor,
        podium.connect(api, key_id=worker_id, key_secret=worker_secret) as worker,
        worker.workers([double]),
    ):
        assert editor.run(doubled, {"number": 4}, timeout=PATIENCE_S).result == 8
        with pytest.raises(AccessDenied, match="may not do that"):
            worker.register(doubled)

    with podium.connect(api) as nobody, pytest.raises(AccessDenied, match="CONDUCTOR_AUTH_KEY"):
        nobody.search()

    async def main() -> int:
        async with podium.connect_async(api, key_id=editor_id, key_secret=editor_secret) as client:
            return len(await client.search())

    assert asyncio.run(main()) == 1


class Answers(BaseHTTPRequestHandler):
    """Answers every question with a run."""

    def do_GET(self) -> None:
        body = json.dumps({"workflowId": "r", "status": "COMPLETED", "tasks": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a server behind https, and the certificate that vouches for it."""
    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*command, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}/api", certificate
    server.shutdown()
    server.server_close()


def test_a_server_behind_https_is_trusted_by_its_certificate(secured: tuple[str, str]) -> None:
    """One that nobody vouches for is refused at once, with what to give; with that it answers."""
    url, certificate = secured
    with (
        podium.connect(url) as stranger,
        pytest.raises(ServerUnreachable, match=r"(?i)certificate.*podium\.client\.Tls\(ca="),
    ):
        stranger.get("r")

    with podium.connect(url, tls=Tls(ca=certificate)) as client:
        assert client.get("r").workflow_id == "r"
