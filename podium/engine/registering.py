"""What people set up: definitions, schemas and entries go into the store in a commit of their own."""

from __future__ import annotations

from podium.engine.config import EngineConfig
from podium.engine.library import definition_body, refuse_large
from podium.engine.requests import Register
from podium.engine.rows import EntryRow, SchemaRow, TaskDefRow, WorkflowRow, WriteSet
from podium.model.errors import AlreadyExists, InvalidRequest
from podium.model.texts import name_fault, shown

#: The largest whole number of 32 bits, as Conductor's versions are.
_INT_MAX = (1 << 31) - 1


def write_definitions(config: EngineConfig, request: Register) -> None:
    """
    Put into the registry what is asked for, and remove from it what shall go.

    Raises:
        InvalidRequest: Something has a name or a version that no store can have.
        DefinitionError: One of them is too large.
        AlreadyExists: An entry, or a workflow, that shall be new is there.
        StoreError: As `podium.engine.ports.RunStore.commit` has it.
    """
    _refuse_names(request)
    _refuse_versions(request)
    now, limits, backend = config.clock.now(), config.limits, config.backend
    for workflow in request.workflows:
        refuse_large(workflow, limits)
        if request.keeps_workflows and backend.workflow(workflow.name, workflow.version) is not None:
            raise AlreadyExists(f"Workflow with {workflow.name}.{workflow.version} already exists!")
    for kind, name, _ in request.new_entries:
        if backend.entry(kind, name) is not None:
            raise AlreadyExists(f"{kind.title().replace('_', '')} with name {name} already exists!")
    writes = WriteSet(
        workflows=[WorkflowRow(w.name, w.version, now, now, definition_body(w, limits)) for w in request.workflows],
        task_defs=[TaskDefRow(t.name, definition_body(t, limits)) for t in request.task_defs],
        schemas=[SchemaRow(s.name, s.version, definition_body(s, limits)) for s in request.schemas],
        deleted_workflows=request.gone_workflows,
        deleted_task_defs=request.gone_task_defs,
        deleted_schemas=request.gone_schemas,
        entries=[EntryRow(kind, name, now, body) for kind, name, body in (*request.entries, *request.new_entries)],
        deleted_entries=request.gone_entries,
        logs=request.logs,
    )
    if not writes.is_empty():
        backend.commit(writes)


def _refuse_names(request: Register) -> None:
    """Refuse what has a name that no store can have."""
    names = [*(each.name for each in request.workflows), *(each.name for each in request.task_defs)]
    names += [*(each.name for each in request.schemas)]
    names += [name for _, name, _ in (*request.entries, *request.new_entries)]
    for name in names:
        words = name_fault(name)
        if words is not None:
            raise InvalidRequest(f"the name {shown(name)} {words}")


def _refuse_versions(request: Register) -> None:
    """Refuse schemas with versions that no store can have; those of workflows are looked at where these are read."""
    for schema in request.schemas:
        if abs(schema.version) > _INT_MAX:
            words = f"its version is a whole number of at most 32 bits, not {schema.version}"
            raise InvalidRequest(f"schema {shown(schema.name)}: {words}")
