"""Servers that answer too much, too slowly, or with what belongs to others: HTTP tasks against a real one."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import podium
from podium.client.embedded import EmbeddedClient
from podium.client.http import HttpPolicy, runner
from podium.client.http.sender import redirected
from podium.engine.service_ports import HttpRequest
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun
from podium.model.statuses import TaskStatus

#: Seconds after which a test gives up.
PATIENCE_S = 20.0
LIMIT = 10_000
PLAIN = b'{"ok": true}'


def bare_deflate(data: bytes) -> bytes:
    """Pack without zlib's header, as some servers do."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


#: What the server answers by path: status, headers, body.
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/cookie": (200, {"Set-Cookie": "session=of-another-run; Path=/"}, b"{}"),
    "/large": (200, {}, b"x" * (LIMIT + 1)),
    "/just": (200, {"Content-Type": "text/plain"}, b"x" * LIMIT),
    "/gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(PLAIN)),
    "/deflate": (200, {"Content-Encoding": "deflate"}, zlib.compress(PLAIN)),
    "/bare": (200, {"Content-Encoding": "deflate"}, bare_deflate(PLAIN)),
    "/twice": (200, {"Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(PLAIN))),
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000)),
    "/nested": (200, {"Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(b"\0" * 50_000_000))),
    "/damaged": (200, {"Content-Encoding": "gzip"}, b"no gzip at all"),
    "/brotli": (200, {"Content-Encoding": "br"}, b"?"),
    "/circle": (302, {"Location": "/circle"}, b""),
    "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/cloud": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
    "/latin": (200, {"Content-Type": "text/plain; charset=iso-8859-1"}, "Jürgen".encode("latin-1")),
    "/odd": (200, {"Content-Type": "text/plain; charset=punycode"}, b"plain-"),
}


class Server(ThreadingHTTPServer):
    """Answers by path and remembers what was asked."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.release = threading.Event()
        self.is_asked = threading.Semaphore(0)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """``/slow`` holds back its answer, ``/drip`` sends it byte by byte, ``/tell`` gives back a header."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:  # the base class names it so
        """Answer."""
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if self.path == "/slow":
            self.server.is_asked.release()
            self.server.release.wait(PATIENCE_S)
        if self.path == "/drip":
            self._drip()
        elif self.path == "/tell":
            self._send(401, {}, f"no such key: {self.headers['X-Key']}".encode())
        else:
            self._send(*ANSWERS.get(self.path, (200, {}, PLAIN)))

    do_POST = do_GET  # noqa: N815  # same

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.server.release.wait(0.02):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on this machine."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.release.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedClient]:
    """An engine on memory that takes small answers only, with a secret."""
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", "k-12345\n")
    monkeypatch.setattr(runner, "_GRACE_S", 0.05)
    with podium.connect("memory://", http=HttpPolicy(answer_max_bytes=LIMIT)) as made:
        yield made


def asking(uri: str, **fields: Any) -> WorkflowDef:
    """Make a workflow of one HTTP task."""
    request = {"uri": uri, "method": "GET", **fields}
    step = WorkflowTask(name="ask", task_reference_name="ask", type="HTTP", input_parameters={"http_request": request})
    return WorkflowDef(name="asking", version=1, tasks=[step])


def outcome(client: EmbeddedClient, uri: str, **fields: Any) -> TaskRun:
    """Run one HTTP task and give its attempt."""
    return client.run(asking(uri, **fields), timeout=PATIENCE_S).tasks[0]


def test_no_cookie_of_one_run_is_sent_by_another(client: EmbeddedClient, server: Server) -> None:
    """Nor by the same run's next request."""
    outcome(client, f"{server.url}/cookie")
    outcome(client, f"{server.url}/next")
    assert "cookie" not in server.seen[-1][1]


@pytest.mark.parametrize("path", ["/large", "/bomb", "/nested"])
def test_an_answer_over_the_limit_ends_the_task_for_good(client: EmbeddedClient, server: Server, path: str) -> None:
    """Counted unpacked and never built; the reason names the limit."""
    attempt = outcome(client, server.url + path)
    assert attempt.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "larger than 10,000 bytes" in (attempt.reason_for_incompletion or "")


def test_an_answer_as_large_as_the_limit_is_taken(client: EmbeddedClient, server: Server) -> None:
    """To the byte."""
    assert len(outcome(client, f"{server.url}/just").output_data["response"]["body"]) == LIMIT


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/bare", "/twice"])
def test_packed_answers_are_unpacked(client: EmbeddedClient, server: Server, path: str) -> None:
    """In all the ways that are asked for."""
    assert outcome(client, server.url + path).output_data["response"]["body"] == {"ok": True}


@pytest.mark.parametrize(("path", "words"), [("/damaged", "cannot be unpacked"), ("/brotli", "Content-Encoding: br")])
def test_what_cannot_be_unpacked_is_said(client: EmbeddedClient, server: Server, path: str, words: str) -> None:
    """FAILED, with the way it was packed in."""
    attempt = outcome(client, server.url + path)
    assert attempt.status is TaskStatus.FAILED
    assert words in (attempt.reason_for_incompletion or "")


def test_texts_are_read_by_their_charset(client: EmbeddedClient, server: Server) -> None:
    """And as UTF-8 where the charset is a codec that is no text encoding, or takes quadratic time."""
    assert outcome(client, f"{server.url}/latin").output_data["response"]["body"] == "Jürgen"
    assert outcome(client, f"{server.url}/odd").output_data["response"]["body"] == "plain-"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/circle", "more than 20 redirects"), ("/file", "begins with 'file'"), ("/cloud", "metadata service")],
)
def test_every_redirect_is_checked(client: EmbeddedClient, server: Server, path: str, words: str) -> None:
    """Like the first address."""
    attempt = outcome(client, server.url + path)
    assert attempt.status.is_terminal
    assert words in (attempt.reason_for_incompletion or "")


