"""
Arguments of decorators and builders: held against their annotations, where the author wrote them.

Type checkers refuse them too; this is for those who use none. Only what is wrong for certain is refused. A value of
the run may stand wherever the function itself does not say otherwise: it has the declared type as soon as it is known.
"""

from __future__ import annotations

import inspect
import sys
from collections import abc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, wraps
from math import isnan
from types import NoneType, SimpleNamespace, UnionType
from typing import (
    Any,
    Literal,
    ParamSpec,
    TypeGuard,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from podium.dsl.expressions import OperatorOverloads
from podium.dsl.names import nearest
from podium.dsl.places import brief, call_site
from podium.model.errors import AuthoringError, InvalidRequest
from podium.model.texts import shown

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")

#: Marks what makes a step when it is called.
BUILDER = "__podium_builder__"

_WORDS: Mapping[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    NoneType: "None",
    timedelta: "a timedelta",
    Mapping: "a map",
    dict: "a map",
    tuple: "a tuple",
}
_LISTS = frozenset({list, set, frozenset, abc.Sequence, abc.Iterable, abc.Collection})
_MAPS = frozenset({dict, abc.Mapping})
_SCALARS = (int, float, bool)
_PLAIN = frozenset({str, int, float, bool, NoneType})
_MANY = frozenset({inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL})
#: How a message writes parameters that are given by name.
_BY_NAME = {inspect.Parameter.KEYWORD_ONLY: "{}=", inspect.Parameter.VAR_KEYWORD: "each {}"}


def checked_arguments(fn: Callable[P, R]) -> Callable[P, R]:
    """
    Let a builder say in words which of its arguments are wrong.

    What the builder itself refuses is said in its own words, which know more.

    Raises:
        AuthoringError: R3, an argument is missing or unknown; P1, one is of another type; at the author's line.
    """
    signature = inspect.signature(fn)

    @wraps(fn)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            message = misbound(f"{fn.__name__}()", signature, kwargs, error)
            if "'name'" in str(error):
                message += f"; the step's reference name comes first: {fn.__name__}('a_name', ...)"
            raise AuthoringError(message, code="R3", place=call_site()) from None
        with typed(f"{fn.__name__}(): ", {name: each for name, each in given.items() if _is_one(signature, name)}, fn):
            return fn(*args, **kwargs)

    made = brief(call)
    setattr(made, BUILDER, True)
    return made


def bound(fn: Callable[P, R], check: Callable[[Mapping[str, object]], None] | None = None) -> Callable[P, R]:
    """
    Let what a caller asks for be refused in words if the arguments do not fit the parameters.

    Args:
        fn: The function.
        check: Looks at the arguments by name, before the call.

    Raises:
        InvalidRequest: They do not fit.
    """

    @cache
    def parameters() -> tuple[inspect.Signature, list[str], set[str], set[str]]:
        # At the first call: a class has many verbs, of which a program uses a few.
        signature = inspect.signature(fn)
        named = [each for each in signature.parameters.values() if each.kind not in _MANY]
        positional = [each.name for each in named if each.kind is not inspect.Parameter.KEYWORD_ONLY]
        required = {each.name for each in named if each.default is each.empty}
        return signature, positional, {each.name for each in named}, required

    @wraps(fn)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        signature, positional, known, required = parameters()
        # `Signature.bind` takes as long as a step of a run, so it is asked only where it may have something to say.
        given: dict[str, object] = {**dict(zip(positional, args, strict=False)), **kwargs}
        if len(given) < len(args) + len(kwargs) or not required <= given.keys() <= known:
            try:
                given = signature.bind(*args, **kwargs).arguments
            except TypeError as error:
                raise InvalidRequest(misbound(f"{fn.__name__}()", signature, kwargs, error)) from None
        if check is not None:
            check(given)
        return fn(*args, **kwargs)

    return brief(call)


def checked_verb(fn: Callable[P, R]) -> Callable[P, R]:
    """
    Let what a caller asks for be refused in words if a text, a number or a switch among the arguments is none.

    Arguments of other types are the function's own to refuse, with what to write instead.

    Raises:
        InvalidRequest: The arguments do not fit the parameters, or their types.
    """

    def check(given: Mapping[str, object]) -> None:
        plain = plain_hints()
        for name, value in given.items():
            if name not in plain:
                continue
            kinds, hint = plain[name]
            # Most are of the very type that is named, and to see more than that takes as long as a step of a run.
            fits = type(value) in kinds or _fits(value, hint)
            if not fits or (isinstance(value, float) and isnan(value)):
                raise InvalidRequest(f"{name}={shown(value)}: {_expected(hint)} is expected")

    @cache
    def plain_hints() -> Mapping[str, tuple[frozenset[Any], Any]]:
        arms = {name: (frozenset(get_args(hint) or (hint,)), hint) for name, hint in hints_of(fn).items()}
        plain = {name: (kinds, hint) for name, (kinds, hint) in arms.items() if kinds <= _PLAIN}
        # A whole number stands for a float, too.
        return {name: (kinds | {int} if float in kinds else kinds, hint) for name, (kinds, hint) in plain.items()}

    return bound(fn, check)


def checked_verbs(kind: type[C]) -> type[C]:
    """Make a `checked_verb` of every public method of a class, as a decorator."""
    for name, verb in list(vars(kind).items()):
        if inspect.isfunction(verb) and not name.startswith("_"):
            setattr(kind, name, checked_verb(verb))
    return kind


def _is_one(signature: inspect.Signature, name: str) -> bool:
    return signature.parameters[name].kind not in _MANY


@contextmanager
def typed(subject: str, given: Mapping[str, object], declared: Any) -> Iterator[None]:
    """
    Refuse what is of another type than declared, unless what happens meanwhile refuses it in words of its own.

    Args:
        subject: What messages begin with.
        given: The values by name.
        declared: A function or a ``TypedDict`` whose annotations say the types.

    Raises:
        AuthoringError: P1.
    """
    failed: Exception | None = None
    try:
        yield
    except (TypeError, ValueError, AttributeError) as error:
        failed = error
    hints = hints_of(declared)
    for name, value in given.items():
        if not _is_known_later(value):
            refuse_misfit(subject + name, value, hints.get(name, Any))
    if failed is not None:
        raise failed


def check_settings(given: Mapping[str, object], settings: type, later: Collection[str] = ()) -> None:
    """
    Refuse settings that do not exist, or numbers and switches that are known only later.

    Args:
        given: The settings by name.
        settings: The ``TypedDict`` that declares them.
        later: Names of those that may be values of the run all the same.

    Raises:
        AuthoringError: P1.
    """
    hints = hints_of(settings)
    for name, value in given.items():
        if name not in hints:
            near = nearest(str(name), sorted(hints))
            advice = f"; did you mean {near!r}?" if near else ""
            raise AuthoringError(f"there is no setting {name!r}{advice}", code="P1", place=call_site())
        if name not in later and _is_known_later(value) and not _fits("", hints[name]):
            message = f"{name}={value} must be known when the workflow is written: {_expected(hints[name])} is expected"
            raise AuthoringError(message, code="P1", place=call_site())


def refuse_misfit(subject: str, value: object, hint: Any) -> None:
    """
    Refuse a value that is not of a declared type.

    Raises:
        AuthoringError: P1.
    """
    if not _fits(value, hint):
        refusal = getattr(value, "__podium_refusal__", None)
        given = f": {refusal()}" if refusal else f"={shown(value)}"
        message = f"{subject}{given}: {_expected(hint)} is expected"
        raise AuthoringError(message, code="P1", place=call_site())


def misbound(subject: str, signature: inspect.Signature, kwargs: Mapping[str, object], error: TypeError) -> str:
    """
    Say in words why arguments do not fit a signature.

    Args:
        subject: What is called, such as ``ask()``.
        signature: Its parameters.
        kwargs: The arguments by name.
        error: What binding ended in.
    """
    unknown = [each for each in kwargs if each not in signature.parameters]
    if not unknown or any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values()):
        named = [
            _BY_NAME[each.kind].format(each.name) for each in signature.parameters.values() if each.kind in _BY_NAME
        ]
        advice = f"; by name it takes {', '.join(named)}" if "too many" in str(error) and named else ""
        return f"{subject}: {error}{advice}"
    near = nearest(unknown[0], [each for each in signature.parameters if each not in kwargs])
    known = ", ".join(each for each in signature.parameters if each != "self")
    advice = f"did you mean {near!r}?" if near else f"it takes {known or 'nothing'}"
    return f"{subject} takes no {unknown[0]!r}; {advice}"


