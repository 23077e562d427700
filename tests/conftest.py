"""What tests of all folders share: database servers, started once and only when asked for, and what HTTP tasks ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from podium.testing.servers import DatabaseServer, ServerMissing, database_server


def pytest_configure(config: pytest.Config) -> None:
    """Leave coverage of workflows out of the summary, where Podium's own plugin is loaded: these are not our users'."""
    if config.pluginmanager.has_plugin("podium.testing.plugin"):
        config.option.no_podium_coverage = True


def _server(kind: str) -> Iterator[DatabaseServer]:
    try:
        with database_server(kind) as server:
            yield server
    except ServerMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[DatabaseServer]:
    """A PostgreSQL server."""
    yield from _server("postgresql")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    """A MariaDB server."""
    yield from _server("mariadb")


@pytest.fixture
def asked() -> list[tuple[str, dict[str, str]]]:
    """The path and the headers, with names in small letters, of each request that ``target`` gets."""
    return []


@pytest.fixture
def target(asked: list[tuple[str, dict[str, str]]]) -> Iterator[str]:
    """The address of something that HTTP tasks ask; a path with "missing" in it leads nowhere."""

    class Target(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(404 if "missing" in self.path else 200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Target)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
