"""Texts that come from a definition, made fit for one line of a report or a picture."""

from __future__ import annotations

import re

#: Control characters, line ends, bidirectional overrides (which reorder what follows), and what XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


def clean(text: str) -> str:
    r"""
    Give a text in one line, without characters that would break or reorder a line or a picture.

    Example:
        >>> clean("a  b\n c")
        'a b c'
    """
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def shorten(text: str, length: int) -> str:
    """
    Cut a clean text to at most *length* characters; an ellipsis shows the cut.

    Example:
        >>> shorten("workflow.input.speed", 10)
        'workflow.…'
    """
    text = clean(text)
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
