"""Conductor's gRPC services: a worker and a starter, as clients of its protocol have them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import httpx
import pytest

from podium.server.addresses import with_port
from podium.server.app import create_app
from podium.server.grpc_api.mapping import fill, to_json
from podium.server.grpc_api.messages import model_class, own_classes
from podium.server.grpc_api.services import PARTS, SERVICES
from podium.server.grpc_api.serving import grpc_server
from podium.testing.serving import running_server


class Stubs:
    """Calls the methods of a server by name, with the fields of a request as JSON has them."""

    def __init__(self, port: int, api: str) -> None:
        self.api = api
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._calls: dict[tuple[str, str], tuple[Any, Any, bool]] = {}
        for package, (service, rpcs) in SERVICES.items():
            specs = {f"{rpc.name}{end}": getattr(rpc, end.lower()) for rpc in rpcs for end in ("Request", "Response")}
            own = own_classes(
                f"tests.{package}", {name: spec for name, spec in specs.items() if spec[:1] != "="} | PARTS
            )
            for rpc in rpcs:
                request, response = (
                    own.get(rpc.name + end) or model_class(specs[rpc.name + end][1:]) for end in ("Request", "Response")
                )
                make = self._channel.unary_stream if rpc.streams else self._channel.unary_unary
                call = make(
                    f"/{package}.{service}/{rpc.name}",
                    request_serializer=request.SerializeToString,
                    response_deserializer=response.FromString,
                )
                self._calls[package.rpartition(".")[2], rpc.name] = call, request, rpc.streams

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def begun(self, package: str, method: str, **fields: Any) -> Any:
        """Return a call under way."""
        call, request, _ = self._calls[package, method]
        return call(fill(request(), fields), timeout=20)

    def __call__(self, package: str, method: str, **fields: Any) -> Any:
        """Return the response as JSON, or a list of them of a stream."""
        call, request, streams = self._calls[package, method]
        found = call(fill(request(), fields), timeout=20)
        return [to_json(each) for each in found] if streams else to_json(found)


@pytest.fixture(scope="module")
def call() -> Iterator[Stubs]:
    """The methods of a server."""
    with running_server(grpc=True) as server:
        assert server.grpc_port
        stubs = Stubs(server.grpc_port, server.api)
        yield stubs
        stubs.close()


_TASK = {"name": "pack", "taskReferenceName": "pack", "type": "SIMPLE", "inputParameters": {"n": "${workflow.input.n}"}}


def _workflow(name: str, **more: Any) -> dict[str, Any]:
    task = {**_TASK, "name": name}
    return {"name": name, "version": 1, "schemaVersion": 2, "tasks": [task], "timeoutPolicy": "ALERT_ONLY", **more}


def test_a_worker_and_a_starter_do_their_work(call: Stubs) -> None:
    """Definitions, start, poll, logs, update, and the run as it ended, with numbers and nested values whole."""
    task = {"name": "pack", "responseTimeoutSeconds": 60, "timeoutSeconds": 120, "totalTimeoutSeconds": 0}
    call("metadata", "CreateTasks", defs=[{**task, "backoffScaleFactor": 1}])
    call("metadata", "CreateWorkflow", workflow=_workflow("pack", outputParameters={"out": "${pack.output.out}"}))
    assert call("metadata", "GetWorkflow", name="pack")["workflow"]["tasks"][0]["inputParameters"] == {
        "n": "${workflow.input.n}"
    }
    given = {"n": 7, "deep": {"a": [1.5, None, True]}}
    run_id = call("workflows", "StartWorkflow", name="pack", input=given)["workflowId"]
    assert call("tasks", "GetQueueSizesForTasks", taskTypes=["pack"])["queueForTask"] == {"pack": 1}
    (polled,) = call("tasks", "Poll", taskType="pack", workerId="w")
    task = polled["task"]
    assert (task["inputData"], task["workflowInstanceId"], task["status"]) == ({"n": 7}, run_id, "IN_PROGRESS")
    call("tasks", "AddLog", taskId=task["taskId"], log="half way")
    result = {"workflowInstanceId": run_id, "taskId": task["taskId"], "status": "COMPLETED", "workerId": "w"}
    told = call("tasks", "UpdateTask", result={**result, "outputData": {"out": [1, {"b": "c"}]}})
    assert told == {"taskId": task["taskId"]}
    run = call("workflows", "GetWorkflowStatus", workflowId=run_id, includeTasks=True)
    assert (run["status"], run["output"], len(run["tasks"])) == ("COMPLETED", {"out": [1, {"b": "c"}]}, 1)
    assert run["input"] == given
    assert [each["log"] for each in call("tasks", "GetTaskLogs", taskId=task["taskId"])["logs"]] == ["half way"]
    found = call("workflows", "Search", query="workflowType='pack'", size=10)
    assert (found["totalHits"], found["results"][0]["workflowId"]) == (1, run_id)


def test_a_poll_without_work_has_no_message(call: Stubs) -> None:
    """As from Conductor's server: the stream ends, empty."""
    assert call("tasks", "Poll", taskType="nobody", workerId="w") == []
    assert call("tasks", "BatchPoll", taskType="nobody", workerId="w", count=5, timeout=10) == []


