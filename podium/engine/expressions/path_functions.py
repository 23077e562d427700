"""
The functions that may end a JSONPath: ``length()``, ``sum()``, ``concat(...)`` and their like.

They are those of Jayway 2.4.0, which Conductor's server has; ``keys()``, ``first()`` and others came later and give
null there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from podium.engine.expressions.path_syntax import PathError
from podium.engine.expressions.text import java_text
from podium.model.values import JsonValue


def call(name: str, subject: JsonValue, arguments: Sequence[JsonValue]) -> JsonValue:
    """
    Apply a function to the value that the path in front of it selects.

    Args:
        name: Such as ``length``.
        subject: The value, or the whole document if nothing stands in front.
        arguments: The values of its arguments.

    Raises:
        PathError: The function is unknown or cannot work on these values.
    """
    if name == "length":
        return len(subject) if isinstance(subject, list | dict) else None
    if name == "concat":
        return _concat(subject, arguments)
    aggregate = _AGGREGATES.get(name)
    numbers = [float(item) for value in (subject, *arguments) for item in _numbers(value, alone=value is not subject)]
    if aggregate is None or not numbers:
        raise PathError(name)
    return aggregate(numbers)


def _numbers(value: JsonValue, *, alone: bool) -> list[float]:
    """Take the numbers of a list; a number that stands alone counts only as an argument."""
    items = value if isinstance(value, list) else [value] if alone else []
    return [item for item in items if isinstance(item, int | float) and not isinstance(item, bool)]


def _concat(subject: JsonValue, arguments: Sequence[JsonValue]) -> str:
    """Join texts; numbers count only inside lists, as in Jayway."""
    texts = [item for item in subject if isinstance(item, str)] if isinstance(subject, list) else []
    for value in arguments:
        if isinstance(value, list):
            texts.extend(java_text(item) for item in value if item is not None)
        elif isinstance(value, str):
            texts.append(value)
    return "".join(texts)


def _average(numbers: list[float]) -> float:
    """Give the mean."""
    return math.fsum(numbers) / len(numbers)


def _deviation(numbers: list[float]) -> float:
    """Give the standard deviation of a whole population."""
    mean = _average(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


#: What the aggregates answer is always a double.
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "min": min,
    "max": max,
    "avg": _average,
    "stddev": _deviation,
}
