"""A difference between two definitions with everything that it can be shown as."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import field, frozen

from podium.diff.changes import Changes
from podium.diff.compatibility import Compatibility
from podium.diff.drawn import DiffDrawing, DrawableDifference
from podium.diff.text import lines_of
from podium.model.definitions import WorkflowDef
from podium.model.verbs import SuppliedVerbs

if TYPE_CHECKING:
    from typing import Unpack

    from podium.model.drawing import RenderOptions

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@frozen(kw_only=True)
class DefinitionDiff(DrawableDifference, Changes):
    """
    What differs between two definitions.

    It is true if anything does: ``if old.diff(new): …``. Printed, it is text; a notebook shows the picture too.
    """

    #: What it means for runs that have begun, and for callers; of an embedded definition nothing is said.
    compatibility: Compatibility = field(factory=Compatibility)

    def describe(self) -> str:
        """Return the difference as lines of text: one for each step that differs, followed by its facts."""
        return "".join(f"{line.text}\n" for line in lines_of(self, self.compatibility))

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain JSON data; docs/diff.md tells its shape."""
        return super().to_dict() | {"compatibility": self.compatibility.to_dict()}

    def to_json(self) -> str:
        """Return the difference as JSON text, indented by two spaces, without a final line end."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        # Half of a surrogate pair, which JSON can hold and UTF-8 cannot, is escaped.
        return text if text.isascii() or not _SURROGATES.search(text) else json.dumps(self.to_dict(), indent=2)

    def picture(self, **options: Unpack[RenderOptions]) -> DiffDrawing:
        """
        Return both definitions in one picture, as a `podium.render.diff_pictures.DiffPicture`.

        Args:
            options: As `podium.render.diff_picture` takes them.

        Raises:
            RenderError: An option is wrong.
        """
        return _VERBS().diff_picture(self.old, self.new, **options)


class DiffVerbs(Protocol):
    """What is asked of the room that draws, for a difference."""

    def diff_picture(self, old: WorkflowDef, new: WorkflowDef, **options: Unpack[RenderOptions]) -> DiffDrawing:
        """Return both in one picture."""


_VERBS: Final[SuppliedVerbs[DiffVerbs]] = SuppliedVerbs()
