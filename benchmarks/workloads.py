"""
The workloads of the speed budget, each through the public client, with steps that add one to an integer.

Every number is the engine's own cost: nothing else is done.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from attrs import frozen

import podium
from benchmarks.stores import new_store
from podium import Client, WorkflowDef, WorkflowTask, task


@task
def add_one(x: int) -> int:
    """Add one."""
    return x + 1


@frozen
class Figure:
    """One measured value."""

    #: What was measured, as the table names it.
    name: str
    value: float
    unit: str


@contextmanager
def _client(backend: str) -> Iterator[Client]:
    with new_store(backend) as url, podium.connect(url) as client, client.workers([add_one], concurrency=4):
        yield client


def _step(reference: str, x: str, **fields: Any) -> WorkflowTask:
    return WorkflowTask(name="add_one", task_reference_name=reference, input_parameters={"x": x}, **fields)


#: Waits for somebody.
PAUSE = WorkflowDef(name="pause", tasks=(WorkflowTask(name="w", task_reference_name="w", type="HUMAN"),))


def chain_of(length: int = 5) -> WorkflowDef:
    """Return a chain of steps, each adding one to what the one before gave."""
    sources = ["${workflow.input.x}", *(f"${{s{i}.output.result}}" for i in range(length))]
    return WorkflowDef(
        name=f"chain_{length}",
        tasks=tuple(_step(f"s{i}", sources[i]) for i in range(length)),
        output_parameters={"x": sources[length]},
    )


def chain_throughput(backend: str, *, runs: int = 4_000, in_flight: int = 256) -> list[Figure]:
    """Runs per second of a chain of 5 steps with many in flight."""
    definition = chain_of()
    with _client(backend) as client:
        client.register(definition)
        flood(client, definition.name, in_flight, in_flight)
        began = time.perf_counter()
        flood(client, definition.name, runs, in_flight)
        took = time.perf_counter() - began
    return [Figure(f"chain of 5, {in_flight} in flight", runs / took, "runs/s")]


def flood(client: Client, name: str, runs: int, in_flight: int) -> None:
    """Start chains of five, some at a time, and wait for each and check it, until so many are done."""
    waiting: deque[tuple[int, str]] = deque()
    burst = 64
    for first in range(0, runs, burst):
        numbers = range(first, min(first + burst, runs))
        waiting.extend(zip(numbers, client.start_many(name, [{"x": n} for n in numbers]), strict=True))
        while len(waiting) > in_flight - burst:
            _check(client, *waiting.popleft())
    while waiting:
        _check(client, *waiting.popleft())


def _check(client: Client, number: int, run_id: str) -> None:
    run = client.wait(run_id, timeout=60, include_tasks=False)
    if run.output != {"x": number + 5}:
        raise AssertionError(f"run {run_id} gave {run.output}, not {number + 5}")


def chain_latency(backend: str, *, runs: int = 300) -> list[Figure]:
    """Start to result of a chain of 5 steps, one run at a time."""
    definition = chain_of()
    with _client(backend) as client:
        client.register(definition)
        times = []
        for number in range(runs + 20):
            began = time.perf_counter()
            _check(client, number, client.start(definition.name, {"x": number}))
            times.append((time.perf_counter() - began) * 1_000)
    times = times[20:]
    return [
        Figure("chain of 5, one at a time, p50", median(times), "ms"),
        Figure("chain of 5, one at a time, p99", quantiles(times, n=100)[98], "ms"),
    ]


def fork(backend: str, *, sizes: tuple[int, ...] = (100, 1_000)) -> list[Figure]:
    """Seconds for a fork of n branches and its join."""
    figures = []
    with _client(backend) as client:
        for size in sizes:
            branches = tuple((_step(f"b{i}", "${workflow.input.x}"),) for i in range(size))
            definition = WorkflowDef(
                name=f"fork_{size}",
                tasks=(
                    WorkflowTask(name="f", task_reference_name="f", type="FORK_JOIN", fork_tasks=branches),
                    WorkflowTask(
                        name="j",
                        task_reference_name="j",
                        type="JOIN",
                        join_on=tuple(branch[0].task_reference_name for branch in branches),
                    ),
                ),
            )
            client.register(definition)
            figures.append(Figure(f"fork of {size} and join", _seconds(client, definition.name), "s"))
    return figures


def loop(backend: str, *, sizes: tuple[int, ...] = (1_000, 5_000)) -> list[Figure]:
    """Seconds for a loop of n iterations of a worker task, and how it grows."""
    return _loops(backend, "loop of {} worker tasks", sizes, _step("body", "${workflow.input.x}"))


def inline_loop(backend: str, *, sizes: tuple[int, ...] = (1_000, 5_000)) -> list[Figure]:
    """Seconds for a loop of n iterations of an INLINE task."""
    body = WorkflowTask(
        name="body",
        task_reference_name="body",
        type="INLINE",
        input_parameters={"evaluatorType": "graaljs", "expression": "$.x + 1", "x": "${workflow.input.x}"},
    )
    return _loops(backend, "loop of {} INLINE tasks", sizes, body)


def _loops(backend: str, name: str, sizes: tuple[int, ...], body: WorkflowTask) -> list[Figure]:
    times = []
    with _client(backend) as client:
        for size in sizes:
            definition = WorkflowDef(
                name=f"loop_{size}",
                tasks=(_loop_of(size, body),),
                output_parameters={"iterations": "${l.output.iteration}"},
            )
            client.register(definition)
            times.append(_seconds(client, definition.name))
    figures = [Figure(name.format(size), took, "s") for size, took in zip(sizes, times, strict=True)]
    growth = (times[-1] / times[0]) / (sizes[-1] / sizes[0])
    return [*figures, Figure(name.format("n") + ": growth, 1 is linear", growth, "x")]


def starts(backend: str, *, threads: int = 16, each: int = 100) -> list[Figure]:
    """Start runs one by one, from one thread and from many, whose starts share commits."""
    with _client(backend) as client:
        client.register(PAUSE)

        def start(count: int) -> list[float]:
            times = []
            for number in range(count):
                began = time.perf_counter()
                client.start("pause", {"x": number})
                times.append((time.perf_counter() - began) * 1_000)
            return times

        start(10)
        alone = start(3 * each)
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            for future in [pool.submit(start, each) for _ in range(threads)]:
                future.result()
        took = time.perf_counter() - began
    return [
        Figure("start, one thread, p50", median(alone), "ms"),
        Figure(f"start, {threads} threads one by one", threads * each / took, "runs/s"),
    ]


def reading(backend: str, *, attempts: int = 10_000) -> list[Figure]:
    """Read a run of many attempts."""
    body = WorkflowTask(name="body", task_reference_name="body", type="NOOP")
    definition = WorkflowDef(name="long", tasks=(_loop_of(attempts - 1, body),))
    with _client(backend) as client:
        client.register(definition)
        run_id = client.start("long", {})
        client.wait(run_id, timeout=300, include_tasks=False)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            run = client.get(run_id)
            times.append(time.perf_counter() - began)
    if len(run.tasks) < attempts - 1:
        raise AssertionError(f"{len(run.tasks)} attempts")
    return [Figure(f"reading a run of {attempts:,} attempts", median(times), "s")]


def _loop_of(size: int, body: WorkflowTask) -> WorkflowTask:
    return WorkflowTask(
        name="l",
        task_reference_name="l",
        type="DO_WHILE",
        loop_condition=f"$.l['iteration'] < {size}",
        loop_over=(body,),
    )


def _seconds(client: Client, name: str) -> float:
    began = time.perf_counter()
    run = client.wait(client.start(name, {"x": 1}), timeout=300, include_tasks=False)
    took = time.perf_counter() - began
    if not run.status.is_successful:
        raise AssertionError(f"{name} ended {run.status}: {run.reason}")
    return took


#: By name, as ``python -m benchmarks.one`` takes it.
WORKLOADS: dict[str, Callable[[str], list[Figure]]] = {
    "chain": chain_throughput,
    "latency": chain_latency,
    "fork": fork,
    "loop": loop,
    "inline": inline_loop,
    "starts": starts,
    "reading": reading,
}
