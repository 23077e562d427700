"""
Evaluate generated expressions with the real builders.

This is not ``exec``: the nodes are walked, and what can be called is a name of `podium.dsl` or a variable that the
decompiler made. So a spelling can be tried before it is written down.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from podium.decompile.nodes import (
    Assign,
    Builder,
    CallNode,
    Entries,
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
from podium.typed.authored import Authored

_BINARY: Mapping[str, Callable[[Authored, Authored], Authored]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&": operator.and_,
    "|": operator.or_,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_UNARY: Mapping[str, Callable[[Authored], Authored]] = {"~": operator.invert, "-": operator.neg}

#: The module of the builders.
BUILDERS = "podium.dsl"

#: What the variables stand for.
Environment = Mapping[Variable, object]


def evaluate(node: Node, environment: Environment) -> Authored:
    """
    Return the object that an expression makes.

    Raises:
        Exception: What the builders raise.
    """
    match node:
        case Value(value) | JsonText(value):
            return value
        case Name(variable):
            return environment[variable]
        case Builder(name):
            return getattr(import_module(BUILDERS), name)
        case Text(parts):
            return "".join(part if isinstance(part, str) else format(evaluate(part, environment)) for part in parts)
        case ItemsNode(items, is_tuple):
            made = [evaluate(item, environment) for item in items]
            return tuple(made) if is_tuple else made
        case Entries(entries):
            return {key: evaluate(value, environment) for key, value in entries}
        case MemberNode(of, name):
            return getattr(evaluate(of, environment), name)
        case ItemNode(of, key):
            return evaluate(of, environment)[key]
        case Operation():
            return _compute(node, environment)
        case CallNode():
            return _call(node, environment)


def _compute(node: Operation, environment: Environment) -> Authored:
    values = [evaluate(operand, environment) for operand in node.operands]
    if len(values) == 1:
        return _UNARY[node.operator](values[0])
    return _BINARY[node.operator](values[0], values[1])


def _call(node: CallNode, environment: Environment) -> Authored:
    function = evaluate(node.function, environment)
    arguments = [evaluate(argument, environment) for argument in node.arguments]
    return function(*arguments, **{key: evaluate(value, environment) for key, value in node.named})


def perform(statements: Sequence[Statement], environment: dict[Variable, object]) -> Authored:
    """
    Do what statements say; steps live in the blocks that the statements open.

    Args:
        statements: The body of a function, or a block of it.
        environment: What the variables stand for; those that are set are added.

    Returns:
        What a ``return`` gives, None without one.
    """
    for statement in statements:
        match statement:
            case Return(expression):
                return evaluate(expression, environment)
            case Assign(expression, variable):
                made = evaluate(expression, environment)
                if variable is not None:
                    environment[variable] = made
            case With(expression, body, variable):
                with evaluate(expression, environment) as opened:
                    if variable is not None:
                        environment[variable] = opened
                    perform(body, environment)
    return None
