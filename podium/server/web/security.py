"""What browsers are told and asked so that no other site reads a page, acts by it, or runs anything in it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from podium.server.errors import Refusal

#: The cookies: who is signed in, the token against forgery, one sentence for the next page, and the colours chosen.
SESSION, FORGERY, SAID, THEME = "podium_session", "podium_csrf", "podium_said", "podium_theme"
#: The field of a form, and the header of htmx, that bring the token against forgery.
FORGERY_FIELD, FORGERY_HEADER = "csrf", "x-csrf-token"

#: Nothing from elsewhere, nothing inline: scripts and styles are files of the server.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
#: Of pages: they hold what only who may see them may see.
UNKEPT = {"cache-control": "no-store"}


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks TLS, to a proxy before the server."""
    return request.headers.get("x-forwarded-proto", request.url.scheme) == "https"


def set_cookie(request: Request, response: Response, name: str, value: str, *, age_s: int | None = None) -> None:
    """Give the browser a cookie that no script and no other site sees; an empty one is taken back."""
    if value:
        response.set_cookie(
            name, value, max_age=age_s, path="/", secure=is_secure(request), httponly=True, samesite="lax"
        )
    else:
        response.delete_cookie(name, path="/", secure=is_secure(request), httponly=True, samesite="lax")


def new_token() -> str:
    """Return a token against forgery."""
    return secrets.token_urlsafe(24)


def refuse_forgery(request: Request, given: str) -> None:
    """
    Refuse a form that another site sends in the name of who is signed in here.

    Args:
        request: A POST.
        given: The token that its form, or its header, brings: that of the cookie, which other sites do not know.

    Raises:
        Refusal: 403.
    """
    known = request.cookies.get(FORGERY, "")
    if not known or not hmac.compare_digest(known.encode(), given.encode()):
        raise Refusal(403, "this form was not sent by one of our own pages, or it is too old; go back and load it anew")
    origin = request.headers.get("origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if is_foreign or request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Refusal(403, "this form was sent by another site")


def came_from(request: Request) -> str:
    """Return the path, with parameters, of our own page that asks; empty for what comes from elsewhere."""
    page = urlsplit(request.headers.get("referer", ""))
    if page.netloc != request.headers.get("host", "") or not page.netloc:
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def own_path(wanted: str) -> str:
    """
    Return a path of this server to go to; ``/`` for what may be an address of another.

    Example:
        >>> own_path("/runs?status=FAILED"), own_path("//elsewhere.org")
        ('/runs?status=FAILED', '/')
    """
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_own else "/"
