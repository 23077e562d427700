"""Definitions by name and version, for sub-workflows that name theirs, and for the workflow that undoes another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from podium.model.definitions import SubWorkflowParams, WorkflowDef
from podium.model.errors import RenderError


@frozen
class Catalogue:
    """What `RenderOptions` gives as ``definitions``."""

    _known: Mapping[tuple[str, int], WorkflowDef] = field(factory=dict)

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, name: str, version: int | None) -> WorkflowDef | None:
        """Return a definition; the newest version if none is named (Conductor: ``SubWorkflowTaskMapper``)."""
        if version:
            return self._known.get((name, version))
        versions = [known for known in self._known if known[0] == name]
        return self._known[max(versions)] if versions else None

    def child(self, params: SubWorkflowParams | None) -> WorkflowDef | None:
        """Return the definition of a sub-workflow: the one it holds, or the one it names; None if it is not known."""
        if params is None:
            return None
        if isinstance(params.workflow_definition, WorkflowDef):
            return params.workflow_definition
        if params.workflow_definition is not None:  # an expression, which only a run can tell
            return None
        return self.find(params.name or "", params.version)


def catalogue_of(given: object) -> Catalogue:
    """
    Read the option ``definitions``.

    Args:
        given: Definitions, or objects that have one (``workflow.definitions`` gives all that a workflow needs); or a
            mapping that has them as its values.

    Raises:
        RenderError: It holds something else.
    """
    values = given.values() if isinstance(given, Mapping) else given
    if isinstance(values, WorkflowDef) or not isinstance(values, Iterable) or isinstance(values, str):
        raise RenderError(f"definitions is a list of definitions, or a mapping to them, not {given!r:.80}")
    found: dict[tuple[str, int], WorkflowDef] = {}
    for value in values:
        definition = definition_of(value)
        if definition is None:
            raise RenderError(f"definitions holds {value!r:.80}, which is no definition")
        found.setdefault((definition.name, definition.version), definition)
    return Catalogue(found)


def definition_of(value: object) -> WorkflowDef | None:
    """Return a definition, or that of an object which has one; None for anything else."""
    found = value if isinstance(value, WorkflowDef) else getattr(value, "definition", None)
    return found if isinstance(found, WorkflowDef) else None
