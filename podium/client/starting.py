"""From what callers give to definitions in the registry and starts in the engine's inbox."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

from podium.checks.starting import refuse_wrong
from podium.client.checked import checked_domains, checked_object, checked_strategy, checked_text
from podium.client.declared import DeclaredTypes
from podium.client.driving import Look
from podium.client.engine import EmbeddedEngine
from podium.client.interface import Definition
from podium.client.options import Startable, StartOptions
from podium.client.scheduling import checked_schedule
from podium.dsl import Task, Workflow
from podium.engine.replies import Reply
from podium.engine.requests import Register, SaveSchedule, StartRequest
from podium.expressions.schemas import SchemaRefused, refuse_schema
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.errors import (
    DefinitionError,
    DefinitionNotFound,
    Fault,
    InvalidRequest,
    LimitExceeded,
    WorkflowNotFound,
)
from podium.model.schedules import Schedule
from podium.model.statuses import IdempotencyStrategy, SchemaType
from podium.model.texts import shown

_HOW_TO_START = "start a function with @workflow above it, which calls the tasks, or the name of a registered workflow"


class Starter:
    """
    Registers workflows and starts runs.

    Args:
        engine: Where they run.
        declared: Is told of the workflows that are registered.
    """

    def __init__(self, engine: EmbeddedEngine, declared: DeclaredTypes) -> None:
        self._engine = engine
        self._declared = declared
        #: What was registered last by name and version: the workflow, its definitions, and whether it was checked.
        self._known: dict[tuple[str, int], tuple[Workflow[..., Any], WorkflowDef, bool]] = {}

    async def register(self, *definitions: Definition) -> None:
        """Put definitions into the registry."""
        kernel = await self._engine.started()
        schedules = [each for each in definitions if isinstance(each, Schedule)]
        workflows = [each for each in definitions if isinstance(each, Workflow)]
        checked = [checked_schedule(one, each) for each in workflows for one in each.schedules]
        registration = self._registration(each for each in definitions if not isinstance(each, Schedule))
        checked += [await self.checked(one) for one in schedules]
        await kernel.register(registration)
        for schedule in checked:
            await kernel.ask(SaveSchedule(schedule, keeps_pause=True))

    async def checked(self, schedule: Schedule) -> Schedule:
        """Return a schedule as `checked_schedule` does, with what it starts, where that was registered here."""
        name, version = schedule.workflow, schedule.version
        if name is not None and version is None:
            row = await Look(partial(self._engine.backend.workflow, name, None))
            version = max(self._declared.greatest(name), 0 if row is None else row.version)
        started = None if name is None or version is None else self._declared.workflow(name, version)
        return checked_schedule(schedule, started)

    def _registration(self, definitions: Iterable[Definition]) -> Register:
        workflows: dict[tuple[str, int], WorkflowDef] = {}
        task_defs: dict[str, TaskDef] = {}
        schemas: dict[tuple[str, int], SchemaDef] = {}
        for definition in definitions:
            if isinstance(definition, Workflow):
                workflows |= {(one.name, one.version): one for one in definition.definitions}
                task_defs |= {one.name: one for one in definition.task_defs}
                self._declared.note(definition)
            elif isinstance(definition, Task):
                task_defs[definition.task_def.name] = definition.task_def
            elif isinstance(definition, WorkflowDef):
                workflows[definition.name, definition.version] = definition
            elif isinstance(definition, TaskDef):
                task_defs[definition.name] = definition
            elif isinstance(definition, SchemaDef):
                schemas[definition.name, definition.version] = _checked_schema(definition)
            else:
                raise InvalidRequest(f"a workflow or a task is expected, not {type(definition).__name__}")
        return Register(tuple(workflows.values()), tuple(task_defs.values()), tuple(schemas.values()))

    async def unregister_workflow(self, name: str, version: int) -> None:
        """Take a workflow out of the registry."""
        if await Look(partial(self._engine.backend.workflow, name, version)) is None:
            raise WorkflowNotFound(f"No such workflow definition: {name} version: {version}")
        self._known.pop((name, version), None)
        await (await self._engine.started()).register(Register(gone_workflows=[(name, version)]))

    async def unregister_task(self, name: str) -> None:
        """Take a task definition out of the registry."""
        if await Look(partial(self._engine.backend.task_def, name)) is None:
            raise DefinitionNotFound(f"No such task definition: {name}")
        await (await self._engine.started()).register(Register(gone_task_defs=[name]))

    async def start(self, workflow: Startable, run_input: Mapping[str, object] | None, options: StartOptions) -> str:
        """Start a run; gives its id when it is durable."""
        priority = options.get("priority", 0)
        if not 0 <= priority <= 99:
            raise InvalidRequest(f"priority: {priority} should be between 0 and 99")
        await self._register_once(workflow, check=options.get("check", True))
        request = self._request(workflow, run_input, options.get("version"))._replace(
            correlation_id=checked_text(options.get("correlation_id"), "correlation_id"),
            priority=priority,
            task_to_domain=checked_domains(options.get("task_to_domain")),
            idempotency_key=checked_text(options.get("idempotency_key"), "idempotency_key"),
            idempotency_strategy=checked_strategy(options.get("idempotency_strategy", IdempotencyStrategy.FAIL)),
        )
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
        if not isinstance(inputs, Iterable):
            raise InvalidRequest(f"a list of inputs is expected, one map for each run, not {shown(inputs)}")
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
        given = checked_object(run_input, "the input")
        try:
            self._engine.limits.packed(given, "the input")
        except LimitExceeded as error:
            raise InvalidRequest(str(error)) from None
        request = StartRequest(self._engine.ids.run_id(), given)
        if isinstance(workflow, Workflow):
            workflow.check_input(request.input)
            return request._replace(name=workflow.name, version=workflow.version)
        if isinstance(workflow, WorkflowDef):
            return request._replace(definition=workflow)
        if callable(workflow):
            raise InvalidRequest(f"{shown(workflow)} is no workflow; {_HOW_TO_START}")
        return request._replace(name=checked_text(workflow, "the workflow's name"), version=version)

    async def _register_once(self, workflow: Startable, *, check: bool) -> None:
        """Register a workflow before its first start, and again if it has grown or another one had its name since."""
        if not isinstance(workflow, Workflow):
            return
        key, definition = (workflow.name, workflow.version), workflow.definition
        known, as_it_was, is_checked = self._known.get(key, (None, None, False))
        is_known = known is workflow and as_it_was == definition
        if is_known and (is_checked or not check):
            return
        if check:
            await Look(lambda: refuse_wrong(workflow))
        if not is_known:
            await (await self._engine.started()).register(self._registration([workflow]))
        self._known[key] = (workflow, definition, check)


def _checked_schema(schema: SchemaDef) -> SchemaDef:
    """
    Return a schema that may be registered.

    Raises:
        DefinitionError: It is of type JSON, and no JSON Schema.
    """
    if schema.type is SchemaType.JSON and schema.data is not None:
        try:
            refuse_schema(schema.data)
        except SchemaRefused as error:
            raise DefinitionError([Fault("data", str(error))], subject=f"schema {schema.name!r:.200}") from None
    return schema