def test_a_name_is_checked_by_the_address_it_leads_to(server: Server) -> None:
    """``localhost`` is loopback, and is refused where private networks are."""
    with podium.connect("memory://", http=HttpPolicy(private=False)) as client:
        port = server.server_address[1]
        attempt = outcome(client, f"http://localhost:{port}/")
    assert attempt.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "private network" in (attempt.reason_for_incompletion or "")
    assert not server.seen


def test_an_answer_that_drips_is_ended(server: Server) -> None:
    """Though each byte comes within the read timeout."""
    with podium.connect("memory://", http=HttpPolicy(transfer_s=0.0)) as client:
        attempt = outcome(client, f"{server.url}/drip", connectionTimeOut=100, readTimeOut=200)
    assert attempt.status is TaskStatus.FAILED
    assert "was not complete after 0.3 s" in (attempt.reason_for_incompletion or "")


def test_slow_servers_hold_up_no_other_request(client: EmbeddedClient, server: Server) -> None:
    """Nor does the closing wait for them: their attempts are repeated by whoever takes the runs up."""
    for _ in range(40):
        client.start(asking(f"{server.url}/slow", readTimeOut=60_000))
    server.is_asked.acquire(timeout=PATIENCE_S)
    assert outcome(client, f"{server.url}/ok").status is TaskStatus.COMPLETED
    client.close()
    assert not server.release.is_set()


def test_proxies_of_the_environment_are_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the process does not decide where the requests of workflows go."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with podium.connect("memory://") as client:
        assert outcome(client, f"{server.url}/ok").status is TaskStatus.COMPLETED


def test_a_configured_proxy_is_asked(server: Server) -> None:
    """With the whole address; it need not resolve here."""
    with podium.connect("memory://", http=HttpPolicy(proxy=server.url)) as client:
        assert outcome(client, "http://nowhere.invalid/path").status is TaskStatus.COMPLETED
        assert outcome(client, "http://169.254.169.254/").status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert [path for path, _ in server.seen] == ["http://nowhere.invalid/path"]


