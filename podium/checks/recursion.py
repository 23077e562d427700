"""Recursion without a way out: L5."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from podium.checks.called import calls_of
from podium.checks.context import CheckContext
from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.task_types import SWITCHES
from podium.model.walk import blocks, walk

#: What tells definitions apart: name and version, or the object's own identity if it is carried along.
_Key: TypeAlias = tuple[str, int] | int
#: Definitions by key.
_Called: TypeAlias = Mapping[_Key, WorkflowDef]


def check_recursion(report: ProblemCollector) -> None:
    """Look whether every way through the definition calls it again."""
    definition, context = report.layout.definition, report.context
    key: _Key = id(definition) if report.prefix else (definition.name, definition.version)
    family = _family(definition, context)
    if key not in family:
        return
    ending = _ending(family, context)
    if key in ending:
        return
    for spot in report.layout.spots:
        for called, callee in _waits_for(spot.task, context).items():
            if called not in ending and (called == key or key in _family(callee, context)):
                _complain(report, spot, callee)
                return


def _complain(report: ProblemCollector, spot: TaskPosition, called: WorkflowDef) -> None:
    name = report.layout.definition.name
    again = "itself" if called.name == name else f"{called.name!r}, which comes back to it"
    message = f"on every way through it, {name!r} calls {again}: no run ever ends"
    report.add(spot, "L5", message, hint="put the call into a case of a switch, so that another case can end it")


def _waits_for(task: WorkflowTask, context: CheckContext) -> _Called:
    """Return the definitions that a task runs and waits for."""
    found: dict[_Key, WorkflowDef] = {}
    if task.type == TaskType.SUB_WORKFLOW:
        for call in calls_of(task, context):
            definition = call.known.definition
            found[id(definition) if call.is_embedded else (definition.name, definition.version)] = definition
    return found


def _called(definition: WorkflowDef, context: CheckContext) -> _Called:
    """Return the definitions that a definition runs and waits for."""
    memory = context.memory.setdefault("called", {})
    # The definition is kept beside, so that its identity stays its own.
    known = memory.get(id(definition))
    if known is None:
        called = {
            key: each for visit in walk(definition.tasks) for key, each in _waits_for(visit.task, context).items()
        }
        known = memory[id(definition)] = (definition, called)
    found: _Called = known[1]
    return found


def _family(definition: WorkflowDef, context: CheckContext) -> _Called:
    """Return what a definition calls and waits for, at any depth; itself only if it is called again."""
    found: dict[_Key, WorkflowDef] = {}
    waiting = [definition]
    while waiting:
        for key, called in _called(waiting.pop(), context).items():
            if key not in found:
                found[key] = called
                waiting.append(called)
    return found


def _ending(family: _Called, context: CheckContext) -> Collection[_Key]:
    """Return those of a family that have a way through them on which everything that is called can end."""
    endless = set(family)
    while True:
        more = {key for key in endless if any(_ways(family[key].tasks, endless, context))}
        if not more:
            return family.keys() - endless
        endless -= more


def _ways(tasks: Iterable[WorkflowTask], endless: Collection[_Key], context: CheckContext) -> tuple[bool, bool]:
    """Return whether a list of tasks may end the run, and whether it may be passed, given what never ends."""
    may_end = False
    for task in tasks:
        ends, passes = _ways_of_task(task, endless, context)
        may_end |= ends
        if not passes:
            return may_end, False
    return may_end, True


def _ways_of_task(task: WorkflowTask, endless: Collection[_Key], context: CheckContext) -> tuple[bool, bool]:
    if task.type == TaskType.TERMINATE:
        return True, False
    if any(key in endless for key in _waits_for(task, context)):
        return False, False
    inner = [_ways(block.tasks, endless, context) for block in blocks(task)]
    ends, passes = [each for each, _ in inner], [each for _, each in inner]
    if task.type in SWITCHES:
        return any(ends), any(passes)
    may_be_skipped = task.type == TaskType.DO_WHILE and task.items is not None
    return any(ends), may_be_skipped or all(passes)
