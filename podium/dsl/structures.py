"""What switch, fork and loop have in common: lists of steps as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from podium.dsl.blocks import BlockNode
from podium.dsl.refs import refuse
from podium.dsl.steps import StepMaker

#: One step; a task or workflow without required inputs stands for a call of it.
OneStep: TypeAlias = "BlockNode | StepMaker[[], Any]"

#: One step, or several in order; a list in it is a part of the same sequence (behind ``>>``: a branch).
Steps: TypeAlias = "OneStep | Sequence[OneStep | Sequence[OneStep]]"


def as_nodes(steps: Steps, subject: str) -> list[BlockNode]:
    """
    Return steps as a list of nodes.

    Args:
        steps: What the author wrote.
        subject: Where, for messages.

    Raises:
        AuthoringError: P1, it is no step.
    """
    if isinstance(steps, BlockNode):
        return [steps]
    if isinstance(steps, StepMaker):
        return [steps()]
    if isinstance(steps, list | tuple):
        return [node for step in steps for node in as_nodes(step, subject)]
    return refuse(f"{subject} takes steps, not {steps!r:.60}; call a task to make one")
