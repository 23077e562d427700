"""Pictures into files; the suffix says which form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from podium.model.errors import RenderError
from podium.render.dot_source import dot_text
from podium.render.drawing import drawing
from podium.render.mermaid_source import mermaid_text
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.program import run_dot
from podium.render.text import outline_text

#: Most nodes of a bitmap or a PDF: more need more pixels than programs take.
_LARGE: Final = 2_000


def _by_graphviz(picture: Picture, options: Options, form: str) -> bytes:
    """
    Return the picture in a form that only Graphviz can make.

    Raises:
        RenderError: There are more nodes than such a form has room for.
    """
    if len(picture.nodes) > _LARGE:
        raise RenderError(
            f"{len(picture.nodes):,} nodes are too many for a {form.upper()} (at most {_LARGE:,}): without "
            'collapse=False there is a summary, focus="…" or between=("…", "…") draw a part, and an .svg has all of it'
        )
    return run_dot(dot_text(picture, options), form)


_WRITERS: Final[Mapping[str, Callable[[Picture, Options], bytes]]] = MappingProxyType(
    {
        ".svg": lambda picture, options: drawing(picture, options, links=True).encode(),
        ".png": lambda picture, options: _by_graphviz(picture, options, "png"),
        ".pdf": lambda picture, options: _by_graphviz(picture, options, "pdf"),
        ".dot": lambda picture, options: dot_text(picture, options).encode(),
        ".gv": lambda picture, options: dot_text(picture, options).encode(),
        ".mmd": lambda picture, options: mermaid_text(picture, options).encode(),
        ".mermaid": lambda picture, options: mermaid_text(picture, options).encode(),
        ".txt": lambda picture, _: outline_text(picture).encode(),
    },
)


def check_suffix(path: str) -> str:
    """
    Return the suffix of a path if it names a form of picture.

    Raises:
        RenderError: It does not; the message names those that do.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise RenderError(f"{path!r} does not say which form of picture to write; the known suffixes are {known}")
    return suffix


def write(picture: Picture, path: str, options: Options) -> None:
    """
    Write a picture into a file, which is replaced if it exists.

    Raises:
        RenderError: The suffix is unknown, the form needs ``dot`` and it is missing, or the file cannot be written.
    """
    content = _WRITERS[check_suffix(path)](picture, options)
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise RenderError(f"the picture cannot be written: {error}") from error
