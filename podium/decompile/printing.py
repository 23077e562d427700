"""
Print nodes as source, laid out as formatters leave it.

What fits stands on one line; what does not is opened at its brackets, one item a line with a comma behind the last.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from podium.decompile.naming import is_identifier
from podium.decompile.nodes import (
    Assign,
    Builder,
    CallNode,
    Entries,
    Function,
    FunctionParameter,
    ItemNode,
    ItemsNode,
    JsonText,
    MemberNode,
    Name,
    Node,
    Operation,
    Return,
    Statement,
    Text,
    Value,
    Variable,
    With,
)
from podium.decompile.strings import escaped, pieces, quote_for, quoted
from podium.model.errors import InternalError
from podium.model.values import JsonValue

#: Columns of a line, as formatters have it by default.
WIDTH = 88
_INDENT = "    "

#: How strongly Python's operators bind; a higher number binds more strongly.
_RANKS: Mapping[str, int] = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 1),
    "|": 2,
    "&": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "//": 5,
    "%": 5,
    "**": 7,
}
_UNARY_RANK = 6
_ATOM = 9

#: Gives the source for a name of `podium`.
Spell = Callable[[str], str]


@frozen
class Printer:
    """Prints one function or module, where the names of builders are spelt as *spell* says."""

    spell: Spell = str
    #: The quotes to use for every text; None chooses by what is in it.
    quote: str | None = None
    #: Columns of a line.
    width: int = WIDTH

    # On one line

    def flat(self, node: Node) -> str:
        """Return an expression on one line."""
        match node:
            case Value(value):
                return plain(value, self.quote)
            case JsonText(value):
                return f"json.loads({quoted(json.dumps(value))})"
            case Name(variable):
                return variable.text
            case Builder(name):
                return self.spell(name)
            case Text(parts):
                return self._text(parts)
            case ItemsNode(items, is_tuple):
                inner = ", ".join(map(self.flat, items))
                return f"({inner}{',' * (len(items) == 1)})" if is_tuple else f"[{inner}]"
            case Entries(entries):
                return f"{{{', '.join(f'{quoted(key)}: {self.flat(value)}' for key, value in entries)}}}"
            case MemberNode(of, name):
                return f"{self.flat(of)}.{name}"
            case ItemNode(of, key):
                return f"{self.flat(of)}[{plain(key, self.quote)}]"
            case Operation():
                return self._operation(node)
            case CallNode(function):
                return f"{self.flat(function)}({', '.join(self._arguments(node))})"

    def _arguments(self, node: CallNode) -> list[str]:
        return [lead + self.flat(value) + tail for lead, value, tail in _spelt_arguments(node)]

    def _operation(self, node: Operation) -> str:
        if len(node.operands) == 1:
            return node.operator + self._operand(node.operands[0], _UNARY_RANK)
        rank = _RANKS[node.operator]
        left, right = node.operands
        if node.operator == "**":
            return f"{self._operand(left, rank + 1)} ** {self._operand(right, rank)}"
        # Comparisons would chain, so they are never an operand of one another without parentheses.
        left_rank = rank + 1 if rank == 1 else rank
        return f"{self._operand(left, left_rank)} {node.operator} {self._operand(right, rank + 1)}"

    def _operand(self, node: Node, rank: int) -> str:
        text = self.flat(node)
        return text if _rank(node) >= rank else f"({text})"

    def _text(self, parts: Sequence[str | Node]) -> str:
        mark = self._mark(parts)
        inner = "".join(
            escaped(part, mark).replace("{", "{{").replace("}", "}}")
            if isinstance(part, str)
            else f"{{{self._inside(part, mark)}}}"
            for part in parts
        )
        has_values = any(not isinstance(part, str) for part in parts)
        return f"f{mark}{inner}{mark}" if has_values else quoted("".join(map(str, parts)))

    def _inside(self, node: Node, mark: str) -> str:
        """Print a value inside an f-string; before Python 3.12 it must not have the quotes that are around it."""
        return evolve(self, quote="'" if mark == '"' else '"').flat(node)

    def _mark(self, parts: Sequence[str | Node]) -> str:
        values = [self._inside(part, '"') for part in parts if not isinstance(part, str)]
        has_quotes = any("'" in value for value in values)
        return '"' if has_quotes else quote_for("".join(part for part in parts if isinstance(part, str)))

    # On several lines

    def lines(self, node: Node, lead: str, tail: str = "") -> list[str]:
        """
        Lay out an expression.

        Args:
            node: The expression.
            lead: What stands before it on its first line, the indentation included.
            tail: What stands behind it on its last line.
        """
        flat = self.flat(node)
        if len(lead) + len(flat) + len(tail) <= self.width:
            return [lead + flat + tail]
        indent = _indent_of(lead)
        match node:
            case CallNode():
                return self._call_lines(node, lead, tail)
            case ItemsNode(items) if items:
                inner = [line for item in items for line in self._item_lines(item, indent + _INDENT)]
                return [f"{lead}[", *inner, f"{indent}]{tail}"]
            case Entries(entries) if entries:
                inner = [
                    line
                    for key, value in entries
                    for line in self.lines(value, f"{indent}{_INDENT}{quoted(key)}: ", ",")
                ]
                return [f"{lead}{{", *inner, f"{indent}}}{tail}"]
            case Value(value) if isinstance(value, str):
                return self._long_text((value,), lead, tail)
            case Text(parts):
                return self._long_text(parts, lead, tail)
            case _:
                return [lead + flat + tail]

    def _item_lines(self, item: Node, indent: str) -> list[str]:
        """Print an item of a list; literals below each other stand in parentheses, as commas might be missing there."""
        lines = self.lines(item, indent, ",")
        is_text = isinstance(item, Text) or (isinstance(item, Value) and isinstance(item.value, str))
        if not is_text or len(lines) == 1:
            return lines
        return [f"{indent}(", *self.lines(item, indent + _INDENT), f"{indent}),"]

    def _call_lines(self, node: CallNode, lead: str, tail: str) -> list[str]:
        match node.function:
            case MemberNode(CallNode() as inner, name):
                return self._chain_lines(node, inner, name, lead, tail)
            case CallNode() as function:
                opening = self.lines(function, lead, "(")
            case function:
                opening = [f"{lead}{self.flat(function)}("]
        return self._opened(node, opening, lead, tail)

    def _chain_lines(self, node: CallNode, inner: CallNode, name: str, lead: str, tail: str) -> list[str]:
        """Lay out a method behind a call: one of the two is opened, whichever takes fewer lines, or both."""
        behind = f".{name}({', '.join(self._arguments(node))}){tail}"
        before = f"{lead}{self.flat(inner)}.{name}("
        tries = [self._opened(node, self.lines(inner, lead, f".{name}("), lead, tail)]
        if len(before) <= self.width:
            tries.append(self._opened(node, [before], lead, tail))
        if len(_indent_of(lead)) + 1 + len(behind) <= self.width and (inner.arguments or inner.named):
            tries.append(self.lines(inner, lead, behind))
        is_short = len(inner.arguments) == 1 and not inner.named
        return min(tries if is_short else reversed(tries), key=len)

    def _opened(self, node: CallNode, opening: list[str], lead: str, tail: str) -> list[str]:
        """Return a call with an argument a line; *opening* ends with its bracket."""
        indent = _indent_of(lead)
        arguments = _spelt_arguments(node)
        if not arguments:
            return [*opening[:-1], f"{opening[-1]}){tail}"]
        body = [
            line
            for before, value, after in arguments
            for line in self.lines(value, indent + _INDENT + before, f"{after},")
        ]
        return [*opening, *body, f"{indent}){tail}"]

    def _long_text(self, parts: Sequence[str | Node], lead: str, tail: str) -> list[str]:
        """Print a long text as literals below each other; they need parentheses where something stands before them."""
        indent = _indent_of(lead)
        is_alone = lead == indent
        deeper = indent if is_alone else indent + _INDENT
        whole = self._text(parts)
        rows = [whole]
        if len(deeper) + len(whole) > self.width:  # formatters put together what fits
            rows = [self._text(row) for row in self._rows(parts, self.width - len(deeper) - 4)]
        if is_alone:
            return [*(indent + row for row in rows[:-1]), indent + rows[-1] + tail]
        if len(rows) == 1 and len(deeper) + len(whole) > self.width:
            return [lead + rows[0] + tail]
        return [f"{lead}(", *(deeper + row for row in rows), f"{indent}){tail}"]

    def _rows(self, parts: Sequence[str | Node], width: int) -> list[list[str | Node]]:
        rows: list[list[str | Node]] = [[]]
        used = 0
        for part in parts:
            if not isinstance(part, str):
                size = len(self.flat(part)) + 2
                if rows[-1] and used + size > width:
                    rows.append([])
                    used = 0
                rows[-1].append(part)
                used += size
                continue
            for piece in _pieces(part, width, used):
                size = len(escaped(piece)) + piece.count("{") + piece.count("}")
                if rows[-1] and (used + len(escaped(piece.rstrip(" "))) > width or _ends_line(rows[-1])):
                    rows.append([])
                    used = 0
                rows[-1].append(piece)
                used += size
        return [row for row in rows if row]

    # Statements

    def block(self, statements: Sequence[Statement], indent: str, used: set[Variable]) -> list[str]:
        """Print statements; *used* are the variables that somebody reads."""
        found: list[str] = []
        for statement in statements:
            found += self._statement(statement, indent, used)
        return found or [f"{indent}pass"]

    def _statement(self, statement: Statement, indent: str, used: set[Variable]) -> list[str]:
        match statement:
            case Return(expression):
                return self.lines(expression, f"{indent}return ")
            case Assign(expression, variable):
                is_read = variable is not None and variable in used
                return self._assignment(expression, indent, variable.text if variable and is_read else "")
            case With():
                return self._with(statement, indent, used)

    def _assignment(self, expression: Node, indent: str, name: str) -> list[str]:
        lines = self.lines(expression, f"{indent}{name} = " if name else indent)
        if not name or len(lines) == 1 or len(lines[0]) <= self.width:
            return lines
        # Not even the beginning fits behind the name: it goes below, in parentheses.
        return [f"{indent}{name} = (", *self.lines(expression, indent + _INDENT), f"{indent})"]

    def _with(self, statement: With, indent: str, used: set[Variable]) -> list[str]:
        """Print a block; blocks that hold nothing but one block share one ``with``."""
        opened = [statement]
        while len(opened[-1].body) == 1 and isinstance(opened[-1].body[0], With):
            opened.append(opened[-1].body[0])
        names = [
            f" as {each.variable.text}" if each.variable is not None and each.variable in used else ""
            for each in opened
        ]
        flat = ", ".join(self.flat(each.expression) + name for each, name in zip(opened, names, strict=True))
        if len(opened) == 1:
            head = self.lines(statement.expression, f"{indent}with ", f"{names[0]}:")
        elif len(indent) + len(flat) + len("with :") <= self.width:
            head = [f"{indent}with {flat}:"]
        else:
            rows = [
                line
                for each, name in zip(opened, names, strict=True)
                for line in self.lines(each.expression, indent + _INDENT, f"{name},")
            ]
            head = [f"{indent}with (", *rows, f"{indent}):"]
        return [*head, *self.block(opened[-1].body, indent + _INDENT, used)]

    def function(self, function: Function, used: set[Variable]) -> list[str]:
        """Print a workflow's function."""
        return [
            *self.lines(_decorator(function), "@"),
            *self.signature(function.variable.text, function.parameters, function.returns),
            *self.block(function.body, _INDENT, used),
        ]

    def signature(
        self, name: str, parameters: Sequence[FunctionParameter], returns: str, *, more: str = ""
    ) -> list[str]:
        """
        Print the head of a function.

        Args:
            name: Its name.
            parameters: Its parameters; those without default that follow one with a default are for keywords only.
            returns: Its return annotation.
            more: The name of the parameter that takes all others, if there is one.
        """
        spelt = [(_declared(each), each.default) for each in parameters]
        start = next((i for i, each in enumerate(parameters) if each.default is not None), len(parameters))
        if any(each.default is None for each in parameters[start:]):
            spelt.insert(start, ("*", None))
        if more:
            spelt.append((f"**{more}: Any", None))
        flat = ", ".join(head if default is None else f"{head} = {self.flat(default)}" for head, default in spelt)
        line = f"def {name}({flat}) -> {returns}:"
        if len(line) <= self.width:
            return [line]
        body: list[str] = []
        for head, default in spelt:
            comma = "" if head.startswith("**") else ","
            if default is None:
                body.append(f"{_INDENT}{head}{comma}")
            else:
                body += self.lines(default, f"{_INDENT}{head} = ", comma)
        return [f"def {name}(", *body, f") -> {returns}:"]


