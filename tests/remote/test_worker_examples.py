"""The three examples of workers beside a loop of polls: each does its work for a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import podium
from podium.testing.serving import running_server

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """The address of a real server."""
    with running_server() as server:
        yield server.api


def test_a_serverless_function_does_its_task(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is given each attempt, and knows no server."""
    from examples import worker_serverless

    worker_serverless.main(api)

    assert "cat.png@200" in capsys.readouterr().out


def test_attempts_are_pushed_to_a_web_application(api: str) -> None:
    """Its route does them beside the application's own; the logs of the function reach the server."""
    from examples import worker_push, worker_serverless

    async def push(attempt: dict[str, Any]) -> dict[str, Any]:
        network = httpx.ASGITransport(app=worker_push.app)
        headers = {"Authorization": "Bearer change-me"}
        async with httpx.AsyncClient(transport=network, base_url="http://app", headers=headers) as client:
            assert (await client.get("/")).text == "the application itself"
            answer = await client.post("/work/", json=attempt)
            return dict(answer.raise_for_status().json())

    with podium.connect(api) as client:
        run_id = client.start(worker_push.billing, {"order": "o-1", "amount": 2.5})
        worker_serverless.forward(api, "invoice", lambda attempt: asyncio.run(push(attempt)), rounds=1)
        run = client.wait(run_id, timeout=PATIENCE_S)
        assert run.output == {"result": "invoice-o-1-2.50"}
        assert [line.log for line in client.logs(run.tasks[0].task_id)] == ["invoice for o-1"]


def test_a_worker_lives_in_a_web_application(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins and ends with the application, which starts runs by the same client."""
    from examples import worker_in_web_app as example

    monkeypatch.setenv("PODIUM_SERVER", api)

    async def main() -> Any:
        network = httpx.ASGITransport(app=example.app)
        async with (
            example.lifespan(example.app),
            httpx.AsyncClient(transport=network, base_url="http://app", timeout=PATIENCE_S) as client,
        ):
            return (await client.get("/hello/Ada")).json()

    assert asyncio.run(main())["said"] == "hello, Ada"
