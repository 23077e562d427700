"""Two definitions in, their difference out, with what it means to runs and callers."""

from __future__ import annotations

from podium.diff.callers import findings_for_callers
from podium.diff.compatibility import Compatibility
from podium.diff.differences import DefinitionDiff
from podium.diff.running import findings_for_runs
from podium.diff.steps import Comparison
from podium.model.definitions import WorkflowDef


def diff_definitions(old: WorkflowDef, new: WorkflowDef) -> DefinitionDiff:
    """
    Compare two definitions step by step.

    Args:
        old: What was.
        new: What is. Values of fields that one of the two masks are not told.

    Example:
        >>> from podium import WorkflowTask
        >>> task = WorkflowTask(name="charge", task_reference_name="charge")
        >>> one = WorkflowDef(name="order", tasks=(task,))
        >>> two = WorkflowDef(name="order", tasks=(task, WorkflowTask(name="ship", task_reference_name="ship")))
        >>> diff_definitions(one, two).summary
        '1 added'
    """
    comparison = Comparison.of(old, new)
    found = comparison.diff()
    said = Compatibility()
    if found:
        callers = findings_for_callers(comparison)
        said = Compatibility(runs=findings_for_runs(comparison, callers), callers=callers)
    return DefinitionDiff(old=old, new=new, steps=found.steps, settings=found.settings, compatibility=said)
