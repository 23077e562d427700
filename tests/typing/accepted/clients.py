"""The clients, as their users write them: one interface for threads, the same verbs for event loops."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from podium import (
    AsyncClient,
    Client,
    RunStatus,
    Schedule,
    TaskRun,
    WorkflowRun,
    connect,
    connect_async,
    task,
    workflow,
)


@task
def double(x: int) -> int:
    return 2 * x


@workflow
def doubling(x: int) -> int:
    return double(x).output


def with_any(client: Client) -> None:
    run_id = client.start(doubling, {"x": 1}, priority=3, correlation_id="c")
    assert_type(run_id, str)
    assert_type(client.wait(run_id, timeout=3.0), WorkflowRun)
    assert_type(client.run("doubling", {"x": 1}, timeout=3, version=2), WorkflowRun)
    assert_type(client.pending_humans(limit=3), list[TaskRun])
    client.retry(run_id, resume_subworkflows=True)
    client.schedules.add(Schedule("0 0 1 * *", workflow=doubling, input={"x": 1}, overlap="skip"))
    assert_type(client.schedules.run("doubling"), str)
    assert_type(client.schedules.get("doubling").next_run, datetime | None)


def with_one() -> None:
    with connect("memory://") as client, client.workers([double], concurrency=2) as pool:
        assert_type(client, Client)
        assert_type(client.start(doubling, {"x": 1}), str)
        assert_type(client.start_many(doubling, [{"x": 1}]), list[str])
        print(pool.queues)
        with_any(client)


async def with_loop() -> None:
    async with connect_async("memory://") as client, client.workers([double]) as pool:
        assert_type(client, AsyncClient)
        run_id = await client.start(doubling, {"x": 1}, priority=3)
        assert_type(run_id, str)
        run = await client.run(doubling, {"x": 1}, timeout=3, correlation_id="c")
        assert_type(run, WorkflowRun[int])
        assert_type(run.result, int)
        assert_type(await doubling.start(client, x=1), str)
        assert_type(run.status, RunStatus)
        assert_type(await client.get(run_id, include_tasks=False), WorkflowRun)
        for found in await client.search(status="RUNNING", limit=3):
            print(found.workflow_id)
        await client.complete_task(run_id, "approve", {"yes": True})
        await client.schedules.pause("doubling", "audit")
        assert_type(await client.schedules.next("0 0 1 * *", 3), tuple[datetime, ...])
        print(pool.queues)
