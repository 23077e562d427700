"""The client of event loops: the same verbs, awaited."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

import podium
from podium import AsyncClient, Client, human, task, wait, workflow
from podium.client.asynchronous import AsyncSchedules
from podium.client.embedded_schedules import EmbeddedSchedules
from podium.client.schedules import Schedules
from podium.model.errors import IllegalTransition, InvalidRequest, RunNotFound, RunTimeout
from podium.model.statuses import RunStatus

T = TypeVar("T")
PATIENCE_S = 30.0

#: Verbs that show something on a screen, and so keep the thread that calls them.
_NOT_FOR_LOOPS = {"live"}


@task
def double(x: int) -> int:
    """Double a number."""
    return 2 * x


@workflow
def doubling(x: int) -> int:
    """Double a number."""
    return double(x).output


@workflow
def sleeps() -> None:
    """Wait."""
    wait("gap", duration="10 minutes")


@workflow
def asks() -> None:
    """Ask somebody."""
    human("approve")


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own, within the patience of a test."""
    return asyncio.run(asyncio.wait_for(coroutine, PATIENCE_S))


def public(kind: type) -> set[str]:
    """Return the public names of a class and of those that it is made of."""
    return {name for name in dir(kind) if not name.startswith("_")}


def parts(kind: type) -> set[str]:
    """Return the names of a client's parts, such as its schedules, which have verbs of their own."""
    return {name for name in public(kind) if isinstance(getattr(kind, name), property)}


def test_the_async_client_has_every_verb_with_the_same_parameters() -> None:
    """What `Client` learns, `AsyncClient` learns with it."""
    assert public(AsyncClient) == public(Client) - _NOT_FOR_LOOPS
    for name in public(AsyncClient) - parts(AsyncClient) - {"workers", "search_all"}:
        assert inspect.signature(getattr(AsyncClient, name)) == inspect.signature(getattr(Client, name))
        assert inspect.getdoc(getattr(AsyncClient, name)) == inspect.getdoc(getattr(Client, name))


def test_the_schedules_have_the_same_verbs_everywhere() -> None:
    """Those of a client for event loops, and of an engine in this process, take what `Schedules` says."""
    assert public(AsyncSchedules) - {"do"} == public(EmbeddedSchedules) == public(Schedules)
    for name in public(Schedules):
        for kind in (AsyncSchedules, EmbeddedSchedules):
            mine, theirs = getattr(kind, name), getattr(Schedules, name)
            assert inspect.signature(mine).parameters == inspect.signature(theirs).parameters, name
            assert inspect.getdoc(mine) == inspect.getdoc(theirs), name


def test_the_embedded_client_takes_what_the_interface_says() -> None:
    """Parameters, defaults and what help() shows are those of `Client`."""
    for name in public(Client) - parts(Client):
        mine, theirs = getattr(podium.EmbeddedClient, name), getattr(Client, name)
        assert inspect.signature(mine).parameters == inspect.signature(theirs).parameters, name
        assert inspect.getdoc(mine) == inspect.getdoc(theirs), name


def test_a_run_is_started_served_and_awaited_in_a_loop(url: str) -> None:
    """The short way from nothing to a result."""

    async def main() -> podium.WorkflowRun:
        async with podium.connect_async(url) as client, client.workers([double]) as pool:
            assert pool.queues == {"double"}
            return await client.run(doubling, {"x": 4}, timeout=PATIENCE_S)

    assert finished(main()).output == {"result": 8}


def test_thousands_of_waits_need_no_thread_each(url: str) -> None:
    """Two thousand coroutines wait for as many runs; the process has its few threads all the while."""
    count = 200 if url.startswith("http") else 2_000  # each has a connection there

    async def main() -> tuple[set[RunStatus], int]:
        async with podium.connect_async(url) as client:
            run_ids = await client.start_many(asks, [{}] * count)
            waits = [asyncio.create_task(client.wait(run_id)) for run_id in run_ids]
            while not await client.search(name="asks", status="RUNNING", limit=1):
                await asyncio.sleep(0)
            await client.start(asks)  # a round trip: by now the waits have begun
            threads = threading.active_count()
            await asyncio.gather(*(client.complete_task(run_id, "approve") for run_id in run_ids))
            return {run.status for run in await asyncio.gather(*waits)}, threads

    statuses, threads = finished(main())
    assert statuses == {RunStatus.COMPLETED}
    assert threads < 60


