"""What a difference between two definitions consists of."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from podium.diff.settings import Setting
from podium.diff.spots import case_text
from podium.model.definitions import WorkflowDef
from podium.model.texts import clean
from podium.model.values import JsonValue


class Change(StrEnum):
    """What became of a step."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    #: The same step has another reference name; it may also be changed and moved.
    RENAMED = "RENAMED"
    #: Its settings differ, its cases, or the definition that it carries; it may also stand elsewhere.
    CHANGED = "CHANGED"
    #: Only its place differs.
    MOVED = "MOVED"
    SAME = "SAME"


@frozen(kw_only=True)
class EdgeChange:
    """A case or a branch of a step that differs, beside the steps in it."""

    #: ``case`` or ``branch``.
    kind: str
    #: ADDED, REMOVED, RENAMED (a case), or MOVED (the branches stand in another order).
    change: Change
    #: Labels of a case; None where there was none, and for branches.
    old: str | None = None
    new: str | None = None

    def __str__(self) -> str:
        if self.change is Change.MOVED:
            return "another order of branches"
        if self.kind == "branch":
            return f"empty branch {self.change.lower()}"
        if self.change is Change.RENAMED:
            return f"case {case_text(self.old or '')} -> case {case_text(self.new or '')}"
        return f"case {case_text((self.new if self.old is None else self.old) or '')} {self.change.lower()}"

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON data; what says nothing is left out."""
        return _told({"kind": self.kind, "change": self.change.value, "old": self.old, "new": self.new})


@frozen(kw_only=True)
class StepDiff:
    """What became of one step."""

    #: Its reference name: the new one, or that of a step that was removed.
    reference: str
    #: Its old reference name; empty if it was added.
    old_reference: str = ""
    change: Change
    #: The task's type; of a removed step the old one.
    task_type: str
    #: What is around it, in words, such as ``case EXPRESS of shipping``; empty at the top or where it is not.
    old_place: str = ""
    new_place: str = ""
    is_moved: bool = False
    #: In the order of the new JSON; those that are gone last.
    settings: tuple[Setting, ...] = ()
    #: Cases and branches that differ.
    edges: tuple[EdgeChange, ...] = ()
    #: What differs in the definition that a SUB_WORKFLOW carries; None if nothing does, or there are not two.
    inner: Changes | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """What differs, one line each, without what differs in an embedded definition."""
        moves = (self.move,) if self.is_moved else ()
        return (*moves, *(str(edge) for edge in self.edges), *(str(setting) for setting in self.settings))

    @property
    def move(self) -> str:
        """From where to where it moved."""
        if self.old_place == self.new_place:
            return f"another order in {self.new_place or 'the workflow'}"
        return f"from {self.old_place or 'the top'} to {self.new_place or 'the top'}"

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON data; what says nothing is left out."""
        return _told(
            {
                "reference": self.reference,
                "oldReference": self.old_reference if self.change is Change.RENAMED else None,
                "change": self.change.value,
                "type": self.task_type,
                "oldPlace": None if self.change is Change.ADDED else self.old_place,
                "newPlace": None if self.change is Change.REMOVED else self.new_place,
                "isMoved": self.is_moved or None,
                "edges": [edge.to_dict() for edge in self.edges] or None,
                "settings": [setting.to_dict() for setting in self.settings] or None,
                "inner": None if self.inner is None else self.inner.to_dict(),
            }
        )


@frozen(kw_only=True)
class Changes:
    """What differs between two definitions, step by step; it is true if anything does."""

    #: The two definitions.
    old: WorkflowDef = field(repr=False)
    new: WorkflowDef = field(repr=False)
    #: Every step of both, once: those of the new definition in its order, each removed one after the one that it
    #: followed.
    steps: tuple[StepDiff, ...]
    #: Settings of the workflow itself.
    settings: tuple[Setting, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not self.settings and all(step.change is Change.SAME for step in self.steps)

    def __bool__(self) -> bool:
        return not self.is_empty

    def of(self, change: Change) -> tuple[StepDiff, ...]:
        """Return the steps of which this became."""
        return tuple(step for step in self.steps if step.change is change)

    @property
    def changed_steps(self) -> Iterator[StepDiff]:
        """The steps that differ, in order."""
        return (step for step in self.steps if step.change is not Change.SAME)

    @property
    def title(self) -> str:
        """Names and versions of both: ``order version 1 -> order version 2``."""
        return " -> ".join(clean(f"{each.name} version {each.version}") for each in (self.old, self.new))

    @property
    def summary(self) -> str:
        """Count what differs: ``2 added, 1 moved``."""
        found = [f"{len(self.of(change))} {change.lower()}" for change in Change if change is not Change.SAME]
        told = [text for text in found if not text.startswith("0 ")]
        told += [f"{len(self.settings)} of the workflow's settings changed"] if self.settings else []
        return ", ".join(told) or "no difference"

    def to_dict(self) -> dict[str, Any]:
        """Return what differs as JSON data; docs/diff.md tells its shape."""
        return {
            "old": _identity(self.old),
            "new": _identity(self.new),
            "isEmpty": self.is_empty,
            "summary": self.summary,
            "settings": [setting.to_dict() for setting in self.settings],
            "steps": [step.to_dict() for step in self.changed_steps],
        }


def _identity(definition: WorkflowDef) -> dict[str, JsonValue]:
    return {"name": definition.name, "version": definition.version}


def _told(data: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {key: value for key, value in data.items() if value is not None}