@cache
def hints_of(declared: Any) -> Mapping[str, Any]:
    """Return the annotations of a function or ``TypedDict``; what is known to type checkers only is anything."""
    names = vars(sys.modules[declared.__module__])
    return {name: _resolved(annotation, names) for name, annotation in declared.__annotations__.items()}


def _resolved(annotation: Any, names: Mapping[str, Any]) -> Any:
    holder: Any = SimpleNamespace(__annotations__={"it": annotation})
    try:
        return get_type_hints(holder, globalns=dict(names))["it"]
    except Exception:  # noqa: BLE001  # names that are imported for type checkers only may fail in any way
        return Any


def _is_known_later(value: object) -> bool:
    return isinstance(value, OperatorOverloads) or (isinstance(value, str) and "${" in value)


def _fits(value: object, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return any(_fits(value, arm) for arm in get_args(hint))
    if hint in {None, NoneType}:
        return value is None
    if _is_known_later(value):
        return True
    if hint in _SCALARS:
        return _is_number(value, hint)
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(hint))
    kind = origin or hint
    if kind is tuple:
        return isinstance(value, tuple | list) and _fit_row(value, get_args(hint))
    if kind in _LISTS:
        return _is_collection(value) and _fit_items(value, get_args(hint))
    if kind in _MAPS or is_typeddict(kind):
        return isinstance(value, Mapping)
    if kind is abc.Callable:
        return callable(value)
    is_class = isinstance(kind, type) and kind not in {object, type} and kind.__module__ != "typing"
    return not is_class or isinstance(value, kind)