def test_every_operation_is_there(url: str) -> None:
    """Pause, resume, terminate, restart, complete, update, get, search and the rest do what they do elsewhere."""

    async def main() -> None:
        async with podium.connect_async(url) as client:
            await client.register(sleeps, asks)
            assert {each.name for each in await client.workflows()} == {"sleeps", "asks"}
            run_id = await client.start("sleeps", correlation_id="c")
            await client.pause(run_id)
            assert (await client.get(run_id)).status is RunStatus.PAUSED
            await client.resume(run_id)
            await client.terminate(run_id, "enough")
            with pytest.raises(IllegalTransition):
                await client.pause(run_id)
            await client.restart(run_id)
            await client.terminate(run_id)
            await client.retry(run_id)
            assert [run.workflow_id for run in await client.search(correlation_id="c")] == [run_id]
            asked = await client.start(asks)
            (pending,) = await client.pending_humans()
            assert (await client.task(pending.task_id)).reference_task_name == "approve"
            assert await client.logs(pending.task_id) == ()
            await client.update_task(podium.TaskResult(task_id=pending.task_id, output_data={"said": "yes"}))
            assert (await client.wait(asked, PATIENCE_S)).status is RunStatus.COMPLETED
            assert await client.has_engine()

    finished(main())


def test_errors_are_those_of_the_client(url: str) -> None:
    """An unknown run, a wrong argument, a run that does not end in time."""

    async def main() -> None:
        async with podium.connect_async(url) as client:
            with pytest.raises(RunNotFound):
                await client.get("nope")
            with pytest.raises(RunNotFound):
                await client.wait("nope")
            with pytest.raises(InvalidRequest, match="run_id"):
                await client.pause({})  # type: ignore[arg-type]  # the mistake under test
            with pytest.raises(RunTimeout, match="gap"):
                await client.run(sleeps, timeout=0.01)

    finished(main())


def test_a_client_is_used_inside_of_its_block() -> None:
    """Before it is entered, it has no engine; entered twice, it would have two."""

    async def main() -> None:
        client = podium.connect_async()
        with pytest.raises(InvalidRequest, match="async with"):
            await client.workflows()
        async with client:
            with pytest.raises(InvalidRequest, match="entered already"):
                await client.__aenter__()

    finished(main())


def test_a_wait_that_is_cancelled_leaves_nothing_behind() -> None:
    """Nobody is told of the end of a run for which nobody waits."""

    async def main() -> None:
        async with podium.connect_async() as client:
            run_id = await client.start(sleeps)
            waiting = asyncio.create_task(client.wait(run_id))
            watchers = client._client.kernel.watchers  # type: ignore[union-attr]  # a look inside
            while run_id not in watchers.awaited:
                await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert watchers.awaited == ()

    finished(main())


def test_an_error_in_the_block_reaches_the_caller_and_stops_the_workers(url: str) -> None:
    """What the caller raises goes out as it is."""

    async def main() -> None:
        async with podium.connect_async(url) as client, client.workers([double]):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        finished(main())


def test_an_async_worker_may_start_runs_and_wait_for_them(url: str) -> None:
    """Workers have a loop of their own; a client that belongs to another loop is asked from there."""

    async def main() -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        async with podium.connect_async(url) as client:

            @task
            async def ask_another(x: int) -> int:
                inner = asyncio.run_coroutine_threadsafe(client.run(doubling, {"x": x}), loop)
                run = await asyncio.wrap_future(inner)
                return int(run.output["result"])

            @workflow
            def outer(x: int) -> int:
                return ask_another(x).output

            async with client.workers([double, ask_another]):
                return dict((await client.run(outer, {"x": 3}, timeout=PATIENCE_S)).output)

    assert finished(main()) == {"result": 6}


def test_a_closed_loop_is_no_trouble_to_the_engine() -> None:
    """A loop that ends with waits open, while another client of the process works on."""
    embedded = podium.connect()
    client = AsyncClient(lambda: embedded)

    async def leave_waits_open() -> str:
        await client.__aenter__()
        run_id = await client.start(asks)
        waiting = asyncio.create_task(client.wait(run_id))
        while run_id not in embedded.kernel.watchers.awaited:
            await asyncio.sleep(0)
        waiting.cancel()
        return run_id

    run_id = finished(leave_waits_open())
    embedded.complete_task(run_id, "approve")
    assert embedded.wait(run_id, PATIENCE_S).status is RunStatus.COMPLETED
    embedded.close()
