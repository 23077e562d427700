"""Definitions and starts, for a server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import evolve

from podium.client.declared import DeclaredTypes
from podium.client.definitions import Definition
from podium.client.embedded_schedules import checked_schedule
from podium.client.options import Startable, StartOptions
from podium.client.remote.portable import portable
from podium.client.remote.schedules import ScheduleCalls
from podium.client.remote.server import Server
from podium.client.run_requests import (
    RegisteredWorkflows,
    RunRequest,
    RunRequestOptions,
    asked_inputs,
    asked_options,
    asked_priority,
    asked_run,
    registration,
    schedules_of,
)
from podium.dsl import Workflow
from podium.engine.requests import Register
from podium.model.codec import to_dict
from podium.model.definitions import SchemaDef, WorkflowDef
from podium.model.errors import (
    AlreadyExists,
    DefinitionError,
    Fault,
    NotOffered,
    ScheduleNotFound,
    WorkflowNotFound,
)
from podium.model.schedules import Schedule
from podium.model.statuses import IdempotencyStrategy
from podium.model.values import JsonObject
from podium.model.walk import every_task

#: Tasks that an open-source Conductor hands to workers, since it does not do them itself: they would wait for ever.
_NOT_OPEN = frozenset({"GET_WORKFLOW", "HTTP_POLL", "WAIT_FOR_WEBHOOK"})

#: Runs that are started with one call, where the server takes several.
_BATCH = 200


class RemoteStarter:
    """
    Registers definitions at a server, and starts runs there.

    Args:
        server: The server.
        declared: Is told of the workflows that are registered.
    """

    def __init__(self, server: Server, declared: DeclaredTypes) -> None:
        self._server = server
        self._declared = declared
        self._introduced = RegisteredWorkflows()
        self._schedules = ScheduleCalls(server)

    async def register(self, *definitions: Definition) -> None:
        """Put definitions into the server's registry."""
        schedules = schedules_of(definitions)
        asked = registration(definitions, self._declared)
        schedules += [await self.checked(each) for each in definitions if isinstance(each, Schedule)]
        await self._register(asked)
        for schedule in schedules:
            try:
                is_paused = (await self._schedules.get(schedule.name or "")).schedule.paused
            except ScheduleNotFound:
                is_paused = False
            await self._schedules.save(evolve(schedule, paused=schedule.paused or is_paused))

    async def checked(self, schedule: Schedule) -> Schedule:
        """Return a schedule as `checked_schedule` does, with what it starts, where that was registered here."""
        name, version = schedule.workflow, schedule.version
        if name is not None and version is None:
            version = self._declared.greatest(name)
        started = None if name is None or version is None else self._declared.workflow(name, version)
        return checked_schedule(schedule, started)

    def forget(self, name: str, version: int) -> None:
        """Let a workflow be registered anew: it was taken out of the registry."""
        self._introduced.forget(name, version)

    async def start(self, workflow: Startable, run_input: Mapping[str, object] | None, options: StartOptions) -> str:
        """Start a run; gives its id when it is durable."""
        asked_priority(options)
        await self._introduced.introduce(workflow, self._introduce, check=options.get("check", True))
        asked = asked_run(workflow, run_input, options.get("version"))
        given = asked_options(options)
        if asked.definition is not None:
            await self._refuse_lacking([asked.definition])
        answer = await self._server.ask(
            "POST",
            "workflow",
            body=_request(asked, given),
            is_repeatable=await self._may_repeat(given),
            missing=WorkflowNotFound,
            conflict=AlreadyExists,
        )
        return self._server.run_id(answer)

    async def start_many(
        self, workflow: Startable, inputs: Iterable[Mapping[str, object]], *, version: int | None, check: bool
    ) -> list[str]:
        """Start one run per input; gives the ids in their order."""
        await self._introduced.introduce(workflow, self._introduce, check=check)
        asked: Iterable[RunRequest] = (asked_run(workflow, one, version) for one in asked_inputs(inputs))
        if isinstance(inputs, Collection):
            asked = list(asked)  # its owner holds them all anyway, so all are checked before the first start
        options, run_ids = asked_options({}), list[str]()
        takes_many = (await self._server.session.kind()).is_podium
        for some in _parts(asked, _BATCH if takes_many else 1):
            bodies = [_request(one, options) for one in some]
            where = ("podium", "runs", "batch") if takes_many else ("workflow",)
            body: Any = bodies if takes_many else bodies[0]
            answer = await self._server.ask("POST", *where, body=body, missing=WorkflowNotFound, conflict=AlreadyExists)
            run_ids += self._server.texts(answer) if takes_many else [self._server.run_id(answer)]
        return run_ids

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _introduce(self, workflow: Workflow[..., Any]) -> None:
        await self._register(registration([workflow], self._declared))

    async def _register(self, asked: Register) -> None:
        server = self._server
        await self._refuse_lacking(asked.workflows)
        if asked.task_defs:
            bodies = [to_dict(one) for one in asked.task_defs]
            await server.ask("POST", "metadata", "taskdefs", body=[*bodies], is_repeatable=True, conflict=AlreadyExists)
        for schema in asked.schemas:
            await self._save_schema(schema)
        if asked.workflows:
            is_podium = (await server.session.kind()).is_podium
            bodies = [to_dict(one if is_podium else portable(one)) for one in asked.workflows]
            answer = await server.ask(
                "PUT", "metadata", "workflow", body=[*bodies], is_repeatable=True, conflict=AlreadyExists
            )
            _refuse_failed(answer.error.get("bulkErrorResults"))

    async def _refuse_lacking(self, definitions: Iterable[WorkflowDef]) -> None:
        """Raise what says that the server does not do some task."""
        found = [(one, task) for one in definitions for task in every_task(one.tasks) if task.type in _NOT_OPEN]
        if not found:
            return
        kind = await self._server.session.kind()
        if not kind.is_extended:
            definition, task = found[0]
            place = f"task {task.task_reference_name!r} of workflow {definition.name!r}"
            base = self._server.session.settings.base
            raise NotOffered(f"{place} would wait for ever: {base} is {kind.name}, which does no {task.type}")

    async def _save_schema(self, schema: SchemaDef) -> None:
        try:
            await self._server.ask("POST", "schema", body=to_dict(schema), is_repeatable=True)
        except NotOffered as error:
            raise NotOffered(f"schema {schema.name!r} cannot be registered: {error}") from None

    async def _may_repeat(self, options: RunRequestOptions) -> bool:
        """Return whether a start may be asked for again: a key makes the second harmless, if the server heeds it."""
        if options.idempotency_key is None:
            return False
        kind = await self._server.session.kind()
        if not kind.is_extended:
            base = self._server.session.settings.base
            raise NotOffered(f"idempotency_key= has no effect: {base} is {kind.name}, which passes it over")
        return options.idempotency_strategy is IdempotencyStrategy.RETURN_EXISTING


def _refuse_failed(failed: object) -> None:
    """Raise what a server says of definitions that it did not take."""
    if isinstance(failed, dict) and failed:
        raise DefinitionError([Fault(str(name), str(words)) for name, words in failed.items()])


def _request(asked: RunRequest, options: RunRequestOptions) -> JsonObject:
    """Return the body of a start (Conductor: ``StartWorkflowRequest``)."""
    definition: WorkflowDef | None = asked.definition
    found: JsonObject = {
        "name": asked.name if definition is None else definition.name,
        "version": asked.version if definition is None else definition.version,
        "input": asked.input,
        "workflowDef": None if definition is None else to_dict(definition),
        "correlationId": options.correlation_id,
        "priority": options.priority or None,
        "taskToDomain": dict(options.task_to_domain) or None,
        "idempotencyKey": options.idempotency_key,
        "idempotencyStrategy": None if options.idempotency_key is None else options.idempotency_strategy.value,
    }
    return {key: value for key, value in found.items() if value is not None}


def _parts(asked: Iterable[RunRequest], size: int) -> Iterator[list[RunRequest]]:
    left = iter(asked)
    while some := list(islice(left, size)):
        yield some
