"""What a notebook shows: the forms of a workflow or a run, and the rules for whatever else has forms."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import Final

from podium.model.errors import PodiumError
from podium.render.dot_source import dot_text
from podium.render.drawing import drawing
from podium.render.mermaid_source import mermaid_text
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.program import run_dot
from podium.render.subject import is_estate, picture_of
from podium.render.summary import TASKS_MAX
from podium.render.text import outline_text
from podium.render.views import view_of

_OPTIONS: Final = Options(legend=False)
_WHOLE: Final = Options(legend=False, collapse=False)

#: The forms that are made unasked; others cost time or are of no use to most.
USUAL_FORMS: Final = ("text/plain", "image/svg+xml", "text/html")

_shown: Counter[str] = Counter()
_lock = Lock()


def page_prefix(content: str) -> str:
    """
    Return what the ids of one drawing begin with, so that a page can hold many drawings, also the same one twice.

    The same displays in the same order give the same ids, so a notebook that is executed anew does not change.

    Args:
        content: What is drawn, as any text.
    """
    digest = sha256(content.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    with _lock:
        _shown[digest] += 1
        count = _shown[digest]
    return f"p{digest}_" if count == 1 else f"p{digest}_{count}_"


def forms_bundle(
    forms: Mapping[str, Callable[[], str]],
    include: Iterable[str] | None,
    exclude: Iterable[str] | None,
    *,
    fallback: str,
) -> dict[str, str]:
    """
    Return the forms that a notebook asks for; what every ``_repr_mimebundle_`` of ours calls.

    Never raises: a form that cannot be made is left out.

    Args:
        forms: MIME type to what makes that form, in the order to show them.
        include: The only forms wanted, or None for those of `USUAL_FORMS`.
        exclude: Forms not wanted.
        fallback: The text, if no form can be made and text is wanted.
    """
    wanted = frozenset(USUAL_FORMS if include is None else include) - frozenset(exclude or ())
    out: dict[str, str] = {}
    for form, make in forms.items():
        if form in wanted:
            try:
                out[form] = make()
            except Exception:  # noqa: BLE001, S112  # a display must not break the cell whose result it shows
                continue
    return out if out or "text/plain" not in wanted else {"text/plain": fallback}


def _page_svg(picture: Picture) -> str:
    prefix = page_prefix(drawing(picture, _OPTIONS))
    return drawing(picture, _OPTIONS, id_prefix=prefix)


_FORMS: Final[Mapping[str, Callable[[Picture], str]]] = MappingProxyType(
    {
        "text/plain": outline_text,
        "image/svg+xml": _page_svg,
        "image/png": lambda picture: b64encode(run_dot(dot_text(picture, _OPTIONS), "png")).decode(),
        "text/vnd.mermaid": lambda picture: mermaid_text(picture, _OPTIONS),
        "text/vnd.graphviz": lambda picture: dot_text(picture, _OPTIONS),
    },
)


def bundle(subject: object, include: Iterable[str] | None, exclude: Iterable[str] | None) -> dict[str, str]:
    """
    Return the forms that a notebook may show of a workflow, a run or an estate.

    Never raises and never leaves the machine: a form that cannot be made is left out.
    """
    fallback = f"<{type(subject).__name__}>"
    try:
        whole = picture_of(subject, _WHOLE)
        picture = whole if is_estate(subject) else view_of(whole, _OPTIONS)
    except PodiumError as error:  # which says what to do
        return forms_bundle({}, include, exclude, fallback=f"{fallback} {error}")
    except Exception as error:  # noqa: BLE001  # the author's function may raise anything
        return forms_bundle({}, include, exclude, fallback=f"{fallback} {type(error).__name__}: {error}")
    forms = {form: partial(make, picture) for form, make in _FORMS.items()}
    if len(whole.nodes) <= TASKS_MAX:  # a text is read from its beginning, so it may be longer than a picture
        forms["text/plain"] = partial(outline_text, whole)
    return forms_bundle(forms, include, exclude, fallback=fallback)
