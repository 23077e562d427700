"""The policies of retention of a server."""

from __future__ import annotations

from datetime import timedelta
from os import PathLike, fspath
from typing import Any

from podium.client.driving import blocking
from podium.client.policies import RetentionPolicies
from podium.client.remote.server import Server
from podium.dsl.arguments import checked_verbs
from podium.model.retention import RetentionPolicy, age_text

_WHAT = "policies of retention"


@checked_verbs
class RemoteRetention(RetentionPolicies):
    """The `RetentionPolicies` of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @blocking
    async def set(
        self,
        older_than: timedelta | str | None,
        *,
        workflow: str | None = None,
        archive: str | PathLike[str] | None = None,
    ) -> None:
        age = age_text(older_than)
        folder = None if archive is None else fspath(archive)
        body = {"olderThan": age, "workflow": workflow, "archive": folder}
        await self._server.own(_WHAT, "PUT", "retention", body=body, is_repeatable=True)

    @blocking
    async def list(self) -> tuple[RetentionPolicy, ...]:
        found: Any = await self._server.own(_WHAT, "GET", "retention")
        return tuple(RetentionPolicy(each["workflow"], each["olderThan"], each["archive"]) for each in found)

    @blocking
    async def remove(self, workflow: str | None = None) -> None:
        await self._server.own(_WHAT, "DELETE", "retention", query={"workflow": workflow})

    @blocking
    async def apply(self, *, dry_run: bool = False) -> dict[str, int]:
        found: Any = await self._server.own(_WHAT, "POST", "retention", "apply", body={"dryRun": dry_run})
        return {str(name): int(count) for name, count in found.items()}
