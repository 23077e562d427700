"""What a notebook shows of a workflow or a run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from podium.model.values import JsonValue
from podium.render.dot_source import dot_text
from podium.render.files import svg_text
from podium.render.mermaid_source import mermaid_text
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.program import run_dot
from podium.render.subject import picture_of
from podium.render.summary import TASKS_MAX
from podium.render.text import outline_text
from podium.render.views import view_of

#: Seconds that a cell waits for Graphviz before the plain drawing takes its place.
_PATIENCE_S: Final = 10.0

_OPTIONS: Final = Options(legend=False)
_WHOLE: Final = Options(legend=False, collapse=False)


def _page_svg(picture: Picture) -> str:
    """Give the SVG with ids of its own: a page of a notebook holds many."""
    digest = sha256(dot_text(picture, _OPTIONS).encode()).hexdigest()[:8]
    return svg_text(picture, _OPTIONS, id_prefix=f"p{digest}_", timeout_s=_PATIENCE_S)


_FORMS: Final[Mapping[str, Callable[[Picture], str]]] = MappingProxyType(
    {
        "text/plain": outline_text,
        "image/svg+xml": _page_svg,
        "image/png": lambda picture: b64encode(run_dot(dot_text(picture, _OPTIONS), "png")).decode(),
        "text/vnd.mermaid": lambda picture: mermaid_text(picture, _OPTIONS),
        "text/vnd.graphviz": lambda picture: dot_text(picture, _OPTIONS),
    },
)
_UNASKED: Final = ("text/plain", "image/svg+xml")


def bundle(subject: JsonValue, include: Iterable[str] | None, exclude: Iterable[str] | None) -> dict[str, str]:
    """
    Give the forms that a notebook may show.

    Never raises and never leaves the machine: a form that cannot be made is left out.
    """
    try:
        whole = picture_of(subject, _WHOLE)
        picture = view_of(whole, _OPTIONS)
    except Exception:  # noqa: BLE001  # a display must not break the cell whose result it shows
        return {"text/plain": f"<{type(subject).__name__}>"}
    wanted = [form for form in _FORMS if form in (include if include is not None else _UNASKED)]
    unwanted = frozenset(exclude or ())
    out: dict[str, str] = {}
    for form in wanted:
        if form not in unwanted:
            try:
                is_short = form == "text/plain" and len(whole.nodes) <= TASKS_MAX  # a text is read from its beginning
                out[form] = _FORMS[form](whole if is_short else picture)
            except Exception:  # noqa: BLE001, S112  # as above
                continue
    return out
