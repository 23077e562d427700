"""
Looking a path up in a document.

Simple paths (names and single indexes) become direct navigation; the others are walked step by step, within a limit
of work. Whatever goes wrong gives null, as Conductor's option "suppress exceptions" does; only what would take too much
time is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import takewhile
from typing import TypeAlias

import attrs

from podium.expressions.document import Document
from podium.expressions.jsonpath.nodes import Members, PathError, PathFault, PathSyntax
from podium.expressions.jsonpath.patterns import PatternRefused
from podium.expressions.jsonpath.syntax import read_path
from podium.expressions.jsonpath.walk import TEMPLATE_WORK_MAX, WORK_MAX, PathTooCostly, Walk
from podium.model.errors import PodiumError
from podium.model.expressions import Segment, SimplePath, simple_path
from podium.model.values import JsonValue

#: A compiled path: give it a document, get the value.
Lookup: TypeAlias = Callable[[Document], JsonValue]


#: Longest path, in characters; nested references can make one of data.
LENGTH_MAX = 10_000
#: Longest path that is kept once it is compiled.
_KEPT_LENGTH_MAX = 1000


class PathRefused(PodiumError):
    """A path is not followed, because that could take any time."""


@attrs.frozen
class Path:
    """A compiled path."""

    #: Finds the value; raises nothing but `PathRefused`.
    lookup: Lookup
    #: Whether it always answers with a list, which embeds as JSON rather than as Java text.
    is_indefinite: bool


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
        return Path(_simple_lookup(simple), is_indefinite=False)
    try:
        syntax = read_path(text)
    except PathError:
        return Path(_nothing, is_indefinite=False)
    except PatternRefused as exc:
        return Path(_refusal(f"${{{text[:200]}}}: {exc}"), is_indefinite=False)
    return Path(_GeneralPath(text, syntax).find, is_indefinite=not syntax.is_definite)


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
    try:
        read_path(text)
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


class _GeneralPath:
    """A path that needs JSONPath."""

    def __init__(self, text: str, syntax: PathSyntax) -> None:
        self._text = text
        self._syntax = syntax
        #: The names of the root and the field that it begins at, which need no look at the rest of the document.
        self._beginning: tuple[str, ...] = ()
        if not syntax.needs_root:
            first = takewhile(lambda step: isinstance(step, Members) and len(step.names) == 1, syntax.steps[:2])
            self._beginning = tuple(step.names[0] for step in first if isinstance(step, Members))

    def find(self, document: Document) -> JsonValue:
        """Find the value, or the list of values of an indefinite path."""
        match self._beginning:
            case (root, name):
                value, skip = document.field(root, name), 2
            case (root,):
                value, skip = document.whole(root), 1
            case _:
                value, skip = None, 0
        if value is None:
            roots = [root for root in document.roots() if root in self._beginning or not self._beginning]
            value, skip = {root: document.whole(root) for root in roots}, 0
        walk = Walk(value, min(WORK_MAX, TEMPLATE_WORK_MAX - document.walked))
        try:
            return walk.value(self._syntax, value, skip=skip)
        except (PathError, PathFault):
            return None
        except (PathTooCostly, PatternRefused) as exc:
            raise PathRefused(f"${{{self._text[:200]}}}: {exc}") from None
        except RecursionError:
            raise PathRefused(f"${{{self._text[:200]}}}: it has too many steps, or too deep filters") from None
        finally:
            document.walked += walk.done
