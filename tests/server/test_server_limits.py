"""What a server refuses before it looks at what is asked: too often, from elsewhere, too large, too deep, not HTTP."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.server.errors import Refusal
from podium.server.limiting import Buckets
from podium.server.protocol import HttpProtocol
from podium.server.settings import ServerSettings
from podium.testing.serving import RunningServer, running_server

SITE = "https://ops.example.com"


@given(st.lists(st.floats(0, 5), max_size=30), st.integers(1, 5), st.floats(0.5, 20))
def test_nobody_asks_oftener_than_is_let(pauses: list[float], burst: int, rate: float) -> None:
    """In no span more than what a bucket holds and what has run into it; and who waits as told is let ask."""
    at = 0.0
    buckets = Buckets(rate, burst, now=lambda: at)
    let: list[float] = []
    for pause in pauses:
        at += pause
        wait = buckets.wait_s("ann")
        if wait:
            at += wait + 1e-6
            assert buckets.wait_s("ann") == 0
        let.append(at)
    for first, began in enumerate(let):
        for last in range(first, len(let)):
            assert last - first + 1 <= burst + (let[last] - began) * rate + 1e-3


def test_a_caller_that_asks_too_often_is_told_when_to_ask_again() -> None:
    """Others are not, and what it asks later is answered."""
    at = 0.0
    buckets = Buckets(0.5, 1, now=lambda: at)
    buckets.refuse("ann", "too often")
    with pytest.raises(Refusal, match="too often") as refused:
        buckets.refuse("ann", "too often")
    assert (refused.value.status, refused.value.headers) == (429, ((b"retry-after", b"2"),))
    buckets.refuse("bob", "too often")
    at = 2.0
    buckets.refuse("ann", "too often")


def test_a_server_limits_each_address() -> None:
    """Where it is told to; health is counted too, so that nobody gets around it."""
    with running_server(settings=ServerSettings(rate=0.1)) as server, httpx.Client(base_url=server.api) as api:
        assert [api.get("/version").status_code for _ in range(2)] == [200, 429]
        assert int(api.get("/version").headers["retry-after"]) >= 1


def test_pages_of_other_sites_get_nothing(server: RunningServer) -> None:
    """No header lets them read an answer, and what a browser asks first is refused."""
    asked = {"origin": SITE, "access-control-request-method": "POST"}
    answers = [httpx.get(f"{server.api}/version", headers={"origin": SITE})]
    answers.append(httpx.options(f"{server.api}/workflow", headers=asked))

    assert [answer.status_code for answer in answers] == [200, 405]
    assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)


def test_sites_that_are_named_may_ask() -> None:
    """And only they; credentials of a browser are never taken, since there are none."""
    with running_server(settings=ServerSettings(origins=[SITE])) as server:
        asked = {"origin": SITE, "access-control-request-method": "POST"}
        first = httpx.options(f"{server.api}/workflow", headers=asked)
        assert (first.status_code, first.headers["access-control-allow-origin"]) == (204, SITE)
        assert "x-authorization" in first.headers["access-control-allow-headers"]
        read = httpx.get(f"{server.api}/version", headers={"origin": SITE})
        assert read.headers["access-control-allow-origin"] == SITE
        assert "access-control-allow-credentials" not in read.headers
        other = httpx.options(f"{server.api}/workflow", headers={**asked, "origin": f"{SITE}.evil.org"})
        assert (other.status_code, "access-control-allow-origin" in other.headers) == (405, False)


@pytest.mark.parametrize("headers", [{"origin": SITE}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}])
def test_a_page_of_another_site_starts_nothing(api: httpx.Client, simple: str, headers: dict[str, str]) -> None:
    """Browsers let it send simple requests to a server that asks nobody who he is; those that change are refused."""
    for method, path in [
        ("POST", f"/workflow/{simple}"),
        ("GET", f"/workflow/execute/{simple}"),
        ("GET", f"/tasks/poll/{simple}"),
    ]:
        answer = api.request(method, path, content=b"{}", headers={**headers, "content-type": "text/plain"})
        assert answer.status_code == 403
        assert "--cors" in answer.json()["message"]
    assert api.get("/workflow/search", params={"query": f"workflowType = {simple}"}).json()["totalHits"] == 0


def test_our_own_pages_and_named_sites_may_ask(server: RunningServer) -> None:
    """The origin of the server itself, and those that it was told."""
    own = {"origin": server.url, "sec-fetch-site": "same-origin"}
    assert httpx.post(f"{server.api}/podium/statistics", json={}, headers=own).status_code == 200
    with running_server(settings=ServerSettings(origins=[SITE])) as open_to_one:
        named = {"origin": SITE, "sec-fetch-site": "cross-site"}
        assert httpx.post(f"{open_to_one.api}/podium/statistics", json={}, headers=named).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("evil.example:80", 421), ("localhost:1", 200), ("[::1]:1", 200), ("podium", 200)],
)
def test_a_name_that_leads_here_opens_nothing(api: httpx.Client, host: str, status: int) -> None:
    """Its owner's scripts would be of the same site, by their name, and could read everything."""
    assert api.get("/metadata/workflow", headers={"host": host}).status_code == status


def test_a_body_that_breaks_off_is_no_body(server: RunningServer, api: httpx.Client) -> None:
    """A text would be kept as far as it came."""
    head = b"PUT /api/environment/broken HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    raw(server, head + b"12345")
    assert api.get("/environment/broken").content == b""
    # Who hangs up behind a whole body may be faster than the server, which then has nobody to answer.
    raw(server, head.replace(b"Host: x", b"Host: x\r\nConnection: close") + b"1234567890", ends=False)
    assert api.get("/environment/broken").content == b"1234567890"


