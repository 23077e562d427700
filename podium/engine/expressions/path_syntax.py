"""
The syntax of JSONPath as Conductor's library (Jayway) reads it.

A path is cut into steps; whether it is *definite* (one value or null) or *indefinite* (always a list) is decided here,
because the other JSONPath dialects, `python-jsonpath` among them, always answer with a list.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from podium.model.expressions import Segment

_NAME = re.compile(r"[^.\[( *][^.\[( ]*")
_INDEXES = re.compile(r"-?\d+(?:\s*,\s*-?\d+)+", re.ASCII)
_INDEX = re.compile(r"-?\d{1,18}", re.ASCII)
_SLICE = re.compile(r"(?:-?\d+)?:(?:-?\d+)?", re.ASCII)
_QUOTED = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*""", re.DOTALL)
_CLOSERS = {"[": "]", "(": ")"}
_OPERAND = r"(@[^\s,()!=<>&|]*)"
#: Jayway's filter operators that python-jsonpath spells otherwise.
_FILTER_WORDS = (
    (re.compile(rf"{_OPERAND}\s+nin\s+(\[[^\]]*\]|[@$][^\s)]*)"), r"!(\1 in \2)"),
    (re.compile(rf"{_OPERAND}\s+size\s+(\d+)"), r"length(\1) == \2"),
    (re.compile(rf"{_OPERAND}\s+empty\s+true"), r"length(\1) == 0"),
    (re.compile(rf"{_OPERAND}\s+empty\s+false"), r"length(\1) > 0"),
)


class PathError(ValueError):
    """The text is no path that Jayway reads; the value of such a reference is null."""


@attrs.frozen
class Pick:
    """Several quoted names in one bracket: as the last step it selects an object with these members."""

    #: The names, in their order.
    names: tuple[str, ...]


@attrs.frozen
class Selector:
    """A step that may select any number of values."""

    #: The step in python-jsonpath's spelling, such as ``[*]`` or ``..['id']``.
    query: str
    #: Whether a filter in it looks at the document's root.
    uses_root: bool = False


@attrs.frozen
class FunctionCall:
    """A function at the end of a path."""

    #: Such as ``length``.
    name: str
    #: Its arguments as they were written.
    arguments: tuple[str, ...]


#: One step of a general path.
Step: TypeAlias = Segment | Pick | Selector


@attrs.frozen
class PathSyntax:
    """A path cut into steps."""

    #: From the root of the document, outermost first.
    steps: tuple[Step, ...]
    #: What is done with the value, if anything.
    function: FunctionCall | None

    @property
    def is_definite(self) -> bool:
        """Whether the path selects exactly one place."""
        return not any(type(step) is Selector for step in self.steps)


def read_path(text: str) -> PathSyntax:
    """
    Cut a path into its steps.

    Args:
        text: What stands between the braces; ``$.`` in front may be left out.

    Raises:
        PathError: The text does not compile.
    """
    text = text.rstrip(" ")
    if not text or text.endswith("."):
        raise PathError(text)
    at = 1 if text[0] in "$@" else 0
    if at and text[1:2] not in {"", ".", "["}:
        raise PathError(text)
    if not at:
        text = text if text[0] == "[" else "." + text
    steps: list[Step] = []
    function: FunctionCall | None = None
    while at < len(text):
        if function is not None:
            raise PathError(text)
        step, at = _read_step(text, at)
        if isinstance(step, FunctionCall):
            function = step
        else:
            steps.append(step)
    return PathSyntax(_spread_picks(steps), function)


