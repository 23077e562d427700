"""Texts as Python writes them: the one place where data of others becomes source."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
#: A place where a long line of prose may be broken: behind a blank.
_WORD = re.compile(r"\S*\s*")


def escaped(text: str, quote: str | None = '"') -> str:
    r"""
    Return the inside of a literal: everything that could end it, or that nobody could see, is an escape.

    Example:
        >>> escaped('say "hi"\n')
        'say \\"hi\\"\\n'
    """
    if text.isprintable() and "\\" not in text and (quote is None or quote not in text):
        return text
    return "".join(_escape(character, quote) for character in text)


def _escape(character: str, quote: str | None) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character == quote:
        return f"\\{quote}"
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote_for(text: str) -> str:
    """Return the quotes that formatters choose: double ones, unless single ones need fewer escapes."""
    return "'" if text.count('"') > text.count("'") else '"'


def quoted(text: str, quote: str | None = None) -> str:
    r"""
    Return a literal on one line.

    Example:
        >>> quoted('say "hi"'), quoted("it's")
        ('\'say "hi"\'', '"it\'s"')
    """
    mark = quote or quote_for(text)
    return f"{mark}{escaped(text, mark)}{mark}"


def block_quoted(text: str) -> str:
    """Return a literal over several lines, between three quotes."""
    inner = text.rstrip('"')
    lines = [escaped(line, None).replace('"""', '\\"\\"\\"') for line in inner.split("\n")]
    closing = '\\"' * (len(text) - len(inner))
    return '"""\\\n' + "\n".join(lines) + closing + '"""'


def pieces(text: str, width: int) -> Sequence[str]:
    r"""
    Cut a text into pieces for literals that stand below each other: behind line ends, and behind blanks of long lines.

    Args:
        text: The text.
        width: How wide a literal may be, without its quotes.

    Example:
        >>> pieces("one two three\nfour", 8)
        ['one two ', 'three\n', 'four']
    """
    found: list[str] = []
    for line in re.findall(r"[^\n]*\n+|[^\n]+", text):
        held = ""
        for word in _WORD.findall(line):
            if held and word and len(escaped(held + word.rstrip())) > width:
                found.append(held)
                held = ""
            held += word
        found.append(held)
    return found
