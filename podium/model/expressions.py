"""
The syntax of ``${...}`` expressions, without any values.

Conductor looks into every string of a task's inputs and of a workflow's outputs for balanced ``${ ... }``. This module
says where they are and what they point at; `podium.expressions` puts the values in. Nothing is rejected here:
what does not parse is plain text, as it is at run time.

Conductor: `ParametersUtils`, with Jayway's JSONPath for the text inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import attrs

from podium.model.values import JsonValue

#: References nested deeper than this are read as plain path text, so that no definition can exhaust the stack.
NESTING_MAX = 50

#: One step of a simple path: a key of an object, or an index of an array (negative counts from the end).
Segment: TypeAlias = str | int

_NAME = r"[^.\[( *][^.\[( ]*"
_BRACKET = r"""\[\ *(?:'([^'\\]*)'|"([^"\\]*)"|(-?[0-9]{1,18}))\ *\]"""
_FIRST_STEP = re.compile(rf"(?:({_NAME})|{_BRACKET})")
_NEXT_STEP = re.compile(rf"(?:\.({_NAME})|\.?{_BRACKET})")
_ROOT_NAME = re.compile(r"(?:\.?([^.\[( *${}][^.\[( ${}]*)|\.?\[\ *(?:'([^'\\]*)'|\"([^\"\\]*)\")\ *\])(?![^.\[])")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@attrs.frozen
class Literal:
    """Text between references, as it was written: ``$${`` is still an escape in it."""

    #: The text.
    text: str

    @property
    def source(self) -> str:
        """The text as it was written."""
        return self.text


@attrs.frozen
class Reference:
    """One balanced ``${...}``."""

    #: What stands between the braces, blanks included.
    text: str
    #: The same text in parts; it holds references if some are nested inside, else at most one literal.
    parts: tuple[Literal | Reference, ...]

    @property
    def source(self) -> str:
        """The reference as it was written, with its braces."""
        return f"${{{self.text}}}"

    @property
    def is_nested(self) -> bool:
        """Whether the path itself is put together from other references."""
        return any(type(part) is Reference for part in self.parts)


#: A piece of a string.
Part: TypeAlias = Literal | Reference


@attrs.frozen
class SimplePath:
    """A path that needs no JSONPath: a root and steps that each select one member."""

    #: The first name: ``workflow``, a task's reference name, or a key of an event's payload.
    root: str
    #: The steps after the root, outermost first.
    segments: tuple[Segment, ...]


@attrs.frozen
class FoundReference:
    """A reference inside a JSON value."""

    #: Where its string stands, such as ``body.items[0]['my key']``; empty if the value is the string itself.
    path: str
    #: What stands between the braces.
    text: str
    #: The name its path starts with; None if there is none to see (blank, a function, a nested reference first).
    root: str | None


def parse(text: str) -> tuple[Part, ...]:
    """
    Split a string into literal text and references.

    A reference is a balanced ``${ ... }`` that no ``$`` precedes; every brace counts for the balance, and lines do not
    matter. An unclosed ``${`` is literal text. The sources of the parts, joined, are the text.

    Args:
        text: Any string.

    Returns:
        The parts in order, no two literals side by side; empty for the empty string.

    Example:
        >>> [part.source for part in parse("a${b}$${c}")]
        ['a', '${b}', '$${c}']
    """
    return _parse(text, 0)


