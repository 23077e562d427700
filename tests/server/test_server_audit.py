"""The audit: who has changed what by a server, when, from where, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Semaphore
from typing import Any

import httpx
import pytest
from server_calls import one_task

import podium
from podium.backends.memory import MemoryBackend
from podium.client.embedded_audit import AuditWriter
from podium.client.system import SystemClock
from podium.engine.rows import AuditFilter, AuditRow
from podium.model.errors import PodiumError, StoreUnavailable
from podium.server.audited import change_of
from podium.server.resources import ROUTES
from podium.server.roles import Role
from podium.testing.serving import RunningServer, running_server
from tests.server.test_server_access import Guarded, guarded

__all__ = ["guarded"]  # a fixture


def said(api: httpx.Client, **asked: Any) -> list[tuple[Any, ...]]:
    """Return verb, kind, name, run and result of the changes, newest first."""
    found = api.get("/audit", params=asked).raise_for_status().json()["results"]
    return [(each["verb"], each["kind"], each["name"], each["runId"], each["result"]) for each in found]


def test_every_row_that_changes_something_has_a_kind_and_a_verb() -> None:
    """Verbs are words, two rows that do the same have the same, and what only shows something has none."""
    found = {(route.method, route.path): change_of(route) for route in ROUTES if change_of(route)}

    assert all(change is not None and change.verb.isidentifier() for change in found.values())
    assert found["POST", "/workflow"] == found["POST", "/workflow/{name}"]
    assert ("GET", "/workflow/{workflowId}") not in found
    assert ("GET", "/scheduler/schedules/{name}/pause") in found


def test_starts_and_what_is_done_to_runs_are_told(api: httpx.Client, simple: str) -> None:
    """A start with the id of its run, a refusal with its error, and each run of a bulk request for itself."""
    first, second = (api.post(f"/workflow/{simple}", json={}).text for _ in range(2))
    api.put(f"/workflow/{first}/pause").raise_for_status()
    api.request("DELETE", "/workflow/bulk/terminate-remove", json=[first, "none"]).raise_for_status()
    assert api.put(f"/workflow/{second}/resume").status_code == 500

    assert said(api, name=simple) == [
        ("start", "run", simple, second, "OK"),
        ("start", "run", simple, first, "OK"),
        ("register", "workflow", simple, None, "OK"),
    ]
    assert [each[0] for each in said(api, runId=first)] == ["terminate_and_remove", "pause", "start"]
    assert said(api, runId="none") == [("terminate_and_remove", "run", "", "none", "REFUSED")]
    assert said(api, runId=second)[0][-1] == "IllegalTransition"


def test_results_of_workers_are_none_and_those_of_others_are(api: httpx.Client, simple: str, finish: Any) -> None:
    """What a worker says of an attempt that it polled here is in the attempt; who was given nothing is told of."""
    polled = api.post(f"/workflow/{simple}", json={}).text
    finish(simple, {})
    other = api.post(f"/workflow/{simple}", json={}).text
    (task,) = api.get(f"/workflow/{other}").json()["tasks"]
    result = {"workflowInstanceId": other, "taskId": task["taskId"], "status": "COMPLETED"}
    api.post("/tasks", json=result).raise_for_status()

    assert [each[0] for each in said(api, runId=polled)] == ["start"]
    assert [each[0] for each in said(api, runId=other)] == ["report", "start"]


def test_a_result_after_a_sign_of_life_is_a_workers_too(api: httpx.Client, simple: str) -> None:
    """Podium's workers tell several things at once; the attempt is theirs until they have said how it ended."""
    run_id = api.post(f"/workflow/{simple}", json={}).text
    (task,) = api.get(f"/tasks/poll/batch/{simple}", params={"timeout": 5000}).json()
    about = {"workflowInstanceId": run_id, "taskId": task["taskId"]}
    for more in ({"status": "IN_PROGRESS", "extendLease": True}, {"status": "COMPLETED"}):
        api.post("/podium/tasks/update", json={"results": [{**about, **more}]}).raise_for_status()

    assert [each[0] for each in said(api, runId=run_id)] == ["start"]


def test_nothing_that_was_said_gets_in(api: httpx.Client, simple: str) -> None:
    """Neither values of secrets and variables, nor inputs, outputs, reasons or wrong bodies."""
    canary = "canary-5db1"
    api.put("/secrets/shop", content=canary)
    api.put("/environment/region", content=canary).raise_for_status()
    run_id = api.post(f"/workflow/{simple}", json={"token": canary}, params={"correlationId": canary}).text
    api.delete(f"/workflow/{run_id}", params={"reason": canary})
    api.post("/workflow", content=f'{{"name": {canary}')
    api.post("/token", json={"keyId": "k", "keySecret": canary})

    text = api.get("/audit").text
    assert canary not in text
    assert '"variable"' in text


def test_changes_are_found_and_paged(server: RunningServer, api: httpx.Client, simple: str) -> None:
    """By all that stands in them and by time, a part at a time; a client of a server sees what the server does."""
    for _ in range(3):
        api.post(f"/workflow/{simple}", json={}).raise_for_status()
    with podium.connect(server.api) as client:
        found = client.audit.list(name=simple, verb="start")
        pages = [client.audit.list(name=simple, verb="start", limit=2, offset=at) for at in (0, 2)]
        now = datetime.now(UTC)
        assert found == (*pages[0], *pages[1])
        assert [each.who for each in found] == ["anonymous"] * 3
        assert found[0].address == "127.0.0.1"
        assert client.audit.list(name=simple, since=now + timedelta(hours=1)) == ()
        assert len(client.audit.list(name=simple, until=now + timedelta(hours=1), limit=5_000)) == 4
        with pytest.raises(PodiumError, match="limit=5001"):
            client.audit.list(limit=5_001)


