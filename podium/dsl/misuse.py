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
from collections import Counter
from collections.abc import Callable, Iterator
from opcode import opmap
from types import CodeType, TracebackType
from typing import Any

from podium.dsl.advice import for_error
from podium.dsl.callables import behind
from podium.model.errors import AuthoringError

#: What such errors call our objects.
_OURS = re.compile(r"\b(Ref|Expression|Member|Operators|Step)\b")

#: Instructions of ``is``, ``is not`` and ``match``; a function without them need not be read.
_TELLING = frozenset(
    code for name, code in opmap.items() if name == "IS_OP" or "NONE" in name or name.startswith("MATCH_")
)


def explain(error: TypeError | AttributeError, fn: Callable[..., Any]) -> AuthoringError | None:
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
        f"{error}: Python needs the value here, and it is known only while the workflow runs; {for_error(str(error))}"
    )
    return AuthoringError(message, code="P1", place=_place_of(error.__traceback__, behind(fn).__code__.co_filename))


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
    Look in the source of a workflow's function for tests of identity and ``match`` on references.

    They see a reference, which is never None, True or of the declared class, and raise nothing. Only what is a
    reference for certain is looked at: a parameter that is never bound anew, and the output of what a call of ours
    made.

    Raises:
        AuthoringError: P1, there is one.
    """
    code: CodeType | None = getattr(fn, "__code__", None)
    if code is None or not _may_tell(code):
        return
    try:
        lines, first = inspect.getsourcelines(fn)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return  # made by exec, or typed where no source is kept
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return
    names = _Names(function, fn)
    for node in ast.walk(function):
        for name, instead in _misused(node, names):
            message = f"{name} is known only while the workflow runs, so Python cannot see it here; {instead}"
            place = f"{code.co_filename}:{first + getattr(node, 'lineno', 1) - 1}"
            raise AuthoringError(message, code="P1", place=place)


def _may_tell(code: CodeType) -> bool:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return not _TELLING.isdisjoint(code.co_code[::2]) or any(map(_may_tell, inner))


class _Names:
    """What the names in a workflow's function certainly mean."""

    def __init__(self, function: ast.FunctionDef, fn: Callable[..., Any]) -> None:
        self._known = {**getattr(fn, "__globals__", {}), **inspect.getclosurevars(fn).nonlocals}
        arguments = function.args
        named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        self._bound = Counter(_bindings(function))
        self._parameters = {each.arg for each in named if self._bound[each.arg] == 1}
        self._made: set[str] = set()
        # One may be made by a method of another, and ast.walk() goes level by level: so until nothing is new.
        while found := {name for node in ast.walk(function) for name in self._made_by(node)} - self._made:
            self._made |= found

    def _made_by(self, node: ast.AST) -> set[str]:
        """Give the name that a statement binds to what a call of ours gives, if nothing else binds it."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)):
                pass
            case ast.withitem(context_expr=ast.Call(func=func), optional_vars=ast.Name(id=name)):
                pass
            case _:
                return set()
        return {name} if self._bound[name] == 1 and self._is_ours(func) else set()

    def _is_ours(self, func: ast.expr) -> bool:
        """Tell whether something called is a builder of ours, a task or a workflow, or a method of one."""
        while isinstance(func, ast.Attribute | ast.Call):
            func = func.value if isinstance(func, ast.Attribute) else func.func
        if not isinstance(func, ast.Name) or func.id in self._bound:
            return isinstance(func, ast.Name) and func.id in self._made
        found = self._known.get(func.id)
        module = getattr(found, "__module__", None) or type(found).__module__
        return str(module).partition(".")[0] == "podium"

    def reference(self, node: ast.expr) -> str | None:
        """Give the text of a reference: a parameter, an output of ours, or something inside one; None for the rest."""
        inner, is_output = node, False
        while isinstance(inner, ast.Attribute | ast.Subscript):
            is_output = is_output or (isinstance(inner, ast.Attribute) and inner.attr == "output")
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return None
        is_reference = inner.id in self._parameters or (is_output and inner.id in self._made)
        return ast.unparse(node) if is_reference else None


def _bindings(function: ast.FunctionDef) -> Iterator[str]:
    """Give every name that the function, or anything inside it, binds; as often as it does."""
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if node is not function:
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name


def _misused(node: ast.AST, names: _Names) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Match):
        root = names.reference(node.subject)
        if root is not None:
            yield root, "use switch(...) with a case for each value"
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(operator, ast.Is | ast.IsNot) and isinstance(right, ast.Constant):
                root = names.reference(left)
                if root is not None:
                    test = _test(root, right.value, is_not=isinstance(operator, ast.IsNot))
                    yield root, f"write {test} in when(...) or another condition"


def _test(name: str, constant: object, *, is_not: bool) -> str:
    if constant is None:
        return f"~is_null({name})" if is_not else f"is_null({name})"
    return f"{name} {'!=' if is_not else '=='} {constant!r}"
