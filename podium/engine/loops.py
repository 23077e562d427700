"""
The output of a DO_WHILE, put together from its iterations when somebody looks.

Conductor writes it anew at each iteration, which makes a long loop quadratic (``DoWhile.java``); the result is the
same: ``{"iteration": n, "1": {ref: output, ...}, "2": ...}``, in list mode also ``loopIndex`` and ``loopItem``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from podium.engine.records import TaskRecord
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

#: Attempts by the full reference name of the innermost loop around them, in the order given.
Bodies: TypeAlias = Mapping[str | None, Sequence[TaskRecord]]


def by_loop(records: Iterable[TaskRecord]) -> Bodies:
    """Sort attempts by the loop that they belong to."""
    bodies: dict[str | None, list[TaskRecord]] = defaultdict(list)
    for record in records:
        bodies[record.loop_ref].append(record)
    return bodies


def loop_output(loop: TaskRecord, bodies: Bodies) -> Mapping[str, JsonValue]:
    """
    Put the output of a loop together.

    Args:
        loop: The attempt of the DO_WHILE.
        bodies: Attempts of the places in its body, by seq; others among them are passed over.

    Returns:
        A new map; of each place the last attempt of each iteration, under the reference name of the definition.
    """
    output: dict[str, JsonValue] = dict(loop.output)
    places = set(loop.node.body_refs)
    for body in bodies.get(loop.ref, ()):
        if body.base_ref in places:  # a branch of a dynamic fork is no part of the output
            value = loop_output(body, bodies) if body.task_type == TaskType.DO_WHILE else body.output
            output.setdefault(str(body.iteration), {})[body.base_ref] = value
    return output
