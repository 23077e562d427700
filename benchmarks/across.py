"""
Measure two processes on one store: ``python -m benchmarks.across [sqlite|postgresql|mysql]``.

A process without workers starts runs and waits for them; another one does the work. And: forty tasks of a fork that
each take their time, for two processes with room for one and for eight of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles

from attrs import asdict

import podium
from benchmarks.stores import new_store
from benchmarks.workloads import Figure, add_one, chain_of
from podium import WorkflowDef, WorkflowTask, task

#: Seconds that a task of the fork takes.
_NAP_S = 0.05
_BRANCHES = 40


@task
def nap() -> str:
    """Take a moment, and say who did it."""
    time.sleep(_NAP_S)
    return sys.argv[-1]


def main() -> None:
    """Measure, or be the process that works."""
    if len(sys.argv) > 2:
        _work(sys.argv[1], int(sys.argv[2]))
        return
    with new_store(sys.argv[1] if len(sys.argv) > 1 else "sqlite") as url:
        figures = [*latency(url), *shares(url)]
    for figure in figures:
        print(json.dumps(asdict(figure)))


def _work(url: str, concurrency: int) -> None:
    with podium.connect(url) as client, client.workers([add_one, nap], concurrency=concurrency):
        print("ready", flush=True)
        sys.stdin.readline()


@contextmanager
def _another(url: str, concurrency: int) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.across", url, str(concurrency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it is a pipe"
        process.stdout.readline()
        yield
        process.communicate("end\n")


def latency(url: str, *, runs: int = 200) -> Iterator[Figure]:
    """Start here, work there, wait here: a chain of 3 steps, one run at a time."""
    definition = chain_of(3)
    times = []
    with podium.connect(url) as client, _another(url, 4):
        client.register(definition)
        for number in range(runs + 20):
            began = time.perf_counter()
            run = client.wait(client.start(definition.name, {"x": number}), timeout=60, include_tasks=False)
            times.append((time.perf_counter() - began) * 1_000)
            if run.output != {"x": number + 3}:
                raise AssertionError(f"run {run.workflow_id} gave {run.output}")
    times = times[20:]
    yield Figure("start here, 3 steps in another process, wait here, p50", median(times), "ms")
    yield Figure("start here, 3 steps in another process, wait here, p99", quantiles(times, n=100)[98], "ms")


def shares(url: str) -> Iterator[Figure]:
    """A fork of 40 naps for two processes, one with room for 1 and one with room for 8."""
    branches = tuple((WorkflowTask(name="nap", task_reference_name=f"nap_{n}"),) for n in range(_BRANCHES))
    refs = tuple(branch[0].task_reference_name for branch in branches)
    definition = WorkflowDef(
        name="naps",
        tasks=(
            WorkflowTask(name="f", task_reference_name="f", type="FORK_JOIN", fork_tasks=branches),
            WorkflowTask(name="j", task_reference_name="j", type="JOIN", join_on=refs),
        ),
    )
    with podium.connect(url) as client, _another(url, 8), client.workers([nap], concurrency=1):
        client.register(definition)
        client.wait(client.start(definition), timeout=60)
        began = time.perf_counter()
        run = client.wait(client.start(definition), timeout=60)
        took = time.perf_counter() - began
    done = Counter(one.output_data.get("result") for one in run.tasks if one.task_type == "nap")
    yield Figure("fork of 40 naps, room for 1 and 8: done by the one with 8", 100 * done["8"] / _BRANCHES, "%")
    yield Figure("fork of 40 naps, room for 1 and 8: time over the least possible", took / (_NAP_S * 40 / 9), "x")


if __name__ == "__main__":
    main()