def references(value: JsonValue) -> Iterator[FoundReference]:
    """
    Find every reference in a JSON value, those nested in another one included.

    Keys of objects are never looked at, because Conductor never substitutes them. An outer reference comes before
    those inside it, otherwise the order is the document's.

    Args:
        value: Any JSON value.

    Yields:
        The references; secrets and environment values too.

    Example:
        >>> [(found.path, found.root) for found in references({"a": ["${t.output.x}"]})]
        [('a[0]', 't')]
    """
    if isinstance(value, str):
        if "${" in value:
            yield from _found(parse(value), "")
        return
    stack: list[tuple[str, JsonValue]] = [("", value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, str):
            if "${" in item:
                yield from _found(parse(item), path)
        elif isinstance(item, dict):
            stack.extend((_member(path, str(key)), child) for key, child in reversed(item.items()))
        elif isinstance(item, list | tuple):
            stack.extend((f"{path}[{index}]", item[index]) for index in range(len(item) - 1, -1, -1))


def secret_names(value: JsonValue) -> Iterator[str]:
    """Find the names (and JSON paths behind them) of every ``${workflow.secrets.NAME}`` in a JSON value."""
    for found in references(value):
        if found.text.startswith("workflow.secrets."):
            yield found.text.removeprefix("workflow.secrets.")


def simple_path(text: str) -> SimplePath | None:
    """
    Read a path that consists of names, quoted names and single indexes only.

    Such a path is what nearly every reference holds, and it can be followed without JSONPath.

    Args:
        text: What stands between the braces, without nested references.

    Returns:
        The path, or None if it needs general JSONPath (wildcards, filters, slices, functions, quoted names with
        backslashes) or is no path at all.

    Example:
        >>> simple_path("workflow.input['my key'].x[0]")
        SimplePath(root='workflow', segments=('input', 'my key', 'x', 0))
        >>> simple_path("t.output.items[*]") is None
        True
    """
    text = text.rstrip(" ")
    anchored = text[:1] in {"$", "@"}
    match = (_NEXT_STEP if anchored else _FIRST_STEP).match(text, 1 if anchored else 0)
    steps: list[Segment] = []
    while match is not None:
        steps.append(_step(match))
        if match.end() == len(text):
            return _simple(steps)
        match = _NEXT_STEP.match(text, match.end())
    return None


def root_of(text: str) -> str | None:
    """
    Name the root that a path starts at, also if the rest needs JSONPath.

    Args:
        text: What stands between the braces; nested references may follow the root.

    Returns:
        The first name, or None if the path is blank, starts with a wildcard, a function or a nested reference, or
        means the whole document.

    Example:
        >>> root_of("charge.output.items[?(@.id == ${workflow.input.id})]")
        'charge'
    """
    anchored = text[:1] in {"$", "@"} and text[1:2] != "{"
    match = _ROOT_NAME.match(text.rstrip(" "), 1 if anchored else 0)
    if match is None or (not anchored and text.startswith(".")):
        return None
    return next(group for group in match.groups() if group is not None)


def _parse(text: str, depth: int) -> tuple[Part, ...]:
    """Split *text*; at the depth limit all of it is literal."""
    if "${" not in text or depth > NESTING_MAX:
        return (Literal(text),) if text else ()
    closing = _closing_braces(text)
    parts: list[Part] = []
    done = at = 0
    while (at := text.find("${", at)) >= 0:
        end = closing.get(at + 1)
        if end is None or (at > 0 and text[at - 1] == "$"):
            at += 1
            continue
        if at > done:
            parts.append(Literal(text[done:at]))
        inner = text[at + 2 : end]
        parts.append(Reference(inner, _parse(inner, depth + 1)))
        done = at = end + 1
    if done < len(text):
        parts.append(Literal(text[done:]))
    return tuple(parts)


def _closing_braces(text: str) -> dict[int, int]:
    """Map the place of every opening brace that is closed to the place where it closes."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            closing[opened.pop()] = match.start()
    return closing


def _found(parts: tuple[Part, ...], path: str) -> Iterator[FoundReference]:
    """Tell the references among *parts* and below."""
    for part in parts:
        if isinstance(part, Reference):
            yield FoundReference(path, part.text, root_of(part.text))
            yield from _found(part.parts, path)


def _member(path: str, key: str) -> str:
    """Write the path of a member of an object."""
    if _PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    quoted = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"{path}['{quoted}']"


def _step(match: re.Match[str]) -> Segment:
    """Read one matched step."""
    name, single, double, index = match.groups()
    return int(index) if index is not None else next(text for text in (name, single, double) if text is not None)


def _simple(steps: list[Segment]) -> SimplePath | None:
    """Make a path of its steps; an index cannot be a root."""
    root = steps[0]
    return SimplePath(root, tuple(steps[1:])) if isinstance(root, str) else None
