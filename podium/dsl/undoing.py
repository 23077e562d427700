"""
Compensation: ``step.undo(task, ...)``.

Nothing hidden happens. Behind each step that can be undone stands a SET_VARIABLE ``<step>_done`` that notes, in the
variable ``undo_<step>``, how the step has ended and with which inputs it is to be undone. A second workflow,
``<workflow>_undo``, is named as the ``failureWorkflow``: for each such step, the last one first, it has a SWITCH
``if_<step>`` that looks at the variable in the failed run, and in its case the task ``undo_<step>``
(`podium.dsl.undo_workflow`).

A step that has called a workflow which can be undone is undone by a run of that one's undo workflow; so is each run
that a fan-out has started, and one that was at work when the caller failed.

A step in a loop is undone once for each iteration, the last one first: its notes are among the failed run's tasks.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from podium.dsl.called_workflow import CalledWorkflow, leads_back
from podium.dsl.failure_refs import is_late, noted
from podium.dsl.places import call_site
from podium.dsl.refs import refuse
from podium.dsl.task_functions import bind_inputs
from podium.dsl.values import render
from podium.model.compensation import FAILED_RUN, undo_name
from podium.model.definitions import WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import TaskType
from podium.model.values import JsonObject
from podium.typed.authored import Authored


class Maker(Protocol):
    """What makes the step that undoes another: a task or a workflow, as `podium.dsl.steps.StepMaker` has it."""

    @property
    def name(self) -> str:
        """The name of the task or workflow."""

    @property
    def own_reference_name(self) -> str | None:
        """The reference name that its steps were given."""

    @property
    def signature(self) -> inspect.Signature:
        """The parameters that are inputs."""

    def as_(self, reference_name: str) -> Maker:
        """Return the same, whose next step has this reference name."""

    def step_of(self, inputs: Mapping[str, Authored]) -> Any:
        """Build a step with inputs by name."""


@attrs.frozen(kw_only=True)
class Undo:
    """How a step, or a run as a whole, is undone."""

    maker: Maker
    #: Prepared inputs of what undoes it.
    inputs: Mapping[str, Authored]
    #: Where the author says so.
    place: str | None

    @classmethod
    def by(cls, maker: Maker, args: tuple[Authored, ...], inputs: Mapping[str, Authored], subject: str) -> Undo:
        """
        Return how a step is undone.

        Args:
            maker: What undoes it.
            args: Its inputs by position, prepared.
            inputs: Those by name.
            subject: The step, for messages.

        Raises:
            AuthoringError: P1, it has a reference name of its own; R3, the inputs do not fit it.
        """
        if maker.own_reference_name is not None:
            refuse(f"{subject}: what undoes a step is called undo_<step>; take .as_({maker.own_reference_name!r}) away")
        return cls.of(maker, args, inputs)

    @classmethod
    def of(cls, maker: Maker, args: tuple[Authored, ...], inputs: Mapping[str, Authored]) -> Undo:
        """Return the same of a run as a whole; the step that undoes it may have a reference name of its own."""
        bound = bind_inputs(maker.signature, args, inputs, f"{maker.name}()")
        return cls(maker=maker, inputs=bound, place=call_site())

    def noted(self) -> JsonObject:
        """Return what is to be noted for it when the step is done: its inputs, but for those known only later."""
        try:
            return {name: noted(value) for name, value in render(self.inputs).items() if not is_late(value)}
        except ValueError as error:
            raise AuthoringError(f"{self.maker.name}(): {error}", code="R3", place=self.place) from None


@attrs.frozen(kw_only=True)
class UndoRun:
    """How the run of a workflow that was called is undone: by its own undo workflow."""

    #: Its undo workflow.
    name: str
    version: int
    #: That one looks at the tasks of the run that it undoes.
    reads_tasks: bool
    #: The step that has called it.
    step: str
    #: It is a fan-out, which has called it once for each item.
    of_items: bool = False

    @classmethod
    def of(cls, called: CalledWorkflow, step: str, *, of_items: bool = False) -> UndoRun | None:
        """
        Return how a run of a workflow is undone, None if it cannot be.

        A circle of workflows that call each other is not undone across their calls, wherever one enters it.
        """
        if called.is_building:
            return None
        try:
            undo = called.undo_definition()
        except AuthoringError:  # whoever needs that definition gets the same error, with its own place
            return None
        if undo is None or leads_back(called):
            return None
        reads_tasks = any(task.task_reference_name == FAILED_RUN for task in undo.tasks)
        return cls(name=undo.name, version=undo.version, reads_tasks=reads_tasks, step=step, of_items=of_items)

    def noted(self) -> JsonObject:
        """Return what is to be noted for it: the run."""
        return {} if self.of_items else {"workflowId": f"${{{self.step}.output.subWorkflowId}}"}


def note_of(step: str, undo: Undo | UndoRun, ended_by: str | None = None) -> WorkflowTask:
    """
    Return the task that notes, behind a step, how it has ended and how it is undone.

    Args:
        step: The step's name.
        undo: How it is undone.
        ended_by: The step whose end is its end; the step itself if None.
    """
    name = f"{step}_done"
    note: JsonObject = {undo_name(step): {"done": f"${{{ended_by or step}.status}}", "inputs": undo.noted()}}
    kind = TaskType.SET_VARIABLE.value
    return WorkflowTask(name=name, task_reference_name=name, type=kind, input_parameters=note)
