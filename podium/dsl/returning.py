"""What a workflow gives back: its output parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.dsl.refs import Ref, Target, target_of
from podium.dsl.values import prepare
from podium.model.errors import AuthoringError
from podium.model.texts import shown
from podium.typed import kinds, records
from podium.typed.authored import Authored


def outputs_of(value: Authored, hint: records.Hint, place: str | None) -> dict[str, Authored]:
    """
    Return a workflow's output parameters from what its function returns.

    A record gives one parameter per field, a reference to a record too; anything else gives ``result``; None gives
    none.

    Args:
        value: The returned value.
        hint: The return annotation, ``Any`` if there is none.
        place: Where to complain.

    Raises:
        AuthoringError: P1, it cannot be JSON, or it is no record, or nothing, though the annotation says so; R3, it is
            surely of another kind.
    """
    if value is None:
        if "null" not in (kinds.of_hint(hint) or {"null"}):
            message = (
                f"the workflow is declared to return {_name_of(hint)}, and returns nothing; return it, or declare None"
            )
            raise AuthoringError(message, code="P1", place=place)
        return {}
    _refuse_other_kind(value, hint, place)
    if isinstance(value, Ref):
        target = target_of(value)
        known = hint if records.is_record(hint) else target.hint if hint is Any else Any
        names = records.fields(known)
        if names is None:
            return {"result": value}
        wire = [records.wire_name(known, name) for name in names]
        return {name: Ref(Target(target.root, (*target.keys, name))) for name in wire}
    if records.is_record(hint) and not (isinstance(value, Mapping) or records.is_record(type(value))):
        message = f"the workflow is declared to return {_name_of(hint)}, not {value!r:.60}"
        raise AuthoringError(message, code="P1", place=place)
    packed: dict[str, Authored] = prepare(records.pack(value, hint))
    return packed


def _refuse_other_kind(value: Authored, hint: records.Hint, place: str | None) -> None:
    """Refuse a value that is of another kind of JSON than the annotation says, whatever the run brings."""
    given = kinds.of_hint(target_of(value).hint) if isinstance(value, Ref) else kinds.of_value(value)
    wanted = kinds.of_hint(hint)
    if given is not None and wanted is not None and kinds.clash(given, wanted):
        message = f"the workflow is declared to return {_name_of(hint)}, and {shown(value)} is {kinds.described(given)}"
        raise AuthoringError(message, code="R3", place=place)


def _name_of(hint: records.Hint) -> str:
    return getattr(records.core(hint), "__name__", str(hint))
