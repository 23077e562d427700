"""
From the author's Python values to the JSON of inputs and outputs.

`prepare` runs where the author wrote the value, so that its complaints carry the right line; `render` runs when the
definition is made, because a step's name may be chosen after a reference to its output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Protocol, overload, runtime_checkable

from podium.dsl.expressions import Expression, Script, is_joined_text
from podium.dsl.refs import Ref, refuse, target_of
from podium.model.values import JsonValue
from podium.typed import kinds, records
from podium.typed.authored import Authored
from podium.typed.plain import UnwritableError, inside, level


@runtime_checkable
class Buildable(Protocol):
    """A step, a task or a workflow: something that authors pass where they mean its output."""

    def __podium_refusal__(self) -> str:
        """Say what to write instead."""


def prepare(value: Authored, place: str = "") -> Authored:
    """
    Check a value and take it apart: maps, lists and plain values, with references left in.

    Args:
        value: The value.
        place: Where it stands, for messages.

    Raises:
        AuthoringError: P1, something in it cannot be JSON.
    """
    if isinstance(value, Enum):
        return prepare(value.value, place)
    if value is None or isinstance(value, str | bool | int | Ref):
        return value
    if isinstance(value, Mapping):
        return {(text := _key(key)): prepare(item, inside(place, text)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [prepare(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, float):
        if not math.isfinite(value):
            refuse(f"{value} cannot be an input: JSON has no such number")
        return value
    _refuse_later(value)
    if records.is_record(type(value)) and (_holds_later(value) or not records.is_model(type(value))):
        return {key: prepare(item, inside(place, key)) for key, item in records.as_mapping(value).items()}
    try:
        shape = level(value, place or "the value")
    except UnwritableError as error:
        refuse(f"{error}; use texts, numbers, lists, maps, attrs classes, dataclasses or references")
    return prepare(shape, place) if isinstance(shape, list | dict) else shape


def prepare_items(items: Authored, use: str) -> Ref | list[Authored]:
    """
    Check items to go through: a list, or a reference to one.

    Args:
        items: The items.
        use: What goes through them, for messages, such as ``fan_out 'all' goes over``.

    Raises:
        AuthoringError: P1 or R3, they are no list.
    """
    given = prepare(items)
    if isinstance(given, Ref):
        kind = kinds.of_hint(target_of(given).hint)
        if kinds.clash(kind, frozenset({"list"})) and kind is not None:
            refuse(f"{use} a list, not {given}, which is {kinds.described(kind)}", code="R3")
        return given
    if not isinstance(given, list):
        refuse(f"{use} a list, not {items!r:.60}")
    return given


def _holds_later(value: object) -> bool:
    """Return whether there is something in a value that pydantic could not write, because it is known only later."""
    if isinstance(value, Ref | Expression | Script | Buildable):
        return True
    if isinstance(value, Mapping):
        return any(map(_holds_later, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_later, value))
    return records.is_record(type(value)) and _holds_later(records.as_mapping(value))


def _key(key: object) -> str:
    if isinstance(key, Enum) and isinstance(key.value, str):
        return key.value
    if not isinstance(key, str):
        refuse(f"the key {key!r:.40} must be a text: JSON has no other keys")
    if "${" in key:
        refuse(f"the key {key!r:.60} would stay as it is: Conductor never replaces ${{...}} in keys")
    return key


def _refuse_later(value: object) -> None:
    """Refuse what authors pass where they mean what it gives while the workflow runs."""
    if isinstance(value, Expression):
        text = "write an f-string, such as f'{a} {b}', or " if is_joined_text(value) else ""
        refuse(
            f"{value!r} cannot be an input: ${{...}} cannot compute; {text}"
            "use inline('name', expression) and its .output"
        )
    if isinstance(value, Script):
        refuse("a script cannot be an input; use inline('name', js(...)) and its .output")
    if isinstance(value, Buildable):
        refuse(value.__podium_refusal__())


@overload
def render(value: Mapping[str, Authored]) -> dict[str, JsonValue]: ...
@overload
def render(value: Authored) -> JsonValue: ...
def render(value: Authored) -> Authored:
    """Return a prepared value as plain JSON data, references as ``${…}`` texts."""
    if isinstance(value, Ref):
        return str(value)
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render(item) for item in value]
    return value
