"""Where a server is, and how a client speaks to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from podium.model.errors import InvalidRequest
from podium.model.texts import shown

if TYPE_CHECKING:
    import ssl

#: Seconds that a server has for an answer, and for a connection, where nothing else is said.
_TIMEOUT_S, _CONNECT_MAX_S = 30.0, 10.0

_KEY_ID, _KEY_SECRET = "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"  # names, no secrets


@frozen(kw_only=True)
class Tls:
    """
    Which certificates are trusted, and shown, where a server's address begins with ``https://``.

    Attributes:
        ca: A file of certificates in PEM that are trusted beside those of the operating system; None for no more.
        certificate: A file with the client's own certificate, in PEM; None for none.
        key: A file with its private key; None if it is in the same file.
        key_password: What the key is locked with.

    Example:
        >>> Tls(ca="/etc/ssl/our-ca.pem").ca
        '/etc/ssl/our-ca.pem'
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    key_password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """
        Return what connections are secured with.

        Raises:
            InvalidRequest: A file cannot be read, or is none of these.
        """
        import ssl  # slow to import, and http:// needs none

        for name, path in (("ca", self.ca), ("certificate", self.certificate), ("key", self.key)):
            if path is not None and not Path(path).is_file():
                raise InvalidRequest(f"Tls({name}={path!r}): there is no such file")
        context = ssl.create_default_context()
        try:
            if self.ca is not None:
                context.load_verify_locations(self.ca)
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key, self.key_password)
        except (OSError, ValueError) as error:
            raise InvalidRequest(f"the certificates cannot be used: {error}") from None
        return context


@frozen(kw_only=True)
class RemoteSettings:
    """
    All that a client knows of its server before it asks.

    Attributes:
        base: The address of its API, without a slash at the end, such as ``http://localhost:8080/api``.
        key_id: Of the caller's key; None for no authentication.
        key_secret: What belongs to it.
        timeout_s: Seconds for an answer.
        headers: Sent with each request.
        tls: As `Tls` says.
    """

    base: str
    key_id: str | None = None
    key_secret: str | None = field(default=None, repr=False)
    timeout_s: float = _TIMEOUT_S
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    tls: Tls | None = None

    @property
    def connect_s(self) -> float:
        """Seconds for a connection."""
        return min(self.timeout_s, _CONNECT_MAX_S)

    @property
    def root(self) -> str:
        """The address of the server itself, where ``/health`` is too."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"


def server_settings(
    url: str,
    *,
    key_id: str | None = None,
    key_secret: str | None = None,
    timeout: float | None = None,
    headers: Mapping[str, str] | None = None,
    tls: Tls | None = None,
) -> RemoteSettings:
    """
    Return what a caller says of a server, filled up from the environment.

    Raises:
        InvalidRequest: Something cannot be right.

    Example:
        >>> server_settings("http://localhost:8080").base
        'http://localhost:8080/api'
    """
    base = _base(url)
    if (key_id is None) is not (key_secret is None):
        raise InvalidRequest("key_id and key_secret belong together: give both, or none")
    if key_id is None:
        key_id, key_secret = os.environ.get(_KEY_ID) or None, os.environ.get(_KEY_SECRET) or None
        if (key_id is None) is not (key_secret is None):
            raise InvalidRequest(f"{_KEY_ID} and {_KEY_SECRET} belong together: set both in the environment, or none")
    if timeout is not None and not 0 < timeout < float("inf"):
        raise InvalidRequest(f"timeout={timeout!r}: a number of seconds above 0 is expected")
    if tls is not None and not isinstance(tls, Tls):
        raise InvalidRequest(f"tls= takes a podium.client.Tls, not {shown(tls)}")
    if tls is not None and not base.startswith("https:"):
        raise InvalidRequest(f"tls= is for https://, and the address is {base}")
    return RemoteSettings(
        base=base,
        key_id=key_id,
        key_secret=key_secret,
        timeout_s=_TIMEOUT_S if timeout is None else float(timeout),
        headers=_headers(headers),
        tls=tls,
    )


def _base(url: str) -> str:
    """Return the address of the API; ``/api`` where only a host is given."""
    try:
        parts = urlsplit(url.strip())
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:
        is_whole, parts = False, SplitResult("", "", "", "", "")
    if not is_whole:
        raise InvalidRequest(f"{url!r:.200} is no address of a server; write http://host:8080/api")
    if parts.username or parts.password:
        raise InvalidRequest("an address holds no password: use key_id= and key_secret=, or the environment")
    if parts.query or parts.fragment:
        raise InvalidRequest(f"{url!r:.200} has something behind its path; write http://host:8080/api")
    return f"{parts.scheme.lower()}://{parts.netloc}{parts.path.rstrip('/') or '/api'}"


def _headers(given: Mapping[str, str] | None) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidRequest(f"headers: a map of names to texts is expected, not {shown(given)}")
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str) or not (name + value).isprintable():
            raise InvalidRequest(f"headers: {name!r:.60} and its value must be texts of one line")
    return dict(given)
