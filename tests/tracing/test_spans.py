"""Spans of OpenTelemetry: starts, runs, attempts, and the requests of HTTP tasks and of servers are one trace."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import podium
from podium import TaskContext, task, workflow
from podium.model import spans
from podium.testing.serving import running_server
from podium.workers import Handler

PATIENCE_S = 30.0
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CANARY = "canary-4d1c"

Asked: TypeAlias = list[tuple[str, dict[str, str]]]


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What keeps the spans of this program while a test runs; a provider of its own would stay for good."""
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield kept
    provider.shutdown()


@task(retries=1, retry_delay=0)
def greet(context: TaskContext, name: str) -> dict[str, str]:
    """Fail at the first attempt; tell what others would be asked as a part of."""
    if context.attempt == 1:
        raise OSError(f"no route to {name}")
    with trace.get_tracer("mine").start_as_current_span("look up"):
        return context.trace_headers


@workflow
def greeting(name: str, url: str) -> dict[str, str]:
    """Greet, and ask somebody."""
    podium.http("ask", f"{url}/{podium.secret('KEY')}?key={podium.secret('KEY')}")
    return greet(name).output


def found(exporter: InMemorySpanExporter, name: str, count: int = 1) -> Sequence[ReadableSpan]:
    """Return the spans of a name, as soon as there are so many."""
    pause = threading.Event()
    for _ in range(round(PATIENCE_S / 0.01)):
        named = [each for each in exporter.get_finished_spans() if each.name == name]
        if len(named) >= count:
            return named
        pause.wait(0.01)
    raise AssertionError(f"no {name}, but {[each.name for each in exporter.get_finished_spans()]}")


def attributes(span: ReadableSpan) -> dict[str, Any]:
    """Return what is said of a span."""
    return dict(span.attributes or {})


def is_part_of(span: ReadableSpan, other: ReadableSpan) -> bool:
    """Tell whether a span stands right below another."""
    assert span.parent is not None
    assert other.context is not None
    return span.parent.span_id == other.context.span_id and span.parent.trace_id == other.context.trace_id


