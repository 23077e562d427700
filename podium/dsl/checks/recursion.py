"""Recursion without a way out: L5."""

from __future__ import annotations

from collections.abc import Iterable

from podium.dsl.checks.called import calls_of
from podium.dsl.checks.layout import SWITCHES, Spot
from podium.dsl.checks.report import Report
from podium.dsl.checks.surroundings import Surroundings
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.walk import blocks, walk


def check_recursion(report: Report) -> None:
    """Look whether every way through the definition calls it again."""
    definition = report.layout.definition
    callers = [spot for spot in report.layout.spots if _waits_for(spot.task, report.surroundings)]
    if not callers:
        return
    family = _family(definition, report.surroundings)
    ending = _ending(family, report.surroundings)
    if _is_in(definition, ending):
        return
    for spot in callers:
        for called in _waits_for(spot.task, report.surroundings):
            if not _is_in(called, ending) and _is_in(definition, _family(called, report.surroundings)):
                _complain(report, spot, called)
                return


def _complain(report: Report, spot: Spot, called: WorkflowDef) -> None:
    name = report.layout.definition.name
    again = "itself" if called.name == name else f"{called.name!r}, which comes back to it"
    message = f"on every way through it, {name!r} calls {again}: no run ever ends"
    report.add(spot, "L5", message, hint="put the call into a case of a switch, so that another case can end it")


def _waits_for(task: WorkflowTask, surroundings: Surroundings) -> list[WorkflowDef]:
    return [call.known.definition for call in calls_of(task, surroundings) if call.waits]


def _is_in(definition: WorkflowDef, some: Iterable[WorkflowDef]) -> bool:
    # By identity first: comparing large definitions takes long.
    return any(definition is each or (definition.name == each.name and definition == each) for each in some)


def _family(definition: WorkflowDef, surroundings: Surroundings) -> list[WorkflowDef]:
    """Give what a definition calls, and waits for, at any depth; itself only if it is called again."""
    found: list[WorkflowDef] = []
    waiting = [definition]
    while waiting:
        for visit in walk(waiting.pop().tasks):
            for called in _waits_for(visit.task, surroundings):
                if not _is_in(called, found):
                    found.append(called)
                    waiting.append(called)
    return found


def _ending(family: list[WorkflowDef], surroundings: Surroundings) -> list[WorkflowDef]:
    """Give those of a family that have a way through them on which everything that is called can end."""
    ending: list[WorkflowDef] = []
    while True:
        more = [
            each for each in family if not _is_in(each, ending) and _passes(each.tasks, ending, family, surroundings)
        ]
        if not more:
            return ending
        ending += more


def _passes(
    tasks: Iterable[WorkflowTask],
    ending: list[WorkflowDef],
    family: list[WorkflowDef],
    surroundings: Surroundings,
) -> bool:
    """Tell whether a list of tasks can end, given which definitions can."""
    for task in tasks:
        if task.type == TaskType.TERMINATE:
            return True
        if any(_is_in(each, family) and not _is_in(each, ending) for each in _waits_for(task, surroundings)):
            return False
        inner = [_passes(block.tasks, ending, family, surroundings) for block in blocks(task)]
        if task.type in SWITCHES:
            ends = any(inner)
        else:
            may_be_skipped = task.type == TaskType.DO_WHILE and task.items is not None
            ends = may_be_skipped or all(inner)
        if not ends:
            return False
    return True
