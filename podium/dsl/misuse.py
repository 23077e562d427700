"""
Python that takes a reference for its value, where no operator of ours can refuse it.

A reference refuses ``if``, ``len()`` and their kin by itself. What is left: functions of other people that end in a
``TypeError`` (``json.dumps(ref)``), tests of identity and class (``ref is None``, ``isinstance(ref, int)``), which give
False without asking, and ``try`` around a step, which only gets its place there and fails, if it does, much later.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from opcode import opmap
from types import CodeType, ModuleType, TracebackType
from typing import Any

from podium.dsl.advice import for_error
from podium.dsl.blocks import BlockNode
from podium.dsl.callables import behind
from podium.dsl.sources import source_of
from podium.model.errors import AuthoringError

#: What such errors call our objects.
_OURS = re.compile(r"\b(Ref|Expression|Member|OperatorOverloads|Step)\b")

#: What steps have, and other things have not.
_OF_STEPS = frozenset({"output", "status", "task_id", "undo"})
_BY_TASKS = "a step has it, and a function that is no task gives none; put @task above the function"
_BY_STEPS = (
    "it holds steps, and each of these has it; for what a fan_out runs, say it in a workflow, and fan out over that"
)

#: Instructions of ``is``, ``is not`` and ``match``; a function without them need not be read.
_TELLING = frozenset(
    code for name, code in opmap.items() if name == "IS_OP" or "NONE" in name or name.startswith("MATCH_")
)
#: Functions that look at the class of a value, and what to write instead.
_CLASS_TESTS = frozenset({"isinstance", "issubclass", "type", "callable", "hasattr"})
_BY_TASK = "what it is, is told by a task that takes it, or by a field or value of it in switch(...)"
#: What may be caught while a workflow is written.
_OF_WRITING = frozenset(
    {"ImportError", "ModuleNotFoundError", "LookupError", "KeyError", "IndexError", "AttributeError", "NameError"}
    | {"OSError", "FileNotFoundError", "PodiumError", "DefinitionError", "AuthoringError"}
)
_BY_OUTCOME = (
    "write .opts(optional=True) at the step and look at its .status in switch(...), .undo(...) for what has to be "
    "undone, or failure_workflow= for what follows a failed run"
)


def explain(error: TypeError | AttributeError, fn: Callable[..., Any]) -> AuthoringError | None:
    """
    Return the author's mistake behind an error that other people's code raised over a reference.

    Args:
        error: What the author's function ended in.
        fn: The function.

    Returns:
        The mistake, at the author's line; None if the error is about something else.
    """
    if isinstance(error, AttributeError) and error.name in _OF_STEPS:
        message = f"{error}: {_BY_STEPS if isinstance(error.obj, BlockNode) else _BY_TASKS}"
    elif _OURS.search(str(error)) is None:
        return None
    else:
        message = (
            f"{error}: Python needs the value here, and it is known only while the workflow runs; "
            f"{for_error(str(error))}"
        )
    return AuthoringError(message, code="P1", place=_place_of(error.__traceback__, behind(fn).__code__.co_filename))


def _place_of(trace: TracebackType | None, file: str) -> str | None:
    """Return the innermost line in the author's file."""
    place = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            place = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def check_source(fn: Callable[..., Any]) -> None:
    """
    Look in the source of a workflow's function for what means nothing there.

    Tests of identity and class, and ``match``, see a reference, which is never None, True or of the declared class;
    ``try`` around a step sees nothing at all. None of them raises anything. Only what is a reference for certain is
    looked at: a parameter that is never bound anew, and the output of what a call of ours made.

    Raises:
        AuthoringError: P1, there is one.
    """
    code: CodeType | None = getattr(fn, "__code__", None)
    source = source_of(fn) if code is not None and _may_tell(code) else None
    if source is None:
        return
    names = _Names(source.function, fn)
    for node in ast.walk(source.function):
        for message in (*_misused(node, names), *_caught(node, names)):
            raise AuthoringError(message, code="P1", place=source.place(node))


