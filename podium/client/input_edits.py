"""Inputs that take the place of those that a run and its tasks had."""

from __future__ import annotations

from collections.abc import Mapping

from podium.client.checked import checked_object
from podium.client.declared import DeclaredTypes
from podium.client.engine import EmbeddedEngine
from podium.engine.decider import filled, input_misfit
from podium.engine.masking import shower
from podium.model.errors import InvalidRequest, LimitExceeded
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.values import JsonValue


class Edits:
    """
    Checks them as a start's input is checked.

    Args:
        engine: Where the runs are.
        declared: The types that they must have.
    """

    def __init__(self, engine: EmbeddedEngine, declared: DeclaredTypes) -> None:
        self._engine = engine
        self._declared = declared

    def run_input(self, run_id: str, given: Mapping[str, object]) -> dict[str, JsonValue]:
        """
        Return another input of a run, with the defaults of what is absent.

        Raises:
            RunNotFound: No run has this id.
            InvalidRequest: The workflow cannot begin with it.
        """
        changed = checked_object(given, "workflow_input")
        try:
            self._engine.limits.packed(changed, "workflow_input")
        except LimitExceeded as error:
            raise InvalidRequest(str(error)) from None
        run = self._engine.reader.run(run_id, with_tasks=False)
        self._declared.refuse_wrong_input(run, changed)
        definition = run.workflow_definition
        if definition is None:
            return changed
        whole = filled(changed, definition)
        fault = input_misfit(whole, definition, self._engine.limits)
        if fault is not None:
            raise InvalidRequest(shower(definition.masked_fields, [whole])(fault))
        return whole

    def task_input(self, run: WorkflowRun, task: TaskRun, given: Mapping[str, object]) -> dict[str, JsonValue]:
        """
        Return another input of a task.

        Raises:
            InvalidRequest: The task's function would not take it.
        """
        changed = checked_object(given, "task_input")
        self._declared.refuse_wrong_task_input(run, task.reference_task_name, changed)
        return changed
