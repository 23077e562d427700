"""
Compensation: ``step.undo(task, ...)``.

Nothing hidden happens. Behind each step that can be undone stands a SET_VARIABLE ``<step>_done`` that notes, in the
variable ``undo_<step>``, that the step is done and with which inputs it is to be undone. A second workflow,
``<workflow>_undo``, is named as the ``failureWorkflow``: for each such step, the last one first, it has a SWITCH
``if_<step>`` that looks at the variable in the failed run, and in its case the task ``undo_<step>``.

A step in a loop is undone once, with the inputs of its last iteration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from podium.dsl.refs import refuse
from podium.dsl.task_functions import TaskFunction, bind_inputs
from podium.dsl.values import render
from podium.model.compensation import undo_name, undo_workflow_name
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import TaskType
from podium.model.texts import shown
from podium.model.values import JsonObject
from podium.typed.authored import Authored


@attrs.frozen(kw_only=True)
class Undo:
    """How a step is undone."""

    task: TaskFunction[..., Any]
    #: Prepared inputs of the task.
    inputs: Mapping[str, Authored]

    @classmethod
    def by(
        cls,
        task: TaskFunction[..., Any],
        args: tuple[Authored, ...],
        inputs: Mapping[str, Authored],
        subject: str,
    ) -> Undo:
        """
        Return how a step is undone.

        Args:
            task: The task that undoes it.
            args: The task's inputs by position, prepared.
            inputs: Those by name.
            subject: The step, for messages.

        Raises:
            AuthoringError: P1, *task* is no task; R3, the inputs do not fit it.
        """
        if not isinstance(task, TaskFunction):
            refuse(f"{subject} is undone by a task, not by {shown(task)}; put @task above the function")
        return cls(task=task, inputs=bind_inputs(task.signature, args, inputs, f"{task.name}()"))

    def note(self, step: str) -> WorkflowTask:
        """Return the task that notes, behind the step of this name, that it is done and how it is undone."""
        name = note_name(step)
        note: JsonObject = {undo_name(step): {"done": True, "inputs": render(self.inputs)}}
        kind = TaskType.SET_VARIABLE.value
        return WorkflowTask(name=name, task_reference_name=name, type=kind, input_parameters=note)


def note_name(step: str) -> str:
    """Return the reference name of the task that notes that a step is done."""
    return f"{step}_done"


def with_undo(definition: WorkflowDef, undos: Mapping[str, Undo], *, place: str | None) -> tuple[WorkflowDef, ...]:
    """
    Return a definition, and behind it its undo workflow if any step can be undone.

    Args:
        definition: The definition.
        undos: Reference name to how the step is undone, in the order of the steps.
        place: Where to complain.

    Raises:
        AuthoringError: V1, the author has named another failure workflow too.
    """
    if not undos:
        return (definition,)
    if definition.failure_workflow is not None:
        message = (
            f"workflow {definition.name!r} has both .undo(...) and failure_workflow=; Conductor starts one only: "
            "call the other one from it"
        )
        raise AuthoringError(message, code="V1", place=place)
    undo = WorkflowDef(
        name=undo_workflow_name(definition.name),
        version=definition.version,
        description=f"Undoes what a failed run of {definition.name} has done, the last step first.",
        owner_email=definition.owner_email,
        tasks=tuple(_guarded(name, undos[name]) for name in reversed(tuple(undos))),
    )
    changed = attrs.evolve(definition, failure_workflow=undo.name, failure_workflow_version=undo.version)
    return changed, undo


def _guarded(name: str, undo: Undo) -> WorkflowTask:
    noted = f"workflow.input.failedWorkflow.variables.{undo_name(name)}"
    step = WorkflowTask(
        name=undo.task.name,
        task_reference_name=undo_name(name),
        input_parameters={key: f"${{{noted}.inputs{_member(key)}}}" for key in undo.inputs},
    )
    return WorkflowTask(
        name=f"if_{name}",
        task_reference_name=f"if_{name}",
        type=TaskType.SWITCH.value,
        input_parameters={"switchCaseValue": f"${{{noted}.done}}"},
        evaluator_type="value-param",
        expression="switchCaseValue",
        decision_cases={"true": (step,)},
    )


def _member(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"['{key}']"
