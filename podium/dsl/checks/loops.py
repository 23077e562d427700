"""
Loops: L1 nothing limits it; L3 a loop inside a loop, which Conductor does not run.

(Conductor: ``DoWhile.java``.)
"""

from __future__ import annotations

import re

from podium.dsl.checks.layout import Spot
from podium.dsl.checks.report import Report
from podium.model.statuses import TaskType

#: A condition that ends the loop after one iteration.
_ONCE = re.compile(r"\s*(?:false|0|if\s*\(\s*false\s*\)\s*\{\s*true;?\s*\}\s*else\s*\{\s*false;?\s*\})\s*;?\s*")


def check_loops(report: Report) -> None:
    """Look at every DO_WHILE."""
    for spot in report.layout.spots:
        if spot.task.type == TaskType.DO_WHILE:
            _check_limit(report, spot)
            if spot.in_loop:
                message = f"{spot.name!r} is a loop inside a loop, which Conductor does not support"
                hint = "put the inner loop into a workflow and call that"
                report.add(spot, "L3", message, severity="warning", hint=hint)


def _check_limit(report: Report, spot: Spot) -> None:
    task = spot.task
    keep = task.input_parameters.get("keepLastN")
    if keep is not None and (not isinstance(keep, int) or isinstance(keep, bool)):
        message = f"keepLastN of {spot.name!r} must be a whole number as it stands: Conductor reads it unresolved"
        report.add(spot, "V1", message, at="inputParameters.keepLastN")
    condition = task.loop_condition or ""
    is_list = task.items is not None or "_items" in task.input_parameters
    if not condition.strip() or is_list or "iteration" in condition or _ONCE.fullmatch(condition):
        return
    message = f"nothing limits {spot.name!r}: if its condition stays true, it runs for ever"
    hint = f"add a limit such as $.{spot.name}['iteration'] < 100, or max_iterations= in Python"
    report.add(spot, "L1", message, at="loopCondition", severity="warning", hint=hint)
