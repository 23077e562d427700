"""
How a task is spelt: the calls of the builders that the table of task types names.

A builder's spelling says which inputs are which arguments (`podium.dsl.catalogue`). It may promise too much: every call
that it gives is tried with the real builder, and taken only if it builds the very same task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from podium.decompile.comparing import fingerprint
from podium.decompile.nodes import CallNode, Entries, ItemsNode, Node, Value, builder, call
from podium.decompile.scopes import FunctionScope
from podium.decompile.taskdefs import duration
from podium.dsl.catalogue import spellings_of
from podium.dsl.step_fields import CALL_OPTIONS
from podium.model.definitions import WorkflowTask
from podium.model.task_types import Spelling, task_kind
from podium.model.values import JsonObject, JsonValue

#: Roles of messages that have a builder.
_ROLES = frozenset({"user", "assistant", "system"})


def calls_for(task: WorkflowTask, name: str, scope: FunctionScope) -> Iterator[CallNode]:
    """
    Yield the calls that may build a task, the most readable first.

    Args:
        task: A task without other tasks inside it.
        name: The reference name to build it under.
        scope: Where it is written.
    """
    spellings = [each for built_by in task_kind(task.type).builders for each in spellings_of(built_by)]
    made = [found for each in spellings if (found := _spelt(each, task, name, scope)) is not None]
    yield from (call for _, call in sorted(made, key=lambda found: found[0]))
    inputs = scope.named(task.input_parameters, task.task_reference_name)
    yield CallNode(builder("system_task"), (Value(name), Value(task.type)), inputs)


def _spelt(spelling: Spelling, task: WorkflowTask, name: str, scope: FunctionScope) -> tuple[int, CallNode] | None:
    """Return the call, and how many inputs it gives under their own names; None if it cannot say them."""
    hint = task.task_reference_name
    inputs = _inner(spelling, task.input_parameters)
    if inputs is None:
        return None
    given = {each: _taken(inputs, key) for each, key in spelling.parameters.items()}
    more: JsonObject = inputs
    if spelling.more_inside:
        inside = inputs.pop(spelling.more_inside, {})
        if inputs.keys() - CALL_OPTIONS.values() or not isinstance(inside, Mapping):
            return None
        more = inside
    written = dict(_arguments(spelling, given, hint, scope))
    fields = [scope.value(getattr(task, each), hint) for each in spelling.fields]
    positional = [written.pop(each, None) for each in spelling.positional]
    while positional and positional[-1] is None:
        positional.pop()
    if not all(positional) or (more and not (spelling.takes_more or spelling.takes_extra)):
        return None
    others = scope.named(more, hint)
    if others and spelling.takes_extra:
        others = (("extra", Entries(others)),)
    arguments = (Value(name), *fields, *(each for each in positional if each is not None))
    return len(more), CallNode(builder(spelling.builder), arguments, (*written.items(), *others))


def _inner(spelling: Spelling, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """Return the inputs that arguments say; None if this builder never writes such inputs."""
    rest = dict(inputs)
    if spelling.inside:
        inner = rest.pop(spelling.inside, None)
        if rest or not isinstance(inner, Mapping):
            return None
        rest = dict(inner)
    is_so = all(fingerprint(rest.pop(key, None)) == fingerprint(value) for key, value in spelling.always.items())
    return rest if is_so else None


def _taken(inputs: dict[str, JsonValue], key: str) -> JsonValue:
    """Take an input out of all; None if it is not there."""
    first, _, rest = key.partition(".")
    outer = inputs.get(first)
    if not rest or not isinstance(outer, Mapping):
        return inputs.pop(first) if not rest and outer is not None else None
    inner = dict(outer)
    del inputs[first]
    found = _taken(inner, rest)
    if inner:
        inputs[first] = inner
    return found


def _arguments(
    spelling: Spelling, given: Mapping[str, JsonValue], hint: str, scope: FunctionScope
) -> Iterator[tuple[str, Node]]:
    """Yield the arguments by parameter, without those that the builder takes by itself."""
    for parameter, value in given.items():
        usual = spelling.defaults.get(parameter)
        if value is None and usual is None:
            continue
        if fingerprint(value) != fingerprint(usual):
            yield parameter, _argument(spelling, parameter, value, f"{hint}_{parameter}", scope)
    for chosen, value in spelling.chosen_by.items():
        yield chosen, Value(value)


def _argument(spelling: Spelling, parameter: str, value: JsonValue, hint: str, scope: FunctionScope) -> Node:
    unit = spelling.units.get(parameter)
    if unit is not None and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Value(_length(value, unit))
    if spelling.builder == "ai.chat" and parameter == "messages" and isinstance(value, list | tuple):
        return ItemsNode(tuple(_message(each, hint, scope) for each in value))
    return scope.value(value, hint)


def _length(number: int, unit: str) -> str:
    if unit == "ms" and number % 1000:
        return f"{number}ms"
    return duration(number * 60 if unit == "min" else number if unit == "s" else number // 1000)


def _message(value: JsonValue, hint: str, scope: FunctionScope) -> Node:
    if isinstance(value, Mapping) and set(value) == {"role", "message"} and isinstance(value["message"], str):
        role = value["role"]
        if isinstance(role, str) and role in _ROLES:
            return call(f"ai.{role}", scope.value(value["message"], f"{hint}_{role}"))
    return scope.value(value, hint)
