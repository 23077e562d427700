"""What a step, and what is collected of steps, asks of a workflow that it calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from podium.dsl.task_functions import TaskFunction
from podium.model.definitions import WorkflowDef
from podium.typed import records


class CalledWorkflow(Protocol):
    """A workflow that another one calls: a `podium.dsl.workflows.Workflow`, which stands above steps."""

    @property
    def name(self) -> str:
        """The workflow's name."""

    @property
    def version(self) -> int:
        """The workflow's version."""

    @property
    def fn(self) -> Callable[..., Any]:
        """The function that it is written as; raises an `AuthoringError` if it is none."""

    @property
    def signature(self) -> inspect.Signature:
        """The parameters."""

    @property
    def annotations(self) -> Mapping[str, records.Hint]:
        """The types of the inputs, and of ``return``."""

    @property
    def return_hint(self) -> records.Hint:
        """The type of what it returns."""

    @property
    def is_building(self) -> bool:
        """Its definition is made just now, so that nobody can have it yet."""

    def embedded(self, place: str | None) -> WorkflowDef:
        """Return the definition for a step at *place* that carries it along."""

    def own_tasks(self) -> Sequence[TaskFunction[..., Any]]:
        """Return the worker tasks used here and in embedded workflows, but not in those called by name."""

    def undo_definition(self) -> WorkflowDef | None:
        """Return the workflow that undoes a run of it."""

    def undo_definitions(self) -> Sequence[WorkflowDef]:
        """Return the workflow that undoes it, and those that undo what it embeds."""

    def embedded_workflows(self) -> Sequence[CalledWorkflow]:
        """Return the workflows whose definitions are a part of this one's."""

    def called_workflows(self) -> Sequence[CalledWorkflow]:
        """Return the workflows that it, or an embedded one, calls by name."""


def leads_back(workflow: CalledWorkflow) -> bool:
    """Return whether a workflow, or one that it calls, through others too, is one whose definition is made just now."""
    known: list[CalledWorkflow] = []
    waiting = [workflow]
    while waiting:
        each = waiting.pop()
        if each.is_building:
            return True
        if all(each is not one for one in known):
            known.append(each)
            waiting += [*each.called_workflows(), *each.embedded_workflows()]
    return False
