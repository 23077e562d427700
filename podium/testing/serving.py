"""
Servers for tests: Podium's own, on a free port of loopback.

`running_server` has it in this process, on a thread of its own, with its engine at hand; `server_process` in a process
of its own, which can be killed.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from attrs import frozen

from podium.client.embedded import EmbeddedClient
from podium.model.errors import PodiumError
from podium.server.app import create_app
from podium.server.opening import open_engine
from podium.server.serving import Listener, listen
from podium.server.settings import ServerSettings
from podium.testing.requests import run_test

#: Seconds that a server may take to begin and to end.
_PATIENCE_S = 30.0


@frozen
class RunningServer:
    """
    A server that runs.

    Attributes:
        url: Its address, without a path.
        client: The client beneath, to look at what it has done; None for one in another process.
        grpc_port: Where it serves gRPC; None where it does not.
        process: The process; None for one in this process.
    """

    url: str
    client: EmbeddedClient | None = None
    grpc_port: int | None = None
    process: subprocess.Popen[str] | None = None

    @property
    def api(self) -> str:
        """The address of its API."""
        return f"{self.url}/api"

    def kill(self) -> None:
        """End a process at once, as a power cut does."""
        assert self.process is not None, "only a server process can be killed"
        self.process.kill()
        self.process.wait(_PATIENCE_S)


@contextmanager
def running_server(
    db: str | Callable[[], EmbeddedClient] = "memory://",
    *,
    settings: ServerSettings | None = None,
    port: int = 0,
    grpc: bool = False,
) -> Iterator[RunningServer]:
    """
    Run a server on a thread of this process; it ends with the block.

    Args:
        db: As `podium.server.app.create_app` takes it.
        settings: Its settings.
        port: 0 for a free one.
        grpc: Serve gRPC too, on another free port.

    Raises:
        PodiumError: It does not start.
    """
    opening: Callable[[], EmbeddedClient] = partial(open_engine, db) if isinstance(db, str) else db
    opened: list[EmbeddedClient] = []
    told: queue.SimpleQueue[str | BaseException] = queue.SimpleQueue()

    def open_client() -> EmbeddedClient:
        opened.append(opening())
        return opened[0]

    settings = settings or ServerSettings(
        tester=run_test, imagine=lambda run, mocks, given: run.what_if(mocks, input=given)
    )
    listener = Listener(
        create_app(open_client, settings=settings),
        listen("127.0.0.1", port),
        ready=told.put,
        grpc="127.0.0.1:0" if grpc else None,
    )

    def serve() -> None:
        try:
            listener.run_here()
        except BaseException as error:  # noqa: BLE001  # it is raised where the server is waited for
            told.put(error)

    thread = threading.Thread(target=serve, name="podium-test-server", daemon=True)
    thread.start()
    first = told.get(timeout=_PATIENCE_S)
    if isinstance(first, BaseException):
        raise first
    try:
        yield RunningServer(first, client=opened[0], grpc_port=listener.grpc_port)
    finally:
        listener.stop()
        thread.join(_PATIENCE_S)


@contextmanager
def server_process(db: str, *words: str, port: int = 0, cwd: Path | None = None) -> Iterator[RunningServer]:
    """
    Run ``podium server`` in a process of its own; it is told to end with the block, unless it has ended before.

    Args:
        db: Where the runs are.
        words: Further words of the command line.
        port: 0 for a free one.
        cwd: Where it runs.

    Raises:
        PodiumError: It does not start.
    """
    command: Sequence[str] = (
        *(sys.executable, "-m", "podium", "server"),
        *("--db", db, "--port", str(port)),
        *words,
    )
    process = subprocess.Popen(  # noqa: S603  # our own command
        command, stdout=subprocess.PIPE, text=True, cwd=cwd, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise PodiumError(f"the server process said {url!r} instead of its address")
        yield RunningServer(url.removesuffix("/api"), process=process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE_S)
        process.stdout.close()
