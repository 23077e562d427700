"""
How a store's size shows: ``python -m benchmarks.growth [--sizes 1000,10000,100000] [--backend sqlite]``.

The stored runs are made up: real ones of two kinds, one that has ended and one in ten that waits for somebody, are
copied with new ids, straight into the tables. Then the public client starts, polls, completes, searches and recovers,
and each figure is the median over some dozens of calls. Processor time is that of this process, so a busy machine does
not show in it; of a database server it is that of the client alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.stores import new_store
from podium import EmbeddedClient
from podium.client.embedded import open_embedded
from podium.testing.crowds import DEAD, WAITING_EACH, add_one, ending, fill, waiting

#: Calls of each kind that are measured.
_CALLS = 30


def main() -> None:
    """Measure each size, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1000,10000,100000", help="stored runs, with commas")
    parser.add_argument("--backend", default="sqlite", choices=["sqlite", "postgresql", "mariadb"])
    parser.add_argument("--memory", metavar="URL", help="only start 10,000 runs that wait, in this process")
    options = parser.parse_args()
    if options.memory:
        print(memory_of_waiting(options.memory))
        return
    columns: list[dict[str, str]] = []
    for size in map(int, options.sizes.split(",")):
        with new_store(options.backend) as url:
            columns.append({"stored runs": f"{size:,}", **measured(url, size)})
    for name in columns[0]:
        print("| " + " | ".join([name, *(column[name] for column in columns)]) + " |")
        if name == "stored runs":
            print("|---|" + "---:|" * len(columns))


# -- figures ---------------------------------------------------------------------------------------------------------


def measured(url: str, size: int) -> dict[str, str]:
    """Fill a store and return what was measured, as texts by name."""
    fill(url, size)
    began, cpu = time.perf_counter(), time.process_time()
    with open_embedded(url) as client, client.workers([add_one]):
        # What comes after it shall not be measured beside the recovery.
        found = _recovery(client, size // WAITING_EACH, began, cpu)
        asked = [run.workflow_id for run in client.search(name="waiting", limit=_CALLS)]
        found |= {
            "start": _each(lambda n: client.start(waiting, {"x": n})),
            "start_many of 2,000": _of_one(lambda: client.start_many(waiting, [{"x": n} for n in range(2_000)]), 2_000),
            "run of two steps": _each(lambda n: client.run(ending, {"x": n}, timeout=60)),
            "complete a waiting task": _each(lambda n: client.complete_task(asked[n], "ask")),
            "get": _each(lambda n: client.get(asked[n])),
            **{f"search: {name}": _each(partial(_search, client, query)) for name, query in _SEARCHES.items()},
        }
    found["10,000 more that wait: memory"] = _in_process("--memory", url)
    return found


_SEARCHES: dict[str, dict[str, Any]] = {
    "newest 100": {},
    "name and status, newest 100": {"name": "waiting", "status": "RUNNING"},
    "name without hits": {"name": "nothing"},
    "status without hits": {"status": "TIMED_OUT"},
    "name and status without hits": {"name": "ending", "status": "FAILED"},
    "correlation id": {"correlation_id": "order-77"},
    "version without hits": {"name": "ending", "version": 7},
}


def _search(client: EmbeddedClient, query: dict[str, Any], _: int) -> None:
    client.search(**query)


def _each(call: Callable[[int], object]) -> str:
    """Call some dozens of times; give the medians of time and of processor time."""
    walls, cpus = [], []
    for number in range(_CALLS):
        wall, cpu = time.perf_counter(), time.process_time()
        call(number)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return f"{median(walls) * 1_000:.2f} ms (processor {median(cpus) * 1_000:.2f})"


def _of_one(call: Callable[[], object], count: int) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return f"{count / wall:,.0f}/s (processor {cpu / count * 1e6:.0f} µs each)"


def _recovery(client: EmbeddedClient, count: int, began: float, cpu: float) -> dict[str, str]:
    """Work on a store whose process died with many runs in hand: until a run goes through, and until all are held."""
    client.run(ending, {"x": 1}, timeout=60)
    first = time.perf_counter() - began
    while client.engine.backend.held_runs(DEAD, 1):
        time.sleep(0.01)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {
        "recovery: first new run": f"{first:.2f} s",
        "recovery: all that wait": f"{count:,} in {wall:.2f} s (processor {cpu:.2f}, {cpu / count * 1e6:.0f} µs each)",
    }


def _in_process(*words: str) -> str:
    command = [sys.executable, "-m", "benchmarks.growth", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def memory_of_waiting(url: str, count: int = 10_000) -> str:
    """Return how many MiB this process grows by when it starts so many runs that wait for somebody."""
    with open_embedded(url) as client:
        client.start(waiting, {"x": 0})
        before = _resident_mib()
        for first in range(0, count, 1_000):
            client.start_many(waiting, [{"x": n} for n in range(first, first + 1_000)])
        return f"{_resident_mib() - before:.1f} MiB more, {_resident_mib():.0f} in all"


def _resident_mib() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    main()
