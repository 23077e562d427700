"""The line on which something stands in a JSON text, by its path."""

from __future__ import annotations

import re
from json.decoder import py_scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import TypeAlias

from attrs import field, frozen

_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")
_INDEX = re.compile(r"\.?\[(\d+)\]")
_QUOTED = re.compile(r"\['((?:[^'\\]|\\.)*)'\]")

#: Where a line and a column are, both from 1.
Position: TypeAlias = tuple[int, int]


@frozen(eq=False)
class _Node:
    #: Of the key that names it, or of the value itself.
    start: int
    members: dict[str, _Node] = field(factory=dict)
    items: list[_Node] = field(factory=list)


class Positions:
    r"""
    The positions of everything in a JSON text.

    Args:
        text: The text, which can be read as JSON.

    Example:
        >>> Positions('{"name": "w",\n "tasks": [{"name": "a"}]}').find("tasks[0].name")
        (2, 13)
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: _Node | None = None
        try:
            self._root, _ = self._value(_skip(text, 0), None)
        except (RecursionError, ValueError, IndexError):  # it is deeper than we can follow, or no JSON
            self._root = None

    def find(self, path: str) -> Position | None:
        """
        Return the place of what a path names, or of the innermost thing around it that is written down.

        Args:
            path: Such as ``tasks[2].decisionCases.A[0].name``; empty for the whole text.

        Returns:
            Line and column; None if the text cannot be read.
        """
        node = self._root
        if node is None:
            return None
        rest = path
        while rest:
            step = _step(node, rest)
            if step is None:
                break
            node, rest = step
        line = self._text.count("\n", 0, node.start) + 1
        return line, node.start - (self._text.rfind("\n", 0, node.start) + 1) + 1

    def _value(self, at: int, key_at: int | None) -> tuple[_Node, int]:
        node = _Node(at if key_at is None else key_at)
        if self._text[at] == "{":
            return node, self._object(node, at + 1)
        if self._text[at] == "[":
            return node, self._array(node, at + 1)
        if self._text[at] == '"':
            return node, py_scanstring(self._text, at + 1)[1]
        scalar = _SCALAR.match(self._text, at)
        if scalar is None:
            raise ValueError(at)
        return node, scalar.end()

    def _object(self, node: _Node, at: int) -> int:
        at = _skip(self._text, at)
        while self._text[at] != "}":
            key_at = at
            key, at = py_scanstring(self._text, at + 1)
            at = _skip(self._text, at)
            node.members[key], at = self._value(_skip(self._text, at + 1), key_at)  # behind the colon
            at = self._behind_comma(at)
        return at + 1

    def _array(self, node: _Node, at: int) -> int:
        at = _skip(self._text, at)
        while self._text[at] != "]":
            item, at = self._value(at, None)
            node.items.append(item)
            at = self._behind_comma(at)
        return at + 1

    def _behind_comma(self, at: int) -> int:
        at = _skip(self._text, at)
        return _skip(self._text, at + 1) if self._text[at] == "," else at


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()


def _step(node: _Node, path: str) -> tuple[_Node, str] | None:
    """Follow the first step of a path; the longest key wins, because keys stand in paths as they are."""
    index = _INDEX.match(path)
    if index is not None and int(index[1]) < len(node.items):
        return node.items[int(index[1])], path[index.end() :]
    quoted = _QUOTED.match(path)
    if quoted is not None:
        key = re.sub(r"\\(.)", r"\1", quoted[1])
        return (node.members[key], path[quoted.end() :]) if key in node.members else None
    rest = path.removeprefix(".")
    for key in sorted(node.members, key=len, reverse=True):
        behind = rest[len(key) :]
        if key and rest.startswith(key) and (not behind or behind[0] in ".["):
            return node.members[key], behind
    return None
