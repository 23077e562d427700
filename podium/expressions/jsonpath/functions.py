"""The functions of a JSONPath, ``length()``, ``sum()``, ``concat(...)`` and their like, as Jayway 2.9.0 has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from podium.expressions.jsonpath.loose_json import LooseJsonError, read_loosely
from podium.expressions.jsonpath.nodes import EveryMember, JsonParameter, PathError, PathSyntax
from podium.expressions.refusals import PathFault
from podium.expressions.text import finite, java_text
from podium.model.values import JsonValue

_Parameters: TypeAlias = Sequence[PathSyntax | JsonParameter]

#: What ``max()`` starts with: Java's smallest positive double, so that it is never below.
_MAX_START = 5e-324
_MIN_START = 1.7976931348623157e308

#: Two names of the one function whose parameter is no value but the way to one.
_LENGTH = frozenset({"length", "size"})


class Paths(Protocol):
    """What evaluates the parameters that are paths."""

    def value(self, path: PathSyntax, item: JsonValue, *, must_exist: bool = False) -> JsonValue:
        """Return the value of a path from an item."""

    def parameter(self, path: PathSyntax, *, must_exist: bool) -> JsonValue:
        """Return the value of a path from the document."""

    def spend(self, amount: int) -> None:
        """Count work."""


def call(paths: Paths, name: str, subject: JsonValue, parameters: _Parameters, *, must_exist: bool) -> JsonValue:
    """
    Apply a function to the value that the path in front of it selects.

    Args:
        paths: Evaluates parameters, and counts work.
        name: Such as ``length``.
        subject: The value.
        parameters: What stands in its brackets.
        must_exist: Whether a parameter that leads nowhere ends the look-up.

    Raises:
        PathError: The function is unknown.
        PathFault: It cannot work on these values.
    """
    function = _FUNCTIONS.get(name)
    if function is None and name not in _LENGTH:
        raise PathError(f"Function with name: {name} does not exist.")
    arguments = [
        paths.parameter(each, must_exist=must_exist) if isinstance(each, PathSyntax) else _read(each.text)
        for each in parameters
    ]
    paths.spend(sum(len(each) for each in (subject, *arguments) if isinstance(each, list)))
    return function(subject, arguments) if function is not None else _length(paths, subject, parameters)


def _read(text: str) -> JsonValue:
    try:
        return read_loosely(text)
    except LooseJsonError as exc:
        raise PathFault(str(exc)) from None


def _length(paths: Paths, subject: JsonValue, parameters: _Parameters) -> JsonValue:
    """Count the items of a list or the members of an object; a parameter is a path from the subject to the list."""
    if parameters:
        path = parameters[0]
        if not isinstance(path, PathSyntax) or subject is None:
            raise PathFault("length() takes a path, from a value that is not null")
        inner = path
        if path.steps and not path.is_function:
            inner = PathSyntax((*path.steps, EveryMember()), path.starts_at_root)
        value = paths.value(inner, subject)
        if inner is not path and path.is_definite and isinstance(value, list):
            value = value[-1] if value else None
        if isinstance(value, list):
            return len(value)
    return len(subject) if isinstance(subject, list | dict) else None


def _keys(subject: JsonValue, _arguments: list[JsonValue]) -> JsonValue:
    return list(subject) if isinstance(subject, dict) else None


def _append(subject: JsonValue, arguments: list[JsonValue]) -> JsonValue:
    """Add items to a copy of a list; what is no list stays as it is."""
    return [*subject, *arguments] if isinstance(subject, list) else subject


def _concat(subject: JsonValue, arguments: list[JsonValue]) -> str:
    """Join the texts of a list and the arguments, which may be anything but null."""
    texts = [item for item in subject if isinstance(item, str)] if isinstance(subject, list) else []
    for value in arguments:
        items = value if isinstance(value, list) else [value]
        texts.extend(java_text(item) for item in items if item is not None)
    return "".join(texts)


def _numbers(subject: JsonValue, arguments: list[JsonValue]) -> list[float]:
    """Take the numbers of a list and of the arguments."""
    items = [*(subject if isinstance(subject, list) else ())]
    for value in arguments:
        items.extend(value if isinstance(value, list) else [value])
    return [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]


def _aggregate(of: Callable[[list[float]], float]) -> Callable[[JsonValue, list[JsonValue]], JsonValue]:
    """Make a function over numbers, which there must be."""

    def function(subject: JsonValue, arguments: list[JsonValue]) -> JsonValue:
        try:
            numbers = _numbers(subject, arguments)
            if numbers:
                return finite(of(numbers))
        except OverflowError:
            pass
        raise PathFault("Aggregation function attempted to calculate value using empty array")

    return function


def _deviation(numbers: list[float]) -> float:
    """Return the standard deviation of a whole population, in Java's order of operations."""
    count, total = float(len(numbers)), sum(numbers)
    variance = sum(number * number for number in numbers) / count - total * total / count / count
    return math.sqrt(variance) if variance >= 0 else math.nan


def _at(index: int, subject: JsonValue) -> JsonValue:
    """Return an item; from the end the first one of a list cannot be reached, as in Jayway."""
    if not isinstance(subject, list):
        raise PathFault("Aggregation function attempted to calculate value using empty array")
    place = index if index >= 0 else len(subject) + index
    if place >= len(subject) or (index < 0 and place <= 0):
        raise PathFault(f"Target index:{index} larger than object count:{len(subject)}")
    found: JsonValue = subject[place]
    return found


def _index(subject: JsonValue, arguments: list[JsonValue]) -> JsonValue:
    numbers = _numbers(None, arguments)
    if not numbers:
        raise PathFault("index() takes a number")
    return _at(int(numbers[0]), subject)


_FUNCTIONS: dict[str, Callable[[JsonValue, list[JsonValue]], JsonValue]] = {
    "keys": _keys,
    "append": _append,
    "concat": _concat,
    "sum": _aggregate(sum),
    "avg": _aggregate(lambda numbers: sum(numbers) / len(numbers)),
    "min": _aggregate(lambda numbers: min(_MIN_START, *numbers)),
    "max": _aggregate(lambda numbers: max(_MAX_START, *numbers)),
    "stddev": _aggregate(_deviation),
    "first": lambda subject, _arguments: _at(0, subject),
    "last": lambda subject, _arguments: _at(-1, subject),
    "index": _index,
}
