"""The JSON Schemas of what the API takes and gives, made of the classes of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from podium.model import exact
from podium.model.codec import camel
from podium.model.definitions import (
    CacheConfig,
    RateLimitConfig,
    SchemaDef,
    StateChangeEvent,
    SubWorkflowParams,
    TaskDef,
    WorkflowDef,
    WorkflowTask,
)
from podium.model.handlers import EventHandler
from podium.model.runs import TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.server.routing import NUMBER, OBJECT, TRUTH, WORD, Shape, array, by_name, ref

#: The classes by the names of Conductor's.
_CLASSES: Mapping[str, type] = {
    "WorkflowDef": WorkflowDef,
    "WorkflowTask": WorkflowTask,
    "TaskDef": TaskDef,
    "SchemaDef": SchemaDef,
    "EventHandler": EventHandler,
    "SubWorkflowParams": SubWorkflowParams,
    "RateLimitConfig": RateLimitConfig,
    "CacheConfig": CacheConfig,
    "StateChangeEvent": StateChangeEvent,
    "Workflow": WorkflowRun,
    "Task": TaskRun,
    "TaskResult": TaskResult,
    "TaskExecLog": TaskLog,
}
_NAMES = {kind: name for name, kind in _CLASSES.items()}


def record(required: tuple[str, ...] = (), **properties: Shape) -> Shape:
    """Return the shape of an object; further keys may come."""
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return found | {"required": list(required)} if required else found


def _words(*names: str) -> Mapping[str, Shape]:
    """Return the shapes of properties that are texts."""
    return dict.fromkeys(names, WORD)


MAYBE_WORD: Shape = {"type": ["string", "null"]}
MAYBE_OBJECT: Shape = {"type": ["object", "null"]}

_START: Mapping[str, Shape] = {
    "name": {"type": "string", "minLength": 1},
    "version": {"type": ["integer", "null"], "format": "int32"},
    "correlationId": {"type": ["string", "null"]},
    "input": {"type": ["object", "null"]},
    "taskToDomain": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "workflowDef": {"anyOf": [ref("WorkflowDef"), {"type": "null"}]},
    "externalInputPayloadStoragePath": {"type": ["string", "null"]},
    "priority": {"type": ["integer", "null"], "minimum": 0, "maximum": 99},
    "createdBy": {"type": ["string", "null"]},
    "idempotencyKey": {"type": ["string", "null"]},
    "idempotencyStrategy": {"type": ["string", "null"], "enum": ["FAIL", "RETURN_EXISTING", "FAIL_ON_RUNNING", None]},
}

_FURTHER: Mapping[str, Shape] = {
    "ErrorResponse": record(
        ("status", "message"),
        status=NUMBER,
        message=WORD,
        instance=WORD,
        retryable=TRUTH,
        code=WORD,
        metadata=OBJECT,
        validationErrors=array(record(path=WORD, message=WORD)),
    ),
    "StartWorkflowRequest": record(("name",), **_START),
    "WorkflowTestRequest": record(
        ("name",),
        **_START,
        taskRefToMockOutput={"type": ["object", "null"], "additionalProperties": array(OBJECT)},
        subWorkflowTestRequest={"type": ["object", "null"], "additionalProperties": OBJECT},
    ),
    "WorkflowVersion": record(name=WORD, version=NUMBER, createTime=NUMBER, updateTime=NUMBER),
    "SkipTaskRequest": record(taskInput=MAYBE_OBJECT, taskOutput=MAYBE_OBJECT),
    "RerunWorkflowRequest": record(
        reRunFromWorkflowId=MAYBE_WORD,
        reRunFromTaskId=MAYBE_WORD,
        taskInput=MAYBE_OBJECT,
        workflowInput=MAYBE_OBJECT,
        correlationId=MAYBE_WORD,
    ),
    "WorkflowSummary": record(
        ("workflowType", "version", "workflowId", "status"),
        **dict.fromkeys(("workflowType", "workflowId", "correlationId", "status", "startTime", "updateTime"), WORD),
        **dict.fromkeys(("endTime", "input", "output", "reasonForIncompletion", "event", "classifier"), WORD),
        failedTaskNames=array(WORD),
        **dict.fromkeys(("version", "executionTime", "priority", "inputSize", "outputSize"), NUMBER),
    ),
    "TaskSummary": record(
        ("workflowId", "taskId", "status", "taskType"),
        **_words("workflowId", "workflowType", "correlationId", "scheduledTime", "startTime", "updateTime", "endTime"),
        **_words("status", "reasonForIncompletion", "taskDefName", "taskType", "input", "output", "taskReferenceName"),
        **dict.fromkeys(("executionTime", "queueWaitTime", "workflowPriority"), NUMBER),
        taskId=WORD,
    ),
    "PollData": record(("queueName", "lastPollTime"), queueName=WORD, domain=WORD, workerId=WORD, lastPollTime=NUMBER),
    "WorkflowSchedule": record(
        ("name",),
        name=WORD,
        cronExpression=MAYBE_WORD,
        cronSchedules={"type": ["array", "null"], "items": record(cronExpression=WORD, zoneId=WORD)},
        zoneId=MAYBE_WORD,
        runCatchupScheduleInstances={"type": ["boolean", "null"]},
        paused={"type": ["boolean", "null"]},
        pausedReason=MAYBE_WORD,
        startWorkflowRequest={"anyOf": [ref("StartWorkflowRequest"), {"type": "null"}]},
        scheduleStartTime={"type": ["integer", "null"]},
        scheduleEndTime={"type": ["integer", "null"]},
        description=MAYBE_WORD,
    ),
    "WorkflowStatus": record(
        ("workflowId", "status"),
        workflowId=WORD,
        correlationId=WORD,
        status=WORD,
        output=OBJECT,
        variables=OBJECT,
    ),
    "SignalResponse": record(
        ("responseType", "targetWorkflowId", "targetWorkflowStatus", "workflowId", "signalTimeout"),
        responseType=WORD,
        targetWorkflowId=WORD,
        targetWorkflowStatus=WORD,
        workflowId=WORD,
        requestId=WORD,
        correlationId=WORD,
        input=OBJECT,
        output=OBJECT,
        signalTimeout=TRUTH,
    ),
}


def results(of: Shape) -> Shape:
    """Return the shape of one page of a search."""
    return record(("totalHits", "results"), totalHits=NUMBER, results=array(of))


RESULTS_OF_TASKS = results(ref("Task"))
RESULTS_OF_RUNS = results(ref("Workflow"))
SUMMARIES_OF_RUNS = results(ref("WorkflowSummary"))
SUMMARIES_OF_TASKS = results(ref("TaskSummary"))


@cache
def components() -> Mapping[str, Shape]:
    """Return the schemas by name."""
    return {**{name: _class_shape(kind) for name, kind in _CLASSES.items()}, **_FURTHER}


def _class_shape(kind: type) -> Shape:
    hints = get_type_hints(kind)
    seconds = exact.EXACT.get(kind, frozenset())
    fields = [each for each in attrs.fields(kind) if each.name != "extra" and "local" not in each.metadata]
    properties = {camel(each.name): NUMBER if each.name in seconds else _shape(hints[each.name]) for each in fields}
    return record(tuple(camel(each.name) for each in fields if each.default is attrs.NOTHING), **properties)


def _shape(hint: Any) -> Shape:
    """Return the shape of a type of a field."""
    plain = {str: WORD, int: NUMBER, float: {"type": "number"}, bool: TRUTH}
    if hint in plain:
        return plain[hint]
    if hint in _NAMES:
        return ref(_NAMES[hint])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [each.value for each in hint]}
    origin, arms = get_origin(hint), get_args(hint)
    if origin is tuple:
        return array(_shape(arms[0]))
    if origin in {dict, Mapping}:
        return by_name(_shape(arms[1]))
    if origin in {Union, UnionType} and NoneType in arms:
        shapes = [_shape(arm) for arm in arms if arm is not NoneType]
        return {} if {} in shapes else {"anyOf": [*shapes, {"type": "null"}]}
    return {}


BULK = record(
    ("bulkErrorResults", "bulkSuccessfulResults"),
    bulkErrorResults=by_name(WORD),
    bulkSuccessfulResults=array(WORD),
    message=WORD,
)


def bulk_body(done: Sequence[Any], failed: Mapping[str, str]) -> dict[str, Any]:
    """Return what became of each of many, as the API writes it."""
    message = "Bulk Request has been processed."
    return {"bulkErrorResults": dict(failed), "bulkSuccessfulResults": list(done), "message": message}