def test_a_run_on_a_server_is_one_trace(
    exporter: InMemorySpanExporter, target: str, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller's span, the request that starts the run, the run, attempts of workers elsewhere, and HTTP tasks."""
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", CANARY)
    with running_server() as server, podium.connect(server.api) as client, client.workers([greet]):
        client.register(greeting)
        with trace.get_tracer("mine").start_as_current_span("order") as order:
            run = client.run("greeting", {"name": "Ann", "url": target}, timeout=PATIENCE_S)
        (ended,) = found(exporter, "run greeting")
    caller = order.get_span_context()
    (start,) = [each for each in found(exporter, "POST /api/workflow") if each.parent is not None]
    (request,) = found(exporter, "GET")
    first, second = found(exporter, "process greet", 2)
    (looked,) = found(exporter, "look up")

    assert start.parent is not None
    assert (start.parent.span_id, start.kind) == (caller.span_id, SpanKind.SERVER)
    assert (attributes(start)["http.route"], attributes(start)["http.response.status_code"]) == ("/api/workflow", 200)
    assert all(is_part_of(each, start) for each in (ended, request, first, second))
    assert is_part_of(looked, second)
    assert looked.context is not None
    assert f"{looked.context.span_id:016x}" in run.result["traceparent"]
    assert request.context is not None
    assert [f"{request.context.span_id:016x}" in headers.get("traceparent", "") for _, headers in asked] == [True]
    assert attributes(ended)["podium.run.id"] == run.workflow_id
    assert (ended.start_time, ended.end_time) == (run.create_time * 10**6, run.end_time * 10**6)
    assert CANARY not in "".join(each.to_json() for each in exporter.get_finished_spans())


@workflow
def plain(name: str) -> None:
    """Greet."""
    greet(name)


@workflow(masked_fields=("name",))
def discreet(name: str) -> None:
    """Greet, and tell nobody whom."""
    greet(name)


def test_an_attempt_is_said_as_messaging_says_it(exporter: InMemorySpanExporter) -> None:
    """By OpenTelemetry's names where it has some; a failure has its kind, and its reason where the log may say it."""
    with podium.connect() as client, client.workers([greet]):
        run = client.run(plain, {"name": "Ann"}, timeout=PATIENCE_S)
        client.run(discreet, {"name": CANARY}, timeout=PATIENCE_S)
    failed, done, masked, _ = found(exporter, "process greet", 4)

    said = attributes(done)
    assert (said["messaging.system"], said["messaging.operation.type"]) == ("podium", "process")
    assert (said["messaging.destination.name"], said["messaging.message.id"]) == ("greet", run.tasks[1].task_id)
    assert (said["messaging.message.conversation_id"], said["podium.task.attempt"]) == (run.workflow_id, 2)
    assert (done.kind, done.status.status_code) == (SpanKind.CONSUMER, StatusCode.UNSET)
    assert (attributes(failed)["error.type"], failed.status.status_code) == ("OSError", StatusCode.ERROR)
    assert failed.status.description == "OSError: no route to Ann"
    assert (attributes(masked)["error.type"], masked.status.description) == ("OSError", None)


def test_a_run_that_nobody_traces_has_a_trace_of_its_own(exporter: InMemorySpanExporter) -> None:
    """It follows from the run's id, so all processes that work for it come to the same one."""
    with podium.connect() as client, client.workers([greet]):
        run = client.run(plain, {"name": "Ann"}, timeout=PATIENCE_S)
    (ended,) = found(exporter, "run plain")
    made = [ended, *found(exporter, "process greet", 2)]

    assert {f"{each.context.trace_id:032x}" for each in made if each.context} == {run.workflow_id.replace("-", "")}


def test_a_run_that_fails_says_so(exporter: InMemorySpanExporter) -> None:
    """With its status as the kind of the failure, and its reason."""

    @task(retries=0)
    def refuse() -> None:
        raise ValueError("no")

    @workflow
    def vain() -> None:
        refuse()

    with podium.connect() as client, client.workers([refuse]):
        client.run(vain, timeout=PATIENCE_S)
    (ended,) = found(exporter, "run vain")

    assert (attributes(ended)["error.type"], attributes(ended)["podium.run.status"]) == ("FAILED", "FAILED")
    assert (ended.status.description or "").endswith("'ValueError: no'")


def test_async_functions_and_those_that_are_called_by_hand_are_traced(exporter: InMemorySpanExporter) -> None:
    """In an event loop each has the context of its own attempt; a serverless function has that of its task."""

    @task
    async def look(number: int) -> str | None:
        await asyncio.sleep(0)
        return spans.current_trace()

    @workflow
    def looks() -> None:
        podium.fan_out("each", look, [1, 2, 3])

    with podium.connect() as client, client.workers([look]):
        run = client.run(looks, timeout=PATIENCE_S)
    assert len({each.output_data["result"] for each in run.tasks if each.task_type == "look"}) == 3

    given = {
        "taskType": "look",
        "taskId": "t",
        "workflowInstanceId": "r",
        "inputData": {"number": 1},
        "traceparent": PARENT,
    }
    told = Handler([look])(given)["outputData"]
    last = found(exporter, "process look", 4)[-1]
    assert last.parent is not None
    assert last.parent.span_id == int(PARENT.split("-")[2], 16)
    assert last.context is not None
    assert f"{last.context.span_id:016x}" in told["result"]


def test_requests_of_http_tasks_say_what_came_back(exporter: InMemorySpanExporter, target: str, asked: Asked) -> None:
    """An error by its status; a request that names a trace itself keeps it; no address is told without need."""

    @workflow
    def asks() -> None:
        podium.http("own", f"{target}/there?key=k", headers={"traceparent": PARENT})
        podium.http("lost", f"{target}/missing").opts(optional=True)

    with podium.connect() as client:
        client.run(asks, timeout=PATIENCE_S)
    own, lost = found(exporter, "GET", 2)

    assert asked[0][1]["traceparent"] == PARENT
    assert (attributes(own)["url.full"], attributes(own)["http.response.status_code"]) == (f"{target}/there", 200)
    assert (attributes(lost)["error.type"], lost.status.status_code) == ("404", StatusCode.ERROR)
    assert own.kind is SpanKind.CLIENT


def test_requests_that_say_nothing_of_runs_are_no_spans(exporter: InMemorySpanExporter) -> None:
    """Polls, results of workers, and looks whether a server lives. Others are called by their row in the table."""
    with running_server() as server:
        for path in ("/health", "/metrics", "/api/tasks/poll/batch/greet?timeout=1"):
            assert httpx.get(f"{server.url}{path}").status_code == 200
        assert httpx.post(f"{server.api}/podium/tasks/update", json={"results": []}).status_code == 200
        httpx.get(f"{server.api}/workflow/nobody")
        (asked,) = found(exporter, "GET /api/workflow/{workflowId}")

    assert [each.name for each in exporter.get_finished_spans()] == ["GET /api/workflow/{workflowId}"]
    assert attributes(asked)["http.response.status_code"] == 404
    assert asked.status.status_code is StatusCode.UNSET


def test_what_people_ask_of_tasks_is_recorded_and_what_workers_say_is_not(exporter: InMemorySpanExporter) -> None:
    """Searches, queues and signals are no results, though their paths begin like those of results."""
    with running_server() as server:
        for path in ("/tasks", "/tasks/", "/tasks/update-v2", "/tasks/nobody/log"):
            assert httpx.post(f"{server.api}{path}", json={}).status_code in {400, 404}
        assert httpx.get(f"{server.api}/tasks/search").status_code == 200
        assert httpx.get(f"{server.api}/tasks/queue/all").status_code == 200
        assert httpx.post(f"{server.api}/tasks/nobody/COMPLETED/signal").status_code == 404
        found(exporter, "POST /api/tasks/{workflowId}/{status}/signal")

    names = [each.name for each in exporter.get_finished_spans()]
    assert names[:2] == ["GET /api/tasks/search", "GET /api/tasks/queue/all"]
    assert len(names) == 3


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/none", 404), ("PUT", "/workflow", 405), ("OPTIONS", "/workflow", 200)]
)
def test_a_request_without_a_row_has_a_status(
    exporter: InMemorySpanExporter, method: str, path: str, status: int
) -> None:
    """A path that nobody has, and a method that a path does not take, are told as they were answered."""
    with running_server() as server:
        assert httpx.request(method, f"{server.api}{path}").status_code == status
        (asked,) = found(exporter, method)
    assert attributes(asked)["http.response.status_code"] == status
    assert "http.route" not in attributes(asked)


def test_without_a_provider_nothing_is_recorded_and_nothing_imported() -> None:
    """Who wants no spans does not pay for OpenTelemetry."""
    code = (
        "import sys, podium\n"
        "from podium.model import spans\n"
        "def w(): podium.noop('n')\n"
        "with podium.connect() as client: client.run(podium.workflow(w), timeout=10)\n"
        "assert not spans.are_wanted()\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_who_looks_while_another_thread_imports_opentelemetry_has_no_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts go on while the program sets up what records them: a module that is half there is none."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", ModuleType("opentelemetry.trace"))
    assert not spans.are_wanted()
    assert spans.current_trace() is None