def test_a_lack_of_descriptors_is_waited_for(client: EmbeddedClient, server: Server, monkeypatch: Any) -> None:
    """The request is made as soon as there are some, and the task has not failed."""
    real, missing = socket.socket.__init__, [3]

    def scarce(self: socket.socket, *args: Any, **kwargs: Any) -> None:
        if threading.current_thread().name == "podium-http" and not kwargs.get("fileno") and missing[0]:
            missing[0] -= 1
            raise OSError(24, "Too many open files")
        real(self, *args, **kwargs)

    assert outcome(client, f"{server.url}/ok").status is TaskStatus.COMPLETED  # the loop has its own descriptors
    with monkeypatch.context() as patch:
        patch.setattr(socket.socket, "__init__", scarce)
        assert outcome(client, f"{server.url.replace('127.0.0.1', 'localhost')}/ok").status is TaskStatus.COMPLETED
    assert not missing[0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"headers": {"X-Key": "${workflow.secrets.KEY}"}}, "the value of the header X-Key begins or ends with"),
        ({"headers": {"X-Key": "€ 5"}}, "the value of the header X-Key holds characters"),
        ({"headers": {"X Key": "1"}}, "'X Key' cannot be the name of a header"),
        ({"uri": "http://[${workflow.secrets.KEY}"}, "the uri is not an address such as"),
        ({"uri": "ftp://example.com/"}, "the uri begins with 'ftp'"),
    ],
)
def test_a_request_that_cannot_be_sent(
    client: EmbeddedClient, server: Server, fields: dict[str, Any], words: str
) -> None:
    """What is wrong is said by its name, and never with a value that may be a secret."""
    attempt = outcome(client, **{"uri": server.url, **fields})
    assert words in (attempt.reason_for_incompletion or "")
    assert "k-12345" not in str(attempt)
    assert not server.seen


def test_a_secret_in_an_answer_that_fails_is_blotted_out(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the reason, in the output and in what is logged; also one that is part of the address."""
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", "k 12345/é")
    caplog.set_level(logging.INFO)
    with podium.connect("memory://") as client:
        attempt = outcome(client, f"{server.url}/tell", headers={"X-Key": "${workflow.secrets.KEY}"})
        outcome(client, f"{server.url}/path?key=${{workflow.secrets.KEY}}")
        lost = outcome(client, "http://127.0.0.1:9/?key=${workflow.secrets.KEY}")
    assert attempt.output_data["response"] == '401 Unauthorized: "no such key: ***"'
    assert attempt.reason_for_incompletion == f"Failed to invoke HTTP task due to: {attempt.output_data['response']}"
    assert "12345" not in caplog.text + str(lost)


def sent(url: str = "https://a.example/x", method: str = "POST", **headers: str) -> HttpRequest:
    """Make a request."""
    return HttpRequest(method=method, url=url, headers=headers, content=b"body", connect_timeout_s=1, read_timeout_s=1)


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
    ],
)
def test_the_method_after_a_redirect(status: int, method: str, then: str) -> None:
    """As browsers do it; a body goes on only with the method that it was sent with."""
    after = redirected(sent(method=method), status, "/y")
    assert (after.method, after.url) == (then, "https://a.example/y")
    assert (after.content is None) == (then == "GET")


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("/y", True),
        ("https://a.example:443/y", True),
        ("https://b.example/y", False),
        ("http://a.example/y", False),
        ("https://a.example:8443/y", False),
        ("//b.example/y", False),
    ],
)
def test_credentials_stay_with_their_origin(location: str, kept: bool) -> None:
    """The other headers go on."""
    after = redirected(sent(Authorization="Bearer x", **{"X-Api-Key": "x", "Accept": "*/*"}), 307, location)
    assert ("Authorization" in after.headers, "X-Api-Key" in after.headers) == (kept, kept)
    assert after.headers["Accept"] == "*/*"