def test_changes_are_kept_as_long_as_is_said() -> None:
    """For ever at first; an age that cannot be read is refused, and to prune deletes what is older than it says."""
    with running_server() as server, podium.connect(server.api) as client:
        client.environment.put("region", "eu")
        assert client.audit.kept() is None
        with pytest.raises(PodiumError, match="older_than"):
            client.audit.keep("soon")
        client.audit.keep("400 days")
        assert client.audit.kept() == "400 days"
        assert client.audit.prune(older_than="1 hour") == 0
        assert client.audit.prune(older_than="0 seconds") >= 2
        client.audit.keep(None)
        assert [each.verb for each in client.audit.list()] == ["keep", "prune"]
        assert client.audit.kept() is None


def test_only_administrators_see_it_and_it_says_who(guarded: Guarded) -> None:
    """Who signed in stands in each change, with the application's name; so do refusals, and failed sign-ins."""
    with guarded.api(Role.EDITOR) as editor:
        editor.post("/metadata/workflow", json=one_task("w")).raise_for_status()
        assert editor.get("/audit").status_code == 403
    with guarded.api(Role.VIEWER) as viewer:
        assert viewer.post("/workflow/w", json={}).status_code == 403
    wrong = {"keyId": guarded.keys[Role.ADMIN][0], "keySecret": "wrong"}
    assert httpx.post(f"{guarded.server.api}/token", json=wrong).status_code == 401
    assert httpx.post(f"{guarded.server.api}/workflow/w", json={}).status_code == 401
    with guarded.api(Role.ADMIN) as admin:
        found = admin.get("/audit").json()["results"]

    told = [(each["who"], each["verb"], each["result"]) for each in found if each["verb"] != "sign_in"]
    assert told == [("app:viewer", "start", "REFUSED"), ("app:editor", "register", "OK")]
    assert found[-2]["details"]["name"] == "editor"
    refused = [each["name"] for each in found if each["verb"] == "sign_in" and each["result"] != "OK"]
    assert refused == [wrong["keyId"]]


class Away(MemoryBackend):
    """A store whose audit cannot be written until it is back."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = True
        self.has_refused, self.has_kept = Event(), Event()

    def keep_audit(self, rows: Sequence[AuditRow]) -> None:
        """Refuse, or keep."""
        if self.is_away:
            self.has_refused.set()
            raise StoreUnavailable("away")
        super().keep_audit(rows)
        self.has_kept.set()


def a_row(audit_id: str) -> AuditRow:
    """Return a change."""
    return AuditRow(audit_id, 1, "app:a", "::1", "put", "secret", "shop", None, "OK", b"{}")


def test_changes_wait_for_a_store_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """Who made them is answered all the same; they are written in their order when the store is back."""
    store = Away()
    writer = AuditWriter(store, SystemClock())
    writer.write([a_row("a")]).result(10)
    store.is_away = False
    writer.write([a_row("b")]).result(10)
    assert store.has_kept.wait(10)
    writer.close()

    assert [row.audit_id for row in store.audit(AuditFilter(), 9, 0)] == ["b", "a"]
    assert (writer.written, writer.unwritten) == (2, 0)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_what_cannot_be_written_at_the_end_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A process that ends while the store is away says each change; so does one that comes after the end."""
    store = Away()
    writer = AuditWriter(store, SystemClock())
    writer.write([a_row("a")]).result(10)
    writer.close()
    writer.write([a_row("b")]).result(10)

    lines = [record.getMessage() for record in caplog.records if "in the log only" in record.getMessage()]
    assert ['"id":"a"' in lines[0], '"id":"b"' in lines[1]] == [True, True]
    assert writer.unwritten == 2


class Slow(MemoryBackend):
    """A store that writes a batch of the audit for each permission, and tells when it is asked for one."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.allowed = Semaphore(0), Semaphore(0)

    def keep_audit(self, rows: Sequence[AuditRow]) -> None:
        """Keep, once that is allowed; nothing can be kept that is called bad."""
        self.asked.release()
        assert self.allowed.acquire(timeout=10)
        if rows[0].audit_id == "bad":
            raise RuntimeError("a bug")
        super().keep_audit(rows)


def test_nobody_is_answered_before_his_changes_are_kept() -> None:
    """Also where so many wait that they take several commits."""
    store = Slow()
    writer = AuditWriter(store, SystemClock())
    first = writer.write([a_row("first")])
    assert store.asked.acquire(timeout=10)
    many = writer.write([a_row(f"{number:04}") for number in range(900)])
    store.allowed.release()
    first.result(10)

    assert store.asked.acquire(timeout=10)
    store.allowed.release()
    assert store.asked.acquire(timeout=10)
    assert not many.done()
    store.allowed.release()
    many.result(10)
    writer.close()
    assert writer.written == 901


def test_a_bug_of_the_store_stops_no_later_change(caplog: pytest.LogCaptureFixture) -> None:
    """What it has spoilt is said in the log, and the next change is kept."""
    store = Slow()
    store.allowed.release(2)
    writer = AuditWriter(store, SystemClock())
    writer.write([a_row("bad")]).result(10)
    writer.write([a_row("good")]).result(10)
    writer.close()

    assert (writer.written, writer.unwritten) == (1, 1)
    assert "RuntimeError('a bug')" in caplog.text
