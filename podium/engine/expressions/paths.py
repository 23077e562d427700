"""
Looking a path up in a document.

Simple paths (names and single indexes) become direct navigation; the others are split into a definite beginning,
which is navigated too, and the rest, which `python-jsonpath` answers. Whatever goes wrong gives null, as Conductor's
option "suppress exceptions" does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import attrs

from podium.engine.expressions.document import Document
from podium.engine.expressions.path_functions import call
from podium.engine.expressions.path_syntax import FunctionCall, PathError, Pick, Selector, Step, query_of, read_path
from podium.model.expressions import Segment, SimplePath, simple_path
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from jsonpath import JSONPath

#: A compiled path: give it a document, get the value.
Lookup: TypeAlias = Callable[[Document], JsonValue]


@attrs.frozen
class Path:
    """A compiled path."""

    #: Finds the value; never raises on any JSON.
    lookup: Lookup
    #: Whether it always answers with a list, which embeds as JSON rather than as Java text.
    is_indefinite: bool


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Path:
    """
    Compile a path; a text that is no path gives null everywhere.

    Args:
        text: What stands between the braces, without nested references.
    """
    simple = simple_path(text)
    if simple is not None:
        return Path(_simple_lookup(simple), is_indefinite=False)
    try:
        syntax = read_path(text)
    except PathError:
        return Path(_nothing, is_indefinite=False)
    general = _GeneralPath(syntax.steps)
    if syntax.function is None:
        return Path(general.find, is_indefinite=not syntax.is_definite)
    return Path(_FunctionPath(general, syntax.function).find, is_indefinite=not syntax.is_definite)


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
    """A path with steps that need JSONPath."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        first = next((index for index, step in enumerate(steps) if isinstance(step, Pick | Selector)), len(steps))
        if any(isinstance(step, Selector) and step.uses_root for step in steps):
            first = 0
        self._beginning: tuple[Segment, ...] = tuple(
            step for step in steps[:first] if not isinstance(step, Pick | Selector)
        )
        self._rest = steps[first:]
        self._query: JSONPath | None = None
        self.is_definite = not any(isinstance(step, Selector) for step in steps)

    def find(self, document: Document) -> JsonValue:
        """Find the value, or the list of values of an indefinite path."""
        value = self._begin(document)
        if not self._rest:
            return value
        step = self._rest[0]
        if isinstance(step, Pick):
            return {name: value[name] for name in step.names if name in value} if isinstance(value, dict) else None
        return self._select(value)

    def _begin(self, document: Document) -> JsonValue:
        """Follow the definite beginning."""
        match self._beginning:
            case (str() as root, str() as name, *rest):
                return navigate(document.field(root, name), tuple(rest))
            case (str() as root, *rest):
                return navigate(document.whole(root), tuple(rest))
            case ():
                return {root: document.whole(root) for root in document.roots()}
            case _:
                return None

    def _select(self, value: JsonValue) -> JsonValue:
        """Let python-jsonpath answer the rest; a query that it cannot read is null."""
        from jsonpath import JSONPathEnvironment
        from jsonpath.exceptions import JSONPathError

        try:
            if self._query is None:
                compiled = JSONPathEnvironment().compile("$" + "".join(query_of(step) for step in self._rest))
                self._query = compiled  # type: ignore[assignment] # compound queries need operators that no step holds
            return list(self._query.findall(value)) if isinstance(value, dict | list) else []  # type: ignore[union-attr] # set just above
        except (JSONPathError, RecursionError, TypeError, ValueError):
            return None


class _FunctionPath:
    """A path that ends in a function."""

    def __init__(self, subject: _GeneralPath, function: FunctionCall) -> None:
        self._subject = subject
        self._name = function.name
        self._arguments = tuple(_compile_argument(text) for text in function.arguments)

    def find(self, document: Document) -> JsonValue:
        """Apply the function to the value, or to each value of an indefinite path."""
        subject = self._subject.find(document)
        arguments = [argument(document) for argument in self._arguments]
        try:
            if self._subject.is_definite:
                return call(self._name, subject, arguments)
            return [call(self._name, item, arguments) for item in subject] if isinstance(subject, list) else None
        except (PathError, OverflowError):
            return None


def _compile_argument(text: str) -> Lookup:
    """Compile a function's argument: a path with ``$`` in front, or a JSON literal."""
    import json

    if text[:1] in {"$", "@"}:
        return compile_path(text).lookup
    try:
        value = json.loads(text)
    except ValueError:
        return _nothing
    return lambda _document: value
