"""Which steps have ended for sure because a JOIN has waited for them."""

from __future__ import annotations

from bisect import bisect_left

from podium.checks.layout import Level, TaskLayout, TaskPosition
from podium.model.statuses import TaskType


class WaitGraph:
    """
    The waiting of a definition, in a form in which a question about two steps costs little.

    Args:
        layout: The definition.
    """

    def __init__(self, layout: TaskLayout) -> None:
        self._layout = layout
        #: Of each list of tasks: awaited name to the position of the first JOIN that waits for it.
        self._first: dict[Level, dict[str, int]] = {}
        #: Of each list of tasks: awaited steps in it or below, as (position in the list, name), in order.
        self._awaited: dict[Level, list[tuple[int, str]]] = {}
        for spot in layout.spots:
            if spot.task.type in {TaskType.JOIN, TaskType.EXCLUSIVE_JOIN}:
                first = self._first.setdefault(spot.level, {})
                for name in spot.task.join_on:
                    first.setdefault(name, spot.index)
        names = {name for first in self._first.values() for name in first}
        for name in sorted(names & layout.by_name.keys()):
            for step in layout.by_name[name].line:
                self._awaited.setdefault(step.level, []).append((step.index, name))
        for awaited in self._awaited.values():
            awaited.sort()

    def have_covered(self, spot: TaskPosition, reader: TaskPosition) -> bool:
        """Return whether a JOIN that surely ran before *reader* waited for *spot*, or for what comes after it."""
        if self._is_awaited(spot.name, reader):
            return True
        for step in reversed(spot.line):
            is_loop = step.task.type == TaskType.DO_WHILE and step.task is not spot.task
            if is_loop and self._is_awaited(step.name, reader):
                return True
            awaited = self._awaited.get(step.level, [])
            behind = bisect_left(awaited, (step.index + 1, ""))
            if any(self._is_awaited(name, reader) for _, name in awaited[behind:]):
                return True
        return False

    def _is_awaited(self, name: str, reader: TaskPosition) -> bool:
        return any(self._first.get(step.level, {}).get(name, step.index) < step.index for step in reader.line)
