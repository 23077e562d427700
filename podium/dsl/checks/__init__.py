"""
One check for the SDK, the command line, the server and the pages.

| code | says | severity |
|---|---|---|
| R1 | a reference, or an input that a condition reads, does not exist | error; warning where it may be meant so |
| D1 | a value only exists in one case of a switch | warning; error if it can never exist |
| D2 | a value of a parallel branch before its join | error |
| D4 | a value of a step that runs later | error |
| N1, N2 | a reference name used twice, or not usable | error; N2 a warning where nothing breaks |
| S1 | a join or merge that may wait for ever, a fork without its join | error |
| L1, L3 | a loop without a limit, a loop inside a loop | warning |
| V1 | the official server refuses it | error; warning where it only breaks the run |

The rules that need the author's Python (P1, R2, R3, S2, S3) are raised as `podium.model.errors.AuthoringError` where
they are broken; `podium.dsl.Workflow.check` gives them in the same form.
"""

from __future__ import annotations

from collections.abc import Mapping

from podium.dsl.checks.joins import check_joins
from podium.dsl.checks.layout import Layout
from podium.dsl.checks.loops import check_loops
from podium.dsl.checks.naming import check_names
from podium.dsl.checks.outcome import CheckReport
from podium.dsl.checks.problem import Problem
from podium.dsl.checks.references import check_references
from podium.dsl.checks.registration import check_registration
from podium.dsl.checks.report import Report
from podium.dsl.checks.scripts import check_scripts
from podium.model.definitions import WorkflowDef

#: Definitions embedded deeper than this are not looked at, so that none can exhaust the stack.
_DEPTH_MAX = 20


def check(definition: WorkflowDef, places: Mapping[str, str | None] | None = None) -> CheckReport:
    """
    Look for mistakes in a definition; embedded sub-workflow definitions are looked at too.

    Args:
        definition: The definition.
        places: Reference name to the ``file:line`` that made it, where there is one.

    Returns:
        A list of the problems in document order; empty if there is none.

    Example:
        >>> from podium.dsl import load
        >>> task = {"name": "a", "taskReferenceName": "a", "inputParameters": {"x": "${b.output.x}"}}
        >>> [problem.code for problem in check(load({"name": "w", "tasks": [task]}).definition)]
        ['R1']
    """
    return CheckReport(_check(definition, places or {}, prefix="", place=None, depth=0))


def _check(
    definition: WorkflowDef,
    places: Mapping[str, str | None],
    *,
    prefix: str,
    place: str | None,
    depth: int,
) -> list[Problem]:
    layout = Layout(definition)
    report = Report(layout, places, prefix=prefix, place=place)
    for rule in (check_registration, check_names, check_references, check_joins, check_loops, check_scripts):
        rule(report)
    problems = report.problems()
    for spot in layout.spots:
        params = spot.task.sub_workflow_param
        if params is not None and isinstance(params.workflow_definition, WorkflowDef) and depth < _DEPTH_MAX:
            inner = ".".join(part for part in (prefix, spot.path, "subWorkflowParam.workflowDefinition") if part)
            where = report.place_of(spot)
            problems += _check(params.workflow_definition, {}, prefix=inner, place=where, depth=depth + 1)
    return problems


__all__ = ["CheckReport", "Problem", "check"]
