"""HTTP_POLL and accepted statuses against a real server, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

import podium
import podium.testing
from podium.dsl import web


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a job that is done at the third question, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps({"state": "DONE" if asked.count("/job") > 2 else "BUSY"}).encode()
            self.send_response(404 if self.path == "/gone" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_address[1]}", asked
    served.shutdown()
    served.server_close()


def test_a_job_is_polled_until_it_is_done(server: tuple[str, list[str]]) -> None:
    """Three requests, an hour apart by the engine's clock."""
    address, asked = server
    made = podium.Workflow("one")
    made >> web.poll("job", f"{address}/job", until="$.output.response.body.state === 'DONE'", every="1h")
    with podium.testing.connect() as client:
        began = client.clock.now()
        run = client.run(made, {}, timeout=30)
        hours = (client.clock.now() - began).total_seconds() / 3600

    assert (run.status, asked) == ("COMPLETED", ["/job"] * 3)
    assert 2 <= hours < 3
    assert run.output["response"]["body"] == {"state": "DONE"}


@pytest.mark.parametrize(
    ("accepted", "status"),
    [(None, "FAILED"), (["2xx"], "FAILED"), (["2xx", "404"], "COMPLETED"), (["4XX"], "COMPLETED")],
)
def test_accepted_statuses_are_no_failures(server: tuple[str, list[str]], accepted: Any, status: str) -> None:
    """A status that is named, or whose hundred is, completes the task with its body."""
    made = podium.Workflow("one")
    made >> podium.http("ask", f"{server[0]}/gone", accepted_statuses=accepted)
    with podium.connect("memory://") as client:
        run = client.run(made, {}, timeout=30)

    assert run.status == status
    if status == "COMPLETED":
        assert (run.output["response"]["statusCode"], run.output["response"]["body"]) == (404, {"state": "BUSY"})
