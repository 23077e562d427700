"""
Measure peers and Podium by turns, on SQLite: ``python -m benchmarks.peers [PEER ...] [--venvs FOLDER]``.

Each peer gets a virtual environment of its own, filled from the package registry when it is not there yet; what
cannot be installed is left out, and said. All run the same chain of five steps, each step's result durable before the
next begins, one after the other in one sitting.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.workloads import chain_latency, chain_throughput

_HERE = Path(__file__).parent

#: What each peer's environment is filled with.
PEERS: Mapping[str, tuple[str, ...]] = {
    "dbos": ("dbos",),
    "langgraph": ("langgraph", "langgraph-checkpoint-sqlite"),
    "burr": ("burr",),
    "spiffworkflow": ("SpiffWorkflow",),
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", default=list(PEERS), help=f"which of {', '.join(PEERS)} (default: all)")
    parser.add_argument("--venvs", type=Path, default=_cache(), help="where the environments are kept")
    parser.add_argument("--runs", type=int, default=300, help="runs of each peer (default 300)")
    parser.add_argument("--repeat", type=int, default=3, help="how often each is measured (default 3)")
    options = parser.parse_args()
    pythons = {name: python for name in options.peers if (python := _environment(name, options.venvs))}
    rates: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(options.repeat):
        for name, python in pythons.items():
            found = _measured(name, python, options.runs)
            rates[name].append(found["rate"])
            times[name].append(found["p50_ms"])
        rates["podium"].append(chain_throughput("sqlite", runs=2_000)[0].value)
        times["podium"].append(chain_latency("sqlite")[0].value)
    print(_table(rates, times))


def _table(rates: Mapping[str, list[float]], times: Mapping[str, list[float]]) -> str:
    own, own_time = median(rates["podium"]), median(times["podium"])
    lines = [
        "| on SQLite, chain of 5 | runs/s | Podium's rate / its | p50 of one, ms |",
        "|---|---:|---:|---:|",
        f"| Podium | {own:,.0f} | | {own_time:.2f} |",
    ]
    for name in sorted(rates, key=lambda each: -median(rates[each])):
        if name != "podium":
            rate = median(rates[name])
            lines.append(f"| {name} | {rate:,.0f} | {own / rate:.1f} | {median(times[name]):.2f} |")
    return "\n".join(lines)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "podium-benchmarks"


def _environment(name: str, folder: Path) -> Path | None:
    """Return the Python of a peer's environment; None, and a word, where it cannot be made."""
    if name not in PEERS:
        raise SystemExit(f"there is no peer {name!r}; there are {', '.join(PEERS)}")
    python = folder / name / "bin" / "python"
    ready = folder / name / "ready"
    if not ready.exists():
        print(f"installing {name}", file=sys.stderr)
        venv.create(folder / name, with_pip=True)
        done = subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS[name]], check=False)
        if done.returncode:
            print(f"{name} cannot be installed here: it is left out", file=sys.stderr)
            return None
        ready.touch()
    return python


def _measured(name: str, python: Path, runs: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="podium-peers-") as folder:
        done = subprocess.run(
            [str(python), str(_HERE / f"with_{name}.py"), folder],
            env={**os.environ, "PEER_RUNS": str(runs), "PYTHONPATH": ""},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
