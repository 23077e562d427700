"""What switch, fork and loop have in common: a block that is opened by ``with``, and lists of steps as plain values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from podium.dsl.blocks import BlockNode, Opening
from podium.dsl.refs import refuse
from podium.dsl.steps import Configurable, StepMaker

if TYPE_CHECKING:
    from typing import Self

#: One step; a task or workflow without required inputs stands for a call of it.
OneStep: TypeAlias = "BlockNode | StepMaker[[], Any]"

#: One step, or several in order; a list in it is a part of the same sequence (behind ``>>``: a branch).
Steps: TypeAlias = "OneStep | Sequence[OneStep | Sequence[OneStep]]"


class BlockStructure(Configurable):
    """A structure that ``with`` opens; it may be opened again."""

    def __init__(self, reference_name: str) -> None:
        super().__init__(reference_name)
        self._openings: list[Opening[None]] = []

    @abstractmethod
    def _opening(self) -> Opening[None]:
        """Return what opens the block that steps directly in the structure live in."""

    def __enter__(self) -> Self:
        opening = self._opening()
        self._openings.append(opening)
        opening.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._openings.pop().__exit__(kind, error, trace)


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
