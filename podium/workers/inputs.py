"""
From an attempt's input to a function's arguments.

The plan is made once per function from its signature and annotations. What the function gets is its own: containers
are copied, because the input is the engine's and is written to the store again with every change of the attempt.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from podium.dsl import Task
from podium.model.errors import InvalidRequest
from podium.model.payloads import dump, parse
from podium.model.texts import some
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.reading import faults, output_reader_of
from podium.typed.records import Hint
from podium.typed.scalars import Reader, accepts_null
from podium.workers.attempts import Attempt
from podium.workers.context import TaskContext

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALARS: frozenset[type] = frozenset({str, int, float, bool, NoneType})
_SECRET = "${workflow.secrets."  # noqa: S105  # how a reference to a secret begins
_ABSENT: Any = object()


class WrongInputError(ValueError):
    """The input does not fit the function; the text says everything that is wrong."""


class InputParameter:
    """
    One parameter that is an input.

    Attributes:
        name: Its name, which is the input's key.
        passes: Types whose values are taken as they are.
        default: Its default, `inspect.Parameter.empty` if it has none.
    """

    __slots__ = ("_accepts_null", "_hint", "_read", "default", "name", "passes")

    def __init__(self, name: str, hint: Hint, default: Any, subject: str) -> None:
        self.name: str = name
        self.default: Any = default
        self._hint = hint
        self._read = _reader(hint, f"{subject}: the parameter {name}")
        self.passes: frozenset[type] = _passing(hint)
        if hint is inspect.Parameter.empty:
            # Nothing is said of the type: where there is a default, null is no value.
            self._accepts_null = default is inspect.Parameter.empty or default is None
            self.passes = _SCALARS if self._accepts_null else _SCALARS - {NoneType}
        else:
            self._accepts_null = accepts_null(hint)

    def read(self, value: JsonValue, wrong: list[str]) -> Any:
        """Return the argument, `_ABSENT` if the default holds; what is wrong is noted."""
        has_default = self.default is not inspect.Parameter.empty
        if value is _ABSENT:
            if not has_default:
                wrong.append(f"{self.name} is missing")
            return _ABSENT
        if value is None and has_default and not self._accepts_null:
            return _ABSENT
        return read_value(value, self._hint, self._read, self.name, wrong)


class Arguments:
    """
    How to call one function.

    Args:
        task: The task.
        reveal: Puts secrets into a value, at the last moment; see `podium.model.assignments.Transport`.

    Raises:
        AuthoringError: An annotation cannot be resolved, or the function takes ``*args``.
        InvalidRequest: A parameter's type cannot be read from JSON.
    """

    def __init__(self, task: Task[..., Any], reveal: Callable[[JsonValue], JsonValue]) -> None:
        self._reveal = reveal
        hints = task.annotations
        self._contexts = {name: _context_class(hint) for name, hint in task.contexts.items()}
        self._ordered: list[InputParameter | str] = []
        self._named: list[InputParameter] = []
        self._rest: tuple[Hint, Reader | None] | None = None
        known = task.signature.parameters
        for name, parameter in inspect.signature(task.fn).parameters.items():
            is_ordered = parameter.kind is inspect.Parameter.POSITIONAL_ONLY
            if name in self._contexts:
                if is_ordered:
                    self._ordered.append(name)
                continue
            hint = hints.get(name, inspect.Parameter.empty)
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                self._rest = (hint, _reader(hint, f"the task {task.name}: the parameter **{name}"))
            else:
                one = InputParameter(name, hint, known[name].default, f"the task {task.name}")
                (self._ordered if is_ordered else self._named).append(one)
        self._contexts_by_name = self._contexts.keys() - {each for each in self._ordered if isinstance(each, str)}
        self._known = {one.name for one in (*self._ordered, *self._named) if isinstance(one, InputParameter)}

    def bind(self, attempt: Attempt) -> tuple[Sequence[Any], dict[str, Any]]:
        """
        Return the arguments of a call, by position and by name.

        Raises:
            WrongInputError: The input does not fit.
        """
        given = attempt.assignment.input
        wrong: list[str] = []
        named: dict[str, Any] = {}
        for parameter in self._named:
            name = parameter.name
            value = given.get(name, _ABSENT)
            kind = type(value)
            if kind not in parameter.passes or (kind is str and _SECRET in value):
                value = parameter.read(self._delivered(value), wrong)
                if value is _ABSENT:
                    continue
            named[name] = value
        ordered = self._bind_ordered(attempt, wrong) if self._ordered else ()
        if self._rest is not None:
            self._bind_rest(given, named, wrong)
        if wrong:
            raise WrongInputError(some(wrong))
        for name in self._contexts_by_name:
            named[name] = self._contexts[name](attempt)
        return ordered, named

    def _bind_ordered(self, attempt: Attempt, wrong: list[str]) -> Sequence[Any]:
        given = attempt.assignment.input
        values: list[Any] = []
        for parameter in self._ordered:
            if isinstance(parameter, str):
                values.append(self._contexts[parameter](attempt))
                continue
            value = parameter.read(self._delivered(given.get(parameter.name, _ABSENT)), wrong)
            values.append(parameter.default if value is _ABSENT else value)
        return values

    def _bind_rest(self, given: Mapping[str, JsonValue], named: dict[str, Any], wrong: list[str]) -> None:
        hint, read = self._rest or (None, None)
        for name in given.keys() - self._known - self._contexts.keys():
            named[name] = read_value(self._delivered(given[name]), hint, read, name, wrong)

    def _delivered(self, value: JsonValue) -> JsonValue:
        """Return a value as the function may have it: a copy, with secrets put in."""
        if isinstance(value, str):
            return self._reveal(value) if _SECRET in value else value
        if type(value) in _SCALARS or value is _ABSENT:
            return value
        data = dump(value)
        copy = parse(data)
        return self._reveal(copy) if _SECRET.encode() in data else copy


def read_value(value: JsonValue, hint: Hint, read: Reader | None, name: str, wrong: list[str]) -> Any:
    """Read one value by its type; what is wrong is noted."""
    if read is None:
        return value
    try:
        return read(value, hint)
    except Exception as error:  # noqa: BLE001  # authors' own validators may raise anything
        wrong.extend(faults(error, name))
        return _ABSENT


def _reader(hint: Hint, subject: str) -> Reader | None:
    """Return the reader of a parameter, None if any JSON will do."""
    if hint is inspect.Parameter.empty or hint is Any or hint is object or isinstance(hint, TypeVar):
        return None
    try:
        return output_reader_of(hint)
    except (TypeError, NameError) as error:
        raise InvalidRequest(f"{subject} has a type that workers cannot fill: {error}") from error


def _context_class(hint: Hint) -> type[TaskContext]:
    """Return what a parameter for the context gets: TaskContext, or a class that the author has made of it."""
    kind = records.core(hint)
    return kind if isinstance(kind, type) and issubclass(kind, TaskContext) else TaskContext


def _passing(hint: Hint) -> frozenset[type]:
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return _SCALARS
    arms = {NoneType if arm is None else arm for arm in get_args(hint)} if accepts_null(hint) else {hint}
    return frozenset(arms) if arms <= _SCALARS else frozenset()
