"""Steps written as canonical JSON: the way out of everything that has no builder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from podium.dsl.arguments import checked_arguments
from podium.dsl.places import call_site
from podium.dsl.steps import Step
from podium.dsl.values import prepare, render
from podium.model import codec
from podium.model.definitions import WorkflowTask
from podium.model.errors import AuthoringError, DefinitionError
from podium.model.walk import walk
from podium.typed.authored import Authored, AuthoredObject

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext


class RawStep(Step[Any]):
    """A task as its author wrote it in JSON."""

    def __init__(self, data: AuthoredObject) -> None:
        self.data: dict[str, Authored] = prepare(data)
        task = self._read()
        # The name may be one that we would refuse: what is raw stays as it is.
        super().__init__("raw", type=task.type, keys=("output",))
        self.rename(task.task_reference_name)

    def _read(self) -> WorkflowTask:
        try:
            return codec.from_dict({"name": "", **render(self.data)}, WorkflowTask)
        except DefinitionError as error:
            raise AuthoringError(f"raw: {error}", code="V1", place=call_site()) from error

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the task; the names inside it are taken too."""
        task = self._read()
        if self.reference_name != task.task_reference_name:
            task = attrs.evolve(task, task_reference_name=self.reference_name)
        for visit in walk([task]):
            build.claim(visit.task.task_reference_name, self.written_at)
        return (self.with_options(task),)


@checked_arguments
def raw(task: AuthoredObject) -> Step[Any]:
    """
    Put in a task as canonical JSON: nothing that Conductor knows is out of reach.

    Args:
        task: A WorkflowTask; references may stand anywhere in it.

    Raises:
        AuthoringError: V1, it cannot be read.

    Example:
        ``raw({"name": "x", "taskReferenceName": "x", "type": "YIELD", "inputParameters": {"a": order_id}})``
    """
    return RawStep(task)
