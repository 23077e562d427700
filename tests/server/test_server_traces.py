"""W3C trace context: what a start was part of reaches workers, sub-workflows and the requests of HTTP tasks."""

from __future__ import annotations

import httpx
import pytest

import podium
from podium import TaskContext, task, workflow
from podium.model.tracing import trace_headers, trace_in
from podium.testing.serving import RunningServer

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = {"traceparent": PARENT, "tracestate": "vendor=1"}


@task
def traced(context: TaskContext) -> dict[str, str]:
    """Give the headers that pass the trace on."""
    return context.trace_headers


@workflow
def tracing() -> dict[str, str]:
    """One traced task."""
    return traced().output


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"traceparent": ""},
        {"traceparent": PARENT.upper()},
        {"traceparent": PARENT.replace("00-", "ff-", 1)},
        {"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"},
        {"traceparent": f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01"},
        {"traceparent": f"{PARENT}\n"},
    ],
)
def test_what_is_no_trace_is_passed_over(wrong: dict[str, str]) -> None:
    """Letters, zeros and versions that the recommendation forbids."""
    assert trace_in(wrong) is None


def test_a_trace_is_passed_on_as_it_came() -> None:
    """With its state, unless that is none that a header can hold."""
    assert trace_headers(trace_in(TRACE)) == TRACE
    assert trace_headers(trace_in({**TRACE, "tracestate": "é"})) == {"traceparent": PARENT}
    assert trace_headers(trace_in({**TRACE, "tracestate": "x" * 513})) == {"traceparent": PARENT}
    assert trace_headers(None) == {}


def test_a_trace_reaches_workers_and_what_they_and_http_tasks_ask(
    api: httpx.Client, target: str, asked: list[tuple[str, dict[str, str]]]
) -> None:
    """In the attempt that a worker polls, in sub-workflows too; a request that names its own keeps that."""

    def http(name: str, **headers: str) -> dict[str, object]:
        given = {"uri": f"{target}/{name}", "method": "GET", "headers": headers}
        return {"name": name, "taskReferenceName": name, "type": "HTTP", "inputParameters": given}

    other = PARENT.replace("b7", "c7")
    inner = {"name": "traced_inner", "tasks": [{"name": "traced_work", "taskReferenceName": "work"}]}
    sub = {"name": "s", "taskReferenceName": "s", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "traced_inner"}}
    outer = {"name": "traced_outer", "tasks": [http("plain"), http("own", traceparent=other), sub]}
    api.put("/metadata/workflow", json=[inner, outer]).raise_for_status()
    api.post("/workflow/traced_outer", json={}, headers=TRACE).raise_for_status()
    (polled,) = api.get("/tasks/poll/batch/traced_work", params={"timeout": 5000}).json()

    seen = dict(asked)
    assert {name: polled[name] for name in TRACE} == TRACE
    assert {name: seen["/plain"][name] for name in TRACE} == TRACE
    assert (seen["/own"]["traceparent"], "tracestate" in seen["/own"]) == (other, False)


def test_task_functions_see_the_trace(server: RunningServer) -> None:
    """Of a worker elsewhere; a run that was started without one has none."""
    with podium.connect(server.api) as client, client.workers([traced]):
        client.register(tracing)
        run_id = httpx.post(f"{server.api}/workflow/tracing", json={}, headers=TRACE).text
        assert client.wait(run_id, 30).output == {"result": TRACE}
        assert client.run("tracing", timeout=30).output == {"result": {}}
