"""What a difference between two definitions consists of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from podium.model import extensions
from podium.model.definitions import WorkflowDef
from podium.model.diff.compatibility import Compatibility
from podium.model.diff.settings import Setting
from podium.model.diff.spots import case_text
from podium.model.texts import clean
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


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
    inner: DefinitionDiff | None = None

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


@frozen(kw_only=True)
class DefinitionDiff:
    """
    What differs between two definitions.

    It is true if anything does: ``if old.diff(new): …``. Printed, it is text; a notebook shows the picture too.
    """

    #: The two definitions.
    old: WorkflowDef = field(repr=False)
    new: WorkflowDef = field(repr=False)
    #: Every step of both, once: those of the new definition in its order, each removed one after the one that it
    #: followed.
    steps: tuple[StepDiff, ...]
    #: Settings of the workflow itself.
    settings: tuple[Setting, ...] = ()
    #: What it means for runs that have begun, and for callers; of an embedded definition nothing is said.
    compatibility: Compatibility = field(factory=Compatibility)

    @property
    def is_empty(self) -> bool:
        """Nothing differs."""
        return not self.settings and all(step.change is Change.SAME for step in self.steps)

    def __bool__(self) -> bool:
        return not self.is_empty

    def of(self, change: Change) -> tuple[StepDiff, ...]:
        """Give the steps of which this became."""
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

    def describe(self) -> str:
        """Give the difference as text, ending with a line end: one line for each step that differs, then its facts."""
        from podium.model.diff.text import lines_of

        return "".join(f"{line.text}\n" for line in lines_of(self))

    def to_dict(self) -> dict[str, JsonValue]:
        """Give the difference as plain JSON data; docs/diff.md tells its shape."""
        from podium.model.diff.document import document_of

        return document_of(self)

    def to_json(self) -> str:
        """Give the difference as JSON text, indented by two spaces, without a final line end."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        # Half of a surrogate pair, which JSON can hold and UTF-8 cannot, is escaped.
        return text if text.isascii() or not _SURROGATES.search(text) else json.dumps(self.to_dict(), indent=2)

    def picture(self, **options: JsonValue) -> JsonValue:
        """
        Give both definitions in one picture, as a `podium.render.diff_pictures.DiffPicture`.

        Args:
            options: As `podium.render.diff_picture` takes them.

        Raises:
            RenderError: An option is wrong.
        """
        return extensions.call("render.diff", self.old, self.new, **options)

    def render(self, path: str | PathLike[str], **options: JsonValue) -> str:
        """
        Write the difference into a file: a picture of both definitions, or ``.txt`` and ``.json``.

        Args:
            path: Such as ``diff.svg``, ``.png``, ``.pdf``, ``.dot``, ``.mmd``, ``.txt`` or ``.json``.
            options: As `podium.render.diff_picture` takes them.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is unknown, an option is wrong, or the file cannot be written.
        """
        return str(self.picture(**options).render(path))

    def __str__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        return dict(self.picture()._repr_mimebundle_(include, exclude))  # the protocol of notebooks
