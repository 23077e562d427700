"""HTTP tasks against a real server on this machine, sent by the engine of an embedded client."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from engine_flows import attempt_of, flow, inline, sub, task

import podium
from podium.client.embedded import EmbeddedClient
from podium.client.http.policy import HttpPolicy
from podium.client.http.sender import HttpcoreSender
from podium.engine.service_ports import HttpReply, HttpRequest
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.runs import TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

#: Seconds after which a test gives up.
PATIENCE_S = 20.0


#: What the server answers by path: status, content type, body.
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "/object": (200, "application/json", b'{"n": 5, "deep": {"list": [1, 2.5]}}'),
    "/list": (200, "application/json", b'[1, {"k": 2}]'),
    "/long": (200, "application/json", b'{"id": 1234567890123456789012, "l": [9007199254740993]}'),
    "/longest": (200, "application/json", b"9007199254740993"),
    "/number": (200, "application/json", b"5"),
    "/true": (200, "application/json", b"true"),
    "/null": (200, "application/json", b"null"),
    "/text": (200, "text/plain", b"plain words"),
    "/quoted": (200, "application/json", b'"quoted"'),
    "/empty": (200, "application/json", b""),
    "/made": (201, "application/json", b'{"id": 7}'),
    "/missing": (404, "application/json", b'{"error": "no such thing"}'),
    "/broken": (500, "text/plain", b""),
    "/unmoved": (304, "text/plain", b""),
}


class Handler(BaseHTTPRequestHandler):
    """Answers by path; ``/echo`` tells what was sent."""

    protocol_version = "HTTP/1.1"
    release = threading.Event()

    def do_GET(self) -> None:  # the base class names it so
        """Answer."""
        if self.path == "/moved":
            self._send(302, "text/plain", b"", {"Location": "/object"})
        elif self.path == "/slow":
            self.release.wait(10)
            self._send(200, "text/plain", b"at last")
        elif self.path == "/twice":
            self._send(200, "application/json", b"{}", {"X-Many": "one, two"})
        elif self.path.startswith("/echo"):
            self._echo()
        else:
            self._send(*ANSWERS[self.path])

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815  # same

    def _echo(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
        }
        self._send(200, "application/json", json.dumps(told).encode())

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Keep quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Handler.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedClient]:
    """An engine on memory, with a secret."""
    monkeypatch.setenv("CONDUCTOR_SECRET_TOKEN", "s3cret")
    with podium.connect("memory://") as made:
        yield made


def call(**fields: Any) -> WorkflowTask:
    """Make an HTTP task; fields that are no request's are the task's."""
    place = {key: fields.pop(key) for key in ("async_complete", "optional", "name") if key in fields}
    return task("HTTP", "call", inputs={"http_request": {"method": "GET", **fields}}, **place)


def outcome(client: EmbeddedClient, **fields: Any) -> TaskRun:
    """Run one HTTP task and give its attempt."""
    return attempt_of(client.run(flow(call(**fields)), timeout=PATIENCE_S), "call")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/object", {"n": 5, "deep": {"list": [1, 2.5]}}),
        ("/list", [1, {"k": 2}]),
        ("/long", {"id": 1234567890123456789012, "l": [9007199254740993]}),
        ("/longest", 9007199254740993),
        ("/number", 5.0),
        ("/true", "true"),
        ("/null", "null"),
        ("/text", "plain words"),
        ("/quoted", "quoted"),
        ("/empty", None),
    ],
)
def test_what_a_body_becomes(client: EmbeddedClient, url: str, path: str, body: Any) -> None:
    """JSON objects and lists as they are, numbers as doubles, other JSON values and everything else as text."""
    record = outcome(client, uri=url + path)
    assert record.status is TaskStatus.COMPLETED
    response = record.output_data["response"]
    assert response["body"] == body
    assert type(response["body"]) is type(body)
    assert (response["statusCode"], response["reasonPhrase"]) == (200, "OK")


def test_headers_are_lists(client: EmbeddedClient, url: str) -> None:
    """One entry per header line, under a name in any case."""
    headers = outcome(client, uri=f"{url}/twice").output_data["response"]["headers"]
    assert {name.lower(): value for name, value in headers.items()}["x-many"] == ["one, two"]


@pytest.mark.parametrize("status", [201])
def test_every_2xx_is_good(client: EmbeddedClient, url: str, status: int) -> None:
    """The body is read as for 200."""
    response = outcome(client, uri=f"{url}/made", method="POST").output_data["response"]
    assert (response["statusCode"], response["body"]) == (status, {"id": 7})


def test_a_redirect_is_followed(client: EmbeddedClient, url: str) -> None:
    """The answer is that of the new place."""
    assert outcome(client, uri=f"{url}/moved").output_data["response"]["body"]["n"] == 5


def test_what_is_sent(client: EmbeddedClient, url: str) -> None:
    """Method, headers, the body as JSON, and the types accepted and sent."""
    record = outcome(
        client, uri=f"{url}/echo?q=1", method="PUT", headers={"X-A": 5, "X-B": None}, body={"k": [1, None]}
    )
    told = record.output_data["response"]["body"]
    assert (told["method"], told["path"], json.loads(told["body"])) == ("PUT", "/echo?q=1", {"k": [1, None]})
    assert told["headers"]["x-a"] == "5"
    assert "x-b" not in told["headers"]
    assert told["headers"]["accept"] == told["headers"]["content-type"] == "application/json"


def test_a_text_body_is_sent_as_it_is(client: EmbeddedClient, url: str) -> None:
    """With the type that the author names."""
    kind = "application/x-www-form-urlencoded"
    told = outcome(
        client, uri=f"{url}/echo", method="POST", body="a=1&b=2", contentType=kind, accept=["text/plain", "*/*"]
    )
    body = told.output_data["response"]["body"]
    assert (body["body"], body["headers"]["content-type"], body["headers"]["accept"]) == (
        "a=1&b=2",
        kind,
        "text/plain, */*",
    )


def test_the_flat_form(client: EmbeddedClient, url: str) -> None:
    """Without ``http_request`` the input itself is the request."""
    definition = flow(task("HTTP", "call", inputs={"uri": f"{url}/${{workflow.input.what}}", "method": "GET"}))
    run = client.run(definition, {"what": "object"}, timeout=PATIENCE_S)
    assert run.output["response"]["body"]["n"] == 5


@pytest.mark.parametrize(
    ("path", "text"), [("/missing", '404 Not Found: "{"error": "no such thing"}"'), ("/broken", "500")]
)
def test_an_error_status_fails_the_task(client: EmbeddedClient, url: str, path: str, text: str) -> None:
    """``response`` is then a text, and the reason begins with Conductor's words."""
    record = outcome(client, uri=url + path)
    assert record.status is TaskStatus.FAILED
    assert text in record.output_data["response"]
    assert (record.reason_for_incompletion or "").startswith("Failed to invoke HTTP task due to: ")
    assert text in (record.reason_for_incompletion or "")