def test_many_are_polled_at_once(call: Stubs) -> None:
    """BatchPoll streams as many attempts as there are, and no more than are asked for."""
    call("metadata", "CreateWorkflow", workflow=_workflow("many"))
    for number in range(3):
        call("workflows", "StartWorkflow", name="many", input={"n": number})
    polled = call("tasks", "BatchPoll", taskType="many", workerId="w", count=2, timeout=100)
    assert len(polled) == 2
    polled += call("tasks", "BatchPoll", taskType="many", workerId="w", count=2, timeout=100)
    assert [each["inputData"]["n"] for each in polled] == [0, 1, 2]


def test_operators_reach_their_runs(call: Stubs) -> None:
    """Pause, resume, terminate, restart and remove do what their endpoints do."""
    call("metadata", "CreateWorkflow", workflow=_workflow("operated"))
    run_id = call("workflows", "StartWorkflow", name="operated")["workflowId"]
    for method, status in [
        ("PauseWorkflow", "PAUSED"),
        ("ResumeWorkflow", "RUNNING"),
        ("TerminateWorkflow", "TERMINATED"),
        ("RestartWorkflow", "RUNNING"),
    ]:
        call("workflows", method, workflowId=run_id)
        assert call("workflows", "GetWorkflowStatus", workflowId=run_id)["status"] == status
    assert call("workflows", "GetRunningWorkflows", name="operated", version=1)["workflowIds"] == [run_id]
    queues = call("tasks", "GetQueueAllInfo")["queues"]
    assert queues["operated"]["shards"] == {name: {"size": 1, "uacked": 0} for name in queues["operated"]["shards"]}
    call("workflows", "TerminateWorkflow", workflowId=run_id, reason="enough")
    call("workflows", "RemoveWorkflow", workflodId=run_id, archiveWorkflow=True)
    with pytest.raises(grpc.RpcError) as gone:
        call("workflows", "GetWorkflowStatus", workflowId=run_id)
    assert gone.value.code() is grpc.StatusCode.NOT_FOUND


def test_runs_are_found_by_their_correlation(call: Stubs) -> None:
    """GetWorkflows gives lists of runs by correlation id, those that have ended where that is asked for."""
    call("metadata", "CreateWorkflow", workflow=_workflow("correlated"))
    run_id = call("workflows", "StartWorkflow", name="correlated", correlationId="c-1")["workflowId"]
    found = call("workflows", "GetWorkflows", name="correlated", correlationId=["c-1", "c-2"])["workflowsById"]
    assert [run["workflowId"] for run in found["c-1"]["workflows"]] == [run_id]
    call("workflows", "TerminateWorkflow", workflowId=run_id)
    wanted = {"name": "correlated", "correlationId": ["c-1"]}
    assert call("workflows", "GetWorkflows", **wanted)["workflowsById"] == {"c-1": {}}
    closed = call("workflows", "GetWorkflows", **wanted, includeClosed=True)["workflowsById"]
    assert [run["workflowId"] for run in closed["c-1"]["workflows"]] == [run_id]
    assert call("workflows", "GetWorkflows", name="correlated") == {}


def test_what_is_not_said_is_false_and_not_the_default_of_rest(call: Stubs) -> None:
    """No attempts without include_tasks, a run that lives goes without archive_workflow, all handlers are told."""
    call("metadata", "CreateWorkflow", workflow=_workflow("unsaid"))
    run_id = call("workflows", "StartWorkflow", name="unsaid")["workflowId"]
    assert "tasks" not in call("workflows", "GetWorkflowStatus", workflowId=run_id)
    assert len(call("workflows", "GetWorkflowStatus", workflowId=run_id, includeTasks=True)["tasks"]) == 1
    with pytest.raises(grpc.RpcError):
        call("workflows", "RemoveWorkflow", workflodId=run_id, archiveWorkflow=True)
    call("workflows", "RemoveWorkflow", workflodId=run_id)
    assert call("workflows", "GetRunningWorkflows", name="unsaid") == {}

    action = {"action": "terminate_workflow", "terminate_workflow": {"workflowId": "x"}}
    call("events", "AddEventHandler", handler={"name": "asleep", "event": "u:v", "actions": [action]})
    assert len(call("events", "GetEventHandlersForEvent", event="u:v")) == 1
    assert call("events", "GetEventHandlersForEvent", event="u:v", activeOnly=True) == []
    call("events", "RemoveEventHandler", name="asleep")


