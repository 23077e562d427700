"""
Measure this checkout side by side with another one: ``python -m benchmarks.against TREE [WORKLOAD ...] [--pairs N]``.

The workloads run by turns in both, each time in a process of its own, so what else the machine does troubles both
alike. The table gives the medians, and the median of the ratios of neighbours: of what was measured, and of the
processor's time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.workloads import WORKLOADS

_HERE = Path(__file__).parent.parent
_BACKENDS = ("memory", "sqlite")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path, help="the other checkout; its package is run by this Python")
    parser.add_argument("workloads", nargs="*", default=list(WORKLOADS), help="which workloads (default: all)")
    parser.add_argument("--pairs", type=int, default=5, help="how often each runs in both (default 5)")
    options = parser.parse_args()
    print(_table(options.tree, options.workloads, options.pairs))


def _table(tree: Path, workloads: list[str], pairs: int) -> str:
    there: dict[str, list[float]] = defaultdict(list)
    here: dict[str, list[float]] = defaultdict(list)
    for workload in workloads:
        for backend in _BACKENDS:
            for _ in range(pairs):
                for where, found in ((tree, there), (_HERE, here)):
                    for name, value in _measure(where.resolve(), workload, backend):
                        found[name].append(value)
    lines = [
        (
            f"Measured on {time.strftime('%Y-%m-%d', time.gmtime())}: Python {platform.python_version()}, "
            f"{len(os.sched_getaffinity(0))} cores, {pairs} pairs."
        ),
        "",
        "| what | there | here | here / there |",
        "|---|---:|---:|---:|",
    ]
    for name, values in here.items():
        ratio = median(new / old for old, new in zip(there[name], values, strict=True))
        lines.append(f"| {name} | {median(there[name]):.3g} | {median(values):.3g} | {ratio:.2f} |")
    return "\n".join(lines)


def _measure(tree: Path, workload: str, backend: str) -> list[tuple[str, float]]:
    """Run a workload in a checkout; give each figure, and the seconds of processor that it took, start-up included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one", workload, backend],
        check=True,
        capture_output=True,
        text=True,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    found = [(f"{each['name']}, {backend} ({each['unit']})", each["value"]) for each in figures]
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [*found, (f"all of {workload}, {backend}: processor (s)", spent)]


if __name__ == "__main__":
    main()
