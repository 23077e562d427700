"""
Workers over HTTP: ``python -m benchmarks.http [STORE] [--servers 1] [--workers 32] [--seconds 10] [--idle 5000]``.

Server processes on one store (``sqlite``, ``postgresql``, ``mysql``, or a URL), and workers in another process that
each hold one connection: they poll, and report with ``update-v2``, whose answer is the next attempt. Figures: starts
and completions in a second, milliseconds from a result to the next attempt, the servers' processor time for a
completion; the same milliseconds at half of that load; then what idle long polls cost. At the beginning: seconds until
a server with workers answers, as ``make serve`` starts it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson
import uvloop

from benchmarks.stores import new_store
from podium.testing.serving import RunningServer, server_process

_CHAIN = 5
#: Runs that are there when the workers begin: enough that none of them waits.
_RUNS = 6_000
_EXAMPLE = Path(__file__).parents[1] / "examples" / "order.py"
_POLL = b"/api/tasks/poll/batch/step?count=1&timeout=1000&workerid=w"


class _Connection:
    """One connection, with as little around HTTP as can be: the server is measured, not its clients."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, method: bytes, path: bytes, body: bytes = b"") -> tuple[int, bytes]:
        self._writer.write(
            b"%b %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (method, path, len(body), body)
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0
        return int(head[9:12]), await self._reader.readexactly(length)


class Worked(NamedTuple):
    """What the workers did."""

    completions: int
    #: Seconds from each result to the answer with the next attempt, sorted.
    waits: Sequence[float]


async def _work(port: int, until: float, waits: list[float], pause_s: float) -> int:
    """Work; with a pause, each attempt takes so long from one result to the next on average, by chance."""
    connection = _Connection(port)
    await connection.open()
    count, due = 0, time.monotonic()
    while time.monotonic() < until:
        _, body = await connection.ask(b"GET", _POLL)
        tasks = orjson.loads(body)
        task: Any = tasks[0] if tasks else None
        while task is not None:
            result = {"workflowInstanceId": task["workflowInstanceId"], "taskId": task["taskId"]}
            result |= {"status": "COMPLETED", "outputData": {"n": 1}, "workerId": "w"}
            if pause_s:
                due = max(due + random.expovariate(1 / pause_s), time.monotonic())
                await asyncio.sleep(due - time.monotonic())
            began = time.perf_counter()
            status, body = await connection.ask(b"POST", b"/api/tasks/update-v2", orjson.dumps(result))
            waits.append(time.perf_counter() - began)
            count += 1
            task = orjson.loads(body) if status == 200 and time.monotonic() < until else None
    return count


def _workers(ports: Sequence[int], number: int, seconds: float, rate: float | None, told: Any) -> None:
    """Work in a process of its own, for all servers alike, as fast as it goes or with so many completions a second."""

    async def main() -> Worked:
        waits: list[float] = []
        until = time.monotonic() + seconds
        pause_s = number / rate if rate else 0.0
        turns = zip(cycle(ports), range(number), strict=False)
        counts = await asyncio.gather(*(_work(port, until, waits, pause_s) for port, _ in turns))
        return Worked(sum(counts), sorted(waits))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told.put(runner.run(main()))


async def _start(ports: Sequence[int], runs: int) -> None:
    async def some(port: int, count: int) -> None:
        connection = _Connection(port)
        await connection.open()
        for _ in range(count):
            status, body = await connection.ask(b"POST", b"/api/workflow", b'{"name":"chain"}')
            assert status == 200, body

    await asyncio.gather(*(some(port, runs // 32) for port, _ in zip(cycle(ports), range(32), strict=False)))


def _processor_s(server: RunningServer) -> float:
    assert server.process is not None
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(server: RunningServer) -> float:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _worked(ports: Sequence[int], workers: int, seconds: float, rate: float | None = None) -> Worked:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=_workers, args=(ports, workers, seconds, rate, told))
    process.start()
    worked: Worked = told.get()
    process.join()
    return worked


def _middle_and_late(worked: Worked) -> str:
    middle, late = (worked.waits[int(len(worked.waits) * part)] * 1000 for part in (0.5, 0.99))
    return f"p50 {middle:.1f}, p99 {late:.1f}"


def completions(servers: Sequence[RunningServer], workers: int, seconds: float) -> None:
    """Let workers do chains of tasks, as fast as it goes and half as fast, and print how it went."""
    ports = [int(server.url.rpartition(":")[2]) for server in servers]
    tasks = [{"name": "step", "taskReferenceName": f"step_{number}"} for number in range(_CHAIN)]
    httpx.post(f"{servers[0].api}/metadata/workflow", json={"name": "chain", "tasks": tasks}).raise_for_status()
    began = time.perf_counter()
    asyncio.run(_start(ports, _RUNS))
    print(f"starts/s: {_RUNS / (time.perf_counter() - began):,.0f}")
    before = sum(map(_processor_s, servers))
    worked = _worked(ports, workers, seconds)
    spent = (sum(map(_processor_s, servers)) - before) / worked.completions * 1e6
    rate = worked.completions / seconds
    many = "one server" if len(servers) == 1 else f"{len(servers)} servers"
    print(f"completions/s by {workers} workers of {many}: {rate:,.0f}")
    print(f"from a result to the next attempt, ms: {_middle_and_late(worked)}")
    print(f"processor of {many}, µs a completion: {spent:.0f}")
    asyncio.run(_start(ports, _RUNS))
    half = _worked(ports, workers, seconds, rate / 2)
    print(f"the same at half load, {half.completions / seconds:,.0f} completions/s, ms: {_middle_and_late(half)}")


def ready(folder: str) -> None:
    """Print how soon a server answers that brings the workers of the order example, on a new file."""
    began = time.perf_counter()
    with server_process(f"sqlite:///{folder}/ready.db", "--workers", str(_EXAMPLE)) as server:
        seconds, spent = time.perf_counter() - began, _processor_s(server)
        print(f"a server with workers answers after, s: {seconds:.2f}, of which on a processor {spent:.2f}")


async def idle(server: RunningServer, polls: int) -> None:
    """Let polls wait for nothing, and print what that costs."""
    port, before = int(server.url.rpartition(":")[2]), _memory_mib(server)
    connections = [_Connection(port) for _ in range(polls)]
    for at in range(0, polls, 200):
        await asyncio.gather(*(one.open() for one in connections[at : at + 200]))
    asked = [
        asyncio.create_task(one.ask(b"GET", b"/api/tasks/poll/batch/idle_%d?timeout=5000" % (number % 50)))
        for number, one in enumerate(connections)
    ]
    async with httpx.AsyncClient() as client:
        while f"podium_polls_waiting {polls:.1f}" not in (await client.get(f"{server.url}/metrics")).text:
            assert not any(one.done() for one in asked), "the machine is too busy: polls ended before all had come"
            await asyncio.sleep(0.1)
    spent, began = _processor_s(server), time.monotonic()
    await asyncio.sleep(1.0)
    share = (_processor_s(server) - spent) / (time.monotonic() - began)
    print(f"{polls:,} idle long polls: {share:.1%} of a core, {_memory_mib(server):.0f} MiB ({before:.0f} before)")
    await asyncio.gather(*asked)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", nargs="?", default="sqlite", help="sqlite (default), postgresql, mysql, or a URL")
    parser.add_argument("--servers", type=int, default=1, help="how many servers share the store (default 1)")
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--idle", type=int, default=5000, help="long polls that wait for nothing")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, options.idle + 1000)), hard))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        ready(folder)
        url = stack.enter_context(new_store(options.store))
        servers = [stack.enter_context(server_process(url)) for _ in range(options.servers)]
        completions(servers, options.workers, options.seconds)
        if options.idle:
            asyncio.run(idle(servers[0], options.idle))


if __name__ == "__main__":
    main()
