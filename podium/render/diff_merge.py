"""Two definitions as one: the new one, with the removed steps where they stood."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from podium.diff.steps import Comparison
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.walk import blocks, walk


def with_new_names(comparison: Comparison) -> WorkflowDef:
    """Return the old definition with the new names of its steps, so that a renamed step is one node."""
    names = {old[0]: new[0] for new, old in comparison.matching.old_of.items()}
    return evolve(comparison.old, tasks=_renamed(comparison.old.tasks, names))


def _renamed(tasks: tuple[WorkflowTask, ...], names: Mapping[str, str]) -> tuple[WorkflowTask, ...]:
    return tuple(
        evolve(
            task,
            task_reference_name=names.get(task.task_reference_name, task.task_reference_name),
            join_on=tuple(names.get(name, name) for name in task.join_on),
            decision_cases={label: _renamed(inner, names) for label, inner in task.decision_cases.items()},
            default_case=_renamed(task.default_case, names),
            fork_tasks=tuple(_renamed(inner, names) for inner in task.fork_tasks),
            loop_over=_renamed(task.loop_over, names),
        )
        for task in tasks
    )


def merge(comparison: Comparison, old: WorkflowDef) -> WorkflowDef:
    """
    Return all steps of both definitions in one.

    Args:
        comparison: The two.
        old: What `with_new_names` gives.
    """
    return _Merge(comparison, old).whole()


class _Merge:
    def __init__(self, comparison: Comparison, old: WorkflowDef) -> None:
        self.old, self.new = old, comparison.new
        self.was: Mapping[str, WorkflowTask] = {v.task.task_reference_name: v.task for v in walk(old.tasks)}
        self.present = {visit.task.task_reference_name for visit in walk(self.new.tasks)}
        #: (structure, kind, label) of the new definition to the label of the old one.
        self.labels = {
            (lane.parent[0], lane.kind, lane.label): was.label
            for lane, was in comparison.matching.lanes.items()
            if lane.parent is not None
        }
        self.placed: set[str] = set()

    def whole(self) -> WorkflowDef:
        tasks = self._list(self.old.tasks, self.new.tasks)
        lost = [task for task in self.was.values() if self._is_gone(task)]
        return evolve(self.new, tasks=(*tasks, *(self._removed(task) for task in lost if self._is_gone(task))))

    def _is_gone(self, task: WorkflowTask) -> bool:
        return task.task_reference_name not in self.present | self.placed

    def _list(self, old: tuple[WorkflowTask, ...], new: tuple[WorkflowTask, ...]) -> tuple[WorkflowTask, ...]:
        """Merge two lists of steps: each removed step follows the one that it followed."""
        merged = [self._both(task) for task in new]
        names = [task.task_reference_name for task in new]
        position = 0
        for task in old:
            if task.task_reference_name in names:
                position = names.index(task.task_reference_name) + 1
            elif self._is_gone(task):
                merged.insert(position, self._removed(task))
                names.insert(position, task.task_reference_name)
                position += 1
        return tuple(merged)

    def _removed(self, task: WorkflowTask) -> WorkflowTask:
        """Return a removed step, without the steps inside it that live on elsewhere."""
        self.placed.add(task.task_reference_name)
        return evolve(
            task,
            decision_cases={label: self._left(tasks) for label, tasks in task.decision_cases.items()},
            default_case=self._left(task.default_case),
            fork_tasks=tuple(left for tasks in task.fork_tasks if (left := self._left(tasks))),
            loop_over=self._left(task.loop_over),
        )

    def _left(self, tasks: tuple[WorkflowTask, ...]) -> tuple[WorkflowTask, ...]:
        return tuple(self._removed(task) for task in tasks if self._is_gone(task))

    def _both(self, task: WorkflowTask) -> WorkflowTask:
        """Return a step of the new definition with the removed steps inside it."""
        was = self.was.get(task.task_reference_name)
        if was is None or was.type != task.type or not blocks(task):
            was = WorkflowTask(task_reference_name="")
        return evolve(
            task,
            decision_cases=self._cases(was, task),
            default_case=self._list(was.default_case, task.default_case),
            fork_tasks=self._branches(was, task),
            loop_over=self._list(was.loop_over, task.loop_over),
        )

    def _cases(self, was: WorkflowTask, task: WorkflowTask) -> dict[str, tuple[WorkflowTask, ...]]:
        known = {label: self.labels.get((task.task_reference_name, "case", label)) for label in task.decision_cases}
        merged = {
            label: self._list(was.decision_cases.get(known[label] or label, ()), tasks)
            for label, tasks in task.decision_cases.items()
        }
        gone = {
            label: left
            for label, tasks in was.decision_cases.items()
            if label not in merged and label not in known.values() and (left := self._left(tasks))
        }
        return merged | gone

    def _branches(self, was: WorkflowTask, task: WorkflowTask) -> tuple[tuple[WorkflowTask, ...], ...]:
        name = task.task_reference_name
        merged: list[tuple[WorkflowTask, ...]] = []
        kept: set[int] = set()
        for number, tasks in enumerate(task.fork_tasks):
            twin = self.labels.get((name, "branch", str(number)))
            is_known = twin is not None and bool(was.fork_tasks)
            merged.append(self._list(was.fork_tasks[int(twin)] if twin and is_known else (), tasks))
            kept |= {int(twin)} if twin and is_known else set()
        for number, tasks in enumerate(was.fork_tasks):
            if number not in kept and (left := self._left(tasks)):
                merged.append(left)
        return tuple(merged)
