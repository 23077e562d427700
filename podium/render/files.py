"""Pictures into files; the suffix says which form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from podium.model.errors import RenderError
from podium.render.dot_source import dot_text
from podium.render.endings import with_own_ends
from podium.render.graphviz_svg import finish
from podium.render.mermaid_source import mermaid_text
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.plain_svg import HINT, plain_svg_text
from podium.render.program import find_dot, run_dot
from podium.render.text import outline_text

#: Nodes from which on we lay out ourselves. It takes time in proportion to the nodes (10,000 in 3 s), which ``dot``
#: does not: it needs 0.3 s for 1,000 nested ones, and more than a minute for 10,000.
_LARGE: Final = 2_000


def svg_text(
    picture: Picture,
    options: Options,
    *,
    id_prefix: str = "",
    timeout_s: float | None = None,
    links: bool = True,
) -> str:
    """
    Give the picture as SVG: by Graphviz, or by ourselves where ``dot`` is missing or fails.

    A failure of ``dot`` is no reason for no picture, so it is told in a comment only.

    Args:
        picture: What to draw.
        options: Direction, theme, legend.
        id_prefix: What every id begins with.
        timeout_s: Seconds to wait for ``dot``.
        links: Let the blocks of a large picture open what they stand for.
    """
    text = _drawn(picture, options, id_prefix, timeout_s)
    if not (links and picture.inside):
        return text
    from podium.render.ways_in import with_ways_in  # which few pictures need

    return with_ways_in(text, picture, options, id_prefix=id_prefix)


def _drawn(picture: Picture, options: Options, id_prefix: str, timeout_s: float | None) -> str:
    if find_dot() is None:
        return plain_svg_text(picture, options, id_prefix=id_prefix)
    picture = with_own_ends(picture)
    if len(picture.nodes) > _LARGE:
        return plain_svg_text(picture, options, id_prefix=id_prefix, hint=False)
    limit = {} if timeout_s is None else {"timeout_s": timeout_s}
    try:
        return finish(run_dot(dot_text(picture, options), "svg", **limit), picture, id_prefix=id_prefix)
    except RenderError:
        return plain_svg_text(picture, options, id_prefix=id_prefix, hint=False)


def _svg(picture: Picture, options: Options) -> bytes:
    if find_dot() is None:
        import logging

        logging.getLogger("podium.render").warning(HINT)
    return svg_text(picture, options).encode()


def _by_dot(picture: Picture, options: Options, form: str) -> bytes:
    """
    Give the picture in a form that only Graphviz can make.

    Raises:
        RenderError: There are more nodes than it lays out in a time that anybody would wait.
    """
    if len(picture.nodes) > _LARGE:
        raise RenderError(
            f"{len(picture.nodes):,} nodes are too many for a {form.upper()} (at most {_LARGE:,}): without "
            'collapse=False there is a summary, focus="…" or between=("…", "…") draw a part, and an .svg has all of it'
        )
    return run_dot(dot_text(picture, options), form)


_WRITERS: Final[Mapping[str, Callable[[Picture, Options], bytes]]] = MappingProxyType(
    {
        ".svg": _svg,
        ".png": lambda picture, options: _by_dot(picture, options, "png"),
        ".pdf": lambda picture, options: _by_dot(picture, options, "pdf"),
        ".dot": lambda picture, options: dot_text(picture, options).encode(),
        ".gv": lambda picture, options: dot_text(picture, options).encode(),
        ".mmd": lambda picture, options: mermaid_text(picture, options).encode(),
        ".mermaid": lambda picture, options: mermaid_text(picture, options).encode(),
        ".txt": lambda picture, _: outline_text(picture).encode(),
    },
)


def check_suffix(path: str) -> str:
    """
    Give the suffix of a path if it names a form of picture.

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
