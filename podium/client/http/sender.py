"""Sends the requests of HTTP tasks with httpcore: no cookies, no log lines, no settings from the environment."""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Mapping
from email.message import Message
from typing import TYPE_CHECKING

from attrs import evolve

from podium.client.http.network import GuardedNetwork
from podium.client.http.policy import ForbiddenHost, HttpPolicy
from podium.client.http.unpacking import ACCEPTED, read_body
from podium.engine.service_ports import HttpReply, HttpRequest
from podium.model.shortages import is_shortage

if TYPE_CHECKING:
    import httpcore
    import httpx

#: Redirects that are followed.
_HOPS_MAX = 20

#: Seconds that an unused connection is kept.
_KEPT_S = 5.0

#: Seconds between two tries in a shortage of the machine's.
_SHORTAGE_S = 0.1

_ENCODED = re.compile(r"[\x21-\x7e]*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

#: Headers that a redirect to another origin must not carry on.
_CREDENTIALS = re.compile(r"auth|cookie|key|token|secret|session|signature|password|credential", re.IGNORECASE)

#: Codecs that turn bytes into text in time that grows with their length.
_TEXT_CODEC = re.compile(
    r"ascii|utf-(8(-sig)?|16(-[bl]e)?|32(-[bl]e)?)|iso8859-\d+|cp\d+|koi8-[rut]|mac-\w+|gb\w+|big5\w*|euc_\w+|shift_jis\w*"
)


class HttpcoreSender:
    """Sends requests; one pool of connections, made at the first request. It belongs to one event loop."""

    def __init__(self, policy: HttpPolicy) -> None:
        self._policy = policy
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send a request; see `podium.engine.service_ports.HttpSender`."""
        if request.copies > 1:
            from podium.client.http.hedging import first_good  # few ask for it

            return await first_good((self._sent(request) for _ in range(request.copies)), request.is_good)
        return await self._sent(request)

    async def _sent(self, request: HttpRequest) -> HttpReply:
        limit_s = request.connect_timeout_s + request.read_timeout_s + self._policy.transfer_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._through_redirects(request)
        except TimeoutError:
            raise OSError(f"the answer was not complete after {limit_s:g} s") from None

    async def _through_redirects(self, request: HttpRequest) -> HttpReply:
        for _ in range(_HOPS_MAX + 1):
            response = await self._once(request)
            location = next((value for name, value in response.headers if name.lower() == "location"), None)
            if location is None or response.status_code not in {301, 302, 303, 307, 308}:
                return response
            request = redirected(request, response.status_code, location)
        raise OSError(f"more than {_HOPS_MAX} redirects; the last goes to {request.url}")

    async def _once(self, request: HttpRequest) -> HttpReply:
        import httpcore

        url = read_url(request.url)
        self._policy.refuse_host(url.host)
        headers = _checked_headers(request.headers)
        while True:
            try:
                return await self._exchange(request, url, headers)
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                raise OSError(_words(error, request)) from error
            except (OSError, RuntimeError, MemoryError) as error:
                if isinstance(error, ForbiddenHost) or not is_shortage(error):
                    raise
                # Nothing was sent: connections are made before, and keep what they need.
                await asyncio.sleep(_SHORTAGE_S)

    async def _exchange(self, request: HttpRequest, url: httpx.URL, headers: list[tuple[bytes, bytes]]) -> HttpReply:
        import httpcore

        path = _encoded_path(request.url) if request.is_encoded else url.raw_path
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=path)
        seconds = request.read_timeout_s
        timeout = {"connect": request.connect_timeout_s, "pool": None, "read": seconds, "write": seconds}
        async with self._connections().stream(
            request.method,
            target,
            headers=headers,
            content=request.content,
            extensions={"timeout": timeout},
        ) as response:
            received = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
            packed = ", ".join(value for name, value in received if name.lower() == "content-encoding")
            content = await read_body(response.aiter_stream(), packed, self._policy.answer_max_bytes)
        reason = response.extensions.get("reason_phrase", b"")
        return HttpReply(
            status_code=response.status,
            reason_phrase=reason.decode("latin-1"),
            headers=[(name.lower(), value) for name, value in received],
            content=content,
            encoding=_charset(received),
        )

    def _connections(self) -> httpcore.AsyncConnectionPool:
        if self._pool is None:
            import httpcore

            proxy = self._policy.proxy
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=self._policy.tls_context(),
                proxy=None if proxy is None else _proxy(proxy),
                max_connections=None,  # the runner bounds the requests
                max_keepalive_connections=20,
                keepalive_expiry=_KEPT_S,
                network_backend=GuardedNetwork(self._policy),
            )
        return self._pool

    async def close(self) -> None:
        """Close connections; closing twice is fine."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None


def _encoded_path(text: str) -> bytes:
    """
    Return the path and the query of an address that is encoded already, letter by letter.

    Raises:
        OSError: It is not.
    """
    rest = text.partition("://")[2].partition("#")[0]
    path = rest[len(re.split("[/?]", rest, maxsplit=1)[0]) :]
    if not _ENCODED.fullmatch(path):
        raise OSError("the uri is said to be encoded (encode: false), and holds a character that an address cannot")
    return (path if path.startswith("/") else f"/{path}").encode("ascii")


def read_url(text: str) -> httpx.URL:
    """
    Return an address that can be asked.

    Raises:
        OSError: It is none; the text says why, without the address, which may hold a secret.
    """
    import httpx

    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise OSError("the uri is not an address such as https://example.com/path") from None
    if url.scheme not in {"http", "https"}:
        begin = f"begins with {url.scheme!r}" if url.scheme else "has no scheme"
        raise OSError(f"the uri {begin}; an HTTP task asks http:// and https:// addresses")
    if not url.host:
        raise OSError("the uri names no host; write for example https://example.com/path")
    if url.port is not None and not 0 < url.port < 65_536:
        raise OSError(f"the uri has the port {url.port}; ports are 1 to 65535")
    return url


def redirected(request: HttpRequest, status: int, location: str) -> HttpRequest:
    """
    Return the request that follows a redirect, as browsers do it.

    POST becomes GET after 301 and 302, everything but HEAD after 303. Headers that may hold credentials stay behind
    when the new address has another origin.
    """
    import httpx

    old = httpx.URL(request.url)
    try:
        new = old.join(location)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise OSError("the answer is a redirect to something that is no address") from None
    headers, method, content = dict(request.headers), request.method, request.content
    if (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST"):
        method, content = "GET", None
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    if _origin(old) != _origin(new) and not (old.host == new.host and (old.scheme, new.scheme) == ("http", "https")):
        headers = {name: value for name, value in headers.items() if not _CREDENTIALS.search(name)}
    headers = {name: value for name, value in headers.items() if name.lower() != "host"}
    return evolve(request, url=str(new), method=method, content=content, headers=headers)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _checked_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers as they are sent; whatever is wrong is said without the value, which may be a secret."""
    sent: list[tuple[bytes, bytes]] = []
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise OSError(f"{name!r} cannot be the name of a header")
        if value != value.strip(" \t\r\n"):
            raise OSError(f"the value of the header {name} begins or ends with a space or a line break; take it away")
        if not _HEADER_VALUE.fullmatch(value):
            raise OSError(f"the value of the header {name} holds characters that HTTP headers cannot (Latin-1 can)")
        sent.append((name.encode(), value.encode("latin-1")))
    names = {name.lower() for name in headers}
    if "accept-encoding" not in names:
        sent.append((b"Accept-Encoding", ACCEPTED.encode()))
    if "user-agent" not in names:
        sent.append((b"User-Agent", b"podium"))
    return sent


def _words(error: Exception, request: HttpRequest) -> str:
    """Return what went wrong: httpcore gives its timeouts no text."""
    name = type(error).__name__
    seconds = {"ConnectTimeout": request.connect_timeout_s, "ReadTimeout": request.read_timeout_s}.get(name)
    if str(error):
        return f"{name}: {error}"
    return name if seconds is None else f"{name}: no answer within {seconds:g} s"


def _charset(headers: list[tuple[str, str]]) -> str:
    """Return a codec that turns the body into text, UTF-8 where the answer names none that is one."""
    message = Message()
    message["content-type"] = next((value for name, value in headers if name.lower() == "content-type"), "")
    try:
        name = codecs.lookup(message.get_content_charset("utf-8")).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _TEXT_CODEC.fullmatch(name) else "utf-8"


def _proxy(url: str) -> httpcore.Proxy:
    import httpcore
    import httpx

    read = httpx.Proxy(url)
    auth = None if read.raw_auth is None else read.raw_auth
    address = httpcore.URL(
        scheme=read.url.raw_scheme, host=read.url.raw_host, port=read.url.port, target=read.url.raw_path
    )
    return httpcore.Proxy(address, auth=auth, headers=read.headers.raw)
