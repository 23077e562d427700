"""
Measure everything and print the table: ``python -m benchmarks [--repeat N] [--write]``.

Each workload runs in a process of its own, several times; the table gives the median and the spread. With ``--write``
it goes into docs/performance.md between the markers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.workloads import WORKLOADS

_DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"

#: What docs/performance.md promises, by figure and backend: (bound, larger is better).
_BUDGET = {
    ("chain of 5, 256 in flight", "sqlite"): (1_000, True),
    ("loop of n worker tasks: growth, 1 is linear", "sqlite"): (1.1, False),
    ("cold start", "memory"): (0.3, False),
    ("peak memory", "memory"): (60, False),
    ("workflow of 100 tasks: build", "memory"): (0.2, False),
    ("workflow of 2,000 tasks: build", "memory"): (4, False),
    ("picture of", "memory"): (3, False),
    ("timeline of", "memory"): (3, False),
}


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each workload (default 5)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    table = _table(options.repeat)
    print(table)
    if options.write:
        before, _, rest = _DOCUMENT.read_text().partition(_BEGIN)
        _DOCUMENT.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{rest.partition(_END)[2]}")


def _table(repeat: int) -> str:
    lines = [
        (
            f"Measured on {time.strftime('%Y-%m-%d', time.gmtime())}: Python {platform.python_version()}, "
            f"{_cores()} cores, {repeat} processes per workload; median (smallest to largest)."
        ),
        "",
        "| what | memory | SQLite (WAL, synchronous=FULL) | unit | must reach |",
        "|---|---:|---:|---|---|",
    ]
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    units: dict[str, str] = {}
    for _ in range(repeat):
        for backend in ("memory", "sqlite"):
            for name, value, unit in _measure(backend):
                values[name, backend].append(value)
                units[name] = unit
    for name, unit in units.items():
        cells = [_cell(values.get((name, backend), [])) for backend in ("memory", "sqlite")]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | {unit} | {_verdicts(name, values)} |")
    return "\n".join(lines)


def _measure(backend: str) -> Iterator[tuple[str, float, str]]:
    outputs = [_python("benchmarks.one", workload, backend) for workload in WORKLOADS]
    if backend == "memory":  # these need no store
        outputs += [_python(f"benchmarks.{each}") for each in ("authoring", "pictures", "timeline")]
    else:
        outputs += [_python("benchmarks.across"), _python("benchmarks.raw_inserts")]
    for line in "".join(outputs).splitlines():
        figure = json.loads(line)
        yield figure["name"], figure["value"], figure["unit"]
    began = time.perf_counter()
    peak = int(_python("benchmarks.cold", backend))
    yield "cold start: import, first run done", time.perf_counter() - began, "s"
    yield "peak memory of the cold start", peak / 1024, "MiB"


def _python(module: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", module, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def _cell(values: list[float]) -> str:
    if not values:
        return "-"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _verdicts(name: str, values: dict[tuple[str, str], list[float]]) -> str:
    said = []
    for (prefix, backend), (bound, is_more_better) in _BUDGET.items():
        found = values.get((name, backend))
        if name.startswith(prefix) and found:
            middle = statistics.median(found)
            is_met = middle >= bound if is_more_better else middle <= bound
            said.append(f"{backend} {'≥' if is_more_better else '≤'} {bound:,}: {'met' if is_met else 'missed'}")
    return "; ".join(said) or "-"


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
