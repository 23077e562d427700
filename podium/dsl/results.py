"""
Whether an output is what its step is declared to give: a task's return annotation, or ``returns=``.

The output is read as a worker that takes it would read it (`podium.typed.reading`), so a wrong result ends the attempt
that gave it and not a later step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, TypeAlias

from podium.dsl.misspelt_keys import misspelt
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.reading import faults, output_reader_of, reader_of

#: Gives everything that is wrong with an output, None standing for a function that returned None.
FaultsOf: TypeAlias = Callable[[Mapping[str, JsonValue] | None], list[str]]


def result_faults(hint: records.Hint, *, from_outside: bool = False) -> FaultsOf | None:
    """
    Return what finds the faults of outputs that are declared to be of a type.

    Args:
        hint: The declared type of the result, ``Any`` if there is none.
        from_outside: Nothing but the output is known: where a record or None is declared, an empty one is None.

    Returns:
        The finder; None if every output is fine, or if values of the type cannot be read from JSON.

    Example:
        >>> result_faults(int)({"result": "no"})
        ["result: a whole number is expected, not a text ('no')"]
    """
    hint = records.finished(hint)
    if hint is Any or hint is object:
        return None
    try:
        read = output_reader_of(hint) if from_outside else reader_of(hint)
    except (TypeError, NameError):
        return None
    is_spread = records.output_keys(hint) == ("output",)
    is_nothing = hint is None or hint is NoneType

    def found(output: Mapping[str, JsonValue] | None) -> list[str]:
        if output is None:
            value = None
        elif is_nothing:
            value = output.get("result", output) or None
        elif is_spread:
            value = output
        elif "result" in output:
            value = output["result"]
        else:
            return ["result is missing"]
        try:
            read(value, hint)
        except Exception as error:  # noqa: BLE001  # authors' own validators may raise anything
            # What these say of a value that has been made already is none of our business.
            return list(faults(error, "result", foreign=False))
        return list(misspelt(value, hint, "result"))

    return found
