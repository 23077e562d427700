"""What the task classes of the official Python SDK say, the builders say too: the catalogue finds the call for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sdk_process import ask, needs_sdk

from podium.dsl.catalogue import builder_named, spellings_of
from podium.dsl.steps import Step
from podium.model.errors import PodiumError
from podium.model.task_types import TASK_KINDS, Spelling

pytestmark = needs_sdk

#: Types whose inputs are not regular: structures, and what is called by name.
IRREGULAR = {
    *("SIMPLE", "DYNAMIC", "SUB_WORKFLOW", "START_WORKFLOW", "EVENT"),
    *("SWITCH", "DO_WHILE", "FORK_JOIN", "FORK_JOIN_DYNAMIC", "JOIN"),
}
#: What the SDK's class writes that no server reads, by reference name or type; see docs/from-conductor-python.md.
UNREAD = {"WAIT": {"wait_until"}}


@cache
def written_by_the_sdk() -> list[dict[str, Any]]:
    """Return every task that the recipes for the SDK's classes make."""
    return [task for each in ask("builds")["workflows"].values() for task in _tasks_in(each)]


def _tasks_in(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        if "taskReferenceName" in document:
            yield document
        for key, value in document.items():
            if key != "inputParameters":
                yield from _tasks_in(value)
    elif isinstance(document, list):
        for each in document:
            yield from _tasks_in(each)


def called(type_name: str, inputs: Mapping[str, Any]) -> Step[Any] | None:
    """Return a step with these inputs, by the builder that the catalogue names; None if there is no call for it."""
    for spelling in (each for name in TASK_KINDS[type_name].builders for each in spellings_of(name)):
        step = _step(spelling, inputs)
        if step is not None and step.input_parameters == _with_defaults(spelling, inputs):
            return step
    return None


def _with_defaults(spelling: Spelling, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs as the builder writes them: with its defaults, and whole numbers where the SDK writes texts."""
    inner = inputs[spelling.inside] if spelling.inside else inputs
    defaults = {spelling.parameters[name]: value for name, value in spelling.defaults.items()}
    numbers = {spelling.parameters[name] for name in spelling.units}
    written = {key: int(value) if key in numbers and str(value).isdigit() else value for key, value in inner.items()}
    whole = {**defaults, **written}
    return {spelling.inside: whole} if spelling.inside else whole


def _step(spelling: Spelling, inputs: Mapping[str, Any]) -> Step[Any] | None:
    if spelling.inside:
        inner = inputs.get(spelling.inside) if len(inputs) == 1 else None
        if not isinstance(inner, Mapping):
            return None
        inputs = inner
    if any(inputs.get(key) != value for key, value in spelling.always.items()):
        return None
    by_key = {key: parameter for parameter, key in spelling.parameters.items()}
    rest = {key: value for key, value in inputs.items() if key not in spelling.always}
    given = {
        by_key[key]: _with_unit(spelling.units.get(by_key[key]), rest.pop(key)) for key in [*rest] if key in by_key
    }
    if rest and not (spelling.takes_more or spelling.takes_extra):
        return None
    more = rest if spelling.takes_more else {"extra": rest} if rest else {}
    position = [given.pop(each) for each in spelling.positional if each in given]
    try:
        step: Step[Any] = builder_named(spelling.builder)("s", *position, **given, **more, **spelling.chosen_by)
    except PodiumError:
        return None
    return step


def _with_unit(unit: str | None, value: Any) -> Any:
    if unit is None or not str(value).isdigit():
        return value
    return {"s": f"{value}s", "ms": f"{value}ms", "min": f"{value}m"}[unit]


def test_the_sdk_is_asked_for_enough() -> None:
    """The recipes make most of the types that the SDK knows."""
    kinds = Counter(task["type"] for task in written_by_the_sdk())

    assert len(kinds) > 25
    assert kinds.keys() <= TASK_KINDS.keys()


def test_builders_say_what_the_sdk_says() -> None:
    """For the inputs that the SDK's classes write there is a call of our builder that writes the very same."""
    unsaid: dict[str, list[dict[str, Any]]] = {}
    for task in written_by_the_sdk():
        kind, inputs = task["type"], dict(task.get("inputParameters") or {})
        if kind in IRREGULAR or inputs.keys() & UNREAD.get(kind, set()):
            continue
        if called(kind, inputs) is None:
            unsaid.setdefault(kind, []).append(inputs)
    assert unsaid == {}
