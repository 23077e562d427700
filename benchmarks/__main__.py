"""
Measure everything and print the table: ``python -m benchmarks [--repeat N] [--backends memory,sqlite] [--write]``.

Each workload runs in a process of its own, several times; the table gives the median and the spread, and what the
machine allows, measured in between. With ``--write`` it goes into docs/performance.md between the markers.
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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.stores import BACKENDS, SERVERS
from benchmarks.workloads import WORKLOADS
from podium.testing.servers import DatabaseServer, ServerMissing, database_server

_DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"

#: Programs that take a store, beside `WORKLOADS`; and those that need none.
_PROGRAMS = {
    "memory": ("benchmarks.authoring", "benchmarks.pictures", "benchmarks.timeline"),
    "sqlite": ("benchmarks.limits", "benchmarks.processes", "benchmarks.across", "benchmarks.recovery"),
    "postgresql": ("benchmarks.limits", "benchmarks.processes", "benchmarks.across", "benchmarks.recovery"),
    "mysql": ("benchmarks.limits", "benchmarks.processes", "benchmarks.across", "benchmarks.recovery"),
}
_WITHOUT_STORE = frozenset(_PROGRAMS["memory"])

#: What must be reached, by the beginning of a figure's name and the backend; the sign says which side is good.
_BUDGET = {
    ("chain of 5, 256 in flight", "memory"): "≥ 5,000",
    ("chain of 5, 256 in flight", "sqlite"): "≥ 3,000",
    ("chain of 5, 256 in flight", "postgresql"): "≥ 2,000",
    ("chain of 5, one at a time, p50", "memory"): "≤ 0.5",
    ("chain of 5, one at a time, p50", "sqlite"): "≤ 1.5",
    ("chain of 5, one at a time, p50", "postgresql"): "≤ 4",
    ("chain of 5, 256 in flight, 2 processes: over one", "postgresql"): "≥ 1.5",
    ("fork of 1000 and join", "sqlite"): "≤ 0.05",
    ("loop of 5000 worker tasks", "sqlite"): "≤ 1.5",
    ("loop of n worker tasks: growth", "sqlite"): "≤ 1.1",
    ("reading a run of 10,000 attempts", "sqlite"): "≤ 0.1",
    ("start here, 3 steps in another process, wait here, p50", "sqlite"): "≤ 5",
    ("10,000 runs that wait", "sqlite"): "≤ 30",
    ("100,000 waiting runs of a dead process: all adopted", "sqlite"): "≤ 5",
    ("100,000 waiting runs of a dead process: all adopted", "postgresql"): "≤ 5",
    ("cold start", "memory"): "≤ 0.2",
    ("peak memory", "memory"): "≤ 35",
    ("workflow of 100 tasks: build", "memory"): "≤ 0.2",
    ("workflow of 2,000 tasks: build", "memory"): "≤ 4",
    ("picture of", "memory"): "≤ 3",
    ("timeline of", "memory"): "≤ 3",
}


class _Key(NamedTuple):
    """One cell of the table."""

    name: str
    backend: str


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each workload (default 5)")
    parser.add_argument("--backends", default=",".join(BACKENDS), help="which stores, with commas (default: all)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    table = _table(options.repeat, options.backends.split(","))
    print(table)
    if options.write:
        before, _, rest = _DOCUMENT.read_text().partition(_BEGIN)
        _DOCUMENT.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{rest.partition(_END)[2]}")


def _table(repeat: int, backends: Sequence[str]) -> str:
    values: dict[_Key, list[float]] = defaultdict(list)
    units: dict[str, str] = {}
    with ExitStack() as stack:
        stores: dict[str, _Stores] = {}
        for backend in backends:
            try:
                stores[backend] = stack.enter_context(_stores(backend))
            except ServerMissing as missing:
                print(f"left out: {missing}", file=sys.stderr)
        for _ in range(repeat):
            for backend, store in stores.items():
                for name, value, unit in _measure(backend, store):
                    values[_Key(name, backend)].append(value)
                    units[name] = unit
    shown = [backend for backend in BACKENDS if backend in stores]
    return "\n".join(
        [
            _heading(repeat),
            "",
            f"| what | {' | '.join(BACKENDS[backend] for backend in shown)} | unit | must reach, of the limit |",
            f"|---|{'---:|' * len(shown)}---|---|",
            *(_row(name, unit, shown, values) for name, unit in units.items()),
        ]
    )


def _heading(repeat: int) -> str:
    return (
        f"Measured on {time.strftime('%Y-%m-%d', time.gmtime())}: Python {platform.python_version()}, "
        f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[1]:.1f}, {repeat} processes per workload; "
        "median (smallest to largest)."
    )


class _Stores:
    """Gives each program a store of its own, as the programs take it."""

    def __init__(self, backend: str, server: DatabaseServer | None) -> None:
        self._backend = backend
        self._server = server

    def new(self) -> str:
        """Return what a program takes: a name, or the URL of a new database."""
        return self._backend if self._server is None else self._server.url()


@contextmanager
def _stores(backend: str) -> Iterator[_Stores]:
    if backend not in SERVERS:
        yield _Stores(backend, None)
        return
    with database_server(SERVERS[backend]) as server:
        yield _Stores(backend, server)


def _measure(backend: str, store: _Stores) -> Iterator[tuple[str, float, str]]:
    outputs = [_python("benchmarks.one", workload, store.new()) for workload in WORKLOADS]
    outputs += [
        _python(program, *(() if program in _WITHOUT_STORE else (store.new(),))) for program in _PROGRAMS[backend]
    ]
    if backend == "sqlite":
        outputs.append(_python("benchmarks.raw_inserts"))
    for line in "".join(outputs).splitlines():
        figure = json.loads(line)
        yield figure["name"], figure["value"], figure["unit"]
    place = store.new()
    began = time.perf_counter()
    peak = int(_python("benchmarks.cold", place))
    yield "cold start: import, first run done", time.perf_counter() - began, "s"
    yield "peak memory of the cold start", peak / 1024, "MiB"


def _python(module: str, *arguments: str) -> str:
    # An installed package has its bytecode; a checkout gets it from the first program that may write it.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout


def _row(name: str, unit: str, backends: Sequence[str], values: dict[_Key, list[float]]) -> str:
    cells = [_cell(values.get(_Key(name, backend), [])) for backend in backends]
    verdicts = [verdict for backend in backends for verdict in _verdicts(name, backend, values)]
    return f"| {name} | {' | '.join(cells)} | {unit} | {'; '.join(verdicts) or '-'} |"


def _cell(values: list[float]) -> str:
    if not values:
        return "-"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _verdicts(name: str, backend: str, values: dict[_Key, list[float]]) -> Iterator[str]:
    """Return what a figure had to reach, and whether it did; and its part of what the machine allows."""
    found = values.get(_Key(name, backend))
    if not found:
        return
    middle = statistics.median(found)
    for (prefix, where), bound in _BUDGET.items():
        is_meant = name == prefix or (name.startswith(prefix) and not name.startswith(f"{prefix},"))
        if is_meant and where == backend:
            sign, _, number = bound.partition(" ")
            most = float(number.replace(",", ""))
            is_met = middle >= most if sign == "≥" else middle <= most
            yield f"{backend} {bound}: {'met' if is_met else 'missed'}"
    limit = values.get(_Key(f"limit: {name}", backend))
    if limit:
        rate, floor = middle, statistics.median(limit)
        # Of a rate, what part is reached; of a time, what part the database alone takes.
        part = rate / floor if "p50" not in name else floor / rate
        yield f"{backend} {part:.0%} of the limit"


if __name__ == "__main__":
    main()
