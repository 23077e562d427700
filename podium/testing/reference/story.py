"""What comes of an interpretation."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from podium.model.definitions import WorkflowDef
from podium.testing.reference.memory import ReferenceMemory
from podium.testing.reference.steps import End, ReferenceStep


@define
class Story:
    """
    What a run does.

    Branches are followed to their own ends, whatever ends the run meanwhile: which steps a run makes of those that
    race with its end is not determined.
    """

    #: What the run knows in the end.
    memory: ReferenceMemory
    #: By full reference name, in an order in which they may happen.
    steps: dict[str, ReferenceStep] = field(factory=dict)
    ends: list[End] = field(factory=list)
    #: Failures that fail the run when it is through.
    permissive: list[ReferenceStep] = field(factory=list)
    #: The last list has come to its end.
    is_through: bool = False

    def output(self, definition: WorkflowDef, last: ReferenceStep | None) -> Any:
        """Return what the run gives if no TERMINATE ends it: by its definition, else what its *last* task gave."""
        if definition.output_parameters:
            return self.memory.fill(dict(definition.output_parameters))
        return last.output if last is not None else {}
