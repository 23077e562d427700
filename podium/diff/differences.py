"""A difference between two definitions with everything that it can be shown as."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from podium.diff.changes import Changes
from podium.diff.compatibility import Compatibility
from podium.diff.text import lines_of
from podium.model import extensions
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@frozen(kw_only=True)
class DefinitionDiff(Changes):
    """
    What differs between two definitions.

    It is true if anything does: ``if old.diff(new): …``. Printed, it is text; a notebook shows the picture too.
    """

    #: What it means for runs that have begun, and for callers; of an embedded definition nothing is said.
    compatibility: Compatibility = field(factory=Compatibility)

    def describe(self) -> str:
        """Return the difference as lines of text: one for each step that differs, followed by its facts."""
        return "".join(f"{line.text}\n" for line in lines_of(self, self.compatibility))

    def to_dict(self) -> dict[str, JsonValue]:
        """Return the difference as plain JSON data; docs/diff.md tells its shape."""
        return super().to_dict() | {"compatibility": self.compatibility.to_dict()}

    def to_json(self) -> str:
        """Return the difference as JSON text, indented by two spaces, without a final line end."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        # Half of a surrogate pair, which JSON can hold and UTF-8 cannot, is escaped.
        return text if text.isascii() or not _SURROGATES.search(text) else json.dumps(self.to_dict(), indent=2)

    def picture(self, **options: JsonValue) -> JsonValue:
        """
        Return both definitions in one picture, as a `podium.render.diff_pictures.DiffPicture`.

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
