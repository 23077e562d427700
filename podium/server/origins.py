"""Pages of other sites that may ask this server (CORS): none, unless the owner names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

Headers: TypeAlias = "tuple[tuple[bytes, bytes], ...]"

#: Seconds that a browser need not ask again what it may.
_KEPT_S = b"600"


def allowing(origins: Collection[str], headers: Mapping[bytes, bytes]) -> Headers:
    """
    Return what lets a page of another site read an answer; nothing for a page that may not, or for no page.

    Args:
        origins: The sites, such as ``https://ops.example.com``; ``*`` for all.
        headers: Of the request.
    """
    origin = headers.get(b"origin")
    if origin is None or not origins or ("*" not in origins and origin.decode("latin-1") not in origins):
        return ()
    return (b"access-control-allow-origin", origin), (b"vary", b"origin")


def preflight(origins: Collection[str], method: str, headers: Mapping[bytes, bytes]) -> Headers | None:
    """Return the answer to a browser that asks what a page may ask; None for another request, or one that may not."""
    allowed = allowing(origins, headers)
    if method != "OPTIONS" or b"access-control-request-method" not in headers or not allowed:
        return None
    return (
        *allowed,
        (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
        (b"access-control-allow-headers", b"content-type, authorization, x-authorization, traceparent"),
        (b"access-control-max-age", _KEPT_S),
    )
