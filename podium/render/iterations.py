"""Which iteration of a loop an attempt belongs to, and the attempts of chosen iterations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from podium.model.errors import RenderError
from podium.model.runs import TaskRun
from podium.model.statuses import TaskType
from podium.model.walk import TaskVisit

_ITERATION: Final = re.compile(r"__(\d+)")


def loops_of(visit: TaskVisit) -> tuple[str, ...]:
    """Return the reference names of the loops around a task, outermost first."""
    return tuple(parent.task_reference_name for parent in visit.parents if parent.type == TaskType.DO_WHILE)


def only_iterations(
    attempts: Mapping[str, list[TaskRun]], visits: Iterable[TaskVisit], iteration: Mapping[str, int]
) -> dict[str, list[TaskRun]]:
    """
    Keep the attempts that belong to the chosen iterations; tasks without one are left out.

    Args:
        attempts: By the name in the definition.
        visits: The tasks of the definition.
        iteration: Loop to its chosen iteration.
    """
    around = {visit.task.task_reference_name: loops_of(visit) for visit in visits}
    kept = {
        name: [attempt for attempt in tries if _fits(attempt, name, around[name], iteration)]
        for name, tries in attempts.items()
    }
    return {name: tries for name, tries in kept.items() if tries}


def _where(attempt: TaskRun, name: str, loops: tuple[str, ...]) -> dict[str, int]:
    """Return loop to iteration; a record with fewer numbers than loops names the inner ones."""
    numbers = _ITERATION.findall(attempt.reference_task_name.removeprefix(name))
    return dict(zip(reversed(loops), map(int, reversed(numbers)), strict=False))


def _fits(attempt: TaskRun, name: str, loops: tuple[str, ...], iteration: Mapping[str, int]) -> bool:
    where = _where(attempt, name, loops)
    return all(where.get(loop, number) == number for loop, number in iteration.items() if loop in loops)


def check_iterations(
    attempts: Mapping[str, list[TaskRun]], visits: Iterable[TaskVisit], iteration: Mapping[str, int]
) -> None:
    """
    Make sure that the run has the chosen iterations.

    Raises:
        RenderError: There is no such loop, or it has no such iteration; the message says which there are.
    """
    around = {visit.task.task_reference_name: loops_of(visit) for visit in visits}
    found: dict[str, set[int]] = {loop: set() for loops in around.values() for loop in loops}
    for name, tries in attempts.items():
        for attempt in tries:
            for loop, number in _where(attempt, name, around[name]).items():
                found[loop].add(number)
    for loop, number in iteration.items():
        if loop not in found:
            raise RenderError(f"there is no loop {loop!r}; the loops are {', '.join(found) or 'none'}")
        if number not in found[loop]:
            have = f"{min(found[loop])} to {max(found[loop])}" if found[loop] else "none"
            raise RenderError(f"loop {loop!r} has no iteration {number}; it has {have}")
