"""The part of a server's client that only looks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from podium.client.checked import checked_limit, checked_object, checked_span
from podium.client.driving import BlockingCall, blocking
from podium.client.interface import Client, Span
from podium.client.remote.calls import HttpCall
from podium.client.remote.outlook import RemoteOutlook
from podium.client.remote.searching import RemoteSearch, SearchConditions
from podium.client.remote.server import Server
from podium.client.remote.wire import Exchange
from podium.client.searching import contents
from podium.dsl.arguments import checked_verbs
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.errors import InvalidRequest, WorkflowNotFound
from podium.model.explanations import Explanation
from podium.model.forms import limit_from_dict
from podium.model.limit_use import LimitUse
from podium.model.records import RunList
from podium.model.runs import RunSource, TaskLog, TaskRun, WorkflowRun
from podium.model.statistics import RunStatistics, statistics_from_dict, statistics_of
from podium.model.statuses import RunStatus, TaskType

#: Most runs that are counted on a server which does not count: each is read whole.
_COUNTED_MAX = 200


@checked_verbs
class ReadingClient(Client):
    """Looks at the runs and definitions of a server; what the verbs do is said at `podium.Client`."""

    _server: Server
    _outlook: RemoteOutlook

    @blocking
    async def workflows(self) -> tuple[WorkflowDef, ...]:
        found = self._server.read_each(await self._server.ask("GET", "metadata", "workflow"), WorkflowDef)
        return tuple(sorted(found, key=lambda one: (one.name, one.version)))

    @blocking
    async def task_defs(self) -> tuple[TaskDef, ...]:
        found = self._server.read_each(await self._server.ask("GET", "metadata", "taskdefs"), TaskDef)
        return tuple(sorted(found, key=lambda one: one.name))

    @blocking
    async def schemas(self) -> tuple[SchemaDef, ...]:
        found = self._server.read_each(await self._server.ask("GET", "schema"), SchemaDef)
        return tuple(sorted(found, key=lambda one: (one.name, one.version)))

    @blocking
    async def get(self, run_id: str, *, include_tasks: bool = True) -> WorkflowRun:
        return await self._viewed(run_id, with_tasks=include_tasks)

    async def _viewed(self, run_id: str, *, with_tasks: bool = True) -> WorkflowRun:
        """Return a run that knows how to be looked at again, and what was undone of it."""
        run = await self._server.run(run_id, with_tasks=with_tasks)
        fetch = partial(self.get, run_id, include_tasks=with_tasks)
        source = RunSource(fetch, self.get, lambda: self.explain(run_id), self.workflows)
        return evolve(run, source=source, undoing=await self._server.undoing(run))

    @blocking
    async def explain(self, run_id: str) -> Explanation:
        return await self._outlook.explain(run_id)

    def live(self, run_id: str, *, interval: float = 0.25) -> Any:
        return self.get(run_id).live(interval=interval)

    @blocking
    async def search(
        self,
        *,
        name: str | None = None,
        status: RunStatus | str | None = None,
        correlation_id: str | None = None,
        parent_id: str | None = None,
        version: int | None = None,
        priority: int | None = None,
        reason: str | None = None,
        started: Span | None = None,
        updated: Span | None = None,
        ended: Span | None = None,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        output: Mapping[str, object] | None = None,
        text: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> RunList:
        for count, value in (("limit", limit), ("offset", offset)):
            if value < 0:
                raise InvalidRequest(f"{count}={value}: a whole number from 0 upwards is expected")
        where = SearchConditions(
            name=name,
            status=status,
            correlation_id=correlation_id,
            parent_id=parent_id,
            version=version,
            priority=priority,
            reason=reason,
            started=checked_span(started, "started"),
            updated=checked_span(updated, "updated"),
            ended=checked_span(ended, "ended"),
            contents=contents(input, output, text),
        )
        return await RemoteSearch(self._server).find(where, limit, offset)

    @blocking
    async def statistics(
        self, name: str | None = None, *, version: int | None = None, started: Span | None = None, limit: int = 10_000
    ) -> RunStatistics:
        span, most = checked_span(started, "started"), checked_limit(limit)
        if not (await self._server.session.kind()).is_podium:
            return await self._counted(name, version, span, most)
        body = {"name": name, "version": version, "started": list(span), "limit": most}
        found = await self._server.own(
            "statistics", "POST", "statistics", body=body, is_repeatable=True, missing=WorkflowNotFound
        )
        return statistics_from_dict(found)

    async def _counted(
        self, name: str | None, version: int | None, span: tuple[int | None, int | None], limit: int
    ) -> RunStatistics:
        """Count runs that a server does not count itself, each read whole; so only the newest few."""
        most = min(limit, _COUNTED_MAX)
        nothing = contents(None, None, None)
        where = SearchConditions(name=name, status=None, version=version, started=span, contents=nothing)
        lines = await RemoteSearch(self._server).find(where, most, 0)
        runs = [await self._server.run(line.workflow_id) for line in lines]
        definition = None
        if name is not None:
            known = next((run.workflow_definition for run in runs if run.workflow_definition), None)
            definition = known or (await BlockingCall(partial(self._server.registered, name, version))).get(name)
            if definition is None:
                raise WorkflowNotFound(f"there is no run of workflow {name!r}, and it is not registered")
            runs = [run for run in runs if run.workflow_version == definition.version]
        found = statistics_of(runs, definition, is_whole=name is not None)
        return evolve(found, started_from=span[0], started_to=span[1], is_partial=len(lines) >= most)

    @blocking
    async def has_engine(self) -> bool:
        session = self._server.session
        session.refuse_closed()
        outcome = (await Exchange(session.wire, HttpCall("GET", "/health"), {}, root=True)).outcome
        return getattr(outcome, "status", 0) == 200

    @blocking
    async def pending_humans(self, *, name: str | None = None, limit: int = 100) -> list[TaskRun]:
        alive = list[Any]()
        for status in (RunStatus.RUNNING, RunStatus.PAUSED):
            where = SearchConditions(name=name, status=status, contents=contents(None, None, None))
            alive += await RemoteSearch(self._server).find(where, limit, 0)
        newest = sorted(alive, key=lambda run: -run.create_time)[:limit]
        attempts = [one for run in newest for one in (await self._server.run(run.workflow_id)).tasks]
        return [one for one in attempts if one.task_type == TaskType.HUMAN and not one.status.is_terminal]

    @blocking
    async def task(self, task_id: str) -> TaskRun:
        return await self._server.task(task_id)

    @blocking
    async def logs(self, task_id: str) -> tuple[TaskLog, ...]:
        return await self._server.logs(task_id)

    @blocking
    async def query(self, run_id: str, expression: Any) -> Any:
        template = checked_object({"expression": expression}, "the expression")
        found = await self._server.own("query", "POST", "runs", run_id, "query", body=template, is_repeatable=True)
        return found["value"]

    @blocking
    async def limits(self, name: str | None = None) -> tuple[LimitUse, ...]:
        found = await self._server.own("limits", "GET", "limits", query={"name": name})
        return tuple(limit_from_dict(one) for one in found)
