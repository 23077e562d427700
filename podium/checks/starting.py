"""What keeps a workflow from being started: the errors that its check finds, looked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError, Fault

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow
    from podium.model.problems import Problem

#: Workflow to the definitions that were looked at: a workflow that is written as a value may have grown since.
_sound: WeakKeyDictionary[Workflow[..., Any], tuple[WorkflowDef, ...]] = WeakKeyDictionary()


def refuse_wrong(workflow: Workflow[..., Any]) -> None:
    """
    Refuse to start what ``podium check`` finds errors in; warnings are no reason.

    Args:
        workflow: The workflow; all that it calls is around it.

    Raises:
        DefinitionError: It has errors; the message tells all of them, with what to write instead.
    """
    definitions = workflow.definitions
    if _sound.get(workflow) == definitions:
        return
    errors = workflow.check().errors
    if errors:
        faults = [Fault(problem.path, _message(problem)) for problem in errors]
        raise DefinitionError(faults, subject=f"workflow {workflow.name!r}")
    _sound[workflow] = definitions


def _message(problem: Problem) -> str:
    place = f" ({problem.place})" if problem.place else ""
    hint = f"; {problem.hint}" if problem.hint else ""
    return f"{problem.code} {problem.message}{hint}{place}"
