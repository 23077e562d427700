"""How many branches of a dynamic fork run at the same time: all, unless its input says a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.engine.agenda import Agenda
from podium.engine.plan import Node
from podium.engine.records import TaskRecord
from podium.engine.state import RunState
from podium.model.values import JsonValue, list_in

#: The input that says the number: Podium's own, Conductor passes over it.
AT_ONCE = "forkTaskMaxParallel"


def at_once(inputs: Mapping[str, JsonValue]) -> int | None:
    """
    Return how many branches run at the same time, None for all.

    Raises:
        ValueError: It is no whole number of 1 or more.
    """
    most = inputs.get(AT_ONCE)
    if most is None:
        return None
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ValueError(f"{AT_ONCE} is {most!r:.40}, and must be a whole number of 1 or more")
    return most


def next_branch(state: RunState, agenda: Agenda, fork: TaskRecord) -> Node | None:
    """
    Return the branch that begins because one has ended, None if all have begun.

    Args:
        state: The run.
        agenda: What is still to do for it.
        fork: The attempt of the fork.
    """
    if fork.input.get(AT_ONCE) is None:
        return None
    names = list_in(fork.input, "forkedTasks")
    begun = state.begun.get(fork.ref)
    if begun is None:
        begun = _count(state, agenda, fork, names)
    if begun >= len(names):
        return None
    state.begun[fork.ref] = begun + 1
    return state.dynamic[str(names[begun])]


def _count(state: RunState, agenda: Agenda, fork: TaskRecord, names: Sequence[JsonValue]) -> int:
    """Count the branches that have begun, in a run that comes from the store."""
    asked = {node.ref for node, _ in (*agenda.asked, *agenda.stack)}
    for number, name in enumerate(names):
        ref = f"{name}{fork.suffix}"
        if ref not in state.by_ref and ref not in agenda.laid_out and name not in asked:
            return number
    return len(names)
