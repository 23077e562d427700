"""
What a difference means to callers: clients, parents, schedules, everybody who starts the workflow and reads its output.

A caller that worked with the old definition works with the new one if it need not give more, may give the same, and
gets the same. Inputs that a definition does not declare, and values that only a run makes, cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from podium.diff.compatibility import Finding, Severity
from podium.diff.contracts import Input, InputContract, inputs_of, json_schema
from podium.diff.outputs import findings_for_outputs
from podium.diff.schemas import REQUIRED, Reach, SchemaChange, compare_schemas
from podium.diff.settings import HIDDEN, MISSING, are_same, change_text, value_text
from podium.diff.steps import Comparison
from podium.model.codec import to_dict
from podium.model.definitions import SchemaDef, WorkflowDef
from podium.model.texts import clean

#: What it means for an input if its schema takes more values, or fewer; for outputs the other way round.
_OF_INPUT: Final[Mapping[Reach, Severity]] = {
    Reach.WIDER: Severity.COMPATIBLE,
    Reach.NARROWER: Severity.BREAKING,
    Reach.OTHER: Severity.BREAKING,
    Reach.OPTIONAL: Severity.COMPATIBLE,
    Reach.UNKNOWN: Severity.UNKNOWN,
}
_OF_OUTPUT: Final[Mapping[Reach, Severity]] = {
    **_OF_INPUT,
    Reach.WIDER: Severity.BREAKING,
    Reach.NARROWER: Severity.COMPATIBLE,
}


def findings_for_callers(comparison: Comparison) -> tuple[Finding, ...]:
    """Return what a difference means to callers: the name, then inputs and outputs in the order of the new JSON."""
    schemas = _schema_changes(comparison.old.output_schema, comparison.new.output_schema)
    found = (
        *_identity(comparison.old, comparison.new),
        *_inputs(comparison),
        *(_of_schema("output", change, _OF_OUTPUT) for change in schemas),
        *findings_for_outputs(comparison),
    )
    same = Finding(severity=Severity.COMPATIBLE, subject="inputs and outputs", reason="are the same")
    return found or (same,)


def _identity(old: WorkflowDef, new: WorkflowDef) -> Iterator[Finding]:
    if old.name != new.name:
        reason = f"is {clean(new.name)} now; who starts {clean(old.name)} does not get it"
        yield Finding(severity=Severity.BREAKING, subject="the name", reason=reason)


# -- inputs ------------------------------------------------------------------------------------------------------------


def _inputs(comparison: Comparison) -> Iterator[Finding]:
    old = inputs_of(comparison.old, comparison.before)
    new = inputs_of(comparison.new, comparison.after)
    for name in dict.fromkeys([*new.by_name, *old.by_name]):
        told = _input(old, new, name, is_hidden=name in comparison.masked)
        if told is not None:
            yield Finding(severity=told[0], subject=f"input {clean(name)}", reason=told[1])
    # Of an input that is new or gone all is told, and one with a default is never missing.
    passed = {clean(name) for name in old.by_name.keys() ^ new.by_name.keys()}
    filled = {clean(name) for name, found in new.by_name.items() if found.default is not MISSING}
    for change in _schema_changes(comparison.old.input_schema, comparison.new.input_schema):
        if change.path not in passed and not (change.path in filled and change.words == REQUIRED):
            yield _of_schema("input", change, _OF_INPUT)


def _input(old: InputContract, new: InputContract, name: str, *, is_hidden: bool) -> tuple[Severity, str] | None:
    if name not in old.by_name:
        return _added(new.by_name[name])
    if name not in new.by_name:
        return _gone(new, name)
    return _default(old.by_name[name], new.by_name[name], is_hidden=is_hidden)


def _added(found: Input) -> tuple[Severity, str]:
    if found.default is not MISSING:
        return Severity.COMPATIBLE, "is new and has a default"
    if found.is_required:
        return Severity.BREAKING, "is new, and the schema requires it"
    if found.is_optional or not found.is_read:
        return Severity.COMPATIBLE, "is new and may be left out" if found.is_read else "is new, and nothing reads it"
    if found.is_declared:
        return Severity.BREAKING, "is new and has no default; it is null for callers that do not give it"
    return Severity.UNKNOWN, "is read now and declared nowhere; it is null for callers that do not give it"


def _gone(inputs: InputContract, name: str) -> tuple[Severity, str]:
    if inputs.allowed is not None and name not in inputs.allowed:
        return Severity.BREAKING, "is gone, and the schema refuses what it does not know"
    return Severity.COMPATIBLE, "is gone; callers may go on giving it, nothing reads it"


def _default(was: Input, now: Input, *, is_hidden: bool) -> tuple[Severity, str] | None:
    if are_same(was.default, now.default):
        if now.is_wanted and not was.is_read and not now.is_required:
            return Severity.UNKNOWN, "was declared and is read only now; it is null for callers that do not give it"
        return None
    if now.default is MISSING:
        if not now.is_wanted and not now.is_required:
            return Severity.COMPATIBLE, "has no default any more, and may be left out"
        shown = HIDDEN if is_hidden else value_text(was.default)
        return Severity.BREAKING, f"has no default any more; callers that left it out got {shown}"
    if was.default is MISSING:
        return Severity.COMPATIBLE, "has a default now"
    shown = HIDDEN if is_hidden else change_text(was.default, now.default)
    return Severity.COMPATIBLE, f"has another default: {shown}"


# -- schemas -----------------------------------------------------------------------------------------------------------


def _of_schema(side: str, change: SchemaChange, severities: Mapping[Reach, Severity]) -> Finding:
    subject = f"{side} {change.path}" if change.path else f"{side} schema"
    return Finding(severity=severities[change.reach], subject=subject, reason=change.words)


def _schema_changes(old: SchemaDef | None, new: SchemaDef | None) -> Sequence[SchemaChange]:
    if old is None and new is None:
        return ()
    if new is None:
        return [SchemaChange("", Reach.UNKNOWN, "is gone; nothing says any more of which type values are")]
    if old is None:
        return [SchemaChange("", Reach.UNKNOWN, "is new; whether it fits what was usual before, nothing says")]
    before, after = json_schema(old), json_schema(new)
    if before is not None and after is not None:
        return compare_schemas(before, after)
    if are_same(to_dict(old), to_dict(new)):
        return ()
    return [SchemaChange("", Reach.UNKNOWN, f"is another one, of type {new.type}, which is not looked into")]
