"""
From a function's result to the output of its attempt.

Whether a result is spread over the output or put under ``result`` is decided by `podium.typed.records` alone, which
also tells the author's references where to look; how values are written by `podium.typed.plain`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, get_args

from podium.dsl.results import result_faults
from podium.model.json_text import described
from podium.model.texts import some
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.plain import SAFE, UnwritableError, dumped, written
from podium.typed.records import Hint

_SCALARS: frozenset[Hint] = frozenset({int, str, float, bool})


class WrongOutputError(ValueError):
    """A result that cannot be written as JSON; the text names the place."""


def packer(hint: Hint, name: str) -> Callable[[Any], dict[str, JsonValue]]:
    """
    Make the function that turns results into outputs.

    Args:
        hint: The task's return annotation, ``Any`` if it has none.
        name: The task.

    Returns:
        A function that raises `WrongOutputError` if the result is no JSON, or not what the annotation says. A number
        that is declared whole is written whole: 5.0 as 5.

    Example:
        >>> packer(int, "count")(3.0)
        {'result': 3}
        >>> packer(int, "count")("many")
        Traceback (most recent call last):
        podium.workers.outputs.WrongOutputError: the result of task 'count' is declared as int: result: a whole number \
is expected, not a text ('many')
    """
    misfit = f"the result of task {name!r} is declared as {_spelt(hint)}"
    pack = _packer(hint, misfit)
    faults = result_faults(hint)
    if faults is None:
        return pack
    exact = hint if hint in _SCALARS else None

    def checked(value: Any) -> dict[str, JsonValue]:
        output = pack(value)
        if type(value) is exact:
            return output
        if found := faults(None if value is None else output):
            raise WrongOutputError(f"{misfit}: {some(found)}")
        return output if exact is None else {"result": exact(output["result"])}

    return checked


def _packer(hint: Hint, misfit: str) -> Callable[[Any], dict[str, JsonValue]]:
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
            raise WrongOutputError(f"{misfit}: result: an object is expected, not {described(value)}")
        return plain(records.pack(_dumped(value), hint))

    return pack


def _spelt(hint: Hint) -> str:
    """Return a type as its author has probably written it."""
    if isinstance(hint, type) and not get_args(hint):
        return "None" if hint is NoneType else hint.__name__
    return str(getattr(hint, "__name__", "")) if hasattr(hint, "__supertype__") else inspect.formatannotation(hint)


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
