"""
Loops: L1 nothing limits it; L3 a loop inside a loop, which Conductor does not run; L4 its condition never changes.

(Conductor: ``DoWhile.java``. A loop's inputs are resolved again before each look at its condition, so what matters is
whether the body, or something that runs beside it, changes what they refer to.)
"""

from __future__ import annotations

import re

from podium.checks.layout import Relation, TaskLayout, TaskPosition, parting
from podium.checks.paths import path_of, whole_path
from podium.checks.reads import ScriptReads, reads_of
from podium.checks.report import ProblemCollector
from podium.checks.syntax import is_false
from podium.model.expressions import SimplePath, references
from podium.model.statuses import TaskType
from podium.model.task_types import FORKS
from podium.model.values import JsonValue
from podium.model.walk import is_list_loop, walk

#: A condition that ends the loop after one iteration.
_ONCE = re.compile(r"\s*(?:false|0|if\s*\(\s*false\s*\)\s*\{\s*true;?\s*\}\s*else\s*\{\s*false;?\s*\})\s*;?\s*")
#: What gives another value each time.
_RESTLESS = re.compile(r"\b(?:Date|Math\s*\.\s*random|performance)\b")
_WORKFLOW_CONSTANTS = frozenset({"input", "workflowId", "workflowType", "version", "correlationId", "secrets", "env"})


def check_loops(report: ProblemCollector) -> None:
    """Look at every DO_WHILE."""
    for spot in report.layout.spots:
        if spot.task.type == TaskType.DO_WHILE:
            _check_keep(report, spot)
            _check_limit(report, spot)
            if spot.in_loop:
                message = f"{spot.name!r} is a loop inside a loop, which Conductor does not support"
                hint = "put the inner loop into a workflow and call that"
                report.add(spot, "L3", message, severity="warning", hint=hint)


def _check_keep(report: ProblemCollector, spot: TaskPosition) -> None:
    keep = spot.task.input_parameters.get("keepLastN")
    if keep is not None and (not isinstance(keep, int) or isinstance(keep, bool)):
        message = f"keepLastN of {spot.name!r} must be a whole number as it stands: Conductor reads it unresolved"
        report.add(spot, "V1", message, at="inputParameters.keepLastN")


def _check_limit(report: ProblemCollector, spot: TaskPosition) -> None:
    condition = spot.task.loop_condition or ""
    if not condition.strip() or is_list_loop(spot.task) or _ONCE.fullmatch(condition):
        return
    reads = reads_of(condition)
    if _never_changes(report.layout, spot, reads):
        what = ", ".join(f"$.{name}" for name in reads.names)
        message = f"the condition of {spot.name!r} reads {what} only, which nothing in its body changes"
        hint = f"read a step of the body, or $.{spot.name}['iteration']"
        report.add(spot, "L4", message, at="loopCondition", severity="warning", hint=hint)
    elif "iteration" not in condition and not _is_counted(spot) and not _ends_after_once(spot, reads):
        message = f"nothing limits {spot.name!r}: if its condition stays true, it runs for ever"
        hint = f"add a limit such as $.{spot.name}['iteration'] < 100, or max_iterations= in Python"
        report.add(spot, "L1", message, at="loopCondition", severity="warning", hint=hint)


def _is_counted(loop: TaskPosition) -> bool:
    """Return whether the body looks at the loop itself, so that it may count the iterations and end them."""
    return any(
        found.root == loop.name
        for visit in walk(loop.task.loop_over)
        for found in references(dict(visit.task.input_parameters))
    )


def _ends_after_once(loop: TaskPosition, reads: ScriptReads) -> bool:
    """Return whether the condition is false once the body has set the variables that it reads."""
    constants: dict[str, JsonValue] = {}
    for task in loop.task.loop_over:
        if task.type == TaskType.SET_VARIABLE:
            constants |= task.input_parameters
    values: dict[str, JsonValue] = {}
    for name in reads.names:
        text = loop.task.input_parameters.get(name)
        path = whole_path(text) if isinstance(text, str) else None
        variable = path.segments[1] if path is not None and _is_variable(path) else None
        if variable not in constants or any(references(constants[variable])):
            return False
        values[name] = constants[variable]
    return bool(values) and reads.is_complete and is_false(loop.task.loop_condition or "", values)


def _is_variable(path: SimplePath) -> bool:
    return path.root == "workflow" and path.segments[:1] == ("variables",) and len(path.segments) == 2


def _never_changes(layout: TaskLayout, loop: TaskPosition, reads: ScriptReads) -> bool:
    """Return whether a condition reads something, and only what stays the same; in doubt it does not."""
    if not reads.names or not reads.is_complete or _RESTLESS.search(reads.bare):
        return False
    own = {loop.name, "loopIndex", "loopItem", *(visit.task.task_reference_name for visit in walk(loop.task.loop_over))}
    inputs = loop.task.input_parameters
    # What nothing gives at all is reported as R1.
    return all(name in inputs and name not in own and _stays(layout, loop, inputs[name]) for name in reads.names)


def _stays(layout: TaskLayout, loop: TaskPosition, value: JsonValue) -> bool:
    """Return whether a value stays the same while a loop runs."""
    for found in references(value):
        path = path_of(found.text)
        if path is None or not path.segments:
            return False
        if path.root == "workflow":
            key = path.segments[0]
            if key == "variables":
                if len(path.segments) < 2 or _may_be_set(layout, loop, path.segments[1]):
                    return False
            elif key not in _WORKFLOW_CONSTANTS:
                return False
        elif path.root not in layout.by_name or not _is_over(layout.by_name[path.root], loop):
            return False
    return True


def _is_over(source: TaskPosition, loop: TaskPosition) -> bool:
    """Return whether a step has ended before a loop begins, and does not come again while it runs."""
    relation, _ = parting(source, loop)
    return relation is Relation.BEFORE and all(outer.task.type not in FORKS for outer in source.line)


def _may_be_set(layout: TaskLayout, loop: TaskPosition, name: JsonValue) -> bool:
    """Return whether a variable is set in a loop's body, or by something that may run at the same time."""
    for spot in layout.spots:
        if spot.task.type == TaskType.SET_VARIABLE and name in spot.task.input_parameters:
            relation, _ = parting(spot, loop)
            if relation in {Relation.INSIDE, Relation.PARALLEL} or any(loop.task is each.task for each in spot.line):
                return True
    return False