def _may_tell(code: CodeType) -> bool:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    tells = not _TELLING.isdisjoint(code.co_code[::2]) or not _CLASS_TESTS.isdisjoint(code.co_names)
    return tells or bool(code.co_exceptiontable) or any(map(_may_tell, inner))


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
        """Return the name that a statement binds to what a call of ours gives, if nothing else binds it."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)):
                pass
            case ast.withitem(context_expr=ast.Call(func=func), optional_vars=ast.Name(id=name)):
                pass
            case _:
                return set()
        return {name} if self._bound[name] == 1 and self._is_ours(func) else set()

    def _is_ours(self, func: ast.expr) -> bool:
        """Return whether something called is a builder of ours, a task or a workflow, or a method of one."""
        while isinstance(func, ast.Attribute | ast.Call):
            func = func.value if isinstance(func, ast.Attribute) else func.func
        if not isinstance(func, ast.Name) or func.id in self._bound:
            return isinstance(func, ast.Name) and func.id in self._made
        found = self._known.get(func.id)
        module = getattr(found, "__module__", None) or type(found).__module__
        return str(module).partition(".")[0] == "podium"

    def is_builtin(self, name: str) -> bool:
        """Return whether a name means what it means everywhere."""
        return name not in self._bound and name not in self._known

    def makes_step(self, call: ast.Call) -> bool:
        """Return whether a call certainly makes a step: of a task, a workflow or a builder."""
        func = call.func
        while isinstance(func, ast.Attribute | ast.Call):
            func = func.value if isinstance(func, ast.Attribute) else func.func
        found = self._known.get(func.id) if isinstance(func, ast.Name) and func.id not in self._bound else None
        if isinstance(found, ModuleType) and isinstance(call.func, ast.Attribute):
            found = getattr(found, call.func.attr, None)
        return getattr(found, "__podium_builder__", False)

    def reference(self, node: ast.expr) -> str | None:
        """Return the text of a reference (a parameter, an output of ours, or a part of one); None for the rest."""
        inner, is_output = node, False
        while isinstance(inner, ast.Attribute | ast.Subscript):
            is_output = is_output or (isinstance(inner, ast.Attribute) and inner.attr == "output")
            inner = inner.value
        if isinstance(inner, ast.Call) and is_output and self.makes_step(inner):
            return ast.unparse(node)
        if not isinstance(inner, ast.Name):
            return None
        is_reference = inner.id in self._parameters or (is_output and inner.id in self._made)
        return ast.unparse(node) if is_reference else None


def _bindings(function: ast.FunctionDef) -> Iterator[str]:
    """Yield every name that the function, or anything inside it, binds; as often as it does."""
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


def _misused(node: ast.AST, names: _Names) -> Iterator[str]:
    if isinstance(node, ast.Match):
        yield from _unseen(names.reference(node.subject), "use switch(...) with a case for each value")
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(operator, ast.Is | ast.IsNot) and isinstance(right, ast.Constant):
                root = names.reference(left)
                test = _test(root or "", right.value, is_not=isinstance(operator, ast.IsNot))
                yield from _unseen(root, f"write {test} in when(...) or another condition")
    match node:
        case ast.Call(func=ast.Name(id=test), args=[subject, *_]) if test in _CLASS_TESTS and names.is_builtin(test):
            yield from _unseen(names.reference(subject), f"{test}() sees no value of it; {_BY_TASK}")


def _unseen(name: str | None, instead: str) -> Iterator[str]:
    if name is not None:
        yield f"{name} is known only while the workflow runs, so Python cannot see it here; {instead}"


def _caught(node: ast.AST, names: _Names) -> Iterator[str]:
    """Find steps whose failure somebody believes to catch."""
    match node:
        case ast.Try(body=body, handlers=handlers, finalbody=final):
            word = "try" if final or any(_is_of_runs(each.type) for each in handlers) else ""
        case ast.With(body=body, items=items):
            managers = [item.context_expr for item in items if isinstance(item.context_expr, ast.Call)]
            caught = [each for call in managers if _last_name(call.func) == "suppress" for each in call.args]
            word = "suppress(...)" if any(map(_is_of_runs, caught)) else ""
        case _:
            return
    steps = [part for each in body for part in ast.walk(each) if isinstance(part, ast.Call) and names.makes_step(part)]
    if word and steps:
        step = ast.unparse(steps[0])
        yield (
            f"{word} around {step:.60} means nothing: the step only gets its place here, and runs later; {_BY_OUTCOME}"
        )


def _is_of_runs(caught: ast.expr | None) -> bool:
    """Return whether an ``except`` may be meant for what happens in a run, and not for the writing of a workflow."""
    if isinstance(caught, ast.Tuple):
        return any(map(_is_of_runs, caught.elts))
    return caught is None or _last_name(caught) not in _OF_WRITING


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _test(name: str, constant: object, *, is_not: bool) -> str:
    if constant is None:
        return f"~is_null({name})" if is_not else f"is_null({name})"
    return f"{name} {'!=' if is_not else '=='} {constant!r}"
