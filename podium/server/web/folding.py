"""JSON that folds: the tree that a page shows of a value, no more than a browser likes, and where the whole is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, frozen

#: Most values that one page shows of a value, and most letters of one text.
_VALUES_MAX, _TEXT_MAX = 500, 2_000
#: So many members at most stand open from the start; so deep at most.
_OPEN_MAX, _OPEN_DEPTH, _DEPTH_MAX = 12, 2, 40
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@frozen(kw_only=True)
class ValueNode:
    """
    A value of a tree.

    Attributes:
        key: Its name or number in what holds it; empty for the whole.
        told: The value as text; of a list or an object how much it holds.
        kind: ``text``, ``number``, ``truth``, ``null`` or ``empty``.
        items: What it holds.
        is_open: It stands open from the start.
    """

    key: str = ""
    told: str
    kind: str = ""
    items: Sequence[ValueNode] = ()
    is_open: bool = False


@frozen(kw_only=True)
class FoldedValue:
    """
    What a page shows of a value.

    Attributes:
        label: What it is, for who hears the page.
        root: The value.
        left_out: How many values are not shown.
        bytes: How large the whole is as JSON.
        href: Where the whole is to be had; empty for nowhere.
    """

    label: str
    root: ValueNode
    left_out: int = 0
    bytes: int = 0
    href: str = ""


def folded(value: Any, label: str, href: str = "") -> FoldedValue:
    """
    Return what a page shows of a value.

    Args:
        value: JSON.
        label: What it is.
        href: Where the whole is to be had.

    Example:
        >>> folded({"a": [1, 2]}, "the input").root.items[0].told
        '[2 values]'
    """
    counter = _Counter()
    root = counter.node("", value, 0)
    size = len(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    return FoldedValue(label=label, root=root, left_out=counter.left_out, bytes=size, href=href)


@define
class _Counter:
    """Counts what is shown, and what is not."""

    shown: int = 0
    #: Places of members that are yet to come, so that a large member leaves room for those behind it.
    kept: int = 0
    left_out: int = 0

    def node(self, key: str, value: Any, depth: int) -> ValueNode:
        self.shown += 1
        if isinstance(value, Mapping) and value:
            told = f"{{{len(value)} key{'s' * (len(value) != 1)}}}"
            return self._holder(ValueNode(key=key, told=told), value.items(), len(value), depth)
        if isinstance(value, list | tuple) and value:
            members = ((str(number), each) for number, each in enumerate(value))
            told = f"[{len(value)} value{'s' * (len(value) != 1)}]"
            return self._holder(ValueNode(key=key, told=told), members, len(value), depth)
        return ValueNode(key=key, told=_told(value), kind=_kind(value))

    def _holder(self, node: ValueNode, members: Iterable[tuple[object, Any]], size: int, depth: int) -> ValueNode:
        is_open = depth < _OPEN_DEPTH and size <= _OPEN_MAX
        return evolve(node, items=tuple(self._members(members, size, depth)), is_open=is_open)

    def _members(self, members: Iterable[tuple[object, Any]], size: int, depth: int) -> Iterator[ValueNode]:
        # Those of a list that is too large anyway need no places.
        places = size if self.shown + self.kept + size <= _VALUES_MAX else 0
        self.kept += places
        for place, (key, value) in enumerate(members):
            self.kept -= place < places
            if self.shown + self.kept >= _VALUES_MAX or depth >= _DEPTH_MAX:
                self.kept -= max(0, places - place - 1)
                self.left_out += size - place
                yield ValueNode(told=f"… {size - place} more", kind="null")
                return
            yield self.node(str(key), value, depth + 1)


def _told(value: Any) -> str:
    if isinstance(value, str):
        cut = value if len(value) <= _TEXT_MAX else f"{value[:_TEXT_MAX]}… ({len(value)} letters)"
        # What turns the direction of writing is told, like other characters that nobody sees, and turns nothing.
        return _TURNS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(cut, ensure_ascii=False))
    return json.dumps(value, default=str)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "empty"
