"""All rules, applied to one definition and what is embedded in it."""

from __future__ import annotations

from podium.checks.calls import check_calls
from podium.checks.choices import check_choices
from podium.checks.compensation import check_compensation
from podium.checks.context import CheckContext
from podium.checks.declared import check_declared
from podium.checks.fractions import check_fractions
from podium.checks.joins import check_joins
from podium.checks.layout import TaskLayout
from podium.checks.limits import check_limits
from podium.checks.loops import check_loops
from podium.checks.naming import check_names
from podium.checks.outputs import check_outputs
from podium.checks.portable import check_portable
from podium.checks.reach import check_reach
from podium.checks.recursion import check_recursion
from podium.checks.references import check_references
from podium.checks.registration import check_registration
from podium.checks.report import ProblemCollector
from podium.checks.scripts import check_scripts
from podium.checks.types import check_types
from podium.checks.workers import check_workers
from podium.dsl.writing import BY_NOBODY, Writing
from podium.model.definitions import WorkflowDef
from podium.model.problems import CheckReport, Problem

#: Definitions embedded deeper than this are not looked at, so that none can exhaust the stack.
_DEPTH_MAX = 20

_RULES = (
    check_registration,
    check_limits,
    check_fractions,
    check_names,
    check_declared,
    check_references,
    check_outputs,
    check_types,
    check_calls,
    check_recursion,
    check_workers,
    check_joins,
    check_choices,
    check_reach,
    check_loops,
    check_compensation,
    check_scripts,
    check_portable,
)


def check_within(
    context: CheckContext,
    definition: WorkflowDef,
    writing: Writing,
    *,
    notes: bool = False,
) -> CheckReport:
    """
    Do as `podium.checks.check`, with what is around the definition put together before; for checking many.

    Args:
        context: What is around it.
        definition: The definition.
        writing: How it was written.
        notes: Give notes too.
    """
    found = _check(context, definition, writing, prefix="", place=writing.place, depth=0)
    return CheckReport(problem for problem in found if notes or problem.severity != "note")


def _check(
    context: CheckContext,
    definition: WorkflowDef,
    writing: Writing,
    *,
    prefix: str,
    place: str | None,
    depth: int,
) -> list[Problem]:
    layout = TaskLayout(definition)
    report = ProblemCollector(layout, writing, context, prefix=prefix, place=place)
    for rule in _RULES:
        rule(report)
    problems = report.problems()
    for spot in layout.spots:
        params = spot.task.sub_workflow_param
        if params is not None and isinstance(params.workflow_definition, WorkflowDef) and depth < _DEPTH_MAX:
            inner = ".".join(part for part in (prefix, spot.path, "subWorkflowParam.workflowDefinition") if part)
            where = report.place_of(spot)
            problems += _check(
                context, params.workflow_definition, BY_NOBODY, prefix=inner, place=where, depth=depth + 1
            )
    return problems
