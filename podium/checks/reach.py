"""Steps that nothing reaches: S4."""

from __future__ import annotations

import re

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.model.task_types import FORKS, SWITCHES
from podium.model.walk import TaskList, blocks, is_list_loop

#: A condition that never ends a loop.
_ALWAYS = re.compile(r"\s*(?:true|1|if\s*\(\s*true\s*\)\s*\{\s*true;?\s*\}(?:\s*else\s*\{\s*\w*;?\s*\})?)\s*;?\s*")


def check_reach(report: ProblemCollector) -> None:
    """Look at what stands behind steps that never let anything by."""
    _Search(report).look()


class _Search:
    """Finds what stops a list of tasks, once per task."""

    def __init__(self, report: ProblemCollector) -> None:
        self._report = report
        self._spots = {id(spot.task): spot for spot in report.layout.spots}
        self._reasons: dict[int, str | None] = {}

    def look(self) -> None:
        for spot in self._report.layout.spots:
            before = spot.previous
            # The JOIN of a fork belongs to the fork: what cannot be reached is what stands behind it.
            if before is None or (before.type in FORKS and spot.task.type == TaskType.JOIN):
                continue
            reason = self._stop(before)
            if reason is not None and not self._is_cut_earlier(spot):
                rest = len(spot.level.tasks) - spot.index - 1
                more = f", nor {'is' if rest == 1 else 'are'} the {rest} behind it" if rest else ""
                message = f"{spot.name!r} is never reached{more}: {reason}"
                self._report.add(spot, "S4", message, severity="warning", hint="move it, or take it out")

    def _is_cut_earlier(self, spot: TaskPosition) -> bool:
        """Return whether it was said of a step before it, or around it, already."""
        for step in spot.line:
            last = step.index - 1 if step is spot.line[-1] or step.name == spot.name else step.index
            if any(self._stop(task) is not None for task in step.level.tasks[: max(last, 0)]):
                return True
        return False

    def _stop(self, task: WorkflowTask) -> str | None:
        """Say why nothing comes behind a task; None if something does."""
        if id(task) not in self._reasons:
            self._reasons[id(task)] = self._found(task)
        return self._reasons[id(task)]

    def _found(self, task: WorkflowTask) -> str | None:
        if task.type == TaskType.TERMINATE:
            return f"{task.task_reference_name!r} ends the run"
        if task.type in SWITCHES:
            inner = blocks(task)
            ends = all(self._stop_of_list(block) is not None for block in inner)
            return f"each case of {task.task_reference_name!r} ends the run" if inner and ends else None
        if task.type == TaskType.DO_WHILE:
            return self._of_loop(task)
        if task.type == TaskType.JOIN:
            return self._of_join(task)
        return None

    def _of_loop(self, task: WorkflowTask) -> str | None:
        spot = self._spots.get(id(task))
        if spot is None or is_list_loop(task):
            return None
        if _ALWAYS.fullmatch(task.loop_condition or "") is not None:
            return f"{task.task_reference_name!r} never ends, because its condition is always true"
        stops = [self._stop_of_list(block) for block in blocks(task)]
        return next((stop for stop in stops if stop is not None), None)

    def _of_join(self, join: WorkflowTask) -> str | None:
        """Say why a JOIN is not passed: it waits for the end of a branch that has none."""
        spot = self._spots.get(id(join))
        fork = None if spot is None else spot.previous
        if fork is None or fork.type != TaskType.FORK_JOIN:
            return None
        for block in blocks(fork):
            stop = self._stop_of_list(block)
            names = {task.task_reference_name for task in block.tasks[self._cut(block) :]}
            if stop is not None and names & set(join.join_on):
                return stop
        return None

    def _cut(self, block: TaskList) -> int:
        return next(i for i, task in enumerate((*block.tasks, None)) if task is None or self._stop(task) is not None)

    def _stop_of_list(self, block: TaskList) -> str | None:
        return next((reason for task in block.tasks if (reason := self._stop(task)) is not None), None)