def test_empty_lists_and_texts_are_bodies_too(call: Stubs) -> None:
    """Nothing to register and no line to keep are no errors, as with REST."""
    assert call("metadata", "UpdateWorkflows") == call("metadata", "CreateTasks") == {}


def test_a_search_without_a_size_gives_all(call: Stubs) -> None:
    """As Conductor's: its 0 means the most that may be asked for, where REST gives a hundred."""
    call("metadata", "CreateWorkflow", workflow=_workflow("sized"))
    for _ in range(101):
        call("workflows", "StartWorkflow", name="sized")
    assert len(call("workflows", "Search", query="workflowType = sized")["results"]) == 101
    assert len(call("workflows", "Search", query="workflowType = sized", size=3)["results"]) == 3


def _polls(api: str, task_type: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{api}/tasks/queue/polldata", params={"taskType": task_type}).json()
    return found


def test_a_batch_poll_waits_for_work(call: Stubs) -> None:
    """What is started while it waits is given out by it; a caller who leaves takes nothing with him."""
    call("metadata", "CreateWorkflow", workflow=_workflow("awaited"))
    left = call.begun("tasks", "BatchPoll", taskType="awaited", workerId="gone", count=1, timeout=5_000)
    left.cancel()
    with futures.ThreadPoolExecutor() as pool:
        polled = pool.submit(call, "tasks", "BatchPoll", taskType="awaited", workerId="w", count=1, timeout=5_000)
        while not any(each["workerId"] == "w" for each in _polls(call.api, "awaited")):
            pass
        call("workflows", "StartWorkflow", name="awaited", input={"n": 1})
        assert [task["inputData"] for task in polled.result(20)] == [{"n": 1}]


def test_grpc_is_served_on_an_ipv6_address_too() -> None:
    """With brackets around it, as everybody writes one with a port."""

    async def served() -> int:
        return grpc_server(create_app("memory://"), with_port("::1", 0))[1]

    assert asyncio.run(served()) > 0


def test_health_is_asked_by_grpc_too(call: Stubs) -> None:
    """1 is SERVING, for any name of a service."""
    assert call("v1", "Check", service="whatever") == {"status": 1}


def test_event_handlers_come_and_go(call: Stubs) -> None:
    """Actions keep their names, which JSON writes with underscores and in small letters."""
    start = {"name": "operated", "input": {"a": "${b}"}}
    action = {"action": "start_workflow", "start_workflow": start, "expandInlineJSON": True}
    call("events", "AddEventHandler", handler={"name": "h", "event": "x:y", "actions": [action], "active": True})
    (found,) = call("events", "GetEventHandlersForEvent", event="x:y", activeOnly=True)
    assert found["actions"][0]["action"] == "start_workflow"
    assert found["actions"][0]["start_workflow"]["input"] == {"a": "${b}"}
    call("events", "RemoveEventHandler", name="h")
    assert call("events", "GetEventHandlers") == []


@pytest.mark.parametrize(
    ("package", "method", "fields", "code"),
    [
        ("metadata", "GetWorkflow", {"name": "none"}, grpc.StatusCode.NOT_FOUND),
        ("workflows", "StartWorkflow", {"name": "none"}, grpc.StatusCode.NOT_FOUND),
        ("metadata", "CreateWorkflow", {"workflow": {"name": ""}}, grpc.StatusCode.INVALID_ARGUMENT),
        ("workflows", "Search", {"size": 9_999}, grpc.StatusCode.INVALID_ARGUMENT),
        ("tasks", "BatchPoll", {"taskType": "x", "timeout": 9_999}, grpc.StatusCode.INVALID_ARGUMENT),
        ("tasks", "GetTask", {"taskId": "none"}, grpc.StatusCode.NOT_FOUND),
    ],
)
def test_what_is_refused_has_its_code(
    call: Stubs, package: str, method: str, fields: dict[str, Any], code: grpc.StatusCode
) -> None:
    """Each refusal of the REST API has the status that gRPC has for it, and its words."""
    with pytest.raises(grpc.RpcError) as refused:
        call(package, method, **fields)
    assert (refused.value.code(), bool(refused.value.details())) == (code, True)