def _is_collection(value: object) -> TypeGuard[abc.Iterable[object]]:
    return isinstance(value, abc.Iterable) and not isinstance(value, str | Mapping)


def _is_number(value: object, hint: type) -> bool:
    if hint is bool:
        return isinstance(value, bool)
    return isinstance(value, int if hint is int else int | float) and not isinstance(value, bool)


def _fit_items(values: abc.Iterable[object], arguments: tuple[Any, ...]) -> bool:
    return not arguments or not isinstance(values, list | tuple) or all(_fits(each, arguments[0]) for each in values)


def _fit_row(values: tuple[object, ...] | list[object], arguments: tuple[Any, ...]) -> bool:
    if not arguments or arguments[-1] is Ellipsis:
        return _fit_items(values, arguments)
    return len(values) == len(arguments) and all(map(_fits, values, arguments))


def _expected(hint: Any) -> str:
    origin = get_origin(hint)
    arguments = get_args(hint)
    if origin in {Union, UnionType}:
        words = dict.fromkeys(_expected(arm) for arm in arguments if arm is not NoneType)
        return " or ".join(words)
    if origin is Literal:
        return f"one of {', '.join(map(repr, arguments))}"
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return f"({', '.join(map(_expected, arguments))})"
    kind = origin or hint
    if kind in _LISTS or kind is tuple:
        items = f" of {_plural(arguments[0])}" if arguments and arguments[0] in {str, int} else ""
        return f"a list{items}"
    if kind in _MAPS or is_typeddict(kind):
        return "a map"
    name = getattr(kind, "__name__", str(kind))
    return _WORDS.get(kind) or f"a {name}"


def _plural(hint: Any) -> str:
    return {str: "texts", int: "whole numbers"}[hint]
