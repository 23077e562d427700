"""What callers give to be registered or started, checked and in order; the same for every client."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from podium.checks.starting import refuse_wrong
from podium.client.checked import checked_domains, checked_object, checked_strategy, checked_text
from podium.client.declared import DeclaredTypes
from podium.client.definitions import Definition
from podium.client.driving import BlockingCall, Body
from podium.client.operations import BulkVerb
from podium.client.options import Startable, StartOptions
from podium.dsl import Task, Workflow
from podium.dsl.arguments import misbound
from podium.engine.requests import Register
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.errors import DefinitionError, Fault, InvalidRequest
from podium.model.later import later
from podium.model.statuses import IdempotencyStrategy, SchemaType
from podium.model.texts import shown
from podium.model.values import JsonObject

if TYPE_CHECKING:
    from podium.client import embedded_schedules
    from podium.expressions import schemas
    from podium.model import schedules
    from podium.model.schedules import Schedule
else:
    embedded_schedules = later("podium.client.embedded_schedules")
    schedules = later("podium.model.schedules")
    schemas = later("podium.expressions.schemas")

_HOW_TO_START = "start a function with @workflow above it, which calls the tasks, or the name of a registered workflow"


def registration(definitions: Iterable[Definition], declared: DeclaredTypes) -> Register:
    """
    Return the definitions in what callers register, each once; schedules are passed over, see `schedules_of`.

    Args:
        definitions: As `podium.Client.register` takes them.
        declared: Is told of the workflows.

    Raises:
        InvalidRequest: Something else was given.
        DefinitionError: A workflow is not well-formed, or a schema of type JSON is no JSON Schema.
    """
    workflows: dict[tuple[str, int], WorkflowDef] = {}
    task_defs: dict[str, TaskDef] = {}
    schemas: dict[tuple[str, int], SchemaDef] = {}
    for definition in definitions:
        if isinstance(definition, Workflow):
            workflows |= {(one.name, one.version): one for one in definition.definitions}
            task_defs |= {one.name: one for one in definition.task_defs}
            declared.note(definition)
        elif isinstance(definition, Task):
            task_defs[definition.task_def.name] = definition.task_def
        elif isinstance(definition, WorkflowDef):
            workflows[definition.name, definition.version] = definition
        elif isinstance(definition, TaskDef):
            task_defs[definition.name] = definition
        elif isinstance(definition, SchemaDef):
            schemas[definition.name, definition.version] = checked_schema(definition)
        elif not isinstance(definition, schedules.Schedule):
            raise InvalidRequest(f"a workflow or a task is expected, not {type(definition).__name__}")
    return Register(tuple(workflows.values()), tuple(task_defs.values()), tuple(schemas.values()))


def schedules_of(definitions: Iterable[Definition]) -> list[Schedule]:
    """
    Return the schedules that workflows bring along.

    Raises:
        InvalidRequest: The input of one cannot be right.
    """
    workflows = [each for each in definitions if isinstance(each, Workflow)]
    return [embedded_schedules.checked_schedule(one, each) for each in workflows for one in each.schedules]


def given_schedules(definitions: Iterable[Definition]) -> list[Schedule]:
    """Return the schedules among definitions that `registration` has taken."""
    others = (Workflow, Task, WorkflowDef, TaskDef, SchemaDef)
    return [each for each in definitions if not isinstance(each, others)]


def checked_schema(schema: SchemaDef) -> SchemaDef:
    """
    Return a schema that may be registered.

    Raises:
        DefinitionError: It is of type JSON, and no JSON Schema.
    """
    if schema.type is SchemaType.JSON and schema.data is not None:
        try:
            schemas.refuse_schema(schema.data)
        except schemas.SchemaRefused as error:
            raise DefinitionError([Fault("data", str(error))], subject=f"schema {schema.name!r:.200}") from None
    return schema


class RegisteredWorkflows:
    """The workflows that a client has registered by itself, before their first start."""

    def __init__(self) -> None:
        #: What was registered last by name and version: the workflow, its definitions, and whether it was checked.
        self._known: dict[tuple[str, int], tuple[Workflow[..., Any], WorkflowDef, bool]] = {}

    async def introduce(
        self, workflow: Startable, register: Callable[[Workflow[..., Any]], Body[None]], *, check: bool
    ) -> None:
        """Register a workflow before its first start, and again if it has grown or another one had its name since."""
        if not isinstance(workflow, Workflow):
            return
        key, definition = (workflow.name, workflow.version), workflow.definition
        known, as_it_was, is_checked = self._known.get(key, (None, None, False))
        is_known = known is workflow and as_it_was == definition
        if is_known and (is_checked or not check):
            return
        if check:
            await BlockingCall(lambda: refuse_wrong(workflow))
        if not is_known:
            await register(workflow)
        self._known[key] = (workflow, definition, check)

    def forget(self, name: str, version: int) -> None:
        """Let a workflow be registered anew: it was taken out of the registry."""
        self._known.pop((name, version), None)


class RunRequest(NamedTuple):
    """The run that a caller wants to be started: of a definition that is given, or of a registered one."""

    input: JsonObject
    name: str | None = None
    version: int | None = None
    definition: WorkflowDef | None = None


class RunRequestOptions(NamedTuple):
    """The same options of a start as `podium.client.options.StartOptions`, checked."""

    correlation_id: str | None
    priority: int
    task_to_domain: Mapping[str, str]
    idempotency_key: str | None
    idempotency_strategy: IdempotencyStrategy


def asked_run(workflow: Startable, run_input: Mapping[str, object] | None, version: int | None) -> RunRequest:
    """
    Return what is to be started.

    Raises:
        InvalidRequest: It cannot be started, or the input is no JSON object or not what the workflow takes.
    """
    given = checked_object(run_input, "the input")
    if isinstance(workflow, Workflow | WorkflowDef) and version not in {None, workflow.version}:
        raise InvalidRequest(
            f"version={version}: what was given is version {workflow.version} of {workflow.name!r}; "
            f"to start another version, give its name and register it before"
        )
    if isinstance(workflow, Workflow):
        workflow.check_input(given)
        return RunRequest(given, workflow.name, workflow.version)
    if isinstance(workflow, WorkflowDef):
        return RunRequest(given, definition=workflow)
    if callable(workflow):
        raise InvalidRequest(f"{shown(workflow)} is no workflow; {_HOW_TO_START}")
    return RunRequest(given, checked_text(workflow, "the workflow's name"), version)


def asked_options(options: StartOptions) -> RunRequestOptions:
    """
    Return the options of a start.

    Raises:
        InvalidRequest: One cannot be right.
    """
    return RunRequestOptions(
        checked_text(options.get("correlation_id"), "correlation_id"),
        asked_priority(options),
        checked_domains(options.get("task_to_domain")),
        checked_text(options.get("idempotency_key"), "idempotency_key"),
        checked_strategy(options.get("idempotency_strategy", IdempotencyStrategy.FAIL)),
    )


def asked_priority(options: StartOptions) -> int:
    """
    Return the priority of a start.

    Raises:
        InvalidRequest: It is no whole number, or out of range.
    """
    priority = options.get("priority", 0)
    if type(priority) is not int or not 0 <= priority <= 99:
        raise InvalidRequest(f"priority: {shown(priority)} should be between 0 and 99")
    return priority


def asked_inputs(inputs: object) -> Iterable[Mapping[str, object]]:
    """
    Return the inputs of many starts.

    Raises:
        InvalidRequest: They are no list.
    """
    if not isinstance(inputs, Iterable):
        raise InvalidRequest(f"a list of inputs is expected, one map for each run, not {shown(inputs)}")
    return inputs


def asked_bulk(client: object, verb: BulkVerb, run_ids: object, options: Mapping[str, object]) -> list[str]:
    """
    Return the runs for which a verb is asked, each once.

    Raises:
        InvalidRequest: There is no such verb, it takes no such options, or the runs are no list.
    """
    if verb not in get_args(BulkVerb):
        raise InvalidRequest(f"bulk: {verb!r:.40} must be one of {', '.join(get_args(BulkVerb))}")
    if not isinstance(run_ids, Iterable) or isinstance(run_ids, str | bytes | Mapping):
        raise InvalidRequest(f"bulk: a list of runs' ids is expected, not {shown(run_ids)}")
    asked = list(dict.fromkeys(run_ids))
    signature = inspect.signature(getattr(client, verb))
    try:
        signature.bind("", **options)
    except TypeError as error:
        raise InvalidRequest(misbound(f"{verb}()", signature, options, error)) from None
    return asked
