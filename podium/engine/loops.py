"""
The output of a DO_WHILE, put together from its iterations when somebody looks.

Conductor writes it anew at each iteration, which makes a long loop quadratic (``DoWhile.java``); the result is the
same: ``{"iteration": n, "1": {ref: output, ...}, "2": ...}``, in list mode also ``loopIndex`` and ``loopItem``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from podium.engine.records import TaskRecord
from podium.model.statuses import TaskType
from podium.model.values import JsonValue


def loop_output(loop: TaskRecord, bodies: Iterable[TaskRecord]) -> Mapping[str, JsonValue]:
    """
    Put the output of a loop together.

    Args:
        loop: The attempt of the DO_WHILE.
        bodies: Attempts of the places in its body, by seq, those of other loop instances included.

    Returns:
        A new map; of each place the last attempt of each iteration, under the reference name of the definition.
    """
    depth = len(loop.iterations)
    ours = [body for body in bodies if body.iterations[:depth] == loop.iterations and len(body.iterations) > depth]
    output: dict[str, JsonValue] = dict(loop.output)
    for body in ours:
        if len(body.iterations) != depth + 1:
            continue  # the body of an inner loop: part of that loop's output
        value = loop_output(body, ours) if body.task_type == TaskType.DO_WHILE else body.output
        output.setdefault(str(body.iteration), {})[body.base_ref] = value
    return output
