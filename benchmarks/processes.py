"""
Several engine processes on one store: ``python -m benchmarks.processes sqlite|postgresql|mysql [--most 2]``.

Each starts chains of five, 256 in flight, does them and waits for them; first one process, then two, and so on. Beside
the runs per second stands what the processor spends on a run, in the engines and in the server: the cores of the
machine, divided by that, are what any number of processes can reach.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from attrs import asdict
from sqlalchemy import make_url

import podium
from benchmarks.stores import new_store
from benchmarks.workloads import Figure, add_one, chain_of, flood

_IN_FLIGHT = 256


def main() -> None:
    """Measure, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("backend", help="sqlite, postgresql, mysql, or a URL")
    parser.add_argument("--most", type=int, default=2, help="most processes (default 2)")
    parser.add_argument("--runs", type=int, default=4_000, help="runs of each process (default 4,000)")
    parser.add_argument("--be-one", action="store_true", help="be one of the processes")
    options = parser.parse_args()
    if options.be_one:
        _work(options.backend, options.runs)
        return
    with new_store(options.backend) as url:
        alone = 0.0
        for count in range(1, options.most + 1):
            rate, spent = _together(url, count, options.runs)
            alone = alone or rate
            what = f"chain of 5, {_IN_FLIGHT} in flight, {count} {'process' if count == 1 else 'processes'}"
            figures = [Figure(f"{what}: together", rate, "runs/s"), Figure(f"{what}: processor", spent * 1e6, "µs/run")]
            if count > 1:
                figures.append(Figure(f"{what}: over one", rate / alone, "x"))
            for figure in figures:
                print(json.dumps(asdict(figure)))


def _work(url: str, runs: int) -> None:
    definition = chain_of()
    with podium.connect(url) as client, client.workers([add_one], concurrency=4):
        client.register(definition)
        flood(client, definition.name, _IN_FLIGHT, _IN_FLIGHT)
        print("ready", flush=True)
        sys.stdin.readline()
        before = time.process_time()
        flood(client, definition.name, runs, _IN_FLIGHT)
        print(time.process_time() - before, flush=True)
        sys.stdin.readline()


def _together(url: str, count: int, runs: int) -> tuple[float, float]:
    """Return the runs per second of some processes together, and the seconds of processor for a run."""
    command = [sys.executable, "-m", "benchmarks.processes", url, "--runs", str(runs), "--be-one"]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(count)
        ]
        _lines(processes)
        server, began = _server_seconds(url), time.perf_counter()
        _tell(processes)
        spent = sum(map(float, _lines(processes)))
        took, server = time.perf_counter() - began, _server_seconds(url) - server
        _tell(processes)
    return count * runs / took, (spent + server) / (count * runs)


def _lines(processes: list[subprocess.Popen[str]]) -> list[str]:
    return [process.stdout.readline() for process in processes if process.stdout is not None]


def _tell(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write("go on\n")
        process.stdin.flush()


def _server_seconds(url: str) -> float:
    """Return the seconds of processor that the server of a URL has taken; 0 where the store is a file, or elsewhere."""
    port = make_url(url).port
    if port is None:
        return 0.0
    stats = dict(_processes())
    roots = {number for number, (command, _, _) in stats.items() if f"port={port}" in command}
    ticks = sum(ticks for number, (_, parent, ticks) in stats.items() if number in roots or parent in roots)
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, tuple[str, int, int]]]:
    """Return the processes of this machine: number, command, parent, and what they took, in ticks."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            command = (place / "cmdline").read_text()
        except OSError:
            continue  # it has just ended
        yield int(place.name), (command, int(fields[1]), int(fields[11]) + int(fields[12]))


if __name__ == "__main__":
    main()
