"""A server that answers as a test says, in the place of the network."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from podium.client.remote.client import RemoteClient
from podium.client.remote.settings import server_settings
from podium.client.remote.wire import Wire

#: What a request is answered with: a status and JSON, or an exception that breaks it off.
Reply = tuple[int, Any] | Exception


class FakeServer:
    """
    Answers requests in turn, and keeps them.

    Args:
        replies: By method and path, such as ``GET /workflow/r``: what is answered, one after the other, the last one
            for ever. What is not there is answered with 404, as Conductor does for paths that it has not.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.headers: list[dict[str, str]] = []
        self._replies: dict[str, list[Reply]] = {}

    def on(self, what: str, *replies: Reply) -> FakeServer:
        """Say how a request is answered."""
        self._replies[what] = list(replies)
        return self

    def client(self) -> RemoteClient:
        """Return a client of this server."""
        settings = server_settings("http://fake:1/api", **self.settings)
        network = httpx.MockTransport(self._answer)
        return RemoteClient(Wire(settings, transport=network, async_transport=network))

    def count(self, what: str) -> int:
        """Return how often something was asked."""
        return sum(asked == what for asked, _, _ in self.asked)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.path.removeprefix('/api')}"
        body = json.loads(request.content) if request.content else None
        self.asked.append((what, dict(request.url.params), body))
        self.headers.append(dict(request.headers))
        replies = self._replies.get(what)
        if not replies:
            return httpx.Response(404, json={"status": 404, "message": f"No static resource {what}."})
        reply = replies[0] if len(replies) == 1 else replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        status, content = reply
        if isinstance(content, str):
            return httpx.Response(status, text=content)
        return httpx.Response(status, json=content)


#: Gives a server with settings of its client.
MakeServer = Callable[..., FakeServer]
