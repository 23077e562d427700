"""
After ``kill -9``: ``python -m benchmarks.recovery sqlite|postgresql|mysql [--runs 100000]``.

A store is filled with runs that wait for somebody and were in the hands of a process that died; the next process
begins, and is asked for a new run at once. And how much memory a process takes for 10,000 runs that wait.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator

from attrs import asdict

from benchmarks.stores import new_store
from benchmarks.workloads import Figure
from podium.client.embedded import open_embedded
from podium.testing.crowds import DEAD, add_one, ending, fill


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("backend", help="sqlite, postgresql, mysql, or a URL")
    parser.add_argument("--runs", type=int, default=100_000, help="how many wait (default 100,000)")
    options = parser.parse_args()
    with new_store(options.backend) as url:
        for figure in recovery(url, options.runs):
            print(json.dumps(asdict(figure)))
        grown = subprocess.run(
            [sys.executable, "-m", "benchmarks.growth", "--memory", url], check=True, capture_output=True, text=True
        )
    print(json.dumps(asdict(Figure("10,000 runs that wait: memory", float(grown.stdout.split()[0]), "MiB"))))


def recovery(url: str, runs: int) -> Iterator[Figure]:
    """Fill an empty store with runs that wait, and return what the next process needs for them."""
    fill(url, runs, waiting_each=1)
    what = f"{runs:,} waiting runs of a dead process"
    began, cpu = time.perf_counter(), time.process_time()
    with open_embedded(url) as client, client.workers([add_one]):
        client.run(ending, {"x": 1}, timeout=60)
        yield Figure(f"{what}: first new run", time.perf_counter() - began, "s")
        while client.engine.backend.held_runs(DEAD, 1):
            time.sleep(0.01)
        yield Figure(f"{what}: all adopted", time.perf_counter() - began, "s")
        yield Figure(f"{what}: processor", (time.process_time() - cpu) / runs * 1e6, "µs/run")


if __name__ == "__main__":
    main()
