"""Waits for runs of servers, and what is said meanwhile."""

from __future__ import annotations

import logging
from time import time
from typing import Any

import pytest
from fake_server import FakeServer

from podium.client.driving import drive
from podium.client.remote import waiting
from podium.client.remote.waiting import RemoteWaiting

HOUR_MS = 3_600_000


@pytest.mark.parametrize("ahead_ms", [-HOUR_MS, HOUR_MS], ids=["behind", "ahead"])
def test_a_servers_clock_may_differ_from_ours(
    ahead_ms: int, server: FakeServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has had no time to help is not told of as missing, and who has had it is, by our own clock."""
    monkeypatch.setattr(waiting, "_STILL_S", 0.01)
    monkeypatch.setattr(waiting, "_GRACE_S", 0.01)
    asked: dict[str, Any] = {
        "for": "SOMEBODY",
        "runId": "r",
        "referenceTaskName": "approve",
        "text": "'approve' waits for somebody",
        "since": round(time() * 1000) + ahead_ms,
        "cause": "HUMAN",
    }
    server.on("GET /podium", (200, {"podium": "1"}))
    server.on("GET /podium/runs/r/wait", (200, {"workflowId": "r", "status": "RUNNING"}))
    server.on("GET /podium/explain/r", (200, {"runId": "r", "status": "RUNNING", "text": "", "waits": [asked]}))
    with server.client() as client, caplog.at_level(logging.WARNING, "podium"):
        waits = RemoteWaiting(client._server, client._outlook)
        assert not drive(waits.end("r", may_give_up=True))

    assert server.count("GET /podium/explain/r") == 2
    assert caplog.messages == ["run r: 'approve' waits for somebody"]
