"""``/metadata``: workflow and task definitions (Conductor: ``MetadataResource.java``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import evolve

from podium.engine.requests import Register
from podium.engine.rows import TaskDefRow, WorkflowRow
from podium.model.codec import from_json
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import DefinitionNotFound, PodiumError, WorkflowNotFound
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.bodies import whole_number
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import INT_MAX, flag, number, text
from podium.server.routing import WORD, Body, array, by_name, delete, get, post, put, ref
from podium.server.shapes import BULK, bulk_body
from podium.server.validation import checked_task_def, checked_workflow
from podium.server.wire import whole


def workflow_of(row: WorkflowRow) -> dict[str, Any]:
    """Return a registered workflow as the API writes it."""
    return whole(from_json(row.body, WorkflowDef)) | _moments(row)


def _moments(row: WorkflowRow) -> dict[str, Any]:
    return {"createTime": row.created_at, "updateTime": row.updated_at}


def _version(row: WorkflowRow) -> dict[str, Any]:
    return {"name": row.name, "version": row.version, **_moments(row)}


async def create_workflow(desk: Desk, call: Call) -> Answer:
    """Register a workflow; one that is there is kept unless it may be overwritten."""
    definition = await desk.look(lambda: checked_workflow(call.object()))
    await desk.register(Register(workflows=[definition], keeps_workflows=not call.query["overwrite"]))
    return EMPTY


async def validate_workflow(desk: Desk, call: Call) -> Answer:
    """Say whether a workflow could be registered; it is not."""
    await desk.look(lambda: checked_workflow(call.object()))
    return EMPTY


async def update_workflows(desk: Desk, call: Call) -> Answer:
    """Register workflows, replacing those that are there."""
    definitions = await desk.look(lambda: [checked_workflow(each) for each in call.items()])
    failed: dict[str, str] = {}
    done: list[str] = []
    for definition in definitions:
        try:
            await desk.register(Register(workflows=[definition]))
        except PodiumError as error:
            failed[definition.name] = str(error)
        else:
            done.append(definition.name)
    return json_answer(bulk_body(done, failed))


async def get_workflow(desk: Desk, call: Call) -> Answer:
    """A registered workflow; without a version the greatest one."""
    name, version = call.path["name"], call.query["version"]

    def look() -> Answer:
        row = desk.engine.backend.workflow(name, version)
        if row is None:
            raise WorkflowNotFound(f"No such workflow found by name: {name}, version: {_named(version)}")
        return json_answer(workflow_of(row))

    return await desk.look(look)


def _named(version: int | None) -> str:
    return "null" if version is None else str(version)


async def get_workflows(desk: Desk, call: Call) -> Answer:
    """All registered workflows, in all versions."""
    wanted = call.query["classifier"]

    def look() -> Answer:
        found = [workflow_of(row) for row in desk.engine.backend.workflows()]
        return json_answer([each for each in found if wanted is None or _classifier(each) == wanted])

    return await desk.look(look)


def _classifier(definition: Mapping[str, Any]) -> str:
    metadata = definition.get("metadata") or {}
    if metadata.get("classifier"):
        return str(metadata["classifier"])
    return "agent" if "agent_sdk" in metadata or "agentDef" in metadata else "workflow"


async def _listing(desk: Desk, made: Callable[[Sequence[WorkflowRow]], Any]) -> Answer:
    """Return what is made of all registered workflows."""
    return await desk.look(lambda: json_answer(made(desk.engine.backend.workflows())))


async def get_names(desk: Desk, call: Call) -> Answer:
    """The names of all registered workflows."""
    return await _listing(desk, lambda rows: list(dict.fromkeys(row.name for row in rows)))


async def get_names_and_versions(desk: Desk, call: Call) -> Answer:
    """The versions of all registered workflows, by name."""
    return await _listing(desk, _versions)


def _versions(rows: Iterable[WorkflowRow]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(_version(row))
    return found


async def get_versions(desk: Desk, call: Call) -> Answer:
    """The versions of a workflow."""
    return await _listing(desk, lambda rows: _versions(rows).get(call.path["name"], []))


async def get_latest(desk: Desk, call: Call) -> Answer:
    """The greatest version of each registered workflow."""
    return await _listing(desk, lambda rows: [workflow_of(row) for row in {row.name: row for row in rows}.values()])


async def delete_workflow(desk: Desk, call: Call) -> Answer:
    """Remove a workflow; its runs keep it."""
    await desk.do(desk.client.unregister_workflow, call.path["name"], whole_number(call.path["version"], "version"))
    return EMPTY


async def create_task_defs(desk: Desk, call: Call) -> Answer:
    """Register task definitions, replacing those that are there."""
    definitions = [checked_task_def(each) for each in call.items()]
    now = desk.engine.clock.now()
    kept = [evolve(each, create_time=now, update_time=now) for each in definitions]
    await desk.register(Register(task_defs=kept))
    return EMPTY


async def update_task_def(desk: Desk, call: Call) -> Answer:
    """Replace one task definition."""
    definition = checked_task_def(call.object())
    known = await desk.look(lambda: desk.engine.backend.task_def(definition.name))
    if known is None:
        raise DefinitionNotFound(f"No such task by name {definition.name}")
    before = from_json(known.body, TaskDef)
    now = desk.engine.clock.now()
    kept = evolve(definition, create_time=before.create_time, created_by=before.created_by, update_time=now)
    await desk.register(Register(task_defs=[kept]))
    return EMPTY


async def get_task_defs(desk: Desk, call: Call) -> Answer:
    """All registered task definitions."""
    return await desk.look(lambda: json_answer([task_def_of(row) for row in desk.engine.backend.task_defs()]))


def task_def_of(row: TaskDefRow) -> dict[str, Any]:
    """Return a registered task definition as the API writes it."""
    return whole(from_json(row.body, TaskDef))


async def get_task_def(desk: Desk, call: Call) -> Answer:
    """A registered task definition."""
    name = call.path["tasktype"]

    def look() -> Answer:
        row = desk.engine.backend.task_def(name)
        if row is None:
            raise DefinitionNotFound(f"No such taskType found by name: {name}")
        return json_answer(task_def_of(row))

    return await desk.look(look)


async def delete_task_def(desk: Desk, call: Call) -> Answer:
    """Remove a task definition; runs keep what they began with."""
    await desk.do(desk.client.unregister_task, call.path["tasktype"])
    return EMPTY


_WORKFLOW, _TASK_DEF = ref("WorkflowDef"), ref("TaskDef")
_VERSION = ref("WorkflowVersion")

ROUTES = (
    post(
        "/metadata/workflow",
        create_workflow,
        flag("overwrite", "Replace one that is there."),
        body=Body(shape=_WORKFLOW),
    ),
    post("/metadata/workflow/validate", validate_workflow, body=Body(shape=_WORKFLOW)),
    put("/metadata/workflow", update_workflows, body=Body(shape=array(_WORKFLOW)), answers={200: BULK}),
    get(
        "/metadata/workflow/{name}",
        get_workflow,
        number("version", about="None for the greatest.", least=0, most=INT_MAX),
        answers={200: _WORKFLOW},
    ),
    get("/metadata/workflow", get_workflows, text("classifier", "Only these."), answers={200: array(_WORKFLOW)}),
    get("/metadata/workflow/names", get_names, answers={200: array(WORD)}),
    get("/metadata/workflow/names-and-versions", get_names_and_versions, answers={200: by_name(array(_VERSION))}),
    get("/metadata/workflow/{name}/versions", get_versions, answers={200: array(_VERSION)}),
    get("/metadata/workflow/latest-versions", get_latest, answers={200: array(_WORKFLOW)}),
    delete("/metadata/workflow/{name}/{version}", delete_workflow),
    post("/metadata/taskdefs", create_task_defs, body=Body(shape=array(_TASK_DEF))),
    put("/metadata/taskdefs", update_task_def, body=Body(shape=_TASK_DEF)),
    get("/metadata/taskdefs", get_task_defs, answers={200: array(_TASK_DEF)}),
    get("/metadata/taskdefs/{tasktype}", get_task_def, answers={200: _TASK_DEF}),
    delete("/metadata/taskdefs/{tasktype}", delete_task_def),
)
