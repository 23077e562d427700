"""
The output of a DO_WHILE, put together from its iterations when somebody looks.

Conductor writes it anew at each iteration, which makes a long loop quadratic (``DoWhile.java``); the result is the
same: ``{"iteration": n, "1": {ref: output, ...}, "2": ...}``, in list mode also ``loopIndex`` and ``loopItem``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from podium.engine.records import TaskRecord
from podium.engine.state import RunState
from podium.model.values import JsonValue, object_in

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
    broken = loop.shown_iteration if loop.is_broken else None  # see `keep_broken`
    for body in bodies.get(loop.ref, ()):
        node, number = body.node, body.iteration
        if number == broken:
            continue
        if node.ref in places:  # a branch of a dynamic fork is no part of the output
            value = loop_output(body, bodies) if node.traits.is_loop else body.output
            part = output.setdefault(str(number), {})
            if isinstance(part, dict):
                part[node.ref] = value
    return output


def keep_broken(
    loop: TaskRecord,
    state: RunState,
    seen_below: int,
    output_of: Callable[[TaskRecord], Mapping[str, JsonValue]],
    *,
    failed: TaskRecord | None = None,
) -> None:
    """
    Put into the output of a loop that ends badly what it has seen of its last iteration.

    Conductor's loop looks at its body in each round and is stored when it ends; so what came in the round that broke
    the iteration is not there.

    Args:
        loop: The attempt of the DO_WHILE, as it was while it lived.
        state: Its run.
        seen_below: The loop has seen attempts with a lower seq.
        output_of: Gives the output of an attempt.
        failed: The attempt of the body that made the loop fail: it has not looked further.
    """
    if loop.is_broken:
        return
    number = loop.shown_iteration
    suffix = f"{loop.suffix}__{number}"
    places = (state.by_ref.get(ref + suffix) for ref in loop.node.body_refs)
    seen = sorted((one for one in places if one is not None and one.seq < seen_below), key=lambda one: one.seq)
    part: dict[str, JsonValue] = {}
    for one in seen:
        # A TERMINATE gives its output only when it ends, and that ends the loop.
        part[one.base_ref] = {} if one.node.traits.ends_run else output_of(one)
        if one is failed:
            break
    output = dict(loop.output)
    if part:
        output[str(number)] = {**object_in(output, str(number)), **part}
    loop.is_broken, loop.output = True, output
