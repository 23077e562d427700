"""
Texts that come from elsewhere, made fit for a store, and for one line of a report or a picture.

Not every Python text is Unicode: a file name whose bytes are no UTF-8 has halves of surrogate pairs in it, and so
may what a script made, or an escape in JSON. No encoding carries them, so no store takes them. Words for people
(reasons, log lines) get a mark in their place, see `storable`; data is refused where it enters, see `is_unicode`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: How the repr of an object without one of its own ends, also where it is cut.
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")
#: Control characters, line ends, bidirectional overrides (which reorder what follows), and what XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


#: Most mistakes that one message names: who reads it mends the first ones.
_NAMED_MAX = 20


def some(mistakes: Sequence[str]) -> str:
    """
    Return mistakes as one text, with how many there are beyond those that it names.

    Example:
        >>> some(["a is missing", "b is missing"])
        'a is missing; b is missing'
    """
    more = len(mistakes) - _NAMED_MAX
    return "; ".join([*mistakes[:_NAMED_MAX], *([f"and {more} more"] if more > 0 else [])])


def is_unicode(text: str) -> bool:
    """
    Return whether a text can be encoded: it holds no half of a surrogate pair.

    Example:
        >>> is_unicode("ä😀"), is_unicode(chr(0xD800))
        (True, False)
    """
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """
    Return a text as every store can keep it.

    Two halves of a surrogate pair become their character, a lone one a mark; so does U+0000, which PostgreSQL refuses.

    Example:
        >>> storable("caf" + chr(0xDCE9)) == storable("caf" + chr(0)) == "caf" + chr(0xFFFD)
        True
    """
    if "\0" in text:
        text = text.replace("\0", chr(0xFFFD))
    return text if is_unicode(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def name_fault(name: str) -> str | None:
    """
    Return why a text can name nothing in a store, in words; None for one that can.

    Example:
        >>> name_fault("café"), name_fault(chr(0))
        (None, 'holds the character U+0000, which not every database can keep')
    """
    if "\0" in name:
        return "holds the character U+0000, which not every database can keep"
    return None if is_unicode(name) else "is no Unicode"


def without_addresses(text: str) -> str:
    """
    Return a text without the addresses of objects, which say nothing and differ from run to run.

    Example:
        >>> without_addresses("not <function ask at 0x7faa24f056c0>")
        'not <function ask>'
    """
    return _ADDRESS.sub("", text)


def shown(value: object, length: int = 60) -> str:
    """
    Return a value as a message shows it: as Python writes it, without addresses, cut to at most *length* characters.

    Example:
        >>> shown([1, 2])
        '[1, 2]'
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # the author's __repr__ may be what is broken
        text = f"a {type(value).__name__}"
    return shorten(without_addresses(text), length)


def clean(text: str) -> str:
    r"""
    Return a text in one line, without characters that would break or reorder a line or a picture.

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


def count_of(number: int, word: str) -> str:
    """
    Return a number with its word.

    Example:
        >>> count_of(1_200, "task")
        '1,200 tasks'
    """
    plural = {"branch": "branches", "retry": "retries"}.get(word, f"{word}s")
    return f"{number:,} {word if number == 1 else plural}"
