"""
Attempts as servers hand them out to workers elsewhere, and what those say, as servers take it.

This is the way of every attempt, so its JSON is read and written here field by field, which takes a tenth of the time
that `podium.model.codec` needs for whole attempts with their definitions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from podium.model import exact
from podium.model.assignments import Assignment, Report
from podium.model.definitions import TaskDef
from podium.model.errors import InvalidRequest
from podium.model.json_text import shown
from podium.model.tracing import trace_in
from podium.model.values import JsonObject, JsonValue

#: The key of an attempt that is handed out, under which stand the texts in it that its worker must not log.
HIDDEN: Final = "hidden"


def assignment_of(task: Mapping[str, JsonValue], queue: str | None = None) -> Assignment:
    """
    Return an attempt that a server has handed out, as workers take it.

    Args:
        task: The JSON object ``Task``; what workers do not need is passed over.
        queue: Where it was found; None for its type.

    Raises:
        InvalidRequest: It is no attempt.

    Example:
        >>> found = assignment_of({"taskType": "double", "taskId": "t", "workflowInstanceId": "r", "seq": 3})
        >>> found.queue, found.task_id, found.seq, found.input
        ('double', 't', 3, {})
    """
    task_type = _text(task, "taskType")
    hidden = task.get(HIDDEN)
    return Assignment(
        run_id=_text(task, "workflowInstanceId"),
        seq=_number(task, "seq"),
        task_id=_text(task, "taskId"),
        queue=queue or task_type,
        ref=_text(task, "referenceTaskName", ""),
        retry_count=_number(task, "retryCount"),
        input=_object(task, "inputData"),
        output=_object(task, "outputData"),
        workflow_name=_text(task, "workflowType", ""),
        correlation_id=_text(task, "correlationId", "") or None,
        priority=_number(task, "workflowPriority"),
        task_def=TaskDef(
            name=_text(task, "taskDefName", task_type),
            response_timeout_seconds=_seconds(task, "responseTimeoutSeconds"),
        ),
        hidden=frozenset(map(str, hidden)) if isinstance(hidden, list) else None,
        scheduled_at=_number(task, "scheduledTime"),
        iteration=_number(task, "iteration"),
        trace=trace_in({name: str(task.get(name) or "") for name in ("traceparent", "tracestate")}),
    )


def _text(task: Mapping[str, JsonValue], key: str, default: str | None = None) -> str:
    value = task.get(key)
    if isinstance(value, str) and (value or default is not None):
        return value
    if value is None and default is not None:
        return default
    raise _refused(key, value, "a text")


def _number(task: Mapping[str, JsonValue], key: str) -> int:
    value = task.get(key)
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _refused(key, value, "a whole number")


def _object(task: Mapping[str, JsonValue], key: str) -> Mapping[str, Any]:
    value = task.get(key)
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise _refused(key, value, "an object")


def _refused(key: str, value: JsonValue, wanted: str) -> InvalidRequest:
    words = f"{key} is {shown(value)}, and {wanted} is expected"
    return InvalidRequest(f"this is no attempt as a server hands it out: {words}")


def _seconds(task: Mapping[str, JsonValue], key: str) -> float:
    """Return a length of time, with its fraction of a second where a Podium server tells it."""
    whole = _number(task, key)
    return exact.taken(task, {key: whole})[0].get(key, whole) if exact.KEY in task else whole


def result_of(assignment: Assignment, report: Report) -> JsonObject:
    """Return what a worker says of an attempt: the JSON object ``TaskResult``; what is not said is left out."""
    task_id = assignment.task_id
    found: dict[str, Any] = {
        "workflowInstanceId": assignment.run_id,
        "taskId": task_id,
        "status": report.status.value,
        "outputData": report.output,
    }
    if report.worker_id is not None:
        found["workerId"] = report.worker_id
    if report.reason is not None:
        found["reasonForIncompletion"] = report.reason
    if report.callback_after_s:
        found["callbackAfterSeconds"] = math.ceil(report.callback_after_s)
        if exact.is_fraction(report.callback_after_s):
            exact.put(found, {"callbackAfterSeconds": report.callback_after_s})
    if report.logs:
        found["logs"] = [{"log": text, "taskId": task_id, "createdTime": at} for at, text in report.logs]
    if report.is_heartbeat:
        found["extendLease"] = True
    if report.sub_workflow_id is not None:
        found["subWorkflowId"] = report.sub_workflow_id
    return found
