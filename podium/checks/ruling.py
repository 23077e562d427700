"""All rules, applied to one definition and what is embedded in it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, NamedTuple

from podium.checks.layout import TaskLayout
from podium.checks.report import ProblemCollector
from podium.dsl.writing import BY_NOBODY, Writing
from podium.model.definitions import WorkflowDef
from podium.model.later import named
from podium.model.problems import CheckReport, Problem
from podium.model.statuses import TaskType
from podium.model.task_types import FORKS, SWITCHES, TASK_KINDS

if TYPE_CHECKING:
    from podium.checks.context import CheckContext

#: Definitions embedded deeper than this are not looked at, so that none can exhaust the stack.
_DEPTH_MAX = 20

_CALLS: Final = frozenset({TaskType.SUB_WORKFLOW, TaskType.START_WORKFLOW, TaskType.FORK_JOIN_DYNAMIC})
_SCRIPTS: Final = {name for name, kind in TASK_KINDS.items() if kind.script} | SWITCHES | {TaskType.DO_WHILE}


class _Rule(NamedTuple):
    """A rule, which is loaded with the first definition that it has something to say of."""

    check: str
    #: It looks at tasks of these types only; None for one that looks at every definition.
    types: Collection[str] | None = None

    def looks_at(self, types: Collection[str]) -> bool:
        """Return whether the rule looks at definitions with tasks of some types."""
        return self.types is None or any(each in self.types for each in types)


_RULES: Final = (
    _Rule("podium.checks.registration:check_registration"),
    _Rule("podium.checks.limits:check_limits"),
    _Rule("podium.checks.fractions:check_fractions"),
    _Rule("podium.checks.naming:check_names"),
    _Rule("podium.checks.declared:check_declared"),
    _Rule("podium.checks.references:check_references"),
    _Rule("podium.checks.outputs:check_outputs"),
    _Rule("podium.checks.types:check_types"),
    _Rule("podium.checks.calls:check_calls", _CALLS),
    _Rule("podium.checks.recursion:check_recursion", _CALLS),
    _Rule("podium.checks.workers:check_workers"),
    _Rule("podium.checks.joins:check_joins", FORKS | {TaskType.JOIN, TaskType.EXCLUSIVE_JOIN}),
    _Rule("podium.checks.choices:check_choices", SWITCHES),
    _Rule("podium.checks.reach:check_reach", {TaskType.TERMINATE, TaskType.DO_WHILE}),
    _Rule("podium.checks.loops:check_loops", {TaskType.DO_WHILE}),
    _Rule("podium.checks.compensation:check_compensation", _CALLS | {TaskType.SET_VARIABLE}),
    _Rule("podium.checks.scripts:check_scripts", _SCRIPTS),
    _Rule("podium.checks.portable:check_portable", _SCRIPTS),
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
    types = {spot.task.type for spot in layout.spots}
    for rule in _RULES:
        if rule.looks_at(types):
            named(rule.check)(report)
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
