"""What every difference does that can be told in words and drawn as one picture."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from typing import Unpack

    from podium.model.drawing import RenderOptions


class DiffDrawing(Protocol):
    """Two definitions, or runs, in one picture: a `podium.render.diff_pictures.DiffPicture`."""

    def svg(self, *, id_prefix: str = "") -> str:
        """Return it as SVG."""

    def mermaid(self) -> str:
        """Return it as a Mermaid flowchart."""

    def describe(self) -> str:
        """Return the difference as text."""

    def render(self, path: str | PathLike[str]) -> str:
        """Write it into a file, and return the path."""

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]: ...


class DrawableDifference:
    """A difference that has words (`describe`) and a picture: it goes into files, and shows itself in notebooks."""

    __slots__ = ()

    @abstractmethod
    def describe(self) -> str:
        """Return the difference as text."""

    @abstractmethod
    def picture(self, **options: Unpack[RenderOptions]) -> DiffDrawing:
        """Return both sides in one picture."""

    def render(self, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        """
        Write the difference into a file: a picture of both sides, or ``.txt`` and ``.json``.

        Args:
            path: Such as ``diff.svg``, ``.png``, ``.pdf``, ``.dot``, ``.mmd``, ``.txt`` or ``.json``.
            options: As `picture` takes them.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is unknown, an option is wrong, or the file cannot be written.
        """
        return self.picture(**options).render(path)

    def __str__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        return self.picture()._repr_mimebundle_(include, exclude)  # the protocol of notebooks
