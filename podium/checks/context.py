"""What is known beside the definition that is looked at: other workflows, and task definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import AuthoringError

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow

#: A workflow that may be called.
AnyWorkflow: TypeAlias = "WorkflowDef | Workflow[..., Any]"


@frozen(eq=False)
class KnownWorkflow:
    """A workflow that is at hand."""

    definition: WorkflowDef
    #: Inputs that need not be given although they have no default in the JSON: their default is None.
    optional: frozenset[str] = frozenset()


@frozen(kw_only=True, eq=False)
class CheckContext:
    """Workflows and task definitions around a definition."""

    #: Workflows by name.
    workflows: Mapping[str, tuple[KnownWorkflow, ...]] = field(factory=dict)
    #: Task definitions by name; None if it is not known which ones there are.
    tasks: Mapping[str, TaskDef] | None = None
    #: What rules have found out about the workflows, so that it is found out once.
    memory: dict[object, Any] = field(factory=dict)

    @classmethod
    def of(cls, workflows: Iterable[AnyWorkflow] = (), tasks: Iterable[TaskDef] | None = None) -> CheckContext:
        """
        Put together what is known.

        Args:
            workflows: Definitions, or workflows written in Python with all that they call. What cannot be built is
                left out: its own check says why.
            tasks: All task definitions there are; None if that is not known.
        """
        found: dict[str, list[KnownWorkflow]] = {}
        for workflow in workflows:
            for known in _known(workflow):
                same = found.setdefault(known.definition.name, [])
                if all(known.definition != each.definition for each in same):
                    same.append(known)
        by_name = None if tasks is None else {each.name: each for each in tasks}
        return cls(workflows={name: tuple(same) for name, same in found.items()}, tasks=by_name)

    def find(self, name: str, version: int | None) -> KnownWorkflow | None:
        """
        Return the workflow that a call would run.

        Args:
            name: Its name.
            version: Its version; None and 0 are the latest.

        Returns:
            The workflow; None if it is not at hand, or if there are several definitions of this name and version.
        """
        known = self.workflows.get(name, ())
        if not known:
            return None
        wanted = version or max(each.definition.version for each in known)
        same = [each for each in known if each.definition.version == wanted]
        return same[0] if len(same) == 1 else None


def _known(workflow: AnyWorkflow) -> Iterator[KnownWorkflow]:
    if isinstance(workflow, WorkflowDef):
        yield KnownWorkflow(workflow)
        return
    for each in family_of(workflow):
        yield KnownWorkflow(each.definition, _optional(each))


def family_of(workflow: Workflow[..., Any]) -> Iterator[Workflow[..., Any]]:
    """Yield a workflow and all that it calls, each once; without those that cannot be built."""
    met: list[Workflow[..., Any]] = []
    waiting = [workflow]
    while waiting:
        each = waiting.pop(0)
        if all(each is not known for known in met):
            met.append(each)
            try:
                called = each.called_workflows()
            except AuthoringError:
                continue
            yield each
            waiting += called


def _optional(workflow: Workflow[..., Any]) -> frozenset[str]:
    parameters = workflow.signature.parameters.values()
    return frozenset(each.name for each in parameters if each.default is None)


#: Nothing is known.
NOTHING = CheckContext()
