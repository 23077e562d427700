"""How a worker process is: ``/health`` for whoever keeps it running, ``/metrics`` for Prometheus."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from prometheus_client import CONTENT_TYPE_LATEST

from podium.model.errors import InvalidRequest

#: Where it listens: nobody else's machine is to know.
_HOST = "127.0.0.1"


class HealthServer:
    """
    Answers ``GET /health`` and ``GET /metrics`` on the loopback address while it is entered.

    Args:
        port: Where; 0 for any that is free.
        state: Gives what ``/health`` says; ``status`` is ``UP``, or it is answered with 503.
        metrics: Gives what ``/metrics`` says.

    Raises:
        InvalidRequest: The port is taken.
    """

    def __init__(self, port: int, state: Callable[[], Mapping[str, object]], metrics: Callable[[], bytes]) -> None:
        class HealthHandler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/health":
                    found = state()
                    self._answer(
                        200 if found["status"] == "UP" else 503, "application/json", json.dumps(found).encode()
                    )
                elif path == "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, metrics())
                else:
                    self._answer(404, "text/plain", b"there are /health and /metrics\n")

            def _answer(self, code: int, kind: str, body: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing of each question: they come every few seconds."""

        try:
            self._server = ThreadingHTTPServer((_HOST, port), HealthHandler)
        except OSError as error:
            raise InvalidRequest(f"port {port} cannot be used for /health: {error.strerror or error}") from error
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The address at which the server answers."""
        return f"http://{_HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="podium-health", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
