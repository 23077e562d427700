"""HTTP requests in flight: encoded addresses, several requests at once, and those that nobody wants any more."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

import pytest

import podium
from podium import http, web, workflow
from podium.client import EmbeddedClient
from podium.client.http.queue import RequestQueue
from podium.model.assignments import Assignment
from podium.model.definitions import TaskDef
from podium.model.runs import TaskRun

#: Seconds after which a test gives up.
PATIENCE_S = 20.0


class Service:
    """A server whose answers a test decides; it notes the paths that it was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.answer: Callable[[int], int] = lambda _: 200
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the base class names it so
                with service._lock:
                    service.paths.append(self.path)
                    number = len(service.paths)
                status = service.answer(number)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "1")
                    self.end_headers()
                    self.wfile.write(str(number).encode()[:1])
                except OSError:
                    return  # broken off

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    """A server of one's own."""
    made = Service()
    yield made
    made.close()


def asked(uri: str, **fields: Any) -> TaskRun:
    """Ask once, and give the attempt."""

    @workflow
    def asks() -> None:
        http("call", uri, **fields)

    return asks.run(timeout=PATIENCE_S).tasks[0]


def test_an_address_that_is_encoded_already_is_sent_letter_by_letter(service: Service) -> None:
    """``encode=False``; without it, what an address cannot hold is encoded, and what is encoded stays."""
    assert asked(f"{service.url}/a%20b?x=%2F'\"", encode=False).status == "COMPLETED"
    assert asked(f"{service.url}?x=1#part", encode=False).status == "COMPLETED"
    assert asked(f'{service.url}/a b?x=%2F"').status == "COMPLETED"
    assert service.paths == ["/a%20b?x=%2F'\"", "/?x=1", "/a%20b?x=%2F%22"]


def test_an_address_that_is_not_encoded_is_refused_with_words(service: Service) -> None:
    """Nothing is sent, and the reason names the setting."""
    attempt = asked(f"{service.url}/a b", encode=False)
    assert (attempt.status, service.paths) == ("FAILED", [])
    assert "the uri is said to be encoded (encode: false)" in (attempt.reason_for_incompletion or "")


def test_the_first_good_answer_of_several_requests_counts(service: Service) -> None:
    """Three are sent at once: the first is never answered, the second fails, the third is good."""
    release = threading.Event()

    def answer(number: int) -> int:
        if number == 1:
            release.wait(PATIENCE_S)
        return 500 if number == 2 else 200

    service.answer = answer
    attempt = asked(f"{service.url}/quote", hedge=3, read_timeout=PATIENCE_S)
    release.set()
    assert (attempt.status, attempt.output_data["response"]["body"]) == ("COMPLETED", 3.0)  # type: ignore[index, call-overload]  # JSON
    assert service.paths == ["/quote"] * 3


def test_several_requests_that_all_fail_are_one_failure(service: Service) -> None:
    """The attempt fails with one of their answers; where nobody answers, with what was wrong."""
    service.answer = lambda _: 503
    attempt = asked(f"{service.url}/quote", hedge=2)
    assert (attempt.status, len(service.paths)) == ("FAILED", 2)
    assert "503 Service Unavailable" in (attempt.reason_for_incompletion or "")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert "ConnectError" in (asked(f"http://127.0.0.1:{port}/", hedge=2).reason_for_incompletion or "")


@pytest.mark.parametrize("most", [0, 11, 1.5, "many", True, {}])
def test_a_number_of_requests_that_cannot_be_is_refused(service: Service, most: Any) -> None:
    """Nothing is sent, and the reason says what is expected."""
    definition = {
        "name": "hedged",
        "tasks": [
            {
                "name": "call",
                "taskReferenceName": "call",
                "type": "HTTP",
                "inputParameters": {"uri": service.url, "method": "GET", "hedgingConfig": {"maxAttempts": most}},
            }
        ],
    }
    attempt = podium.load(definition).run(timeout=PATIENCE_S).tasks[0]
    assert "hedgingConfig.maxAttempts must be a whole number from 1 to 10" in (attempt.reason_for_incompletion or "")
    assert service.paths == []


class Waiting:
    """A server that answers nothing, and sees when it is left alone."""

    def __init__(self) -> None:
        self.is_asked, self.is_left = threading.Event(), threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            connection.recv(65_536)
            self.is_asked.set()
            connection.settimeout(PATIENCE_S)
            if connection.recv(1) == b"":
                self.is_left.set()

    def close(self) -> None:
        self._thread.join(PATIENCE_S)
        self._socket.close()


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    """A server that lets everybody wait."""
    made = Waiting()
    yield made
    made.close()


@workflow
def slow(uri: str) -> None:
    """Ask, and wait for a minute if need be."""
    http("call", uri, read_timeout=60)


@workflow
def polling(uri: str) -> None:
    """The same by HTTP_POLL."""
    web.poll("call", uri, until="true", read_timeout=60)


@workflow
def impatient(uri: str) -> None:
    """Ask, with a time limit of the task's own."""
    http("call", uri, read_timeout=60).opts(timeout="200ms", retries=0)


def end_run(client: EmbeddedClient, run_id: str) -> None:
    """An operator ends the run."""
    client.terminate(run_id)


def end_task(client: EmbeddedClient, run_id: str) -> None:
    """Somebody knows the answer."""
    client.complete_task(run_id, "call", {})


def wait_on(client: EmbeddedClient, run_id: str) -> None:
    """The task times out by itself."""
    assert client.wait(run_id, PATIENCE_S).status == "TIMED_OUT"


@pytest.mark.parametrize(("asks", "end"), [(slow, end_run), (slow, end_task), (polling, end_run), (impatient, wait_on)])
def test_a_request_that_nobody_wants_is_broken_off(waiting: Waiting, asks: Any, end: Any) -> None:
    """When the run or the task has ended otherwise, the connection is closed, long before the request's own timeout."""
    with podium.connect() as client:
        run_id = client.start(asks, {"uri": waiting.url})
        assert waiting.is_asked.wait(PATIENCE_S)
        end(client, run_id)
        assert waiting.is_left.wait(PATIENCE_S)


def test_a_request_that_lasts_is_in_progress(waiting: Waiting) -> None:
    """After a tenth of a second it shows who is at it, so that nobody takes it for a task that waits."""
    with podium.connect() as client:
        run_id = client.start(slow, {"uri": waiting.url})
        assert waiting.is_asked.wait(PATIENCE_S)
        deadline = monotonic() + PATIENCE_S
        while (attempt := client.get(run_id).tasks[0]).status == "SCHEDULED" and monotonic() < deadline:
            waiting.is_left.wait(0.01)
        assert (attempt.status, attempt.worker_id, attempt.poll_count) == ("IN_PROGRESS", "podium-http", 1)
        assert "'call' is at work" in client.explain(run_id).waits[0].text
        client.terminate(run_id)


def test_a_request_that_waits_for_its_turn_is_not_sent() -> None:
    """The queue forgets what nobody wants any more, and counts no place for it."""

    def request(number: int, host: str) -> Assignment:
        given = {"uri": f"http://{host}/", "method": "GET"}
        return Assignment("run", number, str(number), "HTTP", "r", 0, given, {}, "w", None, 0, TaskDef(name="HTTP"))

    queue = RequestQueue(in_all=10, per_host=10)
    queue.put([request(1, "a"), request(2, "a"), request(3, "b"), request(4, "a")])
    queue.drop({("run", 1), ("run", 3), ("other", 2)})
    assert queue.room == 8
    turns = [queue.take(), queue.take(), queue.take()]
    assert [turn[0].seq for turn in turns if turn is not None] == [2, 4]
