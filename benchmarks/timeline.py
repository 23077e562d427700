"""Time the timeline of a run of 10,000 tasks, figures as JSON lines: ``python -m benchmarks.timeline``."""

from __future__ import annotations

import json
import time

from attrs import asdict

from benchmarks.workloads import Figure
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonObject
from podium.render import timeline

TASKS = 10_000
_START = 1_700_000_000_000


def forked_run(count: int) -> WorkflowRun:
    """Return a run of a dynamic fork with so many branches, a hundred at a time."""
    names = [f"encode_{i}" for i in range(count)]
    flow = WorkflowDef(
        name="encoding",
        tasks=(
            WorkflowTask(name="encode_all", task_reference_name="encode_all", type="FORK_JOIN_DYNAMIC"),
            WorkflowTask(name="encode_all_join", task_reference_name="encode_all_join", type="JOIN"),
        ),
    )
    fork = _task("encode_all", "FORK", 0, 0, {"forkedTasks": names})
    branches = [
        _task(name, "encode", 100 * (i // 100), 80 + i % 20, {"film": f"film-{i}"}) for i, name in enumerate(names)
    ]
    join = _task("encode_all_join", "JOIN", 0, count + 100, {})
    return WorkflowRun(
        status=RunStatus.COMPLETED,
        create_time=_START,
        end_time=_START + count + 100,
        workflow_id="run",
        workflow_definition=flow,
        tasks=(fork, *branches, join),
    )


def _task(name: str, kind: str, began: int, took: int, inputs: JsonObject) -> TaskRun:
    return TaskRun(
        reference_task_name=name,
        task_type=kind,
        status=TaskStatus.COMPLETED,
        scheduled_time=_START,
        start_time=_START + began,
        end_time=_START + began + took,
        input_data=inputs,
    )


def main() -> None:
    """Measure and print: rows shared, and as many rows as are ever drawn."""
    run = forked_run(TASKS)
    for words, opened in (("rows shared", ""), ("opened", "encode_all")):
        began = time.perf_counter()
        timeline(run, opened=opened).svg()
        print(json.dumps(asdict(Figure(f"timeline of {TASKS:,} tasks: {words}", time.perf_counter() - began, "s"))))


if __name__ == "__main__":
    main()
