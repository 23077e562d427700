"""Inputs that are declared and never used: I1."""

from __future__ import annotations

from podium.checks.report import ProblemCollector
from podium.checks.typos import is_slip
from podium.checks.uses import InputUse, inputs_used

#: The schema version whose references have no ``${…}``.
_BARE_REFERENCES = 1
#: What Conductor hands to a failure workflow: listed, they tell readers what it is.
_OF_FAILURES = frozenset({"reason", "workflowId", "failureStatus", "failureTaskId", "failedWorkflow"})


def check_declared(report: ProblemCollector) -> None:
    """Look at the list of inputs."""
    definition = report.layout.definition
    if not definition.input_parameters or definition.schema_version == _BARE_REFERENCES:
        return
    used = inputs_used(definition)
    undoing = _used_when_it_fails(report)
    if used.everything or undoing.everything:
        return
    listed = _OF_FAILURES.intersection(definition.input_parameters)
    documented = listed if len(listed) > 1 else frozenset()
    for index, name in enumerate(definition.input_parameters):
        if name in documented or name in used.names or name in undoing.names:
            continue
        # A slip in the name is reported where it is read.
        if not any(is_slip(each, name) for each in used.names - set(definition.input_parameters)):
            message = f"the input {name!r} is declared, and nothing reads it"
            hint = f"use ${{workflow.input.{name}}} somewhere, or take it off the list"
            report.add(None, "I1", message, at=f"inputParameters[{index}]", severity="warning", hint=hint)


def _used_when_it_fails(report: ProblemCollector) -> InputUse:
    """Return what the failure workflow reads: it gets the same input, and more."""
    definition = report.layout.definition
    name = definition.failure_workflow
    if not name:
        return InputUse(frozenset(), everything=False)
    known = report.context.find(name, definition.failure_workflow_version)
    # It may also look into the failed run, ``${workflow.input.failedWorkflow.input.…}``.
    used = None if known is None else inputs_used(known.definition)
    if used is None or "failedWorkflow" in used.names:
        return InputUse(frozenset(), everything=True)
    return used
