"""The secrets and variables of a server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from podium.client.driving import blocking
from podium.client.remote.server import Server
from podium.client.secrets import SecretInfo, Secrets, Variables
from podium.client.value_keeping import checked_value
from podium.dsl.arguments import checked_verbs
from podium.model.errors import ServerFailed


@checked_verbs
class RemoteSecrets(Secrets):
    """The `Secrets` of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @blocking
    async def put(self, name: str, value: str) -> None:
        checked_value(name, value, "secret")
        await self._server.ask("PUT", "secrets", name, body=value, is_repeatable=True)

    @blocking
    async def list(self) -> tuple[SecretInfo, ...]:
        found: Any = (await self._server.ask("GET", "secrets", "v2")).json
        return tuple(
            SecretInfo(str(each["name"]), datetime.fromtimestamp((each.get("updated_at") or 0) / 1000, UTC))
            for each in _items(found)
        )

    @blocking
    async def delete(self, name: str) -> None:
        await self._server.ask("DELETE", "secrets", name, is_repeatable=True)


@checked_verbs
class RemoteVariables(Variables):
    """The `Variables` of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @blocking
    async def put(self, name: str, value: str) -> None:
        checked_value(name, value, "variable")
        await self._server.ask("PUT", "environment", name, body=value, is_repeatable=True)

    @blocking
    async def list(self) -> dict[str, str]:
        found: Any = (await self._server.ask("GET", "environment")).json
        return {str(each["name"]): str(each["value"]) for each in _items(found)}

    @blocking
    async def delete(self, name: str) -> None:
        await self._server.ask("DELETE", "environment", name, is_repeatable=True)


def _items(found: Any) -> list[Any]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ServerFailed("the server answers with no list of objects")
    return found
