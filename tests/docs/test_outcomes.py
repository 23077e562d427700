"""``docs/outcomes.md``: each row of its table is tried, and none is missing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from podium.engine.events import Skip
from podium.model.assignments import TaskStarted
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import TaskStatus
from podium.testing.bench import Bench

PAGE = Path(__file__).parents[2] / "docs" / "outcomes.md"
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text().splitlines() if "|" in line][
    2:
]
ENDS = [status.value for status in TaskStatus if status.is_terminal and status is not TaskStatus.COMPLETED_WITH_ERRORS]


def step(ref: str, **more: Any) -> WorkflowTask:
    """Return a worker task without retries."""
    definition = TaskDef(name=ref, retry_count=0, response_timeout_seconds=10)
    return WorkflowTask(name=ref, task_reference_name=ref, task_definition=definition, **more)


def in_a_list(place: WorkflowTask) -> WorkflowDef:
    """Return a workflow in which a task follows."""
    return WorkflowDef(name="list", tasks=(step("first"), place, step("n")))


def in_a_branch(place: WorkflowTask) -> WorkflowDef:
    """Return a workflow with another branch beside, a JOIN, and a task that follows it."""
    fork = WorkflowTask(name="f", task_reference_name="f", type="FORK_JOIN", fork_tasks=((place,), (step("o"),)))
    join = WorkflowTask(name="j", task_reference_name="j", type="JOIN", join_on=("t", "o"))
    return WorkflowDef(name="fork", tasks=(step("first"), fork, join, step("n")))


def played(workflow: WorkflowDef, end: str) -> dict[str, str]:
    """Run a workflow in which `t` ends so, and all else well; give what each task shows, and the run under ``run``."""
    bench = Bench()
    worker = bench.serve("first", "t", "n", "o")
    run_id = bench.start(workflow)
    if end == TaskStatus.SKIPPED:
        bench.ask(Skip(run_id, "t"))
    bench.complete(worker.waiting.popleft())
    for one in [one for one in worker.waiting if one.ref == "t"]:
        worker.waiting.remove(one)
        if end == TaskStatus.TIMED_OUT:
            bench.ask(TaskStarted(run_id, one.seq, "w", bench.clock.now()))
            bench.advance(11)
        else:
            bench.report(one, TaskStatus(end), reason="why")
    while worker.waiting:
        bench.complete(worker.waiting.popleft())
    run = bench.run(run_id)
    shown = {task.reference_task_name: task.status.value for task in run.tasks}
    return {"n": "-", "j": "-", "o": "-", **shown, "run": run.status.value}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_a_row_of_the_table_is_true(row: list[str]) -> None:
    """What the page says of task, JOIN and run is what the engine does."""
    end, optional, permissive, *told = row
    place = step("t", optional=optional == "yes", permissive=permissive == "yes")
    listed, forked = played(in_a_list(place), end), played(in_a_branch(place), end)
    assert told == [
        *(listed[key] for key in ("t", "n", "run")),
        *(forked[key] for key in ("o", "j", "n", "run")),
    ]
    assert listed["t"] == forked["t"]


def test_the_table_is_whole() -> None:
    """Each end of a task stands there with each of the switches, once."""
    assert sorted(tuple(row[:3]) for row in ROWS) == sorted(itertools.product(ENDS, ("no", "yes"), ("no", "yes")))
