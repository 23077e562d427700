"""
What ids of sub-workflows cost: ``python -m benchmarks.children [--rounds 4]``.

Runs with forks of sub-workflows, each of one SET_VARIABLE, on SQLite: in turn with ids by time and with those that
Conductor's generator makes, each into a store of its own that grows. The disk's figure is what this process has given
to it, by ``/proc/self/io``.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.stores import new_store
from podium import fork, set_variable, sub_workflow, workflow
from podium.server.opening import open_engine

#: Runs of one round, and sub-workflows of each.
_RUNS, _CHILDREN = 400, 50


@workflow
def child() -> None:
    """One step that needs no worker."""
    set_variable("note", done=True)


@workflow
def parent() -> None:
    """Many sub-workflows at once."""
    with fork("all") as branches:
        for number in range(_CHILDREN):
            with branches.branch():
                sub_workflow(f"child_{number}", child, None)


def main() -> None:
    """Print a line for each round: ids, sub-workflows a second, MB written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="of each kind, in turn")
    rounds = parser.parse_args().rounds
    with ExitStack() as stack:
        stores = {name: stack.enter_context(new_store("sqlite")) for name in ("time", "conductor")}
        for _ in range(rounds):
            for name, url in stores.items():
                rate, written = _round(url, derives_child_ids=name == "conductor")
                print(f"{name:<9} {rate:>7,.0f}/s {written / 1e6:>5,.0f} MB written")


def _round(url: str, **how: Any) -> tuple[float, int]:
    with open_engine(url, **how) as client:
        client.register(child, parent)
        before, began = _written(), time.perf_counter()
        for run_id in client.start_many(parent, [{}] * _RUNS):
            client.wait(run_id, timeout=600)
        return _RUNS * _CHILDREN / (time.perf_counter() - began), _written() - before


def _written() -> int:
    """Return the bytes that this process has given to the disk so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


if __name__ == "__main__":
    main()
