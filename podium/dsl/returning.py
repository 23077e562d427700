"""What a workflow gives back: its output parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.dsl import records
from podium.dsl.refs import Ref, Target, target_of
from podium.dsl.values import prepare
from podium.model.errors import AuthoringError
from podium.model.values import JsonValue


def outputs_of(value: JsonValue, hint: records.Hint, place: str | None) -> dict[str, JsonValue]:
    """
    Return a workflow's output parameters from what its function returns.

    A record gives one parameter per field, a reference to a record too; anything else gives ``result``; None gives
    none.

    Args:
        value: The returned value.
        hint: The return annotation, ``Any`` if there is none.
        place: Where to complain.

    Raises:
        AuthoringError: P1, it cannot be JSON, or it is no record though the annotation says so.
    """
    if value is None:
        return {}
    if isinstance(value, Ref):
        target = target_of(value)
        known = hint if records.is_record(hint) else target.hint if hint is Any else Any
        names = records.fields(known)
        if names is None:
            return {"result": value}
        wire = [records.wire_name(known, name) for name in names]
        return {name: Ref(Target(target.root, (*target.keys, name))) for name in wire}
    if records.is_record(hint) and not (isinstance(value, Mapping) or records.is_record(type(value))):
        message = f"the workflow is declared to return {records.core(hint).__name__}, not {value!r:.60}"
        raise AuthoringError(message, code="P1", place=place)
    packed: dict[str, JsonValue] = prepare(records.pack(value, hint))
    return packed
