"""The schedules of `podium.client.schedules` on an engine in this process."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from attrs import evolve

from podium.client.checked import checked_object, checked_text
from podium.client.driving import BlockingCall, blocking
from podium.client.engine import EmbeddedEngine
from podium.client.schedules import Scheduled, Schedules
from podium.dsl import Workflow
from podium.dsl.arguments import checked_verbs
from podium.engine.requests import DeleteSchedule, PauseSchedule, ResumeSchedule, RunSchedule, SaveSchedule
from podium.engine.scheduling import run_input, schedule_record
from podium.model.errors import InvalidRequest, ScheduleNotFound
from podium.model.schedule_inputs import ADDED_INPUTS
from podium.model.schedules import Schedule, ScheduleInfo
from podium.model.texts import shown


class Registers(Protocol):
    """What registers workflows."""

    async def register(self, *definitions: Any) -> None:
        """Put definitions into the registry."""

    async def checked(self, schedule: Schedule) -> Schedule:
        """Return a schedule as `checked_schedule` does, with what it starts, where that was registered here."""


def checked_schedule(schedule: Schedule, workflow: Workflow[..., Any] | None = None) -> Schedule:
    """
    Return a schedule with both names, whose input is plain JSON.

    Args:
        schedule: The schedule.
        workflow: What it starts, where that is at hand.

    Raises:
        InvalidRequest: It has no workflow, or its input cannot be right.
    """
    named = schedule.named(workflow.name if workflow is not None else None)
    given = checked_object(schedule.input, f"the input of schedule {named.name!r}")
    if workflow is not None:
        added = run_input(named, 0, 0, "")  # as it will be; only what the workflow declares is of interest
        declared = workflow.signature.parameters.keys() & ADDED_INPUTS
        workflow.check_input({**given, **{key: added[key] for key in declared}})
    return evolve(named, input=given)


@checked_verbs
class EmbeddedSchedules(Schedules):
    """The `Schedules` of an engine in this process."""

    def __init__(self, engine: EmbeddedEngine, registers: Registers) -> None:
        self._engine = engine
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
                    await self._engine.ask(SaveSchedule(checked_schedule(one, each)))
            elif isinstance(each, Schedule):
                await self._engine.ask(SaveSchedule(await self._registers.checked(each)))
            else:
                raise InvalidRequest(f"a schedule or a workflow is expected, not {shown(each)}")

    def list(self, *, workflow: str | None = None) -> tuple[ScheduleInfo, ...]:
        rows = self._engine.backend.schedules()
        return tuple(schedule_record(row).info() for row in rows if workflow in {None, row.workflow})

    def get(self, name: str) -> ScheduleInfo:
        row = self._engine.backend.schedule(checked_text(name, "the schedule's name") or "")
        if row is None:
            raise ScheduleNotFound(f"no schedule is called {name!r}")
        return schedule_record(row).info()

    def next(self, schedule: Schedule | str, count: int = 5) -> tuple[datetime, ...]:
        found = schedule if isinstance(schedule, Schedule) else self._meant(schedule)
        now = datetime.fromtimestamp(self._engine.clock.now() / 1000, UTC)
        return () if found.paused else tuple(found.next(count, after=now))

    def _meant(self, text: str) -> Schedule:
        """Return the schedule of a name, or one made of a cron expression."""
        if not isinstance(text, str):
            raise InvalidRequest(f"a schedule, its name or a cron expression is expected, not {shown(text)}")
        row = self._engine.backend.schedule(text)
        if row is not None:
            return schedule_record(row).schedule
        if " " in text or text.startswith("@"):
            return Schedule(text)
        raise ScheduleNotFound(f"no schedule is called {text!r}")

    @blocking
    async def pause(self, name: str, reason: str | None = None) -> None:
        await self._engine.ask(PauseSchedule(name, checked_text(reason, "reason")))

    @blocking
    async def resume(self, name: str) -> None:
        await self._engine.ask(ResumeSchedule(name))

    @blocking
    async def delete(self, name: str) -> None:
        await self._engine.ask(DeleteSchedule(name))

    @blocking
    async def run(self, name: str) -> str:
        await BlockingCall(partial(self.get, name))
        run_id: str = await self._engine.ask(RunSchedule(name, self._engine.ids.run_id()))
        return run_id
