"""
Read the JavaScript that our own compiler writes for conditions, back into Python's operators.

Only the small subset that `podium.dsl.expressions` writes is known. Whether the operators found here compile to the
same text again is for the caller to try; whatever does not stays a script.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from podium.decompile.nodes import Builder, CallNode, ItemsNode, Node, Operation, Value

#: Gives the node for ``$.name`` with the keys behind it, None if there is none.
Bind = Callable[[str, Sequence[str | int]], Node | None]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_$][A-Za-z0-9_]*)"""
    r"""|(?P<mark>\|\||&&|==|!=|<=|>=|\*\*|[-+*/%<>!()\[\],.?:]))"""
)
_LEVELS: Sequence[Mapping[str, str]] = (
    {"||": "|"},
    {"&&": "&"},
    {"==": "==", "!=": "!="},
    {"<": "<", "<=": "<=", ">": ">", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
_WORDS = {"true": True, "false": False, "null": None}
#: Methods of texts: what the builder is called, and how many arguments they have.
_METHODS = {
    "startsWith": ("starts_with", 1),
    "endsWith": ("ends_with", 1),
    "toLowerCase": ("lower", 0),
    "toUpperCase": ("upper", 0),
    "trim": ("strip", 0),
}
_MATH = {"min": "min_", "max": "max_", "floor": "floor", "ceil": "ceil"}
#: How deep parentheses may be nested; scripts beyond stay scripts.
_DEPTH_MAX = 30
#: Longer scripts stay scripts.
_TOKENS_MAX = 400


class _UnknownError(Exception):
    """The script is not one of ours."""


def read_condition(script: str, bind: Bind) -> Node | None:
    """
    Return a condition as Python's operators.

    Args:
        script: The JavaScript.
        bind: Gives what ``$.name`` stands for.

    Returns:
        The node; None if the script does not look like one that our compiler wrote.
    """
    try:
        return _Reader(script, bind).whole()
    except _UnknownError:
        return None


class _Reader:
    def __init__(self, script: str, bind: Bind) -> None:
        self._bind = bind
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        self._depth = 0
        at = 0
        while at < len(script):
            match = _TOKEN.match(script, at)
            if match is None or match.lastgroup is None:
                self._fail()
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        if len(self._tokens) > _TOKENS_MAX:
            self._fail()

    def _fail(self) -> NoReturn:
        raise _UnknownError

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, wanted: str | None = None) -> tuple[str, str]:
        token = self._next()
        if token[0] == "end" or (wanted is not None and token[1] != wanted):
            self._fail()
        self._at += 1
        return token

    def whole(self) -> Node:
        node = self._choice()
        if self._next()[0] != "end":
            self._fail()
        return node

    def _choice(self) -> Node:
        node = self._level(0)
        if self._next()[1] != "?":
            return node
        self._take("?")
        chosen = self._deeper(lambda: self._level(0))
        self._take(":")
        return CallNode(Builder("if_"), (node, chosen, self._deeper(self._choice)))

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._power()
        node = self._level(level + 1)
        while self._next()[1] in _LEVELS[level] and self._next()[0] == "mark":
            sign = _LEVELS[level][self._take()[1]]
            node = _operation(sign, node, self._level(level + 1))
        return node

    def _power(self) -> Node:
        base = self._unary()
        if self._next()[1] == "**":
            self._take()
            return Operation("**", (base, self._power()))
        return base

    def _unary(self) -> Node:
        kind, text = self._next()
        if kind == "mark" and text == "!":
            self._take()
            return Operation("~", (self._deeper(self._unary),))
        if kind == "mark" and text == "-":
            self._take()
            inner = self._deeper(self._unary)
            if isinstance(inner, Value) and isinstance(inner.value, int | float):
                return Value(-inner.value)
            return Operation("-", (inner,))
        return self._postfix()

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            self._fail()
        node = read()
        self._depth -= 1
        return node

    def _postfix(self) -> Node:
        node = self._atom()
        while self._next()[1] == ".":
            self._take()
            word = self._take()[1]
            if word == "length":
                node = CallNode(Builder(LENGTH), (node,))
            elif word == "includes":
                node = _includes(node, *self._arguments(1))
            elif word in _METHODS:
                builder, count = _METHODS[word]
                node = CallNode(Builder(builder), (node, *self._arguments(count)))
            else:
                self._fail()
        return node

    def _atom(self) -> Node:
        kind, text = self._take()
        if kind == "number":
            return Value(json.loads(text))
        if kind == "text" and text.startswith('"'):
            return Value(_read_text(text))
        if kind == "name":
            return self._named(text)
        if text == "(":
            node = self._deeper(self._choice)
            self._take(")")
            return node
        if text == "[":
            return ItemsNode(tuple(self._items()))
        return self._fail()

    def _items(self) -> list[Node]:
        found: list[Node] = []
        while self._next()[1] != "]":
            if found:
                self._take(",")
            found.append(self._deeper(self._choice))
        self._take("]")
        return found

    def _named(self, word: str) -> Node:
        if word in _WORDS:
            return Value(_WORDS[word])
        if word == "Math":
            return self._math()
        if word != "$":
            self._fail()
        name = str(self._key()) if self._next()[1] == "[" else self._member()
        keys: list[str | int] = []
        while self._next()[1] == "[":
            keys.append(self._key())
        node = self._bind(name, keys)
        if node is None:
            self._fail()
        return node

    def _member(self) -> str:
        self._take(".")
        kind, word = self._take()
        if kind != "name":
            self._fail()
        return word

    def _key(self) -> str | int:
        self._take("[")
        kind, text = self._take()
        self._take("]")
        if kind == "number" and text.isdigit():
            return int(text)
        if kind == "text" and text.startswith("'"):
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        return self._fail()

    def _arguments(self, count: int | None = None) -> tuple[Node, ...]:
        """Read the arguments of a call; *count* is how many there must be."""
        self._take("(")
        found: list[Node] = []
        while self._next()[1] != ")":
            if found:
                self._take(",")
            found.append(self._deeper(self._choice))
        self._take(")")
        if count is not None and len(found) != count:
            self._fail()
        return tuple(found)

    def _math(self) -> Node:
        self._take(".")
        function = self._take()[1]
        inner = self._arguments()
        if function == "floor" and inner and isinstance(inner[0], Operation) and inner[0].operator == "/":
            return Operation("//", inner[0].operands)
        if function in _MATH:
            return CallNode(Builder(_MATH[function]), inner)
        return self._fail()


#: What the builder of a length is called.
LENGTH = "len_"


def _read_text(source: str) -> str:
    try:
        text: str = json.loads(source)
    except ValueError:
        raise _UnknownError from None
    return text


def _includes(of: Node, item: Node) -> Node:
    if isinstance(of, ItemsNode):
        return CallNode(Builder("is_in"), (item, of))
    return CallNode(Builder("contains"), (of, item))


def _identity(sign: str, left: Node, right: Value) -> Node:
    """Return a comparison with null; others with null, true and false are ones that linters want otherwise."""
    if sign == "==" and right.value is None:
        return CallNode(Builder("is_null"), (left,))
    if sign in {"==", "!="}:
        raise _UnknownError
    return Operation(sign, (left, right))


def _operation(sign: str, left: Node, right: Node) -> Node:
    if isinstance(right, Value) and (right.value is None or isinstance(right.value, bool)):
        return _identity(sign, left, right)
    # What Python's % is compiled to: (a % b + b) % b.
    match sign, left:
        case "%", Operation("+", (Operation("%", (inner, _)), _)):
            return Operation("%", (inner, right))
    return Operation(sign, (left, right))
