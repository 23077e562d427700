"""
From the author's Python values to the JSON of inputs and outputs.

`prepare` runs where the author wrote the value, so that its complaints carry the right line; `render` runs when the
definition is made, because a step's name may be chosen after a reference to its output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Protocol, runtime_checkable
from uuid import UUID

from podium.dsl import records
from podium.dsl.expressions import Expression, Script, is_joined_text
from podium.dsl.refs import Ref, refuse
from podium.model.values import JsonValue


@runtime_checkable
class Buildable(Protocol):
    """A step, a task or a workflow: something that authors pass where they mean its output."""

    def __podium_refusal__(self) -> str:
        """Say what to write instead."""


def prepare(value: JsonValue) -> JsonValue:
    """
    Check a value and take it apart: maps, lists and plain values, with references left in.

    Raises:
        AuthoringError: P1, something in it cannot be JSON.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | Ref):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            refuse(f"{value} cannot be an input: JSON has no such number")
        return value
    if isinstance(value, Mapping):
        return {_key(key): prepare(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [prepare(item) for item in value]
    return _written(value)


def _written(value: object) -> JsonValue:
    """Give what JSON does not know as workers write and read it."""
    if records.is_record(type(value)):
        return {key: prepare(item) for key, item in records.as_mapping(value).items()}
    if isinstance(value, set | frozenset):
        return sorted((prepare(item) for item in value), key=repr)
    if isinstance(value, date | time):  # a datetime too
        return value.isoformat()
    if isinstance(value, timedelta):
        return _seconds(value)
    if isinstance(value, UUID | Decimal):
        return str(value)
    return _refuse_value(value)


def _seconds(value: timedelta) -> JsonValue:
    length = value.total_seconds()
    return int(length) if length.is_integer() else length


def _key(key: object) -> str:
    if isinstance(key, Enum) and isinstance(key.value, str):
        return key.value
    if not isinstance(key, str):
        refuse(f"the key {key!r:.40} must be a text: JSON has no other keys")
    if "${" in key:
        refuse(f"the key {key!r:.60} would stay as it is: Conductor never replaces ${{...}} in keys")
    return key


def _refuse_value(value: object) -> JsonValue:
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
    return refuse(
        f"a {type(value).__name__} cannot be written as JSON ({value!r:.40}); "
        "use texts, numbers, lists, maps, attrs classes, dataclasses or references",
    )


def render(value: JsonValue) -> JsonValue:
    """Give a prepared value as plain JSON data, references as ``${…}`` texts."""
    if isinstance(value, Ref):
        return str(value)
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render(item) for item in value]
    return value
