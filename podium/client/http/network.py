"""Connections to allowed addresses only, made again while the machine is short of what they need."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from podium.client.http.policy import HttpPolicy
from podium.model.shortages import is_shortage

#: Seconds between two tries in a shortage.
_SHORTAGE_S = 0.1


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """
    Resolves names and connects, where the policy allows it.

    The address that is checked is the address that is connected to, so that a name cannot change in between.
    """

    def __init__(self, policy: HttpPolicy) -> None:
        self._policy = policy
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """
        Connect to the first address that answers.

        Raises:
            ForbiddenHost: The policy refuses one of the name's addresses; nothing was connected to.
            httpcore.ConnectError: The name is unknown, or nobody listens there.
            httpcore.ConnectTimeout: There was no answer within *timeout* seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await _resolve(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved within {timeout:g} s") from None
        if self._policy.proxy is None:
            for address in addresses:
                self._policy.refuse_address(ip_address(address.partition("%")[0]), host)
        share = timeout / len(addresses) if timeout is not None else None
        failure: Exception = httpcore.ConnectError(f"the name {host} has no address")
        for address in addresses:
            try:
                return await self._connect(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _connect(self, address: str, port: int, *rest: Any) -> httpcore.AsyncNetworkStream:
        while True:
            try:
                return await self._inner.connect_tcp(address, port, *rest)
            except httpcore.ConnectError as error:
                if not is_shortage(error):
                    raise
            await asyncio.sleep(_SHORTAGE_S)

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds."""
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int) -> list[str]:
    """
    Return the addresses of a name, in the system's order.

    Raises:
        httpcore.ConnectError: The name is unknown.
    """
    try:
        return _addresses(host, port, socket.AI_NUMERICHOST)
    except OSError:
        pass  # a name, and not an address; a thread has to look it up
    while True:
        try:
            return await _looked_up(host, port)
        except socket.gaierror as error:
            # Without descriptors the resolver says so in its own way: EAI_SYSTEM, or a failure for now.
            if error.errno not in {socket.EAI_SYSTEM, socket.EAI_MEMORY}:
                raise httpcore.ConnectError(f"the name {host} is not known: {error.strerror}") from error
        except (OSError, RuntimeError) as error:
            if not is_shortage(error):
                raise httpcore.ConnectError(str(error)) from error
        except UnicodeError:
            raise httpcore.ConnectError(f"{host!r} cannot be the name of a host") from None
        await asyncio.sleep(_SHORTAGE_S)


async def _looked_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver, in a thread that nobody waits for: it may take half a minute to give up."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def look_up() -> None:
        found: list[str] = []
        failure: Exception | None = None
        try:
            found = _addresses(host, port, 0)
        except Exception as error:  # noqa: BLE001  # it is raised where the answer is awaited
            failure = error
        try:
            loop.call_soon_threadsafe(settle, found, failure)
        except RuntimeError:
            return  # the loop has ended, and with it whoever asked

    def settle(found: list[str], failure: Exception | None) -> None:
        if answer.done():
            return  # timed out
        if failure is None:
            answer.set_result(found)
        else:
            answer.set_exception(failure)

    threading.Thread(target=look_up, name="podium-http-names", daemon=True).start()
    return await answer


def _addresses(host: str, port: int, flags: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(one[4][0]) for one in found))
