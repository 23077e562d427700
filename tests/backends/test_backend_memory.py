"""The memory store: what is its own beside the suite that all stores pass."""

from __future__ import annotations

import gc

from podium.dsl import load
from podium.model.definitions import WorkflowDef
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench

TURNS = 300
LOOP = {
    "name": "spin",
    "version": 1,
    "tasks": [
        {
            "name": "loop",
            "taskReferenceName": "loop",
            "type": "DO_WHILE",
            "loopCondition": f"$.loop['iteration'] < {TURNS}",
            "loopOver": [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}],
        }
    ],
}


def test_attempts_of_a_long_loop_cost_the_collector_nothing() -> None:
    """Python's collector of circles lets the rows of attempts alone, or a loop without end would hold up all runs."""
    definition: WorkflowDef = load(LOOP).definition
    # Virtual time gives the runs of other tests in this process the same ids.
    before = {id(row): row for row in gc.get_objects() if isinstance(row, tuple)}
    bench = Bench()
    bench.register(definition)
    run_id = bench.start("spin")
    bench.settle()
    gc.collect()

    rows = (row for row in gc.get_objects() if isinstance(row, tuple) and row and type(row[0]) is str)
    followed = [row for row in rows if row[0] == run_id and id(row) not in before]
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert len(run.tasks) == TURNS + 1
    # The run's own row, and a few of those that are on their way.
    assert len(followed) < 20
