"""What the author's Python says about a definition and its JSON does not: places and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from podium.dsl.task_functions import TaskFunction
from podium.model.errors import AuthoringError
from podium.typed import records

if TYPE_CHECKING:
    from podium.dsl.called_workflow import CalledWorkflow


class WrittenStep(Protocol):
    """What can be told of a step from its author's Python: a `podium.dsl.steps.Step`."""

    #: Its type in the JSON.
    task_type: str
    #: The path from its reference name to the output.
    output_keys: tuple[str, ...]
    #: The declared type of its output.
    returns: records.Hint
    #: The task that runs it, None for system tasks.
    worker: TaskFunction[..., Any] | None
    #: The workflow that it calls, if any.
    called: CalledWorkflow | None


@frozen(kw_only=True, eq=False)
class Writing:
    """How a definition was written; empty for one that was read from JSON."""

    #: Reference name to the ``file:line`` that made it.
    places: Mapping[str, str | None] = field(factory=dict)
    #: ``file:line`` of the workflow itself.
    place: str | None = None
    #: It is a function.
    is_function: bool = False
    #: Reference name to its step.
    steps: Mapping[str, WrittenStep] = field(factory=dict)
    #: The declared types of the workflow's inputs.
    inputs: Mapping[str, records.Hint] = field(factory=dict)

    def takes(self, reference_name: str, key: str) -> records.Hint:
        """Return the declared type of a step's input, ``Any`` if it is not known."""
        step = self.steps.get(reference_name)
        called = None if step is None else step.worker or (step.called if step.task_type == "SUB_WORKFLOW" else None)
        return Any if called is None else _annotations(called).get(key, Any)

    def gives(self, reference_name: str) -> tuple[tuple[str, ...], records.Hint]:
        """Return the path from a step's name to what it returns, and the declared type there."""
        step = self.steps.get(reference_name)
        return ((), Any) if step is None else (step.output_keys, step.returns)

    def is_bound(self, reference_name: str) -> bool:
        """Return whether the inputs of a step were held against the parameters of a function."""
        step = self.steps.get(reference_name)
        return step is not None and step.called is not None and bool(_annotated(step.called))


def _annotations(called: TaskFunction[..., Any] | CalledWorkflow) -> Mapping[str, records.Hint]:
    try:
        return called.annotations
    except AuthoringError:  # it is reported where the annotation is needed
        return {}


def _annotated(workflow: CalledWorkflow) -> bool:
    try:
        return workflow.fn is not None
    except AuthoringError:
        return False


#: Of a definition that was read from JSON.
BY_NOBODY = Writing()
