"""
From a function's result to the output of its attempt.

Whether a result is spread over the output or put under ``result`` is decided by `podium.typed.records` alone, which
also tells the author's references where to look; how values are written by `podium.typed.plain`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from podium.dsl.results import result_faults
from podium.model.json_text import described
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.plain import SAFE, UnwritableError, dumped, written
from podium.typed.records import Hint

_MISFIT = "the result is not what the annotation says"
_SCALARS: frozenset[Hint] = frozenset({int, str, float, bool})


class WrongOutputError(ValueError):
    """A result that cannot be written as JSON; the text names the place."""


def packer(hint: Hint) -> Callable[[Any], dict[str, JsonValue]]:
    """
    Make the function that turns results into outputs.

    Args:
        hint: The task's return annotation, ``Any`` if it has none.

    Returns:
        A function that raises `WrongOutputError` if the result is no JSON, or not what the annotation says.

    Example:
        >>> packer(int)(3)
        {'result': 3}
    """
    pack = _packer(hint)
    faults = result_faults(hint)
    if faults is None:
        return pack
    exact = hint if hint in _SCALARS else None

    def checked(value: Any) -> dict[str, JsonValue]:
        output = pack(value)
        if type(value) is not exact and (found := faults(None if value is None else output)):
            raise WrongOutputError(f"{_MISFIT}: {'; '.join(found)}")
        return output

    return checked


def _packer(hint: Hint) -> Callable[[Any], dict[str, JsonValue]]:
    keys = records.output_keys(hint)
    if len(keys) > 1:
        name = keys[1]

        def put_under(value: Any) -> dict[str, JsonValue]:
            return {name: value} if type(value) in SAFE else plain({name: value})

        return put_under
    must_be_record = records.is_record(hint)

    def pack(value: Any) -> dict[str, JsonValue]:
        if value is None:
            return records.pack(None, hint)
        if must_be_record and not (isinstance(value, Mapping) or records.is_record(type(value))):
            raise WrongOutputError(f"{_MISFIT}: result: an object is expected, not {described(value)}")
        return plain(records.pack(_dumped(value), hint))

    return pack


def plain(output: Mapping[str, Any]) -> dict[str, JsonValue]:
    """
    Return an output as plain JSON data, a copy.

    Raises:
        WrongOutputError: Something in it cannot be written; the text names the place.
    """
    try:
        copy: dict[str, JsonValue] = written(output, "the result")
    except UnwritableError as error:
        raise WrongOutputError(str(error)) from None
    return copy


def _dumped(value: Any) -> Any:
    """Return a pydantic model as pydantic writes it, anything else as it is."""
    if not records.is_model(type(value)):
        return value
    try:
        return dumped(value, "the result")
    except UnwritableError as error:
        raise WrongOutputError(str(error)) from None
