"""The audit of a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from podium.client.audit import Audit, audit_filter
from podium.client.driving import blocking
from podium.client.remote.server import Server
from podium.dsl.arguments import checked_verbs
from podium.model.audit import AuditRecord
from podium.model.errors import ServerFailed
from podium.model.retention import age_s, age_text


@checked_verbs
class RemoteAudit(Audit):
    """The `Audit` of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @blocking
    async def list(
        self,
        *,
        who: str | None = None,
        address: str | None = None,
        verb: str | None = None,
        kind: str | None = None,
        name: str | None = None,
        run_id: str | None = None,
        result: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[AuditRecord, ...]:
        words = {"who": who, "address": address, "verb": verb, "kind": kind, "name": name, "result": result}
        where = audit_filter(since, until, limit, offset, run_id=run_id, **words)
        asked = where._asdict() | {"runId": run_id, "start": offset, "size": limit}
        del asked["run_id"]
        found = await self._ask("GET", query={key: value for key, value in asked.items() if value is not None})
        return tuple(_record(each) for each in found["results"])

    @blocking
    async def keep(self, older_than: timedelta | str | None) -> None:
        age = age_text(older_than)
        await self._ask("PUT", "retention", body={"olderThan": age}, is_repeatable=True)

    @blocking
    async def kept(self) -> str | None:
        found: str | None = (await self._ask("GET", "retention"))["olderThan"]
        return found

    @blocking
    async def prune(self, *, older_than: timedelta | str) -> int:
        return int((await self._ask("POST", "prune", body={"olderThan": f"{int(age_s(older_than))}s"}))["deleted"])

    async def _ask(self, method: str, *parts: str, **more: Any) -> Any:
        await self._server.session.needs_podium("an audit")
        return (await self._server.ask(method, "audit", *parts, **more)).json


def _record(found: Any) -> AuditRecord:
    try:
        at = datetime.fromtimestamp(found["at"] / 1000, UTC)
        names = ("who", "address", "verb", "kind", "name", "runId", "result", "details")
        return AuditRecord(found["id"], at, *(found[name] for name in names))
    except (KeyError, TypeError) as error:
        raise ServerFailed(f"the server answers with what is no record of an audit: {error!r}") from error
