"""HTTP/1.1 as uvicorn reads it, for clients that would rather speak HTTP/2."""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: What a client says that asks, within HTTP/1.1, for HTTP/2 without TLS, as Java's own does with each first request.
_ASKS = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n|\Z)", re.IGNORECASE)


class HttpProtocol(HttpToolsProtocol):
    """
    Reads requests; one that asks for HTTP/2 without TLS is answered by HTTP/1.1, as a server may.

    Without this the parser takes what follows the headers, the body too, for the other protocol, and drops it.
    """

    def data_received(self, data: bytes) -> None:
        """Take what came in."""
        if b"h2c" in data and (self.cycle is None or self.cycle.response_complete):
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _ASKS.sub(b"\r\nx-not-upgraded: h2c", head) + end + rest
        super().data_received(data)
