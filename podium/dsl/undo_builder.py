"""``undo_all``: what undoes a run as a whole, whatever it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec

from podium.dsl.blocks import BlockNode, current
from podium.dsl.places import brief
from podium.dsl.refs import refuse
from podium.dsl.steps import StepMaker
from podium.dsl.undoing import Undo
from podium.dsl.values import prepare
from podium.model.texts import shown

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext
    from podium.model.definitions import WorkflowTask

P = ParamSpec("P")


class UndoAll(BlockNode):
    """What undoes the whole run; it is a step of the undo workflow only."""

    def __init__(self, undo: Undo) -> None:
        super().__init__(undo.maker.own_reference_name or undo.maker.name)
        self._undo = undo

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return no task; note what undoes the run."""
        build.undo_always.append(self._undo)
        return ()


@brief
def undo_all(task: StepMaker[P, Any], /, *args: P.args, **inputs: P.kwargs) -> UndoAll:
    """
    Say what undoes the run as a whole if it fails, whatever it has done until then.

    It is a step of the failure workflow ``<workflow>_undo``, under its own name, and runs when all steps that have an
    ``.undo(...)`` are undone; of several, the last written is the first.

    Args:
        task: The task or the workflow; ``task.opts(retries=5)`` gives it retries and a time limit of its own.
        args: Its inputs, as in a call of the task. References are what they are when the run has failed; the outputs of
            steps that were not reached are null.
        inputs: Its inputs by name.

    Raises:
        AuthoringError: P1, *task* is no task, or this is inside a case, a branch or a loop; R3, the inputs do not fit.

    Example:
        ``undo_all(tell_support, order_id, why=failed_run().reason)``
    """
    given: object = task  # whatever authors pass
    if not isinstance(given, StepMaker):
        refuse(f"undo_all() takes a task, not {shown(given)}; put @task above the function")
    block = current()
    if block is None or block.owner is not None:
        where = "outside of a workflow" if block is None else f"in {block.label}"
        refuse(f"undo_all({task.name}) {where} has no meaning: it concerns a whole workflow; write it directly in it")
    return UndoAll(Undo.of(task, tuple(prepare(args)), prepare(inputs)))
