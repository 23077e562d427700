"""
Compensation: ``step.undo(task, ...)``.

Nothing hidden happens. Behind each step that can be undone stands a SET_VARIABLE ``<step>_done`` that notes, in the
variable ``undo_<step>``, that the step is done and with which inputs it is to be undone. A second workflow,
``<workflow>_undo``, is named as the ``failureWorkflow``: for each such step, the last one first, it has a SWITCH
``if_<step>`` that looks at the variable in the failed run, and in its case the task ``undo_<step>``.

A step in a loop is undone once, with the inputs of its last iteration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from podium.dsl.refs import refuse
from podium.dsl.tasks import Task, bind_inputs
from podium.dsl.values import render
from podium.model.compensation import undo_name, undo_workflow_name
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import TaskType
from podium.model.texts import shown
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext
    from podium.dsl.steps import Step


@attrs.frozen(kw_only=True)
class Undo:
    """How one step is undone."""

    step: Step[Any]
    task: Task[..., Any]
    #: Prepared inputs of the task.
    inputs: Mapping[str, JsonValue]

    @property
    def variable(self) -> str:
        """The variable that notes it."""
        return undo_name(self.step.reference_name)


def undo_of(
    step: Step[Any],
    task: Task[..., Any],
    args: Sequence[JsonValue],
    inputs: Mapping[str, JsonValue],
) -> Undo:
    """
    Return how a step is undone.

    Args:
        step: The step.
        task: The task that undoes it.
        args: The task's inputs by position, prepared.
        inputs: Those by name.

    Raises:
        AuthoringError: P1, *task* is no task; R3, the inputs do not fit it.
    """
    if not isinstance(task, Task):
        refuse(f"{step!r} is undone by a task, not by {shown(task)}; put @task above the function")
    return Undo(step=step, task=task, inputs=bind_inputs(task.signature, tuple(args), inputs, f"{task.name}()"))


def undo_tasks(step: Step[Any], build: CompileContext) -> tuple[WorkflowTask, ...]:
    """Return the task that stands behind a step which can be undone; nothing for other steps."""
    undo = step.undoing
    if undo is None:
        return ()
    name = f"{step.reference_name}_done"
    build.claim(name, step.written_at)
    build.use_task(undo.task, step.written_at)
    build.undos.append(undo)
    note = {undo.variable: {"done": True, "inputs": render(undo.inputs)}}
    kind = TaskType.SET_VARIABLE.value
    return (WorkflowTask(name=name, task_reference_name=name, type=kind, input_parameters=note),)


def with_undo(definition: WorkflowDef, build: CompileContext, *, place: str | None) -> tuple[WorkflowDef, ...]:
    """
    Return a definition, and behind it its undo workflow if any step can be undone.

    Raises:
        AuthoringError: V1, the author has named another failure workflow too.
    """
    if not build.undos:
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
        tasks=tuple(_guarded(each) for each in reversed(build.undos)),
    )
    changed = attrs.evolve(definition, failure_workflow=undo.name, failure_workflow_version=undo.version)
    return changed, undo


def _guarded(undo: Undo) -> WorkflowTask:
    name = undo.step.reference_name
    noted = f"workflow.input.failedWorkflow.variables.{undo.variable}"
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
