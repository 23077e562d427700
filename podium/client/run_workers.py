"""Which tasks a run on the spot is served with: the workflow's own, and those given instead or beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podium.dsl import Task, Workflow
from podium.dsl.names import nearest
from podium.model.definitions import TaskDef
from podium.model.errors import InvalidRequest
from podium.model.texts import shown


def tasks_with(workflow: Workflow[..., Any], others: Iterable[Task[..., Any]]) -> tuple[Task[..., Any], ...]:
    """
    Return the tasks to serve: those of a workflow, each replaced by the one of its name among the others, and the rest.

    Args:
        workflow: The workflow; a loaded one has no tasks of its own.
        others: Fakes, and workers of tasks that the workflow knows by nothing but their name.

    Raises:
        InvalidRequest: One of the others is no task, or has nearly the name of a task that would be served beside it.
    """
    if isinstance(others, Task) or not isinstance(others, Iterable):
        raise InvalidRequest(f"workers= takes a list of tasks, not {shown(others)}; write [...]")
    others = tuple(others)
    served = {task.name: task for task in workflow.worker_tasks}
    for other in others:
        if not isinstance(other, Task):
            raise InvalidRequest(f"workers= takes tasks, made with @task or task(fn, name='...'), not {shown(other)}")
        near = nearest(other.name, served)
        if other.name not in served and near is not None and near not in {each.name for each in others}:
            raise InvalidRequest(
                f"{other.name!r} is no task of workflow {workflow.name!r}; did you mean {near!r}? "
                f"A fake has the name of what it replaces: task(fn, name={near!r})"
            )
    return tuple((served | {other.name: other for other in others}).values())


def task_defs_of(workflow: Workflow[..., Any], tasks: Iterable[Task[..., Any]]) -> tuple[TaskDef, ...]:
    """
    Return the definitions of tasks of which a workflow knows no more than their names, so that their settings count.

    A loaded workflow, and a call by name, say nothing of retries and time limits; a fake has those of what it replaces.
    """
    known = {definition.name for definition in workflow.task_defs}
    return tuple(task.task_def for task in tasks if task.name not in known)
