"""
Looking a path up in a document.

Simple paths (names and single indexes) become direct navigation; the others are walked step by step, within a limit
of work. Whatever goes wrong gives null, as Conductor's option "suppress exceptions" does; only what would take too much
time is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import attrs

from podium.expressions.document import Document
from podium.expressions.refusals import PathRefused, PatternRefused
from podium.model.expressions import Segment, SimplePath, simple_path
from podium.model.values import JsonValue

#: A compiled path: give it a document, get the value.
Lookup: TypeAlias = Callable[[Document], JsonValue]


#: Longest path, in characters; nested references can make one of data.
LENGTH_MAX = 10_000
#: Longest path that is kept once it is compiled.
_KEPT_LENGTH_MAX = 1000


@attrs.frozen
class Path:
    """A compiled path."""

    #: Finds the value; raises nothing but `PathRefused`.
    lookup: Lookup
    #: Whether it always answers with a list, which embeds as JSON rather than as Java text.
    is_indefinite: bool
    #: Root, field and key, of a path that is a member of a field and no more, as most are.
    member: tuple[str, str, str] | None = None


def compile_path(text: str) -> Path:
    """
    Compile a path; a text that is no path gives null everywhere.

    Args:
        text: What stands between the braces, without nested references. One that is longer than `LENGTH_MAX` is
            refused when it is looked up.
    """
    if len(text) > LENGTH_MAX:
        words = f"${{{text[:200]}...}}: the path has {len(text):,} characters, and {LENGTH_MAX:,} are allowed"
        return Path(_refusal(words), is_indefinite=False)
    return _kept_path(text) if len(text) <= _KEPT_LENGTH_MAX else _compile(text)


@lru_cache(maxsize=4096)
def _kept_path(text: str) -> Path:
    """Compile a path once."""
    return _compile(text)


def _compile(text: str) -> Path:
    simple = simple_path(text)
    if simple is not None:
        return Path(_simple_lookup(simple), is_indefinite=False, member=_member(simple))
    from podium.expressions.general_paths import GeneralPath  # takes long to import, and few paths need it
    from podium.expressions.jsonpath.nodes import PathError

    try:
        path = GeneralPath(text)
    except PathError:
        return Path(_nothing, is_indefinite=False)
    except PatternRefused as exc:
        return Path(_refusal(f"${{{text[:200]}}}: {exc}"), is_indefinite=False)
    return Path(path.find, is_indefinite=path.is_indefinite)


def path_fault(text: str) -> str | None:
    """
    Return why a text is no path, or none that is taken; None if it is one.

    Example:
        >>> path_fault("$['event'].type"), path_fault("$.[")
        (None, 'it is no JSONPath')
    """
    if len(text) > LENGTH_MAX:
        return f"it has {len(text):,} characters, and {LENGTH_MAX:,} are allowed"
    if simple_path(text) is not None:
        return None
    from podium.expressions.general_paths import GeneralPath  # as in `_compile`
    from podium.expressions.jsonpath.nodes import PathError

    try:
        GeneralPath(text)
    except PathError:
        return "it is no JSONPath"
    except PatternRefused as error:
        return str(error)
    return None


def navigate(value: JsonValue, segments: tuple[Segment, ...]) -> JsonValue:
    """
    Follow names and indexes from a value.

    Returns:
        The value there; None if a step finds nothing, or finds a list where it wants an object, or the reverse.
    """
    for segment in segments:
        if isinstance(value, dict):
            value = value.get(segment) if isinstance(segment, str) else None
        elif isinstance(value, list) and isinstance(segment, int):
            value = value[segment] if -len(value) <= segment < len(value) else None
        else:
            return None
    return value


def _nothing(_document: Document) -> JsonValue:
    """Find nothing."""


def _refusal(message: str) -> Lookup:
    """Make a lookup that fails whenever it is used."""

    def refuse(_document: Document) -> JsonValue:
        raise PathRefused(message)

    return refuse


def _member(path: SimplePath) -> tuple[str, str, str] | None:
    """Return what a path names that is a member of a field; None for others."""
    match path.segments:
        case (str(name), str(key)):
            return path.root, name, key
    return None


def _simple_lookup(path: SimplePath) -> Lookup:
    """Make the quickest lookup for a simple path; this is the engine's hot path, so there is one form per shape."""
    root = path.root
    if not path.segments or not isinstance(path.segments[0], str):
        segments = path.segments

        def find_whole(document: Document) -> JsonValue:
            return navigate(document.whole(root), segments)

        return find_whole
    name, rest = path.segments[0], path.segments[1:]
    if not rest:

        def find_field(document: Document) -> JsonValue:
            return document.field(root, name)

        return find_field
    if len(rest) == 1 and isinstance(rest[0], str):
        key = rest[0]

        def find_member(document: Document) -> JsonValue:
            return document.member(root, name, key)

        return find_member

    if isinstance(rest[0], str):
        first, deeper = rest[0], rest[1:]

        def find_inside(document: Document) -> JsonValue:
            return navigate(document.member(root, name, first), deeper)

        return find_inside

    def find_below(document: Document) -> JsonValue:
        return navigate(document.field(root, name), rest)

    return find_below
