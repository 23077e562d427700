"""Workers leave in time, however many runs have failed and started others."""

from __future__ import annotations

import pytest

import podium
from podium import human, task, workflow
from podium.client import embedded


@task(retries=0)
def fail() -> None:
    """Fail."""
    raise ValueError("no luck")


@workflow
def ask() -> None:
    """Wait for somebody."""
    human("look")


@workflow(failure_workflow=ask)
def failing() -> None:
    """Fail, and ask somebody."""
    fail()


def test_workers_look_at_few_failures_when_their_time_is_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten are told, and how many there are beside them: thousands would keep the workers for minutes."""
    with podium.connect("memory://") as client:
        client.register(ask)
        with client.workers([fail]):
            for run_id in client.start_many(failing, [{}] * 13):
                client.wait(run_id, timeout=30)
            caplog.clear()
            monkeypatch.setattr(embedded, "_SEEING_OFF_S", -1)

    told = [record.getMessage() for record in caplog.records if "because a run failed" in record.getMessage()]
    assert len(told) == 11
    assert told[-1] == "3 more runs were started because a run failed; nobody looks whether they go on"
