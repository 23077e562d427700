"""What workers do, counted by task: of a pool here, and at the server that gave them the work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
import pytest

import podium
from podium import TaskContext, TerminalTaskError, task, workflow
from podium.testing.serving import running_server
from podium.workers import metering
from podium.workers.metering import PoolMeter
from podium.workers.pool import serve

PATIENCE_S = 30.0


@task(retries=2, retry_delay=0)
def fetch(number: int) -> int:
    """Fail in several ways."""
    if number == 1:
        raise OSError("no route")
    if number == 2:
        raise TerminalTaskError("never")
    return number


@workflow
def fetching(number: int) -> int:
    """Fetch a number."""
    return fetch(number).output


def numbers(text: str) -> dict[str, float]:
    """Return what Prometheus would read, by the names with their labels."""
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that another thread brings about."""
    pause = threading.Event()
    for _ in range(round(PATIENCE_S / 0.01)):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


def test_attempts_are_counted_by_task_and_failures_by_their_kind() -> None:
    """What was handed over, what became of it, what was raised, and how long each attempt took."""
    meter = PoolMeter()
    with podium.connect() as client, serve(client.transport, [fetch], observe=meter):
        for number in (1, 2, 3):
            client.run(fetching, {"number": number}, timeout=PATIENCE_S)
    found = numbers(meter.text().decode())

    assert found['podium_task_polled_total{task="fetch"}'] == 5
    assert found['podium_task_attempts_total{status="COMPLETED",task="fetch"}'] == 1
    assert found['podium_task_attempts_total{status="FAILED",task="fetch"}'] == 3
    assert found['podium_task_attempts_total{status="FAILED_WITH_TERMINAL_ERROR",task="fetch"}'] == 1
    assert found['podium_task_failures_total{kind="OSError",task="fetch"}'] == 3
    assert found['podium_task_failures_total{kind="TerminalTaskError",task="fetch"}'] == 1
    assert found['podium_task_seconds_count{task="fetch"}'] == 5


def test_kinds_of_failures_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that makes classes as it goes on does not fill the memory of whoever counts."""
    monkeypatch.setattr(metering, "_KINDS_MAX", 2)
    meter = PoolMeter()

    @task(retries=4, retry_delay=0)
    def odd(context: TaskContext) -> None:
        raise type(f"Odd{context.attempt}", (Exception,), {})

    @workflow
    def oddly() -> None:
        odd()

    with podium.connect() as client, serve(client.transport, [odd], observe=meter):
        client.run(oddly, timeout=PATIENCE_S)
    found = numbers(meter.text().decode())

    names = [f'podium_task_failures_total{{kind="{kind}",task="odd"}}' for kind in ("Odd1", "Odd2", "other", "Odd3")]
    assert [found.get(name) for name in names] == [1, 1, 3, None]


def test_a_server_counts_what_workers_elsewhere_did() -> None:
    """Results that come together too, with the time since their attempts were handed out; nothing of it is audited."""
    with running_server() as server, podium.connect(server.api) as client, client.workers([fetch]):
        runs = [
            client.wait(each, PATIENCE_S) for each in client.start_many(fetching, [{"number": n} for n in range(2, 9)])
        ]
        name = 'podium_task_results_total{status="COMPLETED",task="fetch"}'
        until(lambda: numbers(httpx.get(f"{server.url}/metrics").text).get(name) == 6)
        found = numbers(httpx.get(f"{server.url}/metrics").text)
        told = httpx.get(f"{server.api}/audit", params={"runId": runs[0].workflow_id}).json()

    assert found['podium_task_results_total{status="FAILED_WITH_TERMINAL_ERROR",task="fetch"}'] == 1
    assert found['podium_task_work_seconds_count{task="fetch"}'] == 7
    assert found['podium_task_handouts_total{task="fetch"}'] == 7
    assert "update" not in str(told)
