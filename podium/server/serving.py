"""A server that listens: uvicorn over the application, and how it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from podium.model.errors import InvalidRequest
from podium.server.addresses import with_port
from podium.server.protocol import HttpProtocol

if TYPE_CHECKING:
    from podium.server.app import Application

#: Connections that may wait to be taken.
_BACKLOG = 2048
#: Open files that a server may have, if the system allows it.
_DESCRIPTORS = 100_000


class Listener(uvicorn.Server):
    """
    Serves an application on a socket.

    Told to stop, it takes no more connections, answers the polls that wait and the requests under way, and then lets
    the application close its store. It handles no signals: whoever runs it calls `stop`.

    Args:
        app: What answers.
        sock: Where it listens; see `listen`.
        grace_s: Seconds that requests under way get to end.
        ready: Called with the server's address when it answers.
    """

    def __init__(
        self,
        app: Application,
        sock: socket.socket,
        *,
        grace_s: float = 30.0,
        ready: Callable[[str], None] | None = None,
        grpc: str | None = None,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=HttpProtocol,
            loop="uvloop",
            lifespan="off",  # the store is opened before, so that it can say why it cannot be
            ws="none",
            access_log=False,
            log_config=None,
            backlog=_BACKLOG,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=round(grace_s),
        )
        super().__init__(config)
        self._app = app
        self._sock = sock
        self._ready = ready
        self._grace_s = grace_s
        self._grpc = grpc
        #: Where gRPC is served, once it is; None without.
        self.grpc_port: int | None = None

    @property
    def url(self) -> str:
        """Its address, without a path."""
        host, port = self._sock.getsockname()[:2]
        return f"http://{with_port(host, port)}"

    def run_here(self) -> None:
        """
        Serve until `stop` is called; blocks.

        Raises:
            PodiumError: The store cannot be opened.
        """
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self._serve_opened())

    async def _serve_opened(self) -> None:
        async with self._app.opened(), self._grpc_served():
            await self.serve([self._sock])

    @asynccontextmanager
    async def _grpc_served(self) -> AsyncIterator[None]:
        """Serve gRPC beside, if that is wanted."""
        if self._grpc is None:
            yield
            return
        from podium.server.grpc_api.serving import grpc_server  # slow to import, and few servers have it

        server, self.grpc_port = grpc_server(self._app, self._grpc)
        await server.start()
        try:
            yield
        finally:
            await server.stop(self._grace_s)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to whoever runs it."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, when the application is ready."""
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what waits, take no more, and end the application."""
        await asyncio.get_running_loop().run_in_executor(None, self._app.drain)
        await super().shutdown(sockets)

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """End; told again, without waiting for anything. From any thread, or as a signal's handler."""
        self.force_exit = self.should_exit
        self.should_exit = True


def allow_connections() -> None:
    """Let this process have as many connections as the system allows; each worker that waits has one."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or soft < hard:
        wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def listen(host: str, port: int) -> socket.socket:
    """
    Return a socket that listens.

    Args:
        host: An address of this machine, or its name.
        port: 0 for any that is free.

    Raises:
        InvalidRequest: It cannot be had, such as a port that is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as error:
        raise InvalidRequest(f"the server cannot listen on {host}:{port}: {error.strerror or error}") from error
    sock.set_inheritable(False)
    return sock
