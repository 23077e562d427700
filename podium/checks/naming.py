"""Names: N1 used twice, N2 not usable in references, N3 too much alike."""

from __future__ import annotations

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector, Severity
from podium.dsl.names import fault_of


def check_names(report: ProblemCollector) -> None:
    """Look at every reference name."""
    seen: dict[str, TaskPosition] = {}
    alike: dict[str, TaskPosition] = {}
    for spot in report.layout.spots:
        first = seen.setdefault(spot.name, spot)
        if first is not spot and spot.name:
            message = f"reference name {spot.name!r} is used twice, first at {first.path}"
            report.add(spot, "N1", message, at="taskReferenceName", hint="give one of them .as_('another_name')")
        _check_case(report, spot, alike.setdefault(spot.name.casefold(), spot))
        fault = fault_of(spot.name)
        if fault is None or not spot.name:
            continue
        # In a loop, the part before the first __ is taken for the name: the loop never finds its step.
        lost = "__" in spot.name and spot.in_loop
        message = f"the reference name {spot.name!r} {fault}"
        severity: Severity = "error" if lost or spot.name == "workflow" else "warning"
        report.add(spot, "N2", message, at="taskReferenceName", severity=severity, hint="choose another name")


def _check_case(report: ProblemCollector, spot: TaskPosition, first: TaskPosition) -> None:
    if first.name != spot.name:
        message = f"the reference names {spot.name!r} and {first.name!r}, at {first.path}, differ only by case"
        hint = "references tell them apart, readers do not: choose another name"
        report.add(spot, "N3", message, at="taskReferenceName", severity="warning", hint=hint)