def _read_step(text: str, at: int) -> tuple[Step | FunctionCall, int]:
    """Read the step at a place; say where it ends."""
    deep = text.startswith("..", at)
    at += 2 if deep else text[at] == "."
    if text.startswith("[", at):
        content, end = _bracketed(text, at)
        step = _bracket_step(content)
        return (_deep(step) if deep else step), end
    if text.startswith("*", at):
        return Selector("..*" if deep else "[*]"), at + 1
    name = _NAME.match(text, at)
    if name is None or (at and text[at - 1] != "."):
        raise PathError(text)
    if text.startswith("(", name.end()):
        content, end = _bracketed(text, name.end())
        if deep:
            raise PathError(text)
        return FunctionCall(name[0], _split_arguments(content)), end
    if text.startswith(" ", name.end()):
        raise PathError(text)
    return (_deep(name[0]) if deep else name[0]), name.end()


def _bracketed(text: str, at: int) -> tuple[str, int]:
    """Give what stands inside the bracket that opens at a place, and the place behind its end."""
    expected: list[str] = []
    quote = ""
    place = at
    while place < len(text):
        char = text[place]
        if quote:
            place += char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in _CLOSERS:
            expected.append(_CLOSERS[char])
        elif char == expected[-1]:
            expected.pop()
            if not expected:
                return text[at + 1 : place], place + 1
        place += 1
    raise PathError(text)


def _bracket_step(content: str) -> Step:
    """Read what stands between ``[`` and ``]``."""
    content = content.strip(" ")
    if content == "*":
        return Selector("[*]")
    if _INDEX.fullmatch(content):
        return int(content)
    if _INDEXES.fullmatch(content) or (_SLICE.fullmatch(content) and content != ":"):
        return Selector(f"[{content}]")
    if content.startswith("?"):
        condition = content[1:].strip(" ")
        if condition.startswith("(") and condition.endswith(")"):
            return Selector(f"[?{_translate_filter(condition)}]", uses_root="$" in condition)
        raise PathError(content)
    names = _quoted_names(content)
    return names[0] if len(names) == 1 else Pick(names)


def _quoted_names(content: str) -> tuple[str, ...]:
    """Read one or more quoted names."""
    names: list[str] = []
    at = 0
    while True:
        match = _QUOTED.match(content, at)
        if match is None:
            raise PathError(content)
        names.append(re.sub(r"\\(.)", r"\1", match[1] if match[1] is not None else match[2], flags=re.DOTALL))
        at = match.end()
        if at == len(content):
            return tuple(names)
        if content[at] != ",":
            raise PathError(content)
        at += 1


def _translate_filter(condition: str) -> str:
    """Spell Jayway's operators as python-jsonpath does."""
    for pattern, replacement in _FILTER_WORDS:
        condition = pattern.sub(replacement, condition)
    return condition


def _split_arguments(content: str) -> tuple[str, ...]:
    """Split a function's arguments at the commas that no quote or bracket holds."""
    arguments: list[str] = []
    depth = start = 0
    quote = ""
    for place, char in enumerate(content):
        if quote:
            quote = "" if char == quote and content[place - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            arguments.append(content[start:place].strip())
            start = place + 1
    last = content[start:].strip()
    return (*arguments, last) if last or arguments else ()


def _spread_picks(steps: list[Step]) -> tuple[Step, ...]:
    """Make picks that are not the last step, or follow a selector, into selectors of each name."""
    spread: list[Step] = []
    for index, step in enumerate(steps):
        is_leaf = index == len(steps) - 1 and not any(type(before) is Selector for before in spread)
        spread.append(Selector(query_of(step)) if isinstance(step, Pick) and not is_leaf else step)
    return tuple(spread)


def _deep(step: Step) -> Selector:
    """Make a step that searches at every depth."""
    return Selector(f"..{query_of(step)}", uses_root=isinstance(step, Selector) and step.uses_root)


def query_of(step: Step) -> str:
    """Spell a step for python-jsonpath."""
    if isinstance(step, Selector):
        return step.query
    if isinstance(step, Pick):
        return "[" + ", ".join(_quote(name) for name in step.names) + "]"
    return f"[{step}]" if isinstance(step, int) else f"[{_quote(step)}]"


def _quote(name: str) -> str:
    """Write a name as a quoted JSONPath string."""
    import json

    return json.dumps(name)
