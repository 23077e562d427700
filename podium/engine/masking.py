"""
Masked fields: values that a run works with, and that nobody who looks at it shall read.

A workflow names them (``maskedFields``); the runs that it starts mask them too, and it masks what its sub-workflows do.
``_masked`` and ``_secrets`` are masked wherever a definition or an input uses them (as Orkes Conductor does). The store
keeps the values, because the run works with them; workers get them. Views have `MASK` for them, at any depth, and for
their texts wherever these stand; reasons and log lines are written down without them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from podium.engine.plan import MASKED_WORDS, Node, Plan, inside
from podium.engine.records import RunRecord, TaskRecord
from podium.engine.state import RunState
from podium.expressions.secrets import blotted, long_texts
from podium.model.expressions import references
from podium.model.values import JsonValue

#: What stands where a masked value was.
MASK = "***"
#: Gives a payload as it may be shown.
Shower = Callable[[Any], Any]


def masks_of(run: RunRecord, plan: Plan) -> frozenset[str]:
    """Return the names of the fields that a run masks."""
    own = plan.masks.union(run.masks) if run.masks else plan.masks
    return own if MASKED_WORDS.isdisjoint(run.input) else own | MASKED_WORDS


def payloads_of(state: RunState, record: TaskRecord | None) -> Iterator[JsonValue]:
    """
    Yield what an attempt may have values from: the run's own, its own, and those of the steps that its inputs name.

    They name others in turn. A run with many attempts is not looked through, only what leads to this one.
    """
    yield from (state.run.input, state.run.variables)
    if record is None:
        return
    yield from (record.input, record.output)
    seen, found = {record.node.ref}, [record.node]
    while found:
        for ref in _sources(found.pop()) - seen:
            seen.add(ref)
            other = state.newest.get(ref)
            if other is not None:
                yield from (other.input, other.output)
                found.append(other.node)


@lru_cache(maxsize=1_024)
def _sources(node: Node) -> frozenset[str]:
    """Return the names of the steps that a place has its values from."""
    named = {each.root for each in references(node.task.input_parameters) if each.root is not None}
    if node.scope.kind == "dynamic" and node.scope.owner is not None:
        named.add(node.scope.owner.ref)
    if node.body is not None:
        named |= {inner.ref for inner in inside(node.body)}
    return frozenset(named)


def hider(state: RunState) -> Callable[[TaskRecord], frozenset[str]] | None:
    """Return what gives the texts that must not be shown of an attempt's work; None for a run that masks no fields."""
    run, plan = state.run, state.plan
    if not (plan.masks or run.masks) and MASKED_WORDS.isdisjoint(run.input):
        return None
    names = masks_of(run, plan)
    return lambda record: frozenset(masked_texts([*payloads_of(state, record)], names))


def without_masked(value: JsonValue, names: Collection[str]) -> Any:
    """
    Return a value with `MASK` for each masked field; what holds none is the very same object.

    Example:
        >>> without_masked({"user": "ann", "card": {"pin": 1234}}, {"pin"})
        {'user': 'ann', 'card': {'pin': '***'}}
    """
    if isinstance(value, Mapping):
        shown = {key: MASK if key in names else without_masked(item, names) for key, item in value.items()}
        return shown if any(shown[key] is not item for key, item in value.items()) else value
    if isinstance(value, list | tuple):
        items = [without_masked(item, names) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def masked_texts(values: Collection[JsonValue], names: Collection[str]) -> set[str]:
    """Return the texts that stand in masked fields, those that are too short to be told from others left out."""
    return {text for value in values for text in _texts(value, names)}


def _texts(value: JsonValue, names: Collection[str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from long_texts(item) if key in names else _texts(item, names)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, names)


def shower(names: Collection[str], values: Collection[JsonValue]) -> Shower:
    """
    Return what makes payloads and words of a run fit to be shown.

    Args:
        names: The masked fields.
        values: The payloads of the run; their masked texts are found wherever they stand.
    """
    if not names:
        return lambda value: value
    blot = blotted(masked_texts(values, names))
    return lambda value: blot(without_masked(value, names))
