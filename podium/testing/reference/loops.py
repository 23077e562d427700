"""When a loop goes on."""

from __future__ import annotations

from typing import Any

from podium.expressions.javascript import truth
from podium.model.definitions import WorkflowTask
from podium.model.walk import is_list_loop, walk
from podium.testing.reference.filling import certain, known
from podium.testing.reference.leaves import evaluated
from podium.testing.reference.memory import ReferenceMemory
from podium.testing.reference.steps import ReferenceStep


def items_of(task: WorkflowTask, memory: ReferenceMemory) -> list[Any] | None:
    """Return what a loop over a list runs over; None for a loop by condition."""
    if not is_list_loop(task):
        return None
    value = memory.fill(task.items, task.task_reference_name) if task.items else None
    if value is None:
        value = memory.given(task).get("_items")
    certain(value)
    return value if isinstance(value, list) else [] if value is None else [value]


def goes_on(task: WorkflowTask, loop: ReferenceStep, memory: ReferenceMemory) -> bool:
    """Return whether the condition of a loop lets it go on; one over a list needs none."""
    condition = task.loop_condition
    if not condition:
        return is_list_loop(task)
    seen = {**memory.given(task), loop.base_ref: loop.output}
    for visit in walk(task.loop_over):
        step = memory.newest.get(visit.task.task_reference_name)
        if step is not None:
            seen[step.base_ref] = step.output
    seen |= {name: loop.output[name] for name in ("loopIndex", "loopItem") if name in loop.output}
    return truth(evaluated(condition, known(seen)))
