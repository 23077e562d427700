"""The secrets and variables of a server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from podium.client.driving import blocking
from podium.client.embedded_values import checked_value
from podium.client.remote.server import Server
from podium.client.secrets import SecretInfo, Secrets, Variables
from podium.dsl.arguments import checked_verbs
from podium.model.errors import ServerFailed


async def _put(server: Server, place: str, name: str, value: str) -> None:
    """Keep a value. Podium's server reads JSON, so that every text gets through; others take the body as it stands."""
    given: dict[str, Any] = {"body": value} if (await server.session.kind()).is_podium else {"text": value}
    await server.ask("PUT", place, name, is_repeatable=True, **given)


@checked_verbs
class RemoteSecrets(Secrets):
    """The `Secrets` of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @blocking
    async def put(self, name: str, value: str) -> None:
        checked_value(name, value, "secret")
        await _put(self._server, "secrets", name, value)

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
        await _put(self._server, "environment", name, value)

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
