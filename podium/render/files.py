"""Pictures into files; the suffix says which form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from os import PathLike
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


_WRITERS: Final[Mapping[str, Callable[[Picture, Options], str | bytes]]] = MappingProxyType(
    {
        ".svg": lambda picture, options: drawing(picture, options, links=True),
        ".png": lambda picture, options: _by_graphviz(picture, options, "png"),
        ".pdf": lambda picture, options: _by_graphviz(picture, options, "pdf"),
        ".dot": dot_text,
        ".gv": dot_text,
        ".mmd": mermaid_text,
        ".mermaid": mermaid_text,
        ".txt": lambda picture, _: outline_text(picture),
    },
)


def check_suffix(path: str, known: Iterable[str] = _WRITERS, *, what: str = "picture", hint: str = "") -> str:
    """
    Return the suffix of a path if it names a form of what is to be written.

    Raises:
        RenderError: It does not; the message names those that do.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        *others, last = known
        raise RenderError(
            f"a {what} is written as {', '.join(others)} or {last}, not as {path!r}{hint and f'; {hint}'}"
        )
    return suffix


def save(
    path: str | PathLike[str],
    forms: Mapping[str, Callable[[], str | bytes]],
    *,
    what: str,
    hints: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """
    Write something into a file, which is replaced if it exists; the suffix says in which form.

    Args:
        path: Where to write.
        forms: Suffix to what makes that form.
        what: What messages call it.
        hints: Other suffixes to what there is instead.

    Returns:
        The path, as text.

    Raises:
        RenderError: The suffix is unknown, the form cannot be made, or the file cannot be written.
    """
    name = str(path)
    content = forms[check_suffix(name, forms, what=what, hint=hints.get(Path(name).suffix.lower(), ""))]()
    try:
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise RenderError(f"the {what} cannot be written: {error}") from error
    return name


def picture_forms(picture: Picture, options: Options) -> dict[str, Callable[[], str | bytes]]:
    """Return what makes each form of a picture, by its suffix."""
    return {suffix: partial(write, picture, options) for suffix, write in _WRITERS.items()}
