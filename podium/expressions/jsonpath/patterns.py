r"""
The regular expressions of filters, ``=~ /.../i``.

They are matched by RE2, whose time grows with the length of the text only. It has no backreferences and no
look-around, because these can take any time at all: such a pattern is refused with words, where Conductor's server
would take it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from podium.expressions.refusals import PathFault, PatternRefused

#: Java's flags; ``d``, ``u`` and ``U`` change nothing in RE2, whose classes are ASCII unless they say otherwise.
FLAGS = "dixmsuU"
#: Characters of a pattern.
_LENGTH_MAX = 10_000


@lru_cache(maxsize=1024)
def compile_pattern(source: str, flags: str) -> Any:  # the binding ships no annotations
    """
    Compile a pattern.

    Raises:
        PathFault: It is no regular expression.
        PatternRefused: It is one that only a backtracking engine can match.
    """
    import re

    import re2

    if "x" in flags:
        raise PatternRefused("a regular expression with the flag x is not matched here: write it without blanks")
    if len(source) > _LENGTH_MAX:
        raise PatternRefused(f"a regular expression has {len(source)} characters; {_LENGTH_MAX} are allowed")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    modes = "".join(sorted(set(flags) & set("ims")))
    try:
        return re2.compile(f"(?{modes}:{source})".encode() if modes else source.encode(), options)
    except (re2.error, UnicodeEncodeError) as exc:
        try:
            re.compile(source)
        except (re.error, RecursionError, OverflowError):
            raise PathFault(f"no regular expression: {source}") from None
        raise PatternRefused(
            f"the regular expression /{source[:200]}/ needs look-around, a backreference or too much memory ({exc}), "
            "which is not matched here: match in an INLINE or JSON_JQ_TRANSFORM instead"
        ) from None


def matches(pattern: Any, text: str) -> bool:
    """Return whether a compiled pattern matches the whole of a text."""
    return pattern.fullmatch(text.encode("utf-8", "replace")) is not None
