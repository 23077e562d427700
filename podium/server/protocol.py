"""HTTP/1.1 as uvicorn reads it, for clients that would rather speak HTTP/2, and for those that never come to an end."""

from __future__ import annotations

import asyncio
import re
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: What a client says that asks, within HTTP/1.1, for HTTP/2 without TLS, as Java's own does with each first request.
_ASKS = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n|\Z)", re.IGNORECASE)


class HttpProtocol(HttpToolsProtocol):
    """
    Reads requests; one that asks for HTTP/2 without TLS is answered by HTTP/1.1, as a server may.

    Without this the parser takes what follows the headers, the body too, for the other protocol, and drops it.

    Who asks nothing, sends a head drop by drop or without end, or stops within a body, is let go: each connection is
    one of the open files that a server may have.

    Attributes:
        patience_s: Seconds for a whole head, from the connection or its first byte on, and between two parts of a body.
        head_bytes: Most bytes of a request before its body.
    """

    patience_s: ClassVar[float] = 30.0
    head_bytes: ClassVar[int] = 256 * 1024

    _watch: asyncio.TimerHandle | None = None
    #: A request has begun, and its head or its body is not complete.
    _is_receiving = False
    _is_in_head = False
    _head_taken = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Wait for the first request, for a while."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came in."""
        if b"h2c" in data and (self.cycle is None or self.cycle.response_complete):
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _ASKS.sub(b"\r\nx-not-upgraded: h2c", head) + end + rest
        super().data_received(data)
        if not self._is_receiving:
            self._rest()
        elif not self._is_in_head:
            self._wait()
        else:
            self._head_taken += len(data)
            if self._head_taken > self.head_bytes:
                self._let_go(b"431 Request Header Fields Too Large")
            elif self._watch is None:
                self._wait()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._is_receiving = self._is_in_head = True
        self._head_taken = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that a body begins."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that a request is complete."""
        self._is_receiving = False
        super().on_message_complete()

    def _wait(self) -> None:
        self._rest()
        self._watch = self.loop.call_later(self.patience_s, self._let_go, b"408 Request Timeout")

    def _rest(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _let_go(self, status: bytes) -> None:
        """Close the connection; who has begun a head, and no request under way before it, is told why."""
        self._rest()
        if self._is_in_head and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
        self.transport.close()
