"""
Attempts on their way to workers elsewhere, and how those stand: as ``Task`` and ``TaskResult`` of the API.

This is the way of every task, so an attempt is written from what the hand-out brings along, without another look into
the store, and what all attempts of a place share is packed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from podium.client.checked import checked_report
from podium.engine import ids
from podium.expressions.secrets import deliver_secrets, long_texts
from podium.model import exact
from podium.model.assignments import Assignment, Report
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.errors import Fault, InvalidRequest
from podium.model.expressions import secret_names
from podium.model.handouts import HIDDEN
from podium.model.payloads import dump
from podium.model.statuses import TaskStatus
from podium.model.texts import shown
from podium.model.tracing import trace_headers
from podium.server.bodies import optional_object, optional_text
from podium.server.errors import InvalidBody
from podium.server.parameters import INT_MAX
from podium.server.wire import whole

#: Most places whose definitions are kept packed.
_PACKED_MAX = 10_000
_CALLBACK = "callbackAfterSeconds"


class AssignmentWriter:
    """
    Writes attempts for workers.

    Args:
        secrets: Put in at the last moment, by name.
        environment: What task definitions may name in ``runtimeMetadata`` beside secrets.
    """

    def __init__(self, secrets: Mapping[str, str], environment: Mapping[str, str]) -> None:
        self._secrets = secrets
        self._environment = environment
        #: By identity, with what keeps the identity: the definitions of a place.
        self._packed: dict[int, tuple[WorkflowTask, orjson.Fragment, orjson.Fragment]] = {}

    def task(self, attempt: Assignment, task_type: str, domain: str | None, worker_id: str, now: int) -> Any:
        """Return an attempt as its worker gets it; to be packed by `packed`."""
        definition = attempt.task_def
        began = attempt.started_at
        found: dict[str, Any] = {
            "taskType": task_type,
            "status": "IN_PROGRESS",
            "inputData": deliver_secrets(attempt.input, self._secrets),
            "referenceTaskName": attempt.ref,
            "retryCount": attempt.retry_count,
            "seq": attempt.seq,
            "pollCount": attempt.poll_count + 1,
            "taskDefName": definition.name or task_type,
            "scheduledTime": attempt.scheduled_at,
            "startTime": began,
            "endTime": 0,
            "updateTime": now,
            "startDelayInSeconds": 0,
            "retried": False,
            "executed": False,
            "callbackFromWorker": True,
            "responseTimeoutSeconds": -int(-definition.response_timeout_seconds // 1),
            "workflowInstanceId": attempt.run_id,
            "workflowType": attempt.workflow_name,
            "taskId": attempt.task_id,
            "callbackAfterSeconds": 0,
            "workerId": worker_id,
            "outputData": attempt.output,
            "rateLimitPerFrequency": definition.rate_limit_per_frequency or 0,
            "rateLimitFrequencyInSeconds": definition.rate_limit_frequency_in_seconds or 1,
            "workflowPriority": attempt.priority,
            "iteration": attempt.iteration,
            "subworkflowChanged": False,
            "firstStartTime": 0,
            "executionMetadata": {},
            "queueWaitTime": max(0, began - attempt.scheduled_at),
            "loopOverTask": attempt.iteration > 0,
        }
        # What few attempts have is left out where it is not, as the server leaves null out.
        if attempt.correlation_id is not None:
            found["correlationId"] = attempt.correlation_id
        if domain:
            found["domain"] = domain
        if attempt.retried_task_id is not None:
            found["retriedTaskId"] = attempt.retried_task_id
        self._add_details(found, attempt)
        return found

    def _add_details(self, found: dict[str, Any], attempt: Assignment) -> None:
        """Add what an attempt belongs to, what it may see, and which of its fields its worker must hide."""
        definition = attempt.task_def
        if definition.runtime_metadata:
            found["runtimeMetadata"] = self._runtime_metadata(definition)
        if attempt.trace is not None:
            found |= trace_headers(attempt.trace)
        hidden = self._hidden(attempt)
        if hidden is not None:
            found[HIDDEN] = hidden
        if attempt.task is not None:
            found["workflowTask"], found["taskDefinition"] = self._definitions(attempt.task, definition)

    def _hidden(self, attempt: Assignment) -> list[str] | None:
        """Return the texts that a worker must not log: secrets in its input, and what its run masks; None for none."""
        named = [f"${{workflow.secrets.{name}}}" for name in secret_names(dict(attempt.input))]
        secrets = [deliver_secrets(one, self._secrets) for one in named]
        if not secrets and attempt.hidden is None:
            return None
        return sorted({*(attempt.hidden or ()), *long_texts(secrets)})

    def _runtime_metadata(self, definition: TaskDef) -> dict[str, str]:
        known = {**self._environment, **self._secrets}
        return {name: known[name] for name in definition.runtime_metadata if name in known}

    def _definitions(self, task: WorkflowTask, definition: TaskDef) -> tuple[orjson.Fragment, orjson.Fragment]:
        known = self._packed.get(id(task))
        if known is None:
            if len(self._packed) >= _PACKED_MAX:
                self._packed.clear()
            inner = whole(definition)
            outer = orjson.Fragment(dump({**whole(task), "taskDefinition": inner}))
            known = self._packed[id(task)] = (task, outer, orjson.Fragment(dump(inner)))
        return known[1], known[2]


def packed(found: Any) -> bytes:
    """Return what a `AssignmentWriter` has written as JSON."""
    try:
        return orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # whole numbers beyond 64 bits, which only the slow writer takes
        return dump(_thawed(found))


def _thawed(found: Any) -> Any:
    if isinstance(found, list):
        return [_thawed(each) for each in found]
    definitions = {key: found[key] for key in ("workflowTask", "taskDefinition") if key in found}
    return found | {key: orjson.loads(orjson.dumps(each)) for key, each in definitions.items()}


def report_of(body: Mapping[str, Any], now: int) -> Report:
    """
    Read a ``TaskResult``.

    Raises:
        InvalidRequest: A field is missing or wrong.
        TaskNotFound: No attempt can have its id.
    """
    run_id, task_id = optional_text(body, "workflowInstanceId"), optional_text(body, "taskId")
    faults = [] if run_id else [Fault("workflowInstanceId", "Workflow Id cannot be null or empty")]
    faults += [] if task_id else [Fault("taskId", "Task ID cannot be null or empty")]
    if faults or not task_id:
        raise InvalidBody(faults)
    if body.get("externalOutputPayloadStoragePath"):
        raise InvalidRequest(
            "externalOutputPayloadStoragePath: this server keeps payloads itself; send 'outputData' instead"
        )
    # The attempt's id says which run it is of; Conductor takes a result whatever run it names.
    run, seq = ids.locate(task_id)
    is_heartbeat = bool(body.get("extendLease"))
    callback = body.get(_CALLBACK) or 0
    if type(callback) is not int or not 0 <= callback <= INT_MAX:
        raise InvalidRequest(f"{_CALLBACK}: a whole number of seconds is expected, not {shown(callback)}")
    return Report(
        run,
        seq,
        TaskStatus.IN_PROGRESS if is_heartbeat else status_in(body),
        optional_object(body, "outputData") or {},
        optional_text(body, "reasonForIncompletion"),
        worker_id=optional_text(body, "workerId"),
        callback_after_s=exact.taken(body, {_CALLBACK: callback})[0].get(_CALLBACK, callback),
        logs=_lines(body.get("logs"), now),
        is_heartbeat=is_heartbeat,
        sub_workflow_id=optional_text(body, "subWorkflowId"),
    )


_REPORTED: Mapping[object, TaskStatus] = {each.value: each for each in TaskStatus}


def status_in(body: Mapping[str, Any]) -> TaskStatus:
    """
    Return the status that a body reports.

    Raises:
        InvalidRequest: It is missing, or none that a worker may report.
    """
    status = body.get("status")
    if not isinstance(status, str):
        raise InvalidBody([Fault("status", f"a status is expected, not {shown(status)}")])
    return checked_report(_REPORTED.get(status, status))


def _lines(logs: Any, now: int) -> list[tuple[int, str]]:
    if not logs:
        return []
    if not isinstance(logs, list):
        raise InvalidRequest(f"logs: a list is expected, not {shown(logs)}")
    found = []
    for each in logs:
        if not isinstance(each, dict) or not isinstance(each.get("log"), str):
            raise InvalidRequest(f"logs: objects with a text 'log' are expected, not {shown(each)}")
        at = each.get("createdTime")
        found.append((at if type(at) is int and 0 < at <= now + 86_400_000 else now, each["log"]))
    return found