def test_a_packed_body_is_refused(api: httpx.Client) -> None:
    """415, and not kept as what it looks like."""
    answer = api.put("/environment/packed", content=gzip.compress(b"eu"), headers={"content-encoding": "gzip"})
    assert (answer.status_code, "gzip" in answer.json()["message"]) == (415, True)
    assert api.put("/environment/packed", content=b"eu", headers={"content-encoding": "identity"}).status_code == 200


@pytest.mark.parametrize(
    ("begin", "answer"),
    [
        (b"", b""),
        (b"GET /api/ver", b"HTTP/1.1 408 Request Timeout"),
        (b"GET /api/version HTTP/1.1\r\nHost: x\r\nX: ", b"HTTP/1.1 408 Request Timeout"),
        (b"PUT /api/environment/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1", b""),
        (b"GET /api/version HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 300_000, b"HTTP/1.1 431 "),
    ],
)
def test_who_never_comes_to_an_end_is_let_go(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, begin: bytes, answer: bytes
) -> None:
    """Who says nothing, stops within a head or a body, or sends a head without end: his connection is closed."""
    monkeypatch.setattr(HttpProtocol, "patience_s", 0.05)
    assert raw(server, begin, ends=False).startswith(answer)
    assert httpx.get(f"{server.api}/version").status_code == 200


def test_a_poll_that_waits_is_not_let_go(
    server: RunningServer, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is complete may be answered late, and the next request of its connection has its own time."""
    monkeypatch.setattr(HttpProtocol, "patience_s", 0.05)
    for _ in range(2):
        assert api.get("/tasks/poll/batch/nobody", params={"timeout": 300}).json() == []


def test_head_takes_and_starts_nothing(api: httpx.Client, simple: str) -> None:
    """What changes something though it is asked for by GET, such as a poll, is not asked for by HEAD."""
    api.post(f"/workflow/{simple}", json={}).raise_for_status()
    assert api.head(f"/tasks/poll/{simple}").status_code == 405
    assert api.head(f"/workflow/execute/{simple}").status_code == 405
    assert api.get("/tasks/queue/size", params={"taskType": simple}).json() == 1


@pytest.mark.parametrize("depth", [255, 100_000])
def test_what_is_nested_too_deeply_is_refused(api: httpx.Client, simple: str, depth: int) -> None:
    """In an input, by words, wherever the reader or the limit notices."""
    content = '{"a":' * depth + "1" + "}" * depth
    answer = api.post(f"/workflow/{simple}", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_body_that_is_too_large_is_refused_as_it_comes() -> None:
    """413, without a look at it."""
    with running_server(settings=ServerSettings(body_bytes=1_000)) as server:
        answer = httpx.post(f"{server.api}/workflow/w", content=json.dumps({"a": "x" * 2_000}))
        assert answer.status_code == 413


def raw(server: RunningServer, request: bytes, *, ends: bool = True) -> bytes:
    """Send bytes, and no more if it *ends*; give what comes back until the server closes, or has answered."""
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        while part := connection.recv(65_536):
            found += part
        return found


@pytest.mark.parametrize(
    "line",
    [
        b"OPTIONS * HTTP/1.1",
        b"GET /api//version HTTP/1.1",
        b"GET /api/workflow/%00 HTTP/1.1",
        b"GET /api/workflow/%ff%fe HTTP/1.1",
        b"GET /api/workflow/%ED%A0%80 HTTP/1.1",
        b"GET /api/workflow/..%2f..%2fetc HTTP/1.1",
        b"GET /api/../../etc/passwd HTTP/1.1",
        b"GET http://elsewhere.org/api/version HTTP/1.1",
        b"GET /api/workflow/search?size=%00 HTTP/1.1",
        b"GET /api/workflow/search?query=" + b"(" * 5_000 + b" HTTP/1.1",
        b"GET /" + b"a/" * 10_000 + b" HTTP/1.1",
        b"FOO /api/version HTTP/1.1",
        b"GET  HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_no_line_of_a_request_is_a_bug_of_ours(
    server: RunningServer, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever path or method comes is answered, or the connection is closed; never 500, and the server lives on."""
    answer = raw(server, line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert b" 500 " not in answer.partition(b"\r\n")[0], answer[:300]
    assert b"Traceback" not in answer
    assert not [record for record in caplog.records if record.exc_info]
    assert httpx.get(f"{server.api}/version").status_code == 200


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("abcXYZ-", min_size=1, max_size=20),
            st.binary(max_size=50).filter(lambda b: not set(b) & {10, 13, 0}),
        ),
        max_size=5,
    ),
    st.sampled_from([b"x-authorization", b"authorization", b"content-type", b"traceparent", b"origin", b"accept"]),
    st.binary(max_size=60).filter(lambda value: not set(value) & {10, 13, 0}),
)
def test_no_header_is_a_bug_of_ours(
    fuzzed: RunningServer, headers: list[tuple[str, bytes]], name: bytes, value: bytes
) -> None:
    """Whatever headers come, those that are read too, no answer is 500."""
    lines = [b"GET /api/metadata/workflow HTTP/1.1", b"Host: x", b"Connection: close", name + b": " + value]
    lines += [key.encode() + b": " + content for key, content in headers]
    answer = raw(fuzzed, b"\r\n".join(lines) + b"\r\n\r\n")

    assert b" 500 " not in answer.partition(b"\r\n")[0], answer[:300]


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[RunningServer]:
    """A server that asks who calls, and lets a site ask."""
    with running_server(settings=ServerSettings(asks_who=True, origins=[SITE])) as server:
        yield server
