"""
Python that takes a reference for its value, where no operator of ours can refuse it.

A reference refuses ``if``, ``len()`` and their kin by itself. Two things are left: functions of other people that end
in a ``TypeError`` (``json.dumps(ref)``), and tests of identity (``ref is None``), which give False without asking.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from opcode import opmap
from types import CodeType, TracebackType
from typing import Any

from podium.model.errors import AuthoringError

#: What such errors call our objects.
_OURS = re.compile(r"\b(Ref|Expression|Member|Step)\b")

#: Instructions of ``is``, ``is not`` and ``match``; a function without them need not be read.
_TELLING = frozenset(
    code for name, code in opmap.items() if name == "IS_OP" or "NONE" in name or name.startswith("MATCH_")
)


def explain(error: TypeError, fn: Callable[..., Any]) -> AuthoringError | None:
    """
    Give the author's mistake behind an error that other people's code raised over a reference.

    Args:
        error: What the author's function ended in.
        fn: The function.

    Returns:
        The mistake, at the author's line; None if the error is about something else.
    """
    if _OURS.search(str(error)) is None:
        return None
    message = (
        f"{error}: Python needs the value here, and it is known only while the workflow runs; "
        "use an f-string for a text, inline(...) or jq(...) to compute, or do it in a task"
    )
    return AuthoringError(message, code="P1", place=_place_of(error.__traceback__, fn.__code__.co_filename))


def _place_of(trace: TracebackType | None, file: str) -> str | None:
    """Give the innermost line in the author's file."""
    place = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def check_source(fn: Callable[..., Any]) -> None:
    """
    Look in the source of a workflow's function for tests of identity and ``match`` on its parameters.

    They see a reference, which is never None, True or of the declared class, and raise nothing.

    Raises:
        AuthoringError: P1, there is one.
    """
    code: CodeType | None = getattr(fn, "__code__", None)
    if code is None or _TELLING.isdisjoint(code.co_code[::2]):
        return
    try:
        lines, first = inspect.getsourcelines(fn)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return  # made by exec, or typed where no source is kept
    for node in ast.walk(tree):
        for name, instead in _misused(node, _kept_parameters(tree)):
            message = f"{name} is known only while the workflow runs, so Python cannot see it here; {instead}"
            place = f"{code.co_filename}:{first + getattr(node, 'lineno', 1) - 1}"
            raise AuthoringError(message, code="P1", place=place)


def _kept_parameters(tree: ast.Module) -> frozenset[str]:
    """Give the parameters of the function that stay what they are: references."""
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return frozenset()
    arguments = function.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    bound = {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    inner = [node for node in ast.walk(function) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    shadowed = {
        each.arg for node in inner if node is not function for each in ast.walk(node.args) if isinstance(each, ast.arg)
    }
    return frozenset(names - bound - shadowed)


def _misused(node: ast.AST, parameters: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Match):
        root = _reference(node.subject, parameters)
        if root is not None:
            yield root, "use switch(...) with a case for each value"
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(operator, ast.Is | ast.IsNot) and isinstance(right, ast.Constant):
                root = _reference(left, parameters)
                if root is not None:
                    is_not = isinstance(operator, ast.IsNot)
                    yield (
                        root,
                        "write " + _test(root, right.value, is_not=is_not) + " in when(...) or another condition",
                    )


def _test(name: str, constant: object, *, is_not: bool) -> str:
    positive = f"is_null({name})" if constant is None else f"{name} == {constant!r}"
    return f"~({positive})" if is_not and constant is not None else f"~{positive}" if is_not else positive


def _reference(node: ast.expr, parameters: frozenset[str]) -> str | None:
    """Give the text of a parameter, or of something inside it or inside a step's output."""
    inner: ast.expr = node
    is_output = False
    while isinstance(inner, ast.Attribute | ast.Subscript):
        is_output = is_output or (isinstance(inner, ast.Attribute) and inner.attr == "output")
        inner = inner.value
    if isinstance(inner, ast.Name) and (inner.id in parameters or is_output):
        return ast.unparse(node)
    return None
