"""The secrets and variables of `podium.client.secrets` on an engine in this process."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from podium.client.driving import BlockingCall, blocking
from podium.client.engine import EmbeddedEngine
from podium.client.secrets import SecretInfo, Secrets, Variables
from podium.client.stored_values import SECRET, VARIABLE
from podium.dsl.arguments import checked_verbs
from podium.engine.requests import Register
from podium.model.errors import InvalidRequest
from podium.model.payloads import dump
from podium.model.texts import shown

#: As Conductor has them; a name with dots would be a path.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
#: Most bytes of a value.
_VALUE_MAX = 64 * 1024


def checked_value(name: str, value: str, what: str) -> None:
    """
    Refuse a name or a value that cannot be.

    Raises:
        InvalidRequest: It cannot.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidRequest(f"the name of a {what} is of letters, digits, _ and -, 200 at most, unlike {shown(name)}")
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{what} {name!r}: its value is a text that is not empty")
    if len(value.encode("utf-8", "surrogatepass")) > _VALUE_MAX:
        raise InvalidRequest(f"{what} {name!r}: its value has more than {_VALUE_MAX} bytes")


@checked_verbs
class EmbeddedSecrets(Secrets):
    """The `Secrets` of an engine in this process."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    @blocking
    async def put(self, name: str, value: str) -> None:
        checked_value(name, value, "secret")
        sealed = self._engine.seal.seal(name, value)
        await (await self._engine.started()).register(Register(entries=[(SECRET, name, sealed)]))
        await BlockingCall(self._engine.renew)

    def list(self) -> tuple[SecretInfo, ...]:
        rows = self._engine.backend.entries(SECRET)
        return tuple(SecretInfo(row.name, datetime.fromtimestamp(row.changed_at / 1000, UTC)) for row in rows)

    @blocking
    async def delete(self, name: str) -> None:
        await (await self._engine.started()).register(Register(gone_entries=[(SECRET, name)]))
        await BlockingCall(self._engine.renew)


@checked_verbs
class EmbeddedVariables(Variables):
    """The `Variables` of an engine in this process."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    @blocking
    async def put(self, name: str, value: str) -> None:
        checked_value(name, value, "variable")
        await (await self._engine.started()).register(Register(entries=[(VARIABLE, name, dump(value))]))
        await BlockingCall(self._engine.renew)

    def list(self) -> dict[str, str]:
        self._engine.renew()
        return dict(sorted(self._engine.environment.items()))

    @blocking
    async def delete(self, name: str) -> None:
        await (await self._engine.started()).register(Register(gone_entries=[(VARIABLE, name)]))
        await BlockingCall(self._engine.renew)
