"""What the author's Python says about a definition and its JSON does not: places and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from podium.dsl import records
from podium.model.errors import AuthoringError


@frozen(kw_only=True, eq=False)
class Writing:
    """How a definition was written; empty for one that was read from JSON."""

    #: Reference name to the ``file:line`` that made it.
    places: Mapping[str, str | None] = field(factory=dict)
    #: ``file:line`` of the workflow itself.
    place: str | None = None
    #: It is a function.
    is_function: bool = False
    #: Reference name to its `podium.dsl.Step`.
    steps: Mapping[str, Any] = field(factory=dict)
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
        return ((), Any) if step is None else (tuple(step.output_keys), step.returns)

    def is_bound(self, reference_name: str) -> bool:
        """Return whether the inputs of a step were held against the parameters of a function."""
        step = self.steps.get(reference_name)
        return step is not None and step.called is not None and bool(_annotated(step.called))


def _annotations(called: Any) -> Mapping[str, records.Hint]:
    try:
        found: Mapping[str, records.Hint] = called.annotations
    except AuthoringError:  # it is reported where the annotation is needed
        return {}
    return found


def _annotated(workflow: Any) -> bool:
    try:
        return workflow.fn is not None
    except AuthoringError:
        return False


#: Of a definition that was read from JSON.
BY_NOBODY = Writing()
