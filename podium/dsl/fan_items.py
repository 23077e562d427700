"""Whether the items of a fan-out can be the inputs of what runs for each of them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from podium.dsl.inputs import faults_of
from podium.dsl.refs import Ref, refuse, target_of
from podium.dsl.tasks import Task
from podium.dsl.workflows import Workflow
from podium.typed import kinds, records
from podium.typed.authored import Authored

#: The parameter under which an item that is no record arrives.
SCALAR = "input"


def check_items(name: str, target: Task[..., Any] | Workflow[..., Any], items: Authored) -> None:
    """
    Refuse items that cannot be the inputs of what runs for each of them.

    Args:
        name: The fan-out, for messages.
        target: What runs for each item.
        items: The prepared items: a reference to a list, or a list.

    Raises:
        AuthoringError: R3, an item misses an input, or brings one of another type.
    """
    if isinstance(items, Ref):
        _check_item(name, target, records.item_type(target_of(items).hint), "the items'")
        return
    for index, item in enumerate(items):
        if isinstance(item, Ref):
            _check_item(name, target, target_of(item).hint, f"item {index}'s")
        else:
            _check_value(name, target, item, index)


def _check_item(name: str, target: Task[..., Any] | Workflow[..., Any], item: records.Hint, whose: str) -> None:
    """Look at the declared type of an item."""
    kind = records.core(item)
    if kinds.of_hint(kind) in {None, frozenset({"object"})} and records.fields(kind) is None:
        return
    fields = records.fields(item)
    given = {SCALAR: item} if fields is None else {records.wire_name(item, each): fields[each] for each in fields}
    advice = (
        f"{whose} fields are {', '.join(given)}, and each of them is an argument of its own"
        if fields is not None
        else f"an item that is no record arrives under the parameter {SCALAR!r}: give the parameter this name"
    )
    _refuse_missing(name, target, given, advice)
    for parameter, wanted in _declared(target):
        found, needed = kinds.of_hint(given.get(parameter, Any)), kinds.of_hint(wanted)
        if kinds.clash(found, needed) and found is not None and needed is not None:
            refuse(
                f"fan_out {name!r}: {parameter} of {target!r} is {kinds.described(needed)}, "
                f"and {whose} {parameter if fields else 'own type'} is {kinds.described(found)}",
                code="R3",
            )


def _check_value(name: str, target: Task[..., Any] | Workflow[..., Any], item: Authored, index: int) -> None:
    """Look at an item that is there already; what is a reference in it is known only later."""
    given = item if isinstance(item, Mapping) else {SCALAR: item}
    advice = (
        f"item {index} has {', '.join(given) or 'nothing'}"
        if isinstance(item, Mapping)
        else f"an item that is no map or record arrives under the parameter {SCALAR!r}: give the parameter this name"
    )
    _refuse_missing(name, target, given, advice)
    for parameter, hint in _declared(target):
        if parameter in given and not any(_references(given[parameter])):
            for fault in faults_of(given[parameter], hint, f"items[{index}].{parameter}"):
                refuse(f"fan_out {name!r}: {fault}", code="R3")


def _refuse_missing(
    name: str, target: Task[..., Any] | Workflow[..., Any], given: Mapping[str, object], advice: str
) -> None:
    missing = [
        each.name
        for each in target.signature.parameters.values()
        if each.default is each.empty and each.kind is not each.VAR_KEYWORD and each.name not in given
    ]
    if missing:
        refuse(f"fan_out {name!r}: {target!r} needs {', '.join(missing)}; {advice}", code="R3")


def _declared(target: Task[..., Any] | Workflow[..., Any]) -> Iterator[tuple[str, records.Hint]]:
    """Yield the parameters of known types; where null stands for the default, the type is not the whole truth."""
    for name, parameter in target.signature.parameters.items():
        if parameter.default is not None and parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            yield name, target.annotations.get(name, Any)


def _references(value: Authored) -> Iterator[bool]:
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _references(item)
    else:
        yield isinstance(value, Ref) or (isinstance(value, str) and "${" in value)