def _decorator(function: Function) -> Node:
    named = function.settings
    if function.variable.text != function.name:
        named = (("name", Value(function.name)), *named)
    return CallNode(Builder("workflow"), (), named) if named else Builder("workflow")


def _pieces(text: str, width: int, used: int) -> Sequence[str]:
    """Cut a text that may begin behind something else on its row."""
    head = pieces(text, max(width - used, 1))
    if used and head and not head[0].endswith("\n"):
        rest = text[len(head[0]) :]
        return [head[0], *pieces(rest, width)] if rest else [head[0]]
    return pieces(text, width)


def _ends_line(row: Sequence[str | Node]) -> bool:
    return isinstance(row[-1], str) and row[-1].endswith("\n")


def _declared(parameter: FunctionParameter) -> str:
    return f"{parameter.variable.text or parameter.name}: {parameter.annotation}"


def _spelt_arguments(node: CallNode) -> list[tuple[str, Node, str]]:
    """Return what stands before each argument, the argument, and what stands behind it."""
    spelt: list[tuple[str, Node, str]] = [("", argument, "") for argument in node.arguments]
    spelt += [(f"{key}=", value, "") for key, value in node.named if is_identifier(key)]
    others = tuple((key, value) for key, value in node.named if not is_identifier(key))
    return [*spelt, ("**", Entries(others), "")] if others else spelt


def _indent_of(lead: str) -> str:
    return lead[: len(lead) - len(lead.lstrip(" "))]


def _rank(node: Node) -> int:
    match node:
        case Operation(operator, operands):
            return _UNARY_RANK if len(operands) == 1 else _RANKS[operator]
        case Value(value) if plain(value).startswith("-"):
            return _UNARY_RANK
        case _:
            return _ATOM


def plain(value: JsonValue, quote: str | None = None) -> str:
    """
    Return a plain value as Python writes it.

    Example:
        >>> plain(None), plain("a"), plain(1.5)
        ('None', '"a"', '1.5')
    """
    if isinstance(value, str):
        return quoted(value, quote)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    raise InternalError(f"{value!r:.60} is no plain value")
