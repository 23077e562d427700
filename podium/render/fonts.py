"""
How wide texts are, without any font at hand.

Which font a reader's program takes for "sans-serif" is not known when a picture is made. So a character counts as the
widest that it is in the usual ones: Helvetica (as Arial and Liberation Sans are), DejaVu Sans and Verdana.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import category, combining, east_asian_width, normalize

#: Hundredths of the font's size, from the blank to the tilde; what is not among them is measured by its kind.
_REGULAR: Final = (
    "36 41 46 84 64 108 78 28 46 46 64 84 37 46 37 46 64 64 64 64 64 64 64 64 64 64 46 46 84 84 84 56 102 69 69 73 78 "
    "67 62 78 76 43 50 70 56 87 75 79 67 79 73 69 62 74 69 99 69 67 69 46 46 46 84 64 64 62 64 55 64 62 36 64 64 28 "
    "35 60 28 98 64 62 64 64 43 53 40 64 60 82 60 60 53 64 46 64 84"
)
_BOLD: Final = (
    "35 46 59 87 72 128 88 34 55 55 72 87 38 48 38 69 72 72 72 72 72 72 72 72 72 72 41 41 87 87 87 62 100 78 77 74 83 "
    "69 69 83 84 55 56 78 64 100 85 85 74 85 79 72 69 82 78 113 78 74 73 55 69 55 87 72 72 68 72 60 72 68 44 72 72 35 "
    "41 68 35 106 72 69 72 72 50 60 48 72 66 98 67 66 60 72 55 72 87"
)

_FIRST: Final = 32
_WIDTHS: Final = tuple(tuple(int(each) / 100 for each in widths.split()) for widths in (_REGULAR, _BOLD))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """
    Return the width of a text in the widest of the usual fonts, in the unit of *size*.

    Example:
        >>> round(text_width("charge", 10), 1)
        35.0
    """
    return sum(_ems(character, bold) for character in text) * size


@lru_cache(maxsize=4096)
def _ems(character: str, bold: bool) -> float:
    """Return the width of a character as a part of the font's size."""
    if combining(character) or category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    place = ord(character) - _FIRST
    if 0 <= place < len(_WIDTHS[bold]):
        return _WIDTHS[bold][place]
    if east_asian_width(character) in "WF":
        return 1.0
    plain = normalize("NFKD", character)[0]  # a letter is as wide without its accent
    if plain != character:
        return _ems(plain, bold)
    return (1.15 if character.isalpha() else 1.0) * (1.15 if bold else 1.0)
