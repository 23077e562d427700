"""What is collected while a workflow is compiled: places, names, tasks and sub-workflows."""

from __future__ import annotations

from inspect import ismethod
from typing import TYPE_CHECKING, Any

from podium.dsl.task_functions import TaskFunction
from podium.dsl.writing import WrittenStep
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.later import later

if TYPE_CHECKING:
    from podium.dsl import undoing
    from podium.dsl.called_workflow import CalledWorkflow
else:
    undoing = later("podium.dsl.undoing")


def refuse_another(known: TaskFunction[..., Any], task: TaskFunction[..., Any], place: str | None) -> None:
    """
    Refuse a second function or definition under one task name: a worker, or the store, has one of them only.

    Raises:
        AuthoringError: N1, the functions or the settings of the two tasks differ.
    """
    if known is task:
        return
    is_one = known.fn is task.fn or (ismethod(task.fn) and known.fn == task.fn)
    if is_one and known.task_def == task.task_def:
        return
    what = "two functions are" if not is_one else "two definitions with other settings are"
    where = f"{known.described_place} and {task.described_place}"
    message = f"{what} the task {task.name!r}: {where}; give one of them task(name='another_name')"
    raise AuthoringError(message, code="N1", place=place)


class CompileContext:
    """
    One pass over a workflow's nodes.

    Attributes:
        places: Reference name to the author's ``file:line``.
        steps: Reference name to the step that has it; structures have none.
        tasks: The worker tasks met, by task name, in the order met.
        workflows: The workflows called by name, each once, in the order met.
        embedded: The workflows whose definitions are carried along.
        undos: Reference name to how the step is undone, in the order met.
        undo_always: What undoes the run as a whole, in the order met.
        undoes_children: What undoes a workflow undoes the runs of workflows that it has called, too.
    """

    def __init__(self, *, undoes_children: bool = True) -> None:
        self.places: dict[str, str | None] = {}
        self.steps: dict[str, WrittenStep] = {}
        self.tasks: dict[str, TaskFunction[..., Any]] = {}
        self.workflows: list[CalledWorkflow] = []
        self.embedded: list[CalledWorkflow] = []
        self.undos: dict[str, undoing.Undo | undoing.UndoRun] = {}
        self.undo_always: list[undoing.Undo] = []
        self.undoes_children = undoes_children

    def claim(self, reference_name: str, place: str | None) -> None:
        """
        Note that a reference name is used.

        Raises:
            AuthoringError: N1, it is used already; the message names both places.
        """
        if reference_name in self.places:
            first = self.places[reference_name] or "an earlier place"
            message = (
                f"reference name {reference_name!r} is used twice, first at {first}; "
                "give one of them .as_('another_name')"
            )
            raise AuthoringError(message, code="N1", place=place)
        self.places[reference_name] = place

    def note_undo(
        self, step: str, undo: undoing.Undo | undoing.UndoRun, place: str | None, ended_by: str | None = None
    ) -> WorkflowTask:
        """
        Note how a step is undone, and return the task behind it that does so while the workflow runs.

        Raises:
            AuthoringError: N1, its name is used already.
        """
        note = undoing.note_of(step, undo, ended_by)
        self.claim(note.task_reference_name, place)
        self.undos[step] = undo
        return note

    def use_task(self, task: TaskFunction[..., Any], place: str | None) -> None:
        """
        Note that a worker task is used.

        Raises:
            AuthoringError: N1, another function has the same task name.
        """
        known = self.tasks.setdefault(task.name, task)
        refuse_another(known, task, place)

    def use_workflow(self, workflow: CalledWorkflow) -> None:
        """Note that a workflow is called by name."""
        if all(workflow is not known for known in self.workflows):
            self.workflows.append(workflow)

    def called_workflows(self) -> list[CalledWorkflow]:
        """Return the workflows that are called by name, here or in an embedded definition."""
        called = list(self.workflows)
        for workflow in self.embedded:
            called += workflow.called_workflows()
        return called

    def embedded_undos(self) -> list[WorkflowDef]:
        """Return the workflows that undo what is carried along."""
        return [undo for workflow in self.embedded for undo in workflow.undo_definitions()]
