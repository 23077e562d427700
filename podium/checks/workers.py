"""Worker tasks and their definitions: T1."""

from __future__ import annotations

from collections.abc import Iterator

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.dsl.names import nearest
from podium.model.statuses import TaskType
from podium.model.task_types import SYSTEM_TYPES


def check_workers(report: ProblemCollector) -> None:
    """Look whether every worker task has a definition, if it is known which ones there are."""
    known = report.context.tasks
    if known is None:
        return
    for spot in report.layout.spots:
        for at, name in _workers(spot):
            if name not in known and name not in SYSTEM_TYPES:
                near = nearest(name, known)
                hint = f"did you mean {near!r}?" if near else "define it, or correct the name"
                message = f"there is no task definition {name!r}: no worker may know it, and {spot.name!r} would wait"
                report.add(spot, "T1", message, at=at, hint=hint)


def _workers(spot: TaskPosition) -> Iterator[tuple[str, str]]:
    """Yield the names of worker tasks that a task says as they stand, and where."""
    task = spot.task
    if task.type == TaskType.SIMPLE and task.task_definition is None and task.name:
        yield "name", task.name
    elif task.type == TaskType.DYNAMIC and task.dynamic_task_name_param:
        name = task.input_parameters.get(task.dynamic_task_name_param)
        if isinstance(name, str) and _is_plain(name):
            yield f"inputParameters.{task.dynamic_task_name_param}", name
    elif task.type == TaskType.FORK_JOIN_DYNAMIC and "forkTaskWorkflow" not in task.input_parameters:
        name = task.input_parameters.get("forkTaskName")
        if (
            isinstance(name, str)
            and _is_plain(name)
            and task.input_parameters.get("forkTaskType", "SIMPLE") == "SIMPLE"
        ):
            yield "inputParameters.forkTaskName", name


def _is_plain(name: str) -> bool:
    return bool(name) and "${" not in name
