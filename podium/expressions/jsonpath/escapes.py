"""Backslashes in the quoted texts of a path."""

from __future__ import annotations

import re

_UNESCAPED = {"r": "\r", "f": "\f", "t": "\t", "n": "\n", "b": "\b"}
_ESCAPE = re.compile(r"\\(?:u(.{4})|(?!u)(.)|$|u(?P<short>.{0,3}$))", re.DOTALL)


def unescape(text: str) -> str:
    r"""Undo backslashes: ``\n``, ``\u0041``, and any other character for itself."""
    if "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        code, char = match[1], match[2]
        if code is not None:
            return chr(int(code, 16))
        return _UNESCAPED.get(char, char) if char is not None else "\\" if match["short"] is None else ""

    return _ESCAPE.sub(plain, text)
