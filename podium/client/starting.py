"""From what callers give to definitions in the registry and starts in the engine's inbox."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from podium.client.declared import DeclaredTypes
from podium.client.definitions import Definition
from podium.client.driving import BlockingCall
from podium.client.engine import EmbeddedEngine
from podium.client.options import Startable, StartOptions
from podium.client.run_requests import (
    RegisteredWorkflows,
    asked_inputs,
    asked_options,
    asked_priority,
    asked_run,
    given_schedules,
    registration,
    schedules_of,
)
from podium.dsl import Workflow
from podium.engine.replies import Reply
from podium.engine.requests import Register, SaveSchedule, StartRequest
from podium.model.errors import DefinitionNotFound, InvalidRequest, LimitExceeded, WorkflowNotFound
from podium.model.later import later
from podium.model.spans import trace_of_start

if TYPE_CHECKING:
    from podium.client import embedded_schedules
    from podium.model.schedules import Schedule
else:
    embedded_schedules = later("podium.client.embedded_schedules")


class EmbeddedStarter:
    """
    Registers workflows and starts runs.

    Args:
        engine: Where they run.
        declared: Is told of the workflows that are registered.
    """

    def __init__(self, engine: EmbeddedEngine, declared: DeclaredTypes) -> None:
        self._engine = engine
        self._declared = declared
        self._introduced = RegisteredWorkflows()

    async def register(self, *definitions: Definition) -> None:
        """Put definitions into the registry."""
        kernel = await self._engine.started()
        schedules = schedules_of(definitions)
        asked = registration(definitions, self._declared)
        schedules += [await self.checked(each) for each in given_schedules(definitions)]
        await kernel.register(asked)
        for schedule in schedules:
            await kernel.ask(SaveSchedule(schedule, keeps_pause=True))

    async def checked(self, schedule: Schedule) -> Schedule:
        """Return a schedule as `checked_schedule` does, with what it starts, where that was registered here."""
        name, version = schedule.workflow, schedule.version
        if name is not None and version is None:
            row = await BlockingCall(partial(self._engine.backend.workflow, name, None))
            version = max(self._declared.greatest(name), 0 if row is None else row.version)
        started = None if name is None or version is None else self._declared.workflow(name, version)
        return embedded_schedules.checked_schedule(schedule, started)

    async def unregister_workflow(self, name: str, version: int) -> None:
        """Take a workflow out of the registry."""
        if await BlockingCall(partial(self._engine.backend.workflow, name, version)) is None:
            raise WorkflowNotFound(f"No such workflow definition: {name} version: {version}")
        self._introduced.forget(name, version)
        await (await self._engine.started()).register(Register(gone_workflows=[(name, version)]))

    async def unregister_task(self, name: str) -> None:
        """Take a task definition out of the registry."""
        if await BlockingCall(partial(self._engine.backend.task_def, name)) is None:
            raise DefinitionNotFound(f"No such task definition: {name}")
        await (await self._engine.started()).register(Register(gone_task_defs=[name]))

    async def start(self, workflow: Startable, run_input: Mapping[str, object] | None, options: StartOptions) -> str:
        """Start a run; gives its id when it is durable."""
        asked_priority(options)
        await self._register_once(workflow, check=options.get("check", True))
        request = self._request(workflow, run_input, options.get("version"))
        request = request._replace(**asked_options(options)._asdict())
        kernel = await self._engine.started()
        run_id: str = await (await kernel.admit(request))
        return run_id

    async def start_many(
        self,
        workflow: Startable,
        inputs: Iterable[Mapping[str, object]],
        *,
        version: int | None,
        check: bool,
    ) -> list[str]:
        """Start one run per input, as many at once as the engine takes; gives the ids in their order."""
        await self._register_once(workflow, check=check)
        inputs = asked_inputs(inputs)
        kernel = await self._engine.started()
        run_ids: list[str] = []
        asked: deque[Reply] = deque()
        requests: Iterable[StartRequest] = (self._request(workflow, one, version) for one in inputs)
        if isinstance(inputs, Collection):
            requests = list(requests)  # its owner holds them all anyway, so all are checked before the first start
        for request in requests:
            asked.append(await kernel.admit(request))
            while asked and asked[0].is_answered:
                run_ids.append(await asked.popleft())
        run_ids += [await reply for reply in asked]
        return run_ids

    def _request(
        self,
        workflow: Startable,
        run_input: Mapping[str, object] | None,
        version: int | None,
    ) -> StartRequest:
        asked = asked_run(workflow, run_input, version)
        try:
            self._engine.limits.packed(asked.input, "the input")
        except LimitExceeded as error:
            raise InvalidRequest(str(error)) from None
        run_id = self._engine.ids.run_id()
        return StartRequest(run_id, *asked, trace=trace_of_start(run_id))

    async def _register_once(self, workflow: Startable, *, check: bool) -> None:
        await self._introduced.introduce(workflow, self._register, check=check)

    async def _register(self, workflow: Workflow[..., Any]) -> None:
        await (await self._engine.started()).register(registration([workflow], self._declared))
