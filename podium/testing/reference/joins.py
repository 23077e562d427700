"""How a JOIN ends that has a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from podium.model.definitions import WorkflowTask
from podium.testing.reference.filling import is_unknown, known
from podium.testing.reference.leaves import evaluated
from podium.testing.reference.steps import UNKNOWN, ReferenceStep


class ScriptVerdict(NamedTuple):
    """What a script has said."""

    status: str
    output: Any
    #: It would have said something before all had ended, so it depends on who was first.
    is_early: bool


def verdict_of(
    join: WorkflowTask, given: Mapping[str, Any], joined: Mapping[str, ReferenceStep | None]
) -> ScriptVerdict | None:
    """
    Return what the script of a JOIN says when nothing goes on any more; None if it waits.

    Args:
        join: The JOIN.
        given: Its parameters.
        joined: What it waits for, by the names in the definition; None for what the run has not come to.
    """
    seen = {name: _shown(step, step.status) for name, step in joined.items() if step is not None}
    said = _said(join, given, joined, seen)
    if said is None:
        return None
    is_early = any(step is None or step.status is None for step in joined.values()) or any(
        _said(join, given, joined, {**seen, name: {**seen[name], "status": "IN_PROGRESS"}}) is not None for name in seen
    )
    if is_early:
        return ScriptVerdict(said["status"], UNKNOWN, is_early=True)
    every = {step.ref: step.output for step in joined.values() if step is not None and step.output}
    if not isinstance(said.get("outputData"), dict):
        return ScriptVerdict(said["status"], every, is_early=False)
    return ScriptVerdict(said["status"], UNKNOWN if is_unknown(every) else said["outputData"], is_early=False)


def _shown(step: ReferenceStep, status: str | None) -> dict[str, Any]:
    output = {} if step.output is UNKNOWN else step.output
    return {"status": status or "IN_PROGRESS", "output": output, "outputData": output}


def _said(
    join: WorkflowTask, given: Mapping[str, Any], joined: Mapping[str, ReferenceStep | None], seen: Mapping[str, Any]
) -> dict[str, Any] | None:
    bindings = known({**given, **seen, "joinOn": list(joined)})
    said = evaluated(str(join.expression), bindings, join.evaluator_type)
    if said is True:
        return {"status": "COMPLETED"}
    return said if isinstance(said, dict) and said.get("status") else None
