"""The source of an author's function, as far as it can be read."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from attrs import frozen


@frozen
class FunctionSource:
    """The text of one function."""

    function: ast.FunctionDef
    file: str
    #: The line that the text begins with, decorators included.
    first: int

    def place(self, node: ast.AST) -> str:
        """Return the ``file:line`` of a part of it."""
        return f"{self.file}:{self.first + getattr(node, 'lineno', 1) - 1}"


def source_of(fn: Callable[..., Any]) -> FunctionSource | None:
    """Return the source of a function; None if it was made by exec, or typed where no source is kept."""
    code: CodeType | None = getattr(fn, "__code__", None)
    if code is None:
        return None
    try:
        lines, first = inspect.getsourcelines(fn)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    function = tree.body[0]
    return FunctionSource(function, code.co_filename, first) if isinstance(function, ast.FunctionDef) else None


def return_place(fn: Callable[..., Any]) -> str | None:
    """Return the ``file:line`` of a function's only return of a value; that of the function if there are several."""
    source = source_of(fn)
    if source is None:
        code: CodeType | None = getattr(fn, "__code__", None)
        return None if code is None else f"{code.co_filename}:{code.co_firstlineno}"
    returns = [node for node in _own_nodes(source.function) if isinstance(node, ast.Return) and node.value is not None]
    return source.place(returns[0] if len(returns) == 1 else source.function)


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a function that are not of another function inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from _own_nodes(child)
