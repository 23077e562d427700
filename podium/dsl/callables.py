"""
What authors make tasks and workflows of: functions, and everything else that can be called.

A ``partial``, a method, an object with ``__call__``, a class, a decorated function: each has a function behind it,
whose annotations and place are meant.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any, TypeVar, get_type_hints

from podium.model.errors import AuthoringError
from podium.typed import records

#: What may stand for the worker's context where its class is imported for type checkers only.
_CONTEXT = "TaskContext"


class _Context:
    podium_context = True


def behind(fn: Any) -> Any:
    """
    Return the function behind something that can be called.

    Example:
        >>> behind(functools.partial(functools.partial(len), [])) is len
        True
    """
    while True:
        if isinstance(fn, functools.partial):
            fn = fn.func
        elif isinstance(fn, staticmethod | classmethod) or inspect.ismethod(fn):
            fn = fn.__func__
        elif inspect.isclass(fn):
            return fn.__init__
        elif hasattr(fn, "__wrapped__"):
            fn = fn.__wrapped__
        elif inspect.isroutine(fn) or not inspect.isroutine(getattr(type(fn), "__call__", None)):  # noqa: B004  # the method
            return fn
        else:
            fn = type(fn).__call__


def name_of(fn: Any) -> str:
    """Return the name of a function, empty for a lambda and for what has none."""
    name = getattr(fn, "__name__", "")
    return name if isinstance(name, str) and name != "<lambda>" else ""


def doc_of(fn: Any) -> str | None:
    """Return the docstring of a function, or of a class, None if it has none."""
    return inspect.unwrap(fn).__doc__ if inspect.isclass(fn) else getattr(behind(fn), "__doc__", None)


def place_of(fn: Any) -> str | None:
    """Return the ``file:line`` where a function begins, None for what is not written in Python."""
    code = getattr(behind(fn), "__code__", None)
    return None if code is None else f"{code.co_filename}:{code.co_firstlineno}"


def owner_of(fn: Any) -> str | None:
    """Return the class in whose body a function that takes ``self`` or ``cls`` was written; None for others."""
    if not inspect.isfunction(fn):
        return None
    owner = fn.__qualname__.rpartition(".")[0]
    if not owner or owner.endswith("<locals>"):
        return None
    first = next(iter(inspect.signature(fn).parameters), "")
    return owner.rpartition(".")[2] if first in {"self", "cls"} else None


def signature_of(fn: Any, subject: str, place: str | None) -> inspect.Signature:
    """
    Return the parameters of something that can be called.

    Raises:
        AuthoringError: P1, Python does not know them (some functions written in C), or it is a method without its
            object.
    """
    owner = owner_of(fn)
    if owner is not None:
        message = (
            f"{subject} is a method of {owner} without its object, so 'self' would be an input; "
            f"call a task on an object of {owner}, or make it a @staticmethod or a function outside of the class"
        )
        raise AuthoringError(message, code="P1", place=place)
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError) as error:
        message = f"the parameters of {subject} are not known ({error}); write a function that calls it"
        raise AuthoringError(message, code="P1", place=place) from error


def annotations_of(
    fn: Any,
    local_names: Mapping[str, object] | None = None,
    *,
    extras: bool = False,
) -> dict[str, records.Hint]:
    """
    Resolve the annotations of something that can be called; a class gives its own objects.

    Args:
        fn: It; ``from __future__ import annotations`` is fine.
        local_names: Names of the place where it is defined, for classes inside functions.
        extras: Leave ``Annotated`` on the types.

    Raises:
        AuthoringError: P1, an annotation names what does not exist; its reading would decide where the output lies.
    """
    while isinstance(fn, functools.partial):
        fn = fn.func
    target = behind(fn)
    if inspect.isclass(fn) and records.is_record(fn):
        return {**(records.fields(fn, extras=extras) or {}), "return": fn}
    try:
        # A name that is there for type checkers only is looked up last.
        names = {_CONTEXT: _Context, **getattr(target, "__globals__", {})}
        hints = get_type_hints(target, names, dict(local_names or {}), include_extras=extras)
    except (NameError, AttributeError) as error:
        message = f"an annotation of {target.__name__}() cannot be resolved: {error}; import it at module level"
        raise AuthoringError(message, code="P1", place=place_of(target)) from error
    except TypeError:  # a function that is not written in Python: it has no annotations to read
        hints = {}
    return {**hints, "return": fn} if inspect.isclass(fn) else hints


def is_context(hint: records.Hint) -> bool:
    """Return whether this is the worker's context, or optional; it says so itself, as its room is above this one."""
    kind = records.core(hint)
    while isinstance(kind, TypeVar) or hasattr(kind, "__supertype__"):  # the latter is a NewType
        kind = records.core(kind.__bound__ if isinstance(kind, TypeVar) else kind.__supertype__)
    return isinstance(kind, type) and getattr(kind, "podium_context", None) is True
