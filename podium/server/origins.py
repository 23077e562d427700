"""Pages of other sites that may ask this server (CORS): none, unless the owner names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from podium.server.errors import Refusal

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


def refuse_other_sites(origins: Collection[str], headers: Mapping[str, str], *, changes: bool) -> None:
    """
    Refuse what a page of another site asks by the browser of who uses this server, which asks nobody who he is.

    Browsers let any page send simple requests; it could start runs without ever reading an answer.

    Args:
        origins: Sites whose pages may.
        headers: Of the request, by lower-case name.
        changes: The request may change something; what only reads gives such a page nothing, but a link to it is fine.

    Raises:
        Refusal: 403.
    """
    origin = headers.get("origin")
    if origin is not None:
        is_foreign = origin not in origins and origin.partition("://")[2] != headers.get("host")
    else:
        is_foreign = changes and headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
    if is_foreign and "*" not in origins:
        raise Refusal(
            403, f"pages of {origin or 'other sites'} may not ask this server; --cors of podium server names sites"
        )
