"""The schedules of a server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from podium.client.checked import checked_text
from podium.client.driving import blocking
from podium.client.embedded_schedules import Registers, checked_schedule
from podium.client.remote.server import Server
from podium.client.schedules import Scheduled, Schedules
from podium.dsl import Workflow
from podium.dsl.arguments import checked_verbs
from podium.model.errors import InvalidRequest, NotOffered, ScheduleNotFound, ServerFailed, WorkflowNotFound
from podium.model.forms import schedule_info_from_dict
from podium.model.schedules import Schedule, ScheduleInfo
from podium.model.texts import shown


class ScheduleCalls:
    """What a server is asked about schedules."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def save(self, schedule: Schedule) -> None:
        """Put a schedule with both names into the store, or change it; its workflow must be there."""
        name, query = schedule.workflow or "", {"version": schedule.version}
        await self._server.ask("GET", "metadata", "workflow", name, query=query, missing=WorkflowNotFound)
        await self._server.ask(
            "POST", "scheduler", "schedules", body=schedule.to_dict(), is_repeatable=True, missing=WorkflowNotFound
        )

    async def get(self, name: str) -> ScheduleInfo:
        """Return a schedule as it stands; `ScheduleNotFound` if there is none."""
        where = ("podium", "schedules") if (await self._server.session.kind()).is_podium else ("scheduler", "schedules")
        answer = await self._server.ask("GET", *where, name, missing=ScheduleNotFound)
        if not answer.content.strip():
            raise ScheduleNotFound(f"no schedule is called {name!r}")
        return self._info(self._server.object(answer))

    async def all(self, workflow: str | None) -> list[ScheduleInfo]:
        """Return the schedules of a workflow, or all, by name."""
        where = ("podium", "schedules") if (await self._server.session.kind()).is_podium else ("scheduler", "schedules")
        answer = await self._server.ask("GET", *where, query={"workflowName": workflow})
        found: Any = answer.json
        if not isinstance(found, list):
            raise ServerFailed(f"{self._server.session.settings.base} answers with no list of schedules")
        return sorted((self._info(one) for one in found), key=lambda info: info.name)

    async def turn(self, name: str, verb: str, **query: str | None) -> None:
        """Pause or resume; servers differ in how they are asked for it."""
        where = ("scheduler", "schedules", name, verb)
        try:
            await self._server.ask("PUT", *where, query=query, is_repeatable=True, missing=ScheduleNotFound)
        except NotOffered:
            await self._server.ask("GET", *where, query=query, missing=ScheduleNotFound)

    async def delete(self, name: str) -> None:
        """Remove a schedule."""
        await self._server.ask("DELETE", "scheduler", "schedules", name, missing=ScheduleNotFound)

    async def run(self, name: str) -> str:
        """Start a run of a schedule now; gives its id."""
        found = await self._server.own(
            "a run of a schedule beside its times", "POST", "schedules", name, "run", missing=ScheduleNotFound
        )
        return str(found["workflowId"])

    def _info(self, data: Any) -> ScheduleInfo:
        try:
            return schedule_info_from_dict(data)
        except (InvalidRequest, KeyError, TypeError, ValueError) as error:
            raise ServerFailed(
                f"{self._server.session.settings.base} tells of a schedule what it is not: {error}"
            ) from error


@checked_verbs
class RemoteSchedules(Schedules):
    """The `Schedules` of a server."""

    def __init__(self, server: Server, registers: Registers) -> None:
        self._calls = ScheduleCalls(server)
        self._registers = registers

    @blocking
    async def add(self, *schedules: Scheduled) -> None:
        for each in schedules:
            if isinstance(each, Workflow):
                if not each.schedules:
                    raise InvalidRequest(
                        f"workflow {each.name!r} has no schedule; write @workflow(schedule='0 0 1 * *')"
                    )
                await self._registers.register(each)
                for one in each.schedules:
                    await self._calls.save(checked_schedule(one, each))
            elif isinstance(each, Schedule):
                await self._calls.save(await self._registers.checked(each))
            else:
                raise InvalidRequest(f"a schedule or a workflow is expected, not {shown(each)}")

    @blocking
    async def list(self, *, workflow: str | None = None) -> tuple[ScheduleInfo, ...]:
        return tuple(await self._calls.all(workflow))

    @blocking
    async def get(self, name: str) -> ScheduleInfo:
        return await self._calls.get(checked_text(name, "the schedule's name") or "")

    @blocking
    async def next(self, schedule: Schedule | str, count: int = 5) -> tuple[datetime, ...]:
        found = schedule if isinstance(schedule, Schedule) else await self._meant(schedule)
        return () if found.paused else tuple(found.next(count))

    async def _meant(self, text: str) -> Schedule:
        """Return the schedule of a name, or one made of a cron expression."""
        try:
            return (await self._calls.get(text)).schedule
        except ScheduleNotFound:
            if " " in text or text.startswith("@"):
                return Schedule(text)
            raise

    @blocking
    async def pause(self, name: str, reason: str | None = None) -> None:
        await self._calls.get(name)
        await self._calls.turn(name, "pause", reason=checked_text(reason, "reason"))

    @blocking
    async def resume(self, name: str) -> None:
        if (await self._calls.get(name)).schedule.paused:
            await self._calls.turn(name, "resume")

    @blocking
    async def delete(self, name: str) -> None:
        await self._calls.get(name)
        await self._calls.delete(name)

    @blocking
    async def run(self, name: str) -> str:
        return await self._calls.run(name)
