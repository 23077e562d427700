"""What a script reads of its inputs, seen from its text."""

from __future__ import annotations

import re

from attrs import frozen

_STRING_OR_COMMENT = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_DOLLAR = re.compile(r"(?<![\w$.])\$(?!\w)")
#: ``$.name``, ``$['name']`` and ``$.get('name')``; the texts are numbers of `_texts` by then.
_MEMBER = re.compile(
    r"\$\s*(?:\??\.\s*get\s*\(\s*'(\d+)'\s*\)|\??\.\s*([A-Za-z_]\w*)(?!\w|\s*\()|(?:\?\.)?\[\s*'(\d+)'\s*\])"
)
#: A key of what was read, numbered as above.
_KEY = re.compile(r"\s*(?:\.\s*([A-Za-z_]\w*)(?!\w|\s*\()|\[\s*'(\d+)'\s*\])")
_ASSIGNED = re.compile(r"\s*=(?!=)")


@frozen
class ScriptReads:
    """What a script reads."""

    #: The names that it reads of ``$``, in order.
    names: tuple[str, ...]
    #: Those of which it reads a key, and the key: ``$.poll['iteration']``.
    keys: tuple[tuple[str, str], ...]
    #: Every use of ``$`` could be followed.
    is_complete: bool
    #: The script without its comments and the contents of its texts.
    bare: str
    #: The same, with the number of its content in each text, and these.
    numbered: str
    texts: tuple[str, ...]


def reads_of(script: str) -> ScriptReads:
    """
    Find what a script reads of ``$``.

    Example:
        >>> reads_of("$.poll['iteration'] < 9 && $['state'] != '$.done'").names
        ('poll', 'state')
    """
    texts: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[0][0] == "/":
            return " "
        texts.append(match[0][1:-1])
        return f"'{len(texts) - 1}'"

    bare = _STRING_OR_COMMENT.sub(number, script)
    names: dict[str, None] = {}
    keys: dict[tuple[str, str], None] = {}
    is_complete = "`" not in bare
    for dollar in _DOLLAR.finditer(bare):
        member = _MEMBER.match(bare, dollar.start())
        if member is None:
            is_complete = False
            continue
        if not _ASSIGNED.match(bare, member.end()):
            numbered = member[1] or member[3]
            name = texts[int(numbered)] if numbered else member[2]
            names.setdefault(name)
            key = _KEY.match(bare, member.end())
            if key is not None:
                keys.setdefault((name, texts[int(key[2])] if key[2] else key[1]))
    empty = re.sub(r"'\d+'", "''", bare)
    return ScriptReads(tuple(names), tuple(keys), is_complete, empty, bare, tuple(texts))
