"""
Walk through the tasks of a definition.

Which lists of children count depends on the type, so a stray ``forkTasks`` on a SIMPLE task is ignored
(Conductor: ``WorkflowDef.collectTasks``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from attrs import evolve

from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.task_types import task_kind


class TaskList(NamedTuple):
    """One list of tasks inside a task: a case, a branch or a loop body."""

    #: Path of the list inside the task's JSON, such as ``decisionCases.EXPRESS`` or ``forkTasks[0]``.
    path: str
    #: ``case``, ``default``, ``branch`` or ``body``.
    kind: str
    #: The case's label, the branch's position as text, or empty.
    label: str
    tasks: tuple[WorkflowTask, ...]


class TaskVisit(NamedTuple):
    """One task met on a walk."""

    #: Path in the JSON document, such as ``tasks[1].forkTasks[0][2]``.
    path: str
    task: WorkflowTask
    #: The structures around the task, outermost first.
    parents: tuple[WorkflowTask, ...]


def blocks(task: WorkflowTask) -> tuple[TaskList, ...]:
    """
    Return the lists of tasks inside *task*, in the order written; empty for a leaf.

    Example:
        >>> blocks(WorkflowTask(task_reference_name="a", name="a"))
        ()
    """
    holds = task_kind(task.type).holds
    if not holds:
        return ()  # as most
    return tuple(block for field in holds for block in _BLOCKS[field](task))


_BLOCKS: Mapping[str, Callable[[WorkflowTask], Iterable[TaskList]]] = {
    "decision_cases": lambda task: (
        TaskList(f"decisionCases.{label}", "case", label, body) for label, body in task.decision_cases.items()
    ),
    "default_case": lambda task: (TaskList("defaultCase", "default", "", task.default_case),),
    "fork_tasks": lambda task: (
        TaskList(f"forkTasks[{i}]", "branch", str(i), body) for i, body in enumerate(task.fork_tasks)
    ),
    "loop_over": lambda task: (TaskList("loopOver", "body", "", task.loop_over),),
}


def without_blocks(task: WorkflowTask) -> WorkflowTask:
    """Return a task without the tasks inside it."""
    empty: dict[str, Any] = {field: {} if field == "decision_cases" else () for field in task_kind(task.type).holds}
    return evolve(task, **empty)


def walk(
    tasks: Iterable[WorkflowTask],
    *,
    path: str = "tasks",
    parents: tuple[WorkflowTask, ...] = (),
) -> Iterator[TaskVisit]:
    """
    Visit every task, depth first, a structure before its children.

    Inline sub-workflow definitions are not entered: they have reference names of their own.
    """
    for index, task in enumerate(tasks):
        here = f"{path}[{index}]"
        yield TaskVisit(here, task, parents)
        for block in blocks(task):
            yield from walk(block.tasks, path=f"{here}.{block.path}", parents=(*parents, task))


def every_task(tasks: Iterable[WorkflowTask]) -> list[WorkflowTask]:
    """Return the tasks that `walk` visits, in its order, without saying where each is: in a third of the time."""
    found: list[WorkflowTask] = []
    for task in tasks:
        found.append(task)
        for block in blocks(task):
            found += every_task(block.tasks)
    return found


def by_reference(definition: WorkflowDef) -> Mapping[str, WorkflowTask]:
    """Map each reference name to its task; the first wins where an invalid definition repeats one."""
    found: dict[str, WorkflowTask] = {}
    for visit in walk(definition.tasks):
        found.setdefault(visit.task.task_reference_name, visit.task)
    return found


def is_list_loop(task: WorkflowTask) -> bool:
    """
    Return whether a DO_WHILE goes over a list, which ends it: by ``items``, or by the input ``_items``.

    Conductor: ``DoWhile.isListIteration``, which looks at both as they are written; a blank one does not count.
    """
    given = task.input_parameters.get("_items")
    if given is None and task.items is None:
        return False  # as most
    return any(isinstance(each, str) and each.strip() for each in (task.items, given)) or isinstance(given, list)
