"""What HTTP tasks may reach, and how much of time, memory and places they may take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import inf
from socket import inet_aton
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from attrs import field, frozen

from podium.engine.service_ports import HttpRefused
from podium.model.errors import InvalidRequest
from podium.model.texts import shown

if TYPE_CHECKING:
    import ssl

Address: TypeAlias = IPv4Address | IPv6Address
_Network: TypeAlias = IPv4Network | IPv6Network

#: Where clouds tell a machine its own credentials, beside the link-local networks that are refused as such.
_METADATA = (
    "100.100.100.200",  # Alibaba
    "168.63.129.16",  # Azure
    "192.0.0.192",  # Oracle
    "fd00:ec2::254",  # Amazon over IPv6
    "fd20:ce::254",  # Google over IPv6
)
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "instance-data", "metadata")
_SHARED = ip_network("100.64.0.0/10")  # carrier-grade NAT: `ipaddress` calls it neither private nor global
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
#: What C's library takes for an address: one to four numbers, in hex and octal too.
_NUMBERS = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}", re.ASCII | re.IGNORECASE)
#: Most characters of a file's path in a message.
_PATH_MAX = 300
_WORDS = "name it in allow= of podium.client.HttpPolicy (--http-allow of podium server) if a workflow must reach it"


class ForbiddenHost(HttpRefused):
    """An HTTP task asked for a host that the policy refuses."""


@frozen
class Hosts:
    """A list of hosts: names, patterns such as ``*.example.com``, addresses, networks such as ``10.0.0.0/8``."""

    names: tuple[str, ...] = ()
    networks: tuple[_Network, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.networks or self.names)

    def has_name(self, host: str) -> bool:
        """Return whether a name is listed, or fits a pattern that is."""
        return any(fnmatchcase(host.lower().rstrip("."), name) for name in self.names)

    def has_address(self, address: Address) -> bool:
        """Return whether an address is listed, or lies in a network that is."""
        return any(address in network for network in self.networks)


def _hosts(entries: Iterable[str] | Hosts) -> Hosts:
    if isinstance(entries, Hosts):
        return entries
    if isinstance(entries, str | bytes | Mapping) or not isinstance(entries, Iterable):
        raise InvalidRequest(f"a list of hosts is expected, such as ['api.example.com'], not {shown(entries)}")
    names: list[str] = []
    networks: list[_Network] = []
    for entry in entries:
        if not isinstance(entry, str):
            raise InvalidRequest(f"a host is a text, such as 'api.example.com', not {entry!r:.60}")
        try:
            networks.append(ip_network(entry.strip("[]")))
        except ValueError:
            if "/" in entry or ":" in entry or not entry:
                raise InvalidRequest(
                    f"{entry!r} is no host: write a name (api.example.com), a pattern (*.example.com), "
                    "an address (10.1.2.3) or a network (10.0.0.0/8)",
                ) from None
            names.append(entry.lower().rstrip("."))
    return Hosts(tuple(names), tuple(networks))


@frozen(kw_only=True)
class HttpPolicy:
    """
    What HTTP tasks may reach, and how much they may take.

    Link-local addresses and the metadata services of clouds are refused unless *allow* names them. Each redirect is
    checked like the first address, and what is checked is the address that is connected to.

    Example:
        >>> policy = HttpPolicy(private=False, allow=["10.1.0.0/16"], deny=["*.internal"])
        >>> client = podium.connect("memory://", http=policy)  # doctest: +SKIP
    """

    #: Whether loopback and private networks may be reached.
    private: bool = True
    #: Hosts and networks that may be reached though they are private, link-local or a metadata service.
    allow: Hosts = field(factory=Hosts, converter=_hosts)
    #: Hosts and networks that may never be reached; stronger than *allow*.
    deny: Hosts = field(factory=Hosts, converter=_hosts)
    #: Where this is given, nothing else may be reached.
    only: Hosts = field(factory=Hosts, converter=_hosts)
    #: A proxy for all requests, such as ``http://proxy.example.com:3128``; those of the environment are not used. The
    #: proxy resolves names then, so that only the names and addresses in URLs can be checked here.
    proxy: str | None = None
    #: A file of the certificates that are trusted instead of the usual ones, such as those of a company.
    tls_ca: str | None = None
    #: A file with a certificate and its key, or two of them, by which servers know this engine.
    tls_certificate: str | tuple[str, str] | None = None
    #: Whether certificates of servers are checked at all; False trusts whoever answers.
    tls_verify: bool = True
    #: Largest answer in bytes, unpacked (Conductor: largest payload of a task, 10,240 KiB).
    answer_max_bytes: int = 10 * 1024 * 1024
    #: Seconds for the whole of a request beyond its own connection and read timeouts; ends answers that drip.
    transfer_s: float = 30.0
    #: Most requests at once; those that have lasted 0.5 s count no longer.
    concurrency: int = 256
    #: Most of them to one host.
    per_host: int = 16

    def __attrs_post_init__(self) -> None:
        """Refuse settings under which no request could ever be sent."""
        for name in ("answer_max_bytes", "concurrency", "per_host"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise InvalidRequest(f"HttpPolicy: {name} is a whole number above 0, not {shown(value)}")
        if type(self.transfer_s) not in {int, float} or not 0 <= self.transfer_s < inf:
            raise InvalidRequest(f"HttpPolicy: transfer_s is a number of seconds, not {shown(self.transfer_s)}")
        for name in ("private", "tls_verify"):
            if not isinstance(getattr(self, name), bool):
                raise InvalidRequest(f"HttpPolicy: {name} is True or False, not {shown(getattr(self, name))}")
        if self.proxy is not None:
            _refuse_proxy(self.proxy)
        if self.tls_ca is not None or self.tls_certificate is not None:
            try:
                self.tls_context()
            except OSError as error:
                raise InvalidRequest(f"HttpPolicy: {error}") from None

    def tls_context(self) -> ssl.SSLContext:
        """
        Return what connections are encrypted by; the usual certificates are trusted where none are named.

        Raises:
            OSError: A file cannot be used; the text says which.
        """
        try:
            if self.tls_ca is not None and self.tls_verify:
                import ssl  # slow to import, and few processes encrypt

                context = ssl.create_default_context(cafile=self.tls_ca)
            else:
                import httpx  # which brings the usual certificates, and costs time to import

                context = httpx.create_ssl_context(verify=self.tls_verify)
        except (OSError, TypeError) as error:
            raise OSError(f"tls_ca={shown(self.tls_ca, _PATH_MAX)} cannot be used: {error}") from None
        given = self.tls_certificate
        if given is not None:
            files = given if isinstance(given, tuple | list) else (given,)
            try:
                context.load_cert_chain(*files)
            except (OSError, TypeError) as error:
                raise OSError(f"tls_certificate={shown(given, _PATH_MAX)} cannot be used: {error}") from None
        return context

    def refuse_host(self, host: str) -> None:
        """
        Do nothing for a host that may be asked, as far as its name, or the address in its place, tells.

        Raises:
            ForbiddenHost: It may not.
        """
        address = _address(host)
        if address is not None:
            self.refuse_address(address, host)
        elif self.deny.has_name(host):
            raise ForbiddenHost(f"the host {host} is in deny= of this engine's HttpPolicy")
        elif self._is_outside(host, None):
            raise ForbiddenHost(f"the host {host} is not in only= of this engine's HttpPolicy")
        elif host.lower().rstrip(".") in _METADATA_NAMES and not self.allow.has_name(host):
            raise ForbiddenHost(f"the host {host} is a metadata service; {_WORDS}")

    def refuse_address(self, address: Address, host: str) -> None:
        """
        Do nothing for an address that may be connected to.

        Args:
            address: The address.
            host: The name that it was found under, or its own text.

        Raises:
            ForbiddenHost: It may not be connected to.
        """
        address = _plain(address)
        shown = host if host.strip("[]") == str(address) else f"{host} ({address})"
        if self.deny.has_address(address):
            raise ForbiddenHost(f"the host {shown} is in deny= of this engine's HttpPolicy")
        if self._is_outside(host, address):
            raise ForbiddenHost(f"the host {shown} is not in only= of this engine's HttpPolicy")
        if self.allow.has_name(host) or self.allow.has_address(address):
            return
        if str(address) in _METADATA or address.is_link_local:
            raise ForbiddenHost(f"the host {shown} is link-local or a metadata service; {_WORDS}")
        if address.is_multicast or address == IPv4Address("255.255.255.255"):
            raise ForbiddenHost(f"the host {shown} is no single machine")
        if not self.private and (not address.is_global or address in _SHARED):
            raise ForbiddenHost(f"the host {shown} is in a private network; {_WORDS}")

    def _is_outside(self, host: str, address: Address | None) -> bool:
        if not self.only or self.only.has_name(host):
            return False
        # A name is let through to its addresses, where networks are listed.
        return not self.only.has_address(address) if address is not None else not self.only.networks


def _refuse_proxy(given: object) -> None:
    try:
        read = urlsplit(given) if isinstance(given, str) else None
        is_one = read is not None and read.scheme in {"http", "https", "socks5", "socks5h"} and bool(read.hostname)
        is_one = is_one and (read is None or read.port != 0)
    except ValueError:
        is_one = False
    if not is_one:
        raise InvalidRequest("HttpPolicy: proxy is an address such as 'http://proxy.example.com:3128'; this is none")


def _address(host: str) -> Address | None:
    """Return the address that stands in place of a name, also as C reads one: ``2130706433``, ``0x7f.1``, ``127.1``."""
    text = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(text)
    except ValueError:
        pass
    try:
        return IPv4Address(inet_aton(text)) if _NUMBERS.fullmatch(text) else None
    except OSError:
        return None


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return inner
        if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
