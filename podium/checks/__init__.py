"""
One check for the SDK, the command line, the server and the pages.

`podium.checks.codes` lists the codes of the rules; ``docs/checks.md`` explains each. The rules that need the
author's Python (P1, R2 of records, S2) are raised as `podium.model.errors.AuthoringError` where they are broken;
`podium.dsl.Workflow.check` gives them in the same form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.problems import CheckReport, Problem

if TYPE_CHECKING:
    from podium.checks.context import AnyWorkflow


def check(
    definition: WorkflowDef,
    places: Mapping[str, str | None] | None = None,
    *,
    tasks: Iterable[TaskDef] | None = None,
    others: Iterable[AnyWorkflow] = (),
    notes: bool = False,
) -> CheckReport:
    """
    Look for mistakes in a definition; embedded sub-workflow definitions are looked at too.

    Args:
        definition: The definition.
        places: Reference name to the ``file:line`` that made it, where there is one.
        tasks: All task definitions there are; without them, no name of a worker task is called unknown.
        others: Other workflows, for the rules about what is called; their own mistakes are not looked for.
        notes: Give notes too, which are no mistakes.

    Returns:
        A list of the problems in document order; empty if there is none.

    Example:
        >>> from podium.dsl import load
        >>> task = {"name": "a", "taskReferenceName": "a", "inputParameters": {"x": "${b.output.x}"}}
        >>> [problem.code for problem in check(load({"name": "w", "tasks": [task]}).definition)]
        ['R1']
    """
    # The rules are many modules; whoever only builds workflows does without them.
    from podium.checks.context import CheckContext
    from podium.checks.ruling import check_within
    from podium.dsl.writing import Writing

    context = CheckContext.of([definition, *others], tasks)
    return check_within(context, definition, Writing(places=places or {}), notes=notes)


__all__ = ["CheckReport", "Problem", "check"]