def test_a_status_that_is_neither(client: EmbeddedClient, url: str) -> None:
    """FAILED, with the status and no body."""
    record = outcome(client, uri=f"{url}/unmoved")
    assert record.status is TaskStatus.FAILED
    assert record.reason_for_incompletion == "No response from the remote service"
    response = record.output_data["response"]
    assert (response["statusCode"], response["body"]) == (304, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "Missing HTTP URI.  See documentation for HttpTask for required input parameters"),
        ({"uri": "http://127.0.0.1:9/", "method": None}, "No HTTP method specified"),
        ({"uri": "http://127.0.0.1:9/", "headers": "x"}, "headers must be an object, not a text"),
        (
            {"uri": "http://127.0.0.1:9/", "connectionTimeOut": [None, True]},
            "connectionTimeOut must be a number of milliseconds, not [null, true]",
        ),
        (
            {"uri": "http://127.0.0.1:9/", "readTimeOut": -1},
            "readTimeOut must be a number of milliseconds, not -1",
        ),
        ({"uri": "http://127.0.0.1:9/", "method": "GÉT"}, "'GÉT' is no HTTP method; write for example GET or POST"),
        (
            {"uri": "http://127.0.0.1:9/", "readTimeOut": "soon"},
            "readTimeOut must be a number of milliseconds, not 'soon'",
        ),
    ],
)
def test_a_request_that_cannot_be_made(client: EmbeddedClient, fields: dict[str, Any], reason: str) -> None:
    """FAILED at once (Conductor hangs on some of them until the response timeout)."""
    record = outcome(client, **fields)
    assert (record.status, record.reason_for_incompletion) == (TaskStatus.FAILED, reason)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9/", "nonsense://x", "http://"])
def test_no_connection(client: EmbeddedClient, uri: str) -> None:
    """FAILED, with what the network said."""
    record = outcome(client, uri=uri)
    assert record.status is TaskStatus.FAILED
    assert (record.reason_for_incompletion or "").startswith("Failed to invoke HTTP task due to: ")


def test_a_server_that_is_too_slow(client: EmbeddedClient, url: str) -> None:
    """``readTimeOut`` is in milliseconds."""
    record = outcome(client, uri=f"{url}/slow", readTimeOut=100)
    assert record.status is TaskStatus.FAILED
    assert "ReadTimeout" in (record.reason_for_incompletion or "")


