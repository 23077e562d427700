"""Mistakes at the clients of threads and of event loops."""

from __future__ import annotations

from podium import Client, WorkflowRun, connect_async, workflow


@workflow
def empty() -> None: ...


def with_any(client: Client) -> None:
    client.start(empty, {"x": 1}, priorty=3)  # expect error: priorty
    client.pause(3)  # expect error: str
    client.run(empty, timout=3)  # expect error: timout


async def with_loop() -> None:
    async with connect_async("memory://") as client:
        await client.start(3)  # expect error: int | Literal[3]
        await client.start(empty, priorty=3)  # expect error: priorty
        await client.run(empty, timout=3)  # expect error: timout
        run: WorkflowRun = await client.start(empty)  # expect error: str
        print(run, client.stop)  # expect error: stop
        print(client.get("a").status)  # expect error: Coroutine
