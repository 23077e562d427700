"""How values are written in pages: times, lengths of time, sizes, statuses, JSON; the filters of the templates."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from podium.render.palette import Style, style_of

#: What `segment` writes with a tilde, and how that is read.
_AWKWARD, _DOTS, _WRITTEN = re.compile(r"[~/\x00-\x1f\x7f]"), re.compile(r"\."), re.compile("~([0-9A-F]{2})")
#: Milliseconds.
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


def length(ms: float | None) -> str:
    """
    Return a length of time, with two figures of interest.

    Example:
        >>> length(1500), length(95_000), length(0.4)
        ('1.5 s', '1 min 35 s', '0 ms')
    """
    if ms is None:
        return "\u2013"  # a dash, as pages have where nothing is
    if ms < _SECOND:
        return f"{ms:.0f} ms"
    if ms < _MINUTE:
        return f"{ms / _SECOND:.3g} s"
    for unit, word, below, small in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", _SECOND, "s"),
    ):
        if ms >= unit:
            rest = int(ms % unit // below)
            return f"{int(ms // unit)} {word}" + (f" {rest} {small}" if rest else "")
    raise AssertionError


def moment(ms: int | None) -> str:
    """Return a moment in UTC, to the second; what is shown where the browser does not know better."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") if ms else ""


def iso(ms: int) -> str:
    """Return a moment as HTML's ``time`` wants it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def size(count: int) -> str:
    """
    Return a number of bytes in words.

    Example:
        >>> size(512), size(20_000)
        ('512 B', '19.5 KiB')
    """
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.3g} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.3g} MiB"


def count(number: int) -> str:
    """Return a number with a thin gap between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def look(status: str) -> Style:
    """Return the look of a status."""
    return style_of(status)


def pretty(value: Any) -> str:
    """Return JSON to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def segment(text: object) -> str:
    """
    Return a text as one segment of a path, whatever it holds; `named` reads it.

    Browsers and servers read ``%2F`` as a slash before anybody is asked, and lose ``..`` and line ends: such characters
    are written with a tilde.

    Example:
        >>> segment("a b/c"), segment(".."), segment("~")
        ('a%20b~2Fc', '~2E~2E', '~7E')
    """
    name = str(text)
    awkward = _DOTS if name in {".", ".."} else _AWKWARD
    return quote(awkward.sub(lambda found: f"~{ord(found[0]):02X}", name), safe="")


def named(segment: str) -> str:
    """
    Return the text that a segment of a path was made of.

    Example:
        >>> named("a b~2Fc")
        'a b/c'
    """
    return _WRITTEN.sub(lambda found: chr(int(found[1], 16)), segment) if "~" in segment else segment


def asks(field: str, text: str) -> str:
    r"""
    Return the condition of a search that a field has a text, whatever stands in it.

    Example:
        >>> asks("workflowType", "Ann's")
        "workflowType = 'Ann\\'s'"
    """
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"{field} = '{inner}'"


def address(path: str, /, **parameters: Any) -> str:
    """
    Return a path with parameters; what is empty is left out.

    Example:
        >>> address("/runs", status="FAILED", page=None)
        '/runs?status=FAILED'
    """
    kept = {name: value for name, value in parameters.items() if value not in (None, "", ())}
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path
