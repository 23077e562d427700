"""
What each gRPC method asks of the REST API, and how its answer is told.

Conductor: ``grpc/src/main/proto/grpc``, ``grpc-server``; each method does what its endpoint does, whose row in the
table of resources checks and documents it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

#: Makes the fields of a response of what an endpoint answers.
Told = Callable[[Any], Mapping[str, Any]]


def nothing(_: Any) -> Mapping[str, Any]:
    """Return the fields of an empty response."""
    return {}


def whole(answer: Any) -> Mapping[str, Any]:
    """Return the answer itself: it is the response."""
    found: Mapping[str, Any] = answer
    return found


def under(name: str) -> Told:
    """Return what puts the answer into one field of the response."""
    return lambda answer: {name: answer}


@frozen
class Rpc:
    """
    One method.

    Attributes:
        name: As in its service.
        request: Its message: the fields, or ``=`` and the name of a message of the model.
        response: The same of the answer; of each message of a stream.
        endpoint: The method and the path below ``/api``; names in braces are fields of the request.
        query: The parameters of the endpoint, by the fields that give them. A number or a text that is not said is 0 or
            empty on the wire, and no parameter then.
        unsaid: What parameters are then, where that is not the endpoint's own default.
        body: The field that is the body; "" for the whole request, None for no body.
        told: Makes the response; of each item, where the answer is a list that is streamed.
        streams: The response is a stream, which may be empty.
    """

    name: str
    request: str
    response: str
    endpoint: str
    query: Mapping[str, str] = field(factory=dict, kw_only=True)
    unsaid: Mapping[str, str] = field(factory=dict, kw_only=True)
    body: str | None = field(default=None, kw_only=True)
    told: Told = field(default=nothing, kw_only=True)
    streams: bool = field(default=False, kw_only=True)


_RUN = "workflow_id 1"
_SEARCH = "start 1 i, size 2 i, sort 3, free_text 4, query 5"
_SEARCHED = {"start": "start", "size": "size", "sort": "sort", "freeText": "freeText", "query": "query"}
_POLL = {"workerId": "workerid", "domain": "domain"}


def _of_run(name: str, endpoint: str, request: str = _RUN, **more: Any) -> Rpc:
    """Return a method that does something with a run, and tells nothing."""
    return Rpc(name, request, "", endpoint, **more)


def _search(name: str, path: str, item: str) -> Rpc:
    response = f"total_hits 1 i, results 2 *{item}"
    return Rpc(name, _SEARCH, response, f"GET {path}", query=_SEARCHED, unsaid={"size": "5000"}, told=whole)


TASKS = (
    # A unary answer must have a message, and Conductor's server gives none without a task: a stream may be empty.
    Rpc(
        "Poll",
        "task_type 1, worker_id 2, domain 3",
        "task 1 Task",
        "GET /tasks/poll/{taskType}",
        query=_POLL,
        told=under("task"),
        streams=True,
    ),
    Rpc(
        "BatchPoll",
        "task_type 1, worker_id 2, domain 3, count 4 i, timeout 5 i",
        "=Task",
        "GET /tasks/poll/batch/{taskType}",
        query={**_POLL, "count": "count", "timeout": "timeout"},
        told=whole,
        streams=True,
    ),
    Rpc("UpdateTask", "result 1 TaskResult", "task_id 1", "POST /tasks", body="result", told=under("taskId")),
    Rpc("AddLog", "task_id 1, log 2", "", "POST /tasks/{taskId}/log", body="log"),
    Rpc("GetTaskLogs", "task_id 1", "logs 1 *TaskExecLog", "GET /tasks/{taskId}/log", told=under("logs")),
    Rpc("GetTask", "task_id 1", "task 1 Task", "GET /tasks/{taskId}", told=under("task")),
    Rpc(
        "GetQueueSizesForTasks",
        "task_types 1 *s",
        "queue_for_task 1 %i",
        "GET /tasks/queue/sizes",
        query={"taskTypes": "taskType"},
        told=under("queueForTask"),
    ),
    Rpc("GetQueueInfo", "", "queues 1 %i", "GET /tasks/queue/all", told=under("queues")),
    Rpc(
        "GetQueueAllInfo",
        "",
        "queues 1 %QueueInfo",
        "GET /tasks/queue/all/verbose",
        told=lambda answer: {"queues": {name: {"shards": shards} for name, shards in answer.items()}},
    ),
    _search("Search", "/tasks/search", "TaskSummary"),
    _search("SearchV2", "/tasks/search-v2", "Task"),
)

WORKFLOWS = (
    Rpc("StartWorkflow", "=StartWorkflowRequest", "workflow_id 1", "POST /workflow", body="", told=under("workflowId")),
    Rpc(
        "GetWorkflows",
        "name 1, correlation_id 2 *s, include_closed 3 b, include_tasks 4 b",
        "workflows_by_id 1 %Workflows",
        "POST /workflow/{name}/correlated",
        query={"includeClosed": "includeClosed", "includeTasks": "includeTasks"},
        body="correlationId",
        told=lambda answer: {"workflowsById": {name: {"workflows": runs} for name, runs in answer.items()}},
    ),
    Rpc(
        "GetWorkflowStatus",
        "workflow_id 1, include_tasks 2 b",
        "=Workflow",
        "GET /workflow/{workflowId}",
        query={"includeTasks": "includeTasks"},
        told=whole,
    ),
    _of_run(
        "RemoveWorkflow",
        "DELETE /workflow/{workflodId}/remove",  # the typing error is Conductor's
        "workflod_id 1, archive_workflow 2 b",
        query={"archiveWorkflow": "archiveWorkflow"},
    ),
    Rpc(
        "GetRunningWorkflows",
        "name 1, version 2 i, start_time 3 i, end_time 4 i",
        "workflow_ids 1 *s",
        "GET /workflow/running/{name}",
        query={"version": "version", "startTime": "startTime", "endTime": "endTime"},
        told=under("workflowIds"),
    ),
    _of_run("DecideWorkflow", "PUT /workflow/decide/{workflowId}"),
    _of_run("PauseWorkflow", "PUT /workflow/{workflowId}/pause"),
    _of_run("ResumeWorkflow", "PUT /workflow/{workflowId}/resume"),
    _of_run(
        "SkipTaskFromWorkflow",
        "PUT /workflow/{workflowId}/skiptask/{taskReferenceName}",
        "workflow_id 1, task_reference_name 2, request 3 SkipTaskRequest",
        body="request",
    ),
    Rpc(
        "RerunWorkflow",
        "=RerunWorkflowRequest",
        "workflow_id 1",
        "POST /workflow/{reRunFromWorkflowId}/rerun",
        body="",
        told=under("workflowId"),
    ),
    _of_run(
        "RestartWorkflow",
        "POST /workflow/{workflowId}/restart",
        "workflow_id 1, use_latest_definitions 2 b",
        query={"useLatestDefinitions": "useLatestDefinitions"},
    ),
    _of_run(
        "RetryWorkflow",
        "POST /workflow/{workflowId}/retry",
        "workflow_id 1, resume_subworkflow_tasks 2 b",
        query={"resumeSubworkflowTasks": "resumeSubworkflowTasks"},
    ),
    _of_run("ResetWorkflowCallbacks", "POST /workflow/{workflowId}/resetcallbacks"),
    _of_run(
        "TerminateWorkflow", "DELETE /workflow/{workflowId}", "workflow_id 1, reason 2", query={"reason": "reason"}
    ),
    _search("Search", "/workflow/search", "WorkflowSummary"),
    _search("SearchByTasks", "/workflow/search-by-tasks", "WorkflowSummary"),
    _search("SearchV2", "/workflow/search-v2", "Workflow"),
    _search("SearchByTasksV2", "/workflow/search-by-tasks-v2", "Workflow"),
)

METADATA = (
    Rpc("CreateWorkflow", "workflow 1 WorkflowDef", "", "POST /metadata/workflow", body="workflow"),
    Rpc("ValidateWorkflow", "workflow 1 WorkflowDef", "", "POST /metadata/workflow/validate", body="workflow"),
    Rpc("UpdateWorkflows", "defs 1 *WorkflowDef", "", "PUT /metadata/workflow", body="defs"),
    Rpc(
        "GetWorkflow",
        "name 1, version 2 i",
        "workflow 1 WorkflowDef",
        "GET /metadata/workflow/{name}",
        query={"version": "version"},
        told=under("workflow"),
    ),
    Rpc("CreateTasks", "defs 1 *TaskDef", "", "POST /metadata/taskdefs", body="defs"),
    Rpc("UpdateTask", "task 1 TaskDef", "", "PUT /metadata/taskdefs", body="task"),
    Rpc("GetTask", "task_type 1", "task 1 TaskDef", "GET /metadata/taskdefs/{taskType}", told=under("task")),
    Rpc("DeleteTask", "task_type 1", "", "DELETE /metadata/taskdefs/{taskType}"),
)

EVENTS = (
    Rpc("AddEventHandler", "handler 1 EventHandler", "", "POST /event", body="handler"),
    Rpc("UpdateEventHandler", "handler 1 EventHandler", "", "PUT /event", body="handler"),
    Rpc("RemoveEventHandler", "name 1", "", "DELETE /event/{name}"),
    Rpc("GetEventHandlers", "", "=EventHandler", "GET /event", told=whole, streams=True),
    Rpc(
        "GetEventHandlersForEvent",
        "event 1, active_only 2 b",
        "=EventHandler",
        "GET /event/{event}",
        query={"activeOnly": "activeOnly"},
        told=whole,
        streams=True,
    ),
)

#: What orchestrators and load balancers ask; the number is that of SERVING.
HEALTH = (Rpc("Check", "service 1", "status 1 i", "GET /health", told=lambda _: {"status": 1}),)

#: Further messages of the services, as the table of the model has them.
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "Workflows": "workflows 1 *Workflow",
        "QueueInfo": "shards 1 %ShardInfo",
        "ShardInfo": "size 1 i, uacked 2 i",
    }
)

#: The services by their packages.
SERVICES: Mapping[str, tuple[str, tuple[Rpc, ...]]] = MappingProxyType(
    {
        "conductor.grpc.tasks": ("TaskService", TASKS),
        "conductor.grpc.workflows": ("WorkflowService", WORKFLOWS),
        "conductor.grpc.metadata": ("MetadataService", METADATA),
        "conductor.grpc.events": ("EventService", EVENTS),
        "grpc.health.v1": ("Health", HEALTH),
    }
)
