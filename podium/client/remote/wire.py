"""Calls on their way: httpx, for threads and for event loops."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import httpx

from podium.client.driving import RemoteCall
from podium.client.remote.calls import HttpAnswer, HttpCall, NoAnswer
from podium.client.remote.settings import RemoteSettings, Tls
from podium.model.payloads import dump
from podium.model.shortages import is_shortage
from podium.model.spans import current_trace
from podium.model.tracing import trace_headers
from podium.model.version import own_version

#: Unused connections that are kept, and for how many seconds.
_KEPT, _KEPT_S = 64, 10.0

#: What fails before the server has seen anything of a request.
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
_TLS_WORDS = ("CERTIFICATE_VERIFY_FAILED", "certificate", "WRONG_VERSION_NUMBER", "SSLV3_ALERT", "TLSV1")


class Wire:
    """
    The connections of one client to its server; each is made when it is needed. May be used by any thread.

    Args:
        settings: Where the server is.
        transport: What carries calls of threads instead of the network.
        async_transport: What carries calls of event loops instead of the network.
    """

    def __init__(
        self,
        settings: RemoteSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings: RemoteSettings = settings
        self._transport = transport
        self._async_transport = async_transport
        self._lock = threading.Lock()
        self._verify: Any = None
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None

    def send(self, call: HttpCall, headers: Mapping[str, str], *, root: bool = False) -> HttpAnswer | NoAnswer:
        """Make a call in this thread."""
        client = self._client or self._opened()
        try:
            return _answer(client.request(**self._request(call, headers, root=root)))
        except Exception as error:  # noqa: BLE001  # what can break is told apart in one place
            return broken(error)

    async def send_async(
        self, call: HttpCall, headers: Mapping[str, str], *, root: bool = False
    ) -> HttpAnswer | NoAnswer:
        """Make a call in an event loop, always the same."""
        client = self._async_client or self._opened_async()
        try:
            return _answer(await client.request(**self._request(call, headers, root=root)))
        except Exception as error:  # noqa: BLE001  # as above
            return broken(error)

    def another(self) -> Wire:
        """Return a wire with connections of its own, for another event loop."""
        return Wire(self.settings, transport=self._transport, async_transport=self._async_transport)

    def close(self) -> None:
        """Close the connections of threads."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    async def close_async(self) -> None:
        """Close the connections of the event loop."""
        client, self._async_client = self._async_client, None
        if client is not None:
            await client.aclose()

    def _request(self, call: HttpCall, headers: Mapping[str, str], *, root: bool) -> dict[str, Any]:
        settings = self.settings
        named = {name: value for name, value in call.query.items() if value is not None}
        content = None if call.body is None else dump(call.body)
        kind = {} if content is None else {"Content-Type": "application/json"}
        if call.text is not None:
            content, kind = call.text.encode(), {"Content-Type": "text/plain"}
        return {
            "method": call.method,
            "url": (settings.root if root else settings.base) + call.path,
            "params": {name: _written(value) for name, value in named.items()} or None,
            "content": content,
            "headers": {**trace_headers(current_trace()), **settings.headers, **headers, **kind},
            "timeout": httpx.Timeout(settings.timeout_s + call.waits_s, connect=settings.connect_s),
        }

    def _opened(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(transport=self._transport, **self._options())
            return self._client

    def _opened_async(self) -> httpx.AsyncClient:
        with self._lock:
            if self._async_client is None:
                self._async_client = httpx.AsyncClient(transport=self._async_transport, **self._options())
            return self._async_client

    def _options(self) -> dict[str, Any]:
        if self._verify is None:
            is_plain = self.settings.base.startswith("http:")
            # To read all certificates takes longer than a hundred calls, and http:// needs none.
            self._verify = _no_certificates() if is_plain else (self.settings.tls or Tls()).context()
        return {
            "verify": self._verify,
            "follow_redirects": False,
            "headers": {"Accept": "application/json, text/plain", "User-Agent": f"podium/{own_version() or 0}"},
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT, keepalive_expiry=_KEPT_S),
        }


class Exchange(RemoteCall):
    """One call and what became of it, for a coroutine that waits for it."""

    def __init__(self, wire: Wire, call: HttpCall, headers: Mapping[str, str], *, root: bool = False) -> None:
        self._wire = wire
        self._call = call
        self._headers = headers
        self._root = root
        self.outcome: HttpAnswer | NoAnswer = NoAnswer("it was not asked", was_sent=False)

    def make(self) -> None:
        """Make the call in this thread."""
        self.outcome = self._wire.send(self._call, self._headers, root=self._root)

    async def make_async(self) -> None:
        """Make the call in an event loop."""
        self.outcome = await self._wire.send_async(self._call, self._headers, root=self._root)


def broken(error: Exception) -> NoAnswer:
    """
    Return what an exception of httpx means; others are raised.

    Example:
        >>> broken(httpx.ReadTimeout("")).was_sent
        True
    """
    if not isinstance(error, httpx.TransportError | OSError | httpx.DecodingError):
        if isinstance(error, RuntimeError) and is_shortage(error):
            return NoAnswer(str(error), was_sent=False)
        raise error
    words = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        words = "no connection in time" if isinstance(error, httpx.ConnectTimeout) else "no answer in time"
    is_early = isinstance(error, _BEFORE)
    return NoAnswer(words, was_sent=not is_early, is_hopeless=is_early and any(word in words for word in _TLS_WORDS))


def _answer(response: httpx.Response) -> HttpAnswer:
    return HttpAnswer(response.status_code, response.content, {k.lower(): v for k, v in response.headers.items()})


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return list(value) if isinstance(value, list | tuple) else str(value)


def _no_certificates() -> Any:
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; never asked for http://