def test_async_complete_waits_for_a_word_from_outside(client: EmbeddedClient, url: str) -> None:
    """IN_PROGRESS after the answer; the update ends it, and its output replaces the answer."""
    definition = flow(call(uri=f"{url}/made", method="POST", async_complete=True), inline("after", "1"))
    run_id = client.start(definition)
    record = _until(client, run_id, "call", TaskStatus.IN_PROGRESS)
    assert record.output_data["response"]["body"] == {"id": 7}
    assert record.input_data["asyncComplete"] is True
    client.update_task(TaskResult(task_id=record.task_id, output_data={"done": True}))
    run = client.wait(run_id, PATIENCE_S)
    assert attempt_of(run, "call").output_data == {"done": True}
    assert run.status is RunStatus.COMPLETED


def _until(client: EmbeddedClient, run_id: str, ref: str, status: TaskStatus) -> TaskRun:
    """Wait until an attempt has a status."""
    waiting = threading.Event()
    for _ in range(1000):
        run: WorkflowRun = client.get(run_id)
        found = attempt_of(run, ref)
        if found.status is status and found.output_data:
            return found
        waiting.wait(0.01)
    raise AssertionError(f"{ref} is {found.status}")


def test_async_complete_of_the_input_is_overwritten(client: EmbeddedClient, url: str) -> None:
    """The place in the workflow decides."""
    definition = flow(task("HTTP", "call", inputs={"uri": f"{url}/object", "method": "GET", "asyncComplete": True}))
    run = client.run(definition, timeout=PATIENCE_S)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "call").input_data["asyncComplete"] is False


def test_a_failed_call_is_retried_by_its_definition(client: EmbeddedClient, url: str) -> None:
    """Also a 404; nobody's definition means no retry."""
    client.register(TaskDef(name="fetch", retry_count=2, retry_delay_seconds=0))
    run = client.run(flow(call(uri=f"{url}/missing", name="fetch")), timeout=PATIENCE_S)
    assert [one.status for one in run.tasks] == [TaskStatus.FAILED] * 3


def test_a_secret_is_sent_and_never_stored(client: EmbeddedClient, url: str) -> None:
    """The stored input keeps the reference."""
    header = {"Authorization": "Bearer ${workflow.secrets.TOKEN}"}
    record = outcome(client, uri=f"{url}/echo", headers=header)
    assert record.output_data["response"]["body"]["headers"]["authorization"] == "Bearer s3cret"
    assert record.input_data["http_request"]["headers"] == header


def test_a_secret_can_be_handed_to_a_child(client: EmbeddedClient, url: str) -> None:
    """The child's stored input holds the reference, the request the value."""
    inner = flow(call(uri=f"{url}/echo", headers={"Authorization": "${workflow.input.token}"}), name="inner")
    token = "${workflow.secrets.TOKEN}"
    definition = flow(sub("child", None, params={"workflow_definition": inner}, inputs={"token": token}))
    run = client.run(definition, timeout=PATIENCE_S)
    assert run.output["response"]["body"]["headers"]["authorization"] == "s3cret"
    assert client.get(attempt_of(run, "child").sub_workflow_id or "").input["token"] == token


def test_an_optional_call_may_fail(client: EmbeddedClient, url: str) -> None:
    """The flow goes on."""
    definition = flow(call(uri=f"{url}/broken", optional=True), inline("after", "$.s", s="${call.status}"))
    assert client.run(definition, timeout=PATIENCE_S).output == {"result": "COMPLETED_WITH_ERRORS"}


def test_many_calls_at_once(client: EmbeddedClient, url: str) -> None:
    """Every run gets its own answer."""
    definition = flow(
        task("HTTP", "call", inputs={"uri": f"{url}/echo?n=${{workflow.input.n}}", "method": "GET"}),
        output_parameters={"path": "${call.output.response.body.path}"},
    )
    runs = client.start_many(definition, [{"n": n} for n in range(50)])
    paths = [client.wait(one, PATIENCE_S).output["path"] for one in runs]
    assert paths == [f"/echo?n={n}" for n in range(50)]


def test_the_sender_gives_every_header_line(url: str) -> None:
    """By itself, without an engine; closing twice is fine."""

    async def ask() -> HttpReply:
        sender = HttpcoreSender(HttpPolicy())
        response = await sender.send(
            HttpRequest(
                method="GET", url=f"{url}/text", headers={}, content=None, connect_timeout_s=3, read_timeout_s=3
            )
        )
        await sender.close()
        await sender.close()
        return response

    response = asyncio.run(ask())
    assert (response.status_code, response.content, response.reason_phrase) == (200, b"plain words", "OK")
    assert "content-length" in {name.lower() for name, _ in response.headers}
