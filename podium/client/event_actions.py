"""
What the actions of event handlers ask of the engine.

Conductor: ``SimpleActionProcessor.java``; it knows the last two, and carries only the first three out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

from podium.engine.batch import Request
from podium.engine.events import ReportByName, SetVariables, Terminate
from podium.engine.ids import locate
from podium.engine.requests import StartRequest
from podium.model.assignments import Report
from podium.model.statuses import IdempotencyStrategy, TaskStatus
from podium.model.texts import storable
from podium.model.values import JsonValue

#: Most characters of a key that is written out.
_KEY_MAX = 200


class ActionContext(NamedTuple):
    """What an action is done for."""

    event: str
    message_id: str
    payload: JsonValue
    #: The same when the same action of a handler is done for a message that comes again.
    key: str
    #: The id of a run, should one be started.
    run_id: str

    @property
    def told(self) -> dict[str, JsonValue]:
        """What Conductor adds to inputs and outputs."""
        return {"conductor.event.messageId": self.message_id, "conductor.event.name": self.event}


def _start(body: Mapping[str, Any], occasion: ActionContext) -> Request:
    domains = body.get("taskToDomain")
    if not domains and isinstance(occasion.payload, Mapping):
        domains = occasion.payload.get("taskToDomain")
    version, key = body.get("version"), occasion.key
    return StartRequest(
        occasion.run_id,
        {**(body.get("input") or {}), **occasion.told},
        name=str(body["name"]),
        version=int(version) if version else None,
        correlation_id=_text(body.get("correlationId")),
        task_to_domain={str(name): str(domain) for name, domain in (domains or {}).items()},
        # No longer than databases take.
        idempotency_key=f"event:{key if len(key) <= _KEY_MAX else sha256(key.encode()).hexdigest()}",
        idempotency_strategy=IdempotencyStrategy.RETURN_EXISTING,
        event=occasion.event,
    )


def _end(status: TaskStatus) -> Callable[[Mapping[str, Any], ActionContext], Request]:
    """Return what ends an attempt, by its id, or by its run and place."""

    def end(body: Mapping[str, Any], occasion: ActionContext) -> Request:
        fields = {name: value for name, value in body.items() if name != "output"}
        output = {**fields, **(body.get("output") or {}), **occasion.told}
        reason = _text(body.get("reasonForIncompletion"))
        if body.get("taskId"):
            run_id, seq = locate(str(body["taskId"]))
            return Report(run_id, seq, status, output, reason)
        return ReportByName(str(body["workflowId"]), str(body["taskRefName"]), status, output, reason=reason)

    return end


def _terminate(body: Mapping[str, Any], occasion: ActionContext) -> Request:
    reason = body.get("terminationReason") or f"event {occasion.event}, message {occasion.message_id}"
    return Terminate(str(body["workflowId"]), str(reason))


def _set_variables(body: Mapping[str, Any], _: ActionContext) -> Request:
    return SetVariables(str(body["workflowId"]), dict(body["variables"]), append_lists=bool(body.get("appendArray")))


def _text(value: JsonValue) -> str | None:
    return None if value is None else storable(str(value))


#: By the name of the action: from its body, with ``${…}`` filled in, to what is asked.
REQUESTS: Mapping[str, Callable[[Mapping[str, Any], ActionContext], Request]] = MappingProxyType(
    {
        "start_workflow": _start,
        "complete_task": _end(TaskStatus.COMPLETED),
        "fail_task": _end(TaskStatus.FAILED),
        "terminate_workflow": _terminate,
        "update_workflow_variables": _set_variables,
    }
)
