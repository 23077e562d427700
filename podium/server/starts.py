"""A ``StartWorkflowRequest`` as the engine takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.client.checked import checked_domains, checked_strategy
from podium.engine.requests import StartRequest
from podium.model.codec import from_dict
from podium.model.definitions import WorkflowDef
from podium.model.errors import Fault, InvalidRequest, LimitExceeded
from podium.model.spans import current_trace
from podium.model.statuses import IdempotencyStrategy
from podium.model.texts import shown
from podium.model.tracing import trace_in
from podium.server.bodies import optional_text, version_of
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import InvalidBody


async def start(desk: Desk, call: Call, body: Mapping[str, Any]) -> str:
    """
    Start a run for a caller; gives its id when it is durable, and its first tasks exist.

    Raises:
        InvalidRequest, WorkflowNotFound, DefinitionError, Conflict: As `podium.Client.start` has them.
    """
    request = start_request(desk, call, body)

    async def admitted() -> str:
        run_id: str = await (await desk.kernel.admit(request))
        return run_id

    run_id = await desk.drive(admitted())
    call.outcomes[run_id] = None
    return run_id


def start_request(desk: Desk, call: Call, body: Mapping[str, Any]) -> StartRequest:
    """
    Read what a start asks for.

    Raises:
        InvalidRequest: A field is wrong.
        DefinitionError: The definition within is no definition.
    """
    if body.get("externalInputPayloadStoragePath"):
        raise InvalidRequest("externalInputPayloadStoragePath: this server keeps payloads itself; send 'input' instead")
    strategy = optional_text(body, "idempotencyStrategy")
    return StartRequest(
        desk.engine.ids.run_id(),
        _input(desk, body),
        correlation_id=optional_text(body, "correlationId"),
        priority=_priority(body),
        task_to_domain=checked_domains(body.get("taskToDomain")),
        created_by=optional_text(body, "createdBy") or call.who.get("name"),
        idempotency_key=optional_text(body, "idempotencyKey"),
        idempotency_strategy=IdempotencyStrategy.FAIL if strategy is None else checked_strategy(strategy),
        trace=current_trace() or trace_in(call.headers),
        **_what(body),
    )


def _what(body: Mapping[str, Any]) -> dict[str, Any]:
    definition = body.get("workflowDef")
    if definition is not None:
        return {"definition": from_dict(definition, WorkflowDef)}
    name = optional_text(body, "name")
    if not name:
        raise InvalidBody([Fault("name", "Workflow name cannot be null or empty")])
    return {"name": name, "version": version_of(body)}


def _input(desk: Desk, body: Mapping[str, Any]) -> dict[str, Any]:
    given = body.get("input", {})
    if given is None:
        raise InvalidRequest("NULL input passed when starting workflow")
    if not isinstance(given, dict):
        raise InvalidRequest(f"input: an object is expected, not {shown(given)}")
    try:
        desk.engine.limits.packed(given, "the input")
    except LimitExceeded as error:
        raise InvalidRequest(str(error)) from None
    return given


def _priority(body: Mapping[str, Any]) -> int:
    priority = body.get("priority") or 0
    if type(priority) is not int or not 0 <= priority <= 99:
        raise InvalidBody([Fault("priority", f"priority: {shown(priority)} should be between 0 and 99")])
    return priority
