"""
The small language of generated source: expressions and statements as values.

Everything that the decompiler writes is first made of these nodes. They are printed (`printing`) and they are evaluated
(`evaluating`), so that what is printed was tried against the real builders, and a name or a text of somebody else's
JSON is never pasted into code.

Why not the standard library's ``ast``: each spelling is tried, and compiling a tree for that took 36 µs where walking
these nodes takes 3. ``ast.unparse`` breaks no line and chooses other quotes than formatters do, so five sixths of the
printer would stay; what would go is some 200 lines, and with them nodes that pattern matching and type checkers know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from attrs import define, field, frozen

from podium.model.values import JsonValue


@define(eq=False)
class Variable:
    """
    A name whose spelling is chosen last, when it is known who needs one.

    Attributes:
        wishes: What it would like to be called, the best first.
        text: What it is called; empty until that is chosen.
    """

    wishes: tuple[str, ...]
    text: str = ""


@frozen(eq=False)
class Name:
    """A variable, a parameter, a constant or a function of the generated module."""

    variable: Variable


@frozen(eq=False)
class Builder:
    """A name of `podium`."""

    name: str


@frozen(eq=False)
class Value:
    """A text, a number, true, false or null."""

    value: JsonValue


@frozen(eq=False)
class Text:
    """A text with values in it: an f-string."""

    parts: tuple[str | Node, ...]


@frozen(eq=False)
class ItemsNode:
    """A list, or a tuple."""

    items: tuple[Node, ...]
    is_tuple: bool = False


@frozen(eq=False)
class Entries:
    """A map."""

    entries: tuple[tuple[str, Node], ...]


@frozen(eq=False)
class JsonText:
    """Data that is nested too deeply for Python's grammar, as JSON text to be read."""

    value: JsonValue


@frozen(eq=False)
class CallNode:
    """A call; names of arguments that are no identifiers are passed by ``**``."""

    function: Node
    arguments: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()


@frozen(eq=False)
class MemberNode:
    """An attribute."""

    of: Node
    name: str


@frozen(eq=False)
class ItemNode:
    """An index."""

    of: Node
    key: str | int


@frozen(eq=False)
class Operation:
    """One of Python's operators on one or two operands."""

    operator: str
    operands: tuple[Node, ...]


#: An expression.
Node: TypeAlias = (
    Name | Builder | Value | Text | ItemsNode | Entries | JsonText | CallNode | MemberNode | ItemNode | Operation
)


@frozen(eq=False)
class Assign:
    """``variable = expression``; only the expression if nobody uses the variable."""

    expression: Node
    variable: Variable | None = None


@frozen(eq=False)
class With:
    """``with expression as variable:``; without ``as`` if nobody uses the variable."""

    expression: Node
    body: tuple[Statement, ...]
    variable: Variable | None = None


@frozen(eq=False)
class Return:
    """``return expression``."""

    expression: Node


#: A statement of a workflow's function.
Statement: TypeAlias = Assign | With | Return


@frozen(eq=False)
class FunctionParameter:
    """A parameter of a generated function."""

    variable: Variable
    #: The name in the JSON, which is the parameter's.
    name: str
    annotation: str = "Any"
    #: None means that there is no default.
    default: Node | None = None


@frozen(eq=False)
class Function:
    """A workflow's function with its decorator."""

    variable: Variable
    #: The workflow's name, which the decorator says if the function has another.
    name: str
    #: What else the decorator says.
    settings: tuple[tuple[str, Node], ...]
    parameters: tuple[FunctionParameter, ...]
    body: tuple[Statement, ...] = field(factory=tuple)
    returns: str = "Any"


def builder(name: str) -> Node:
    """Return a name of `podium`, such as ``http``, or one in a namespace, such as ``ai.chat``."""
    room, _, function = name.rpartition(".")
    return MemberNode(Builder(room), function) if room else Builder(function)


def call(name: str, *arguments: Node, **named: Node) -> CallNode:
    """Return a call of a name of `podium`."""
    return CallNode(builder(name), arguments, tuple(named.items()))


def method(of: Node, name: str, *arguments: Node, **named: Node) -> CallNode:
    """Return a call of a method."""
    return CallNode(MemberNode(of, name), arguments, tuple(named.items()))


#: Data nested more deeply than this is written as JSON text: Python's own grammar ends at a hundred brackets or so.
NESTING_MAX = 30


def literal(value: JsonValue, depth: int = 0) -> Node:
    """Return a value as it stands: references in its texts are only texts."""
    if isinstance(value, Mapping | list | tuple) and depth >= NESTING_MAX:
        return JsonText(value)
    if isinstance(value, Mapping):
        return Entries(tuple((key, literal(item, depth + 1)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return ItemsNode(tuple(literal(item, depth + 1) for item in value), is_tuple=isinstance(value, tuple))
    return Value(value)


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside a node, in the order in which they are written."""
    match node:
        case Text(parts):
            return tuple(part for part in parts if not isinstance(part, str))
        case ItemsNode(items):
            return items
        case Entries(entries):
            return tuple(value for _, value in entries)
        case CallNode(function, arguments, named):
            return (function, *arguments, *(value for _, value in named))
        case MemberNode(of) | ItemNode(of):
            return (of,)
        case Operation(_, operands):
            return operands
        case _:
            return ()


def nodes_in(node: Node) -> Iterator[Node]:
    """Yield a node and all inside it, in the order in which they are written."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(parts_of(each)))


def nodes_of(statements: tuple[Statement, ...]) -> Iterator[Node]:
    """Yield all nodes of statements, those inside blocks included."""
    for statement in statements:
        yield from nodes_in(statement.expression)
        if isinstance(statement, With):
            yield from nodes_of(statement.body)
