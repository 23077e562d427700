"""Searches of runs on servers, in the words that each understands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from attrs import frozen

from podium.client.checked import checked_run_status
from podium.client.driving import BlockingCall, drive
from podium.client.remote.server import Server
from podium.client.searching import PayloadFilter, matching
from podium.model.errors import InvalidRequest, ServerFailed
from podium.model.forms import summary_from_dict
from podium.model.records import RunList
from podium.model.runs import RunSummary, WorkflowRun
from podium.model.statuses import RunStatus

#: Most runs that a server gives at once (Conductor refuses more than 5,000).
_PAGE = 500

_SAFE = re.compile(r"[^'\"()*,]*")


@frozen(kw_only=True)
class SearchConditions:
    """What runs are searched by; spans are epoch milliseconds, None for no bound."""

    name: str | None
    status: RunStatus | str | None
    contents: PayloadFilter
    correlation_id: str | None = None
    parent_id: str | None = None
    version: int | None = None
    priority: int | None = None
    reason: str | None = None
    started: tuple[int | None, int | None] = (None, None)
    updated: tuple[int | None, int | None] = (None, None)
    ended: tuple[int | None, int | None] = (None, None)


class RemoteSearch:
    """Searches runs of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def find(self, where: SearchConditions, limit: int, offset: int) -> RunList:
        """Return the runs that fit, newest first."""
        if where.status is not None:
            checked_run_status(where.status)
        if (await self._server.session.kind()).is_podium:
            return await self._own(where, limit, offset)
        if where.contents.is_asked or _needs_a_look(where):
            return RunList(await BlockingCall(partial(self._looked_through, where, limit, offset)))
        found = list[RunSummary]()
        while len(found) < limit:
            page = await self._page(where, min(_PAGE, limit - len(found)), offset + len(found))
            found += (_read(one) for one in page)
            if len(page) < _PAGE:
                break
        return RunList(found[:limit])

    async def _own(self, where: SearchConditions, limit: int, offset: int) -> RunList:
        asked = {
            "name": where.name,
            "status": None if where.status is None else RunStatus(where.status).value,
            "correlationId": where.correlation_id,
            "parentId": where.parent_id,
            "version": where.version,
            "priority": where.priority,
            "reason": where.reason,
            "started": list(where.started),
            "updated": list(where.updated),
            "ended": list(where.ended),
            "input": where.contents.input or None,
            "output": where.contents.output or None,
            "text": where.contents.text,
            "limit": limit,
            "offset": offset,
        }
        body = {key: value for key, value in asked.items() if value is not None}
        answer = await self._server.ask("POST", "podium", "runs", "search", body=body, is_repeatable=True)
        results: Any = self._server.object(answer)["results"]
        return RunList(summary_from_dict(one) for one in results)

    async def _page(self, where: SearchConditions, limit: int, offset: int) -> Sequence[Mapping[str, Any]]:
        query = {"query": _query(where), "sort": "startTime:DESC", "start": offset, "size": limit}
        answer = await self._server.ask("GET", "workflow", "search", query=query)
        found: Any = self._server.object(answer).get("results")
        if not isinstance(found, list):
            raise ServerFailed(f"{self._server.session.settings.base} answers a search without results")
        return found

    def _looked_through(self, where: SearchConditions, limit: int, offset: int) -> list[RunSummary]:
        """Look at each run that may fit, where the server's index does not know what is asked for; in a thread."""

        def page(size: int, start: int) -> Sequence[RunSummary]:
            found = drive(self._page(where, size, start))
            return [_read(one) for one in found]

        def fits(run_id: str) -> bool:
            return _fits(drive(self._server.run(run_id, with_tasks=False)), where)

        return matching(fits, page, limit, offset)


def _fits(run: WorkflowRun, where: SearchConditions) -> bool:
    return (
        (where.version is None or run.workflow_version == where.version)
        and (where.priority is None or run.priority == where.priority)
        and (where.reason is None or where.reason in (run.reason_for_incompletion or ""))
        and where.contents.are_in(run)
    )


def _needs_a_look(where: SearchConditions) -> bool:
    return not (where.version is None and where.priority is None and where.reason is None)


def _query(where: SearchConditions) -> str:
    """
    Return a search in the grammar that all of Conductor's indexes read.

    Raises:
        InvalidRequest: A text has quotes, parentheses, commas or stars, which the grammar takes for its own.
    """
    clauses = [
        f"{field}='{_safe(value)}'"
        for field, value in (
            ("workflowType", where.name),
            ("status", where.status),
            ("correlationId", where.correlation_id),
            ("parentWorkflowId", where.parent_id),
        )
        if value is not None
    ]
    for field, (first, last) in (
        ("startTime", where.started),
        ("updateTime", where.updated),
        ("endTime", where.ended),
    ):
        clauses += [f"{field}>{first - 1}"] if first is not None else []
        clauses += [f"{field}<{last + 1}"] if last is not None else []
    if where.ended[0] is None and where.ended[1] is not None:
        clauses.append("endTime>0")  # the index has a zero for what lives
    return " AND ".join(clauses)


def _safe(text: str) -> str:
    if not _SAFE.fullmatch(text) or " AND " in text:
        raise InvalidRequest(f"{text!r:.60} cannot be searched for on this server: its grammar has no way to quote it")
    return str(text)


def _read(data: Mapping[str, Any]) -> RunSummary:
    """Read one of Conductor's summaries, whose times are texts."""
    times = {"createTime": _ms(data.get("startTime")), "endTime": _ms(data.get("endTime"))}
    return summary_from_dict({**data, **times})


def _ms(time: object) -> int:
    if isinstance(time, int):
        return time
    if not isinstance(time, str) or not time:
        return 0
    at = datetime.fromisoformat(time)
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
