"""
Which requests are changes, and what the audit says of each: who, from where, what, and what came of it.

A row of the table says nearly all of it: its path what the change is about, its handler what is done. What else there
is to say, such as the run that a start has made, handlers add to the call. Bodies never get in, so no secret does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from podium.client.embedded_audit import ReportedChange
from podium.engine.ids import locate
from podium.model.errors import TaskNotFound
from podium.model.values import JsonValue
from podium.server.access import is_reading
from podium.server.calls import Call
from podium.server.routing import Route

#: What changes are about, by the beginning of their paths; the longest one counts.
_KINDS: Mapping[str, str] = {
    "/workflow": "run",
    "/podium/runs": "run",
    "/podium/prune": "run",
    "/admin": "run",
    "/tasks": "run",
    "/podium/tasks": "run",
    "/queue": "run",
    "/tasks/queue": "queue",
    "/admin/queues": "queue",
    "/metadata/workflow": "workflow",
    "/metadata/tags/workflow": "workflow",
    "/metadata/task": "task_definition",
    "/metadata/webhook": "webhook",
    "/event": "event_handler",
    "/event/queue": "queue",
    "/podium/events": "event",
    "/podium/webhooks": "webhook",
    "/webhook": "webhook",
    "/scheduler": "schedule",
    "/podium/schedules": "schedule",
    "/podium/retention": "retention",
    "/audit": "audit",
    "/secrets": "secret",
    "/environment": "variable",
    "/schema": "schema",
    "/token": "token",
    "/applications": "application",
    "/users": "user",
    "/groups": "group",
    "/auth": "permission",
    "/roles": "role",
}
_BY_LENGTH = sorted(_KINDS, key=len, reverse=True)
#: Handlers whose names do not say what is done.
_VERBS: Mapping[str, str] = {
    **dict.fromkeys(("start_workflow", "start_by_name", "start_version", "start_many", "execute"), "start"),
    "call_workflow": "start",
    "run_schedule": "start",
    **dict.fromkeys(("create_workflow", "update_workflows", "create_task_defs", "update_task_def"), "register"),
    **dict.fromkeys(("delete_workflow", "delete_task_def", "delete_secret", "delete_variable"), "delete"),
    **dict.fromkeys(("delete_schedule", "delete_schema", "delete_schemas"), "delete"),
    "delete_many": "delete",
    "take_event": "publish",
    "put_secret": "put",
    "put_variable": "put",
    "token": "sign_in",
    **dict.fromkeys(("update_by_ref", "update_by_ref_sync", "update_by_id"), "report"),
    **dict.fromkeys(("tell", "update", "update_and_poll"), "report"),
    "signal_sync": "signal",
    "set_retention": "set",
    "remove_retention": "remove",
    "apply_retention": "apply",
}
#: What asks for no change, though it is no reading of what anybody may read: what workers do with attempts that they
#: were given, of which each attempt tells, and what is tried and kept nowhere.
_NO_CHANGES = (
    *("/tasks/poll/", "/tasks/{taskId}/log", "/tasks/{taskId}/ack", "/podium/workers/"),
    *("/workflow/test", "/workflow/decide/", "/workflow/correlated/", "/metadata/workflow/validate"),
    *("/admin/sweep/", "/admin/consistency/"),
)
#: Results of workers: a change only where the attempt is not one that was handed out here.
_RESULTS = ("/tasks", "/tasks/update-v2", "/podium/tasks/update")


#: Who changes something on a server that asks nobody who he is.
ANONYMOUS = "anonymous"


class AuditedChange(NamedTuple):
    """What a row changes."""

    verb: str
    kind: str
    #: Only where a handler says so.
    is_of_workers: bool


def change_of(route: Route) -> AuditedChange | None:
    """Return what a row changes; None for one that changes nothing."""
    if route.is_root or is_reading(route) or route.path.startswith(_NO_CHANGES):
        return None
    named = (_KINDS[each] for each in _BY_LENGTH if route.path.startswith(each))
    kind = next(named, route.path.split("/")[1])
    name = route.handler.__name__
    return AuditedChange(_VERBS.get(name, name), kind, route.path in _RESULTS)


def told_of(change: AuditedChange, call: Call, result: str, status: int) -> Iterator[ReportedChange]:
    """Yield what is told of a call: one record for each run that it was about, or each thing that it names."""
    details: dict[str, JsonValue] = {"method": call.route.method, "path": call.route.full_path, "status": status}
    details |= {key: value for key, value in call.who.items() if key != "id"}
    name = _name(call)
    if call.outcomes:
        for each, refusal in call.outcomes.items():
            yield ReportedChange(change.verb, change.kind, name, each, refusal or result, details)
    elif not change.is_of_workers:
        for each in _names(call) or [name]:
            yield ReportedChange(change.verb, change.kind, each, _run_id(call), result, details)


def _run_id(call: Call) -> str | None:
    if "workflowId" in call.path:
        return call.path["workflowId"]
    try:
        return locate(call.path["taskId"])[0] if "taskId" in call.path else None
    except TaskNotFound:
        return None


def _name(call: Call) -> str:
    """Return what the path names beside a run, or the body's name."""
    named = [value for key, value in call.path.items() if key not in {"workflowId", "taskId", "status"}]
    body = call.known_json
    if named or not isinstance(body, Mapping):
        return "/".join(named)
    definition = body.get("workflowDef")
    for one, keys in ((body, ("name", "keyId", "username", "id")), (definition, ("name",))):
        found = [one[key] for key in keys if isinstance(one.get(key), str)] if isinstance(one, Mapping) else []
        if found:
            return str(found[0])
    return ""


def _names(call: Call) -> list[str]:
    """Return the names of several things that a body names."""
    body: Any = call.known_json
    if not isinstance(body, list):
        return []
    return [str(each["name"]) for each in body if isinstance(each, Mapping) and "name" in each]
