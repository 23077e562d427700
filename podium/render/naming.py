"""Ids and short texts: what turns any name of a definition into something that every output can hold."""

from __future__ import annotations

import re
from hashlib import sha256

from podium.model.texts import clean, shorten

__all__ = ["Ids", "clean", "escape_id", "lines_of", "shorten"]

#: A word with the blank after it; a part of a long word.
_WORD = re.compile(r"\S+\s?")
_PART = re.compile(r"[^./_\-]*[./_\-]+\s?|[^./_\-]+")
#: Characters of an id that stay.
_LONGEST = 200
_UNSAFE = re.compile("[^A-Za-z0-9_]|_(?=Z)")


def escape_id(name: str) -> str:
    """
    Make a name safe as an id in DOT, SVG, CSS and Mermaid; different names stay different.

    A character other than an ASCII letter, a digit or ``_`` becomes ``_Z``, its code in hexadecimal, ``_``. A name that
    would be too long for Graphviz is cut; ``_Zh`` and a digest of the whole name take the place of the rest.

    Example:
        >>> escape_id("charge card")
        'charge_Z20_card'
    """
    escaped = _UNSAFE.sub(lambda match: f"_Z{ord(match.group()):x}_", name)
    if len(escaped) <= _LONGEST:
        return escaped
    return f"{escaped[:_LONGEST]}_Zh{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class Ids:
    """Hands out each id once: a name that a wrong definition repeats gets ``_Z2``, ``_Z3``, …"""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """Return *wanted*, or the next free id made from it; no escaped name ends like that."""
        count = self._count.get(wanted, 0) + 1
        self._count[wanted] = count
        return wanted if count == 1 else f"{wanted}_Z{count}"


def lines_of(text: str, *, width: int, count: int) -> tuple[str, ...]:
    """
    Break a text into at most *count* lines of at most *width* characters; an ellipsis shows a cut.

    Lines break at blanks, and inside long words after ``.``, ``_``, ``/`` and the like, as paths need it.

    Example:
        >>> lines_of("fraud_check.output.verdict", width=20, count=2)
        ('fraud_check.output.', 'verdict')
    """
    lines = [""]
    for word in _WORD.findall(clean(text)):
        for piece in [word] if len(word) <= width else _pieces(word, width):
            if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > width:
                lines.append("")
            lines[-1] += piece
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) <= count:
        return tuple(lines)
    last = lines[count - 1]
    return (*lines[: count - 1], f"{last[: width - 1]}…")


def _pieces(word: str, width: int) -> list[str]:
    """Cut a word that is too long for a line where a reader would, or anywhere if it has no such place."""
    return [part[i : i + width] for part in _PART.findall(word) for i in range(0, len(part), width)]
