"""What addresses and names say of who can reach them, and of who leads a browser there."""

from __future__ import annotations

import ipaddress

from podium.server.errors import Refusal


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def with_port(host: str, port: int) -> str:
    """
    Return an address with a port.

    Example:
        >>> with_port("127.0.0.1", 80), with_port("::1", 80)
        ('127.0.0.1:80', '[::1]:80')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


#: Ends of names that nobody can have in the public tree of names.
_RESERVED = frozenset({"internal", "invalid", "local", "localhost", "test"})


def is_public_name(host: str) -> bool:
    """
    Return whether anybody may have registered a name, and let it lead wherever he likes, to this machine too.

    Example:
        >>> [is_public_name(each) for each in ("evil.example", "localhost", "host.docker.internal", "10.1.2.3")]
        [True, False, False, False]
    """
    labels = host.lower().rstrip(".").split(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return len(labels) > 1 and labels[-1] not in _RESERVED
    return False


def refuse_rebinding(reached: str, host: str) -> None:
    """
    Refuse what was asked for under a public name, where a server lets only this machine in and asks nobody who he is.

    A site may let its own name lead to the loopback address, and its scripts would read and act as if they were ours.

    Args:
        reached: The address of this machine that was connected to.
        host: The name that it was asked for, with a port or without.

    Raises:
        Refusal: 421.
    """
    name, colon, port = host.rpartition(":")
    name = (name if colon and port.isdigit() else host).strip("[]")
    if is_loopback(reached) and is_public_name(name):
        raise Refusal(421, f"this server is for its own machine; ask for it as http://localhost, not as {name[:100]}")
