"""What the engine leaves to Python's collector of circles, which holds up every run while it looks."""

from __future__ import annotations

import gc

import podium
from podium import task, workflow


@task
def add(x: int) -> int:
    """Add one."""
    return x + 1


@workflow
def chain(x: int) -> int:
    """Two steps."""
    return add(add(x).as_("first").output).output


def test_a_run_is_let_go_without_the_collector() -> None:
    """No decision, no group of events and no run stands in a circle of references when it is done with."""
    with podium.connect("memory://") as client, client.workers([add]):

        def run(count: int) -> None:
            for number in range(count):
                assert client.run(chain, {"x": number}, timeout=30).status.is_successful

        run(20)
        gc.collect()
        gc.disable()
        try:
            run(100)
            left = gc.collect()
        finally:
            gc.enable()

    assert left < 100  # objects; of each run there were two hundred
