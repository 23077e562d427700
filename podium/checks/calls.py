"""The inputs of called workflows: R3."""

from __future__ import annotations

from collections.abc import Sequence

from podium.checks.called import WorkflowCall, calls_of
from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.checks.uses import inputs_used
from podium.dsl.names import nearest

#: What Conductor adds to the input of a workflow that is carried along.
_GIVEN_BY_THE_SERVER = frozenset({"_systemMetadata"})


def check_calls(report: ProblemCollector) -> None:
    """Hold the inputs of each call against what the called workflow reads."""
    for spot in report.layout.spots:
        for call in calls_of(spot.task, report.context):
            if call.inputs is not None and not report.writing.is_bound(spot.name):
                _check_call(report, spot, call, list(call.inputs))


def _check_call(report: ProblemCollector, spot: TaskPosition, call: WorkflowCall, given: Sequence[str]) -> None:
    called = call.known.definition
    used = inputs_used(called)
    declared = {*called.input_parameters, *called.input_template}
    # A name that only the callee's own scripts could use is read by nobody; what is declared may be documentation.
    missing = sorted(used.names - {*given, *called.input_template, *call.known.optional, *_GIVEN_BY_THE_SERVER})
    unknown = [name for name in given if name not in declared | used.names]
    if used.everything or not (declared or used.names):
        unknown = []
    for name in unknown:
        near = nearest(name, missing) or nearest(name, sorted(declared | used.names))
        if near in missing:
            missing.remove(near)
        hint = f"did you mean {near!r}?" if near else f"it reads {', '.join(sorted(declared | used.names))}"
        message = f"{spot.name!r} gives the input {name!r}, of which workflow {called.name!r} knows nothing"
        report.add(spot, "R3", message, at=f"{call.at}.{name}", severity="warning", hint=hint)
    if missing:
        names = ", ".join(map(repr, missing))
        message = f"{spot.name!r} does not give {names}, which workflow {called.name!r} reads"
        hint = "give it, or a default in the inputTemplate of the called workflow"
        report.add(spot, "R3", message, at=call.at, severity="warning", hint=hint)
