"""
The rules of reference names.

A name must be usable inside ``${…}``: a JSONPath starts with it, the loop adds ``__<iteration>`` to it, and some words
are taken (Conductor: ``ParametersUtils.java``, ``TaskUtils.java``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from podium.model.errors import AuthoringError

_USABLE = re.compile(r"[A-Za-z0-9_-]+")
_TAKEN = {
    "workflow": "is the word for the run itself in ${workflow.input…}",
    "CPEWF_TASK_ID": "is the word for the id of the task being created",
    "NETFLIX_ENV": "is a word that Conductor replaces",
    "NETFLIX_STACK": "is a word that Conductor replaces",
}


def fault_of(name: str) -> str | None:
    """
    Say what is wrong with a reference name, or None if it is fine.

    Example:
        >>> fault_of("ship order")
        "may hold letters, digits, '_' and '-' only"
    """
    if not name:
        return "is empty"
    if name in _TAKEN:
        return _TAKEN[name]
    if _USABLE.fullmatch(name) is None:
        return "may hold letters, digits, '_' and '-' only"
    if "__" in name:
        return "must not hold '__': a loop puts it between a name and the iteration's number"
    return None


def checked(name: object, *, place: str | None) -> str:
    """
    Return *name* back if it can be a reference name.

    Raises:
        AuthoringError: N2, it cannot.
    """
    if not isinstance(name, str):
        message = f"a name is a text, not {name!r:.40}"
        raise AuthoringError(message, code="N2", place=place)
    fault = fault_of(name)
    if fault is not None:
        message = f"the reference name {name!r} {fault}; choose a name such as {_suggestion(name)!r}"
        raise AuthoringError(message, code="N2", place=place)
    return name


def _suggestion(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    plain = "_".join(words) or "step"
    return f"{plain}_step" if plain in _TAKEN else plain


def nearest(name: str, known: Iterable[str]) -> str | None:
    """
    Return the known name that *name* was probably meant to be, or None.

    Example:
        >>> nearest("verdit", ["score", "verdict"])
        'verdict'
    """
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
