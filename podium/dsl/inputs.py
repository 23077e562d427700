"""
Whether a value has its declared type: what is refused where it enters.

The annotations of a workflow's function say what its inputs are; those of a step's ``returns=`` what a person, or
whoever else completes it, has to give. Values are read as workers read them (`podium.dsl.reading`), so that nothing
gets in that a worker would refuse; beside that, a key that is nearly the name of an absent field is a misspelling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from podium.dsl import records
from podium.dsl.misspelt import misspelt
from podium.dsl.values import prepare
from podium.model.errors import AuthoringError, InvalidRequest
from podium.model.values import JsonValue


@frozen
class Parameter:
    """One input of a workflow."""

    name: str
    hint: records.Hint = Any
    is_required: bool = True
    #: Its default is null, so null is one of its values whatever the annotation says.
    is_nullable: bool = False


def check_input(workflow: str, parameters: Sequence[Parameter], given: Mapping[str, JsonValue]) -> None:
    """
    Refuse an input that does not fit; names that no parameter has are none of this function's business.

    Args:
        workflow: The workflow's name, for the message.
        parameters: Its inputs.
        given: The input.

    Raises:
        InvalidRequest: An input is missing, or of the wrong type; the message tells all of them.
    """
    missing = [each.name for each in parameters if each.is_required and each.name not in given]
    faults = [f"it needs {', '.join(missing)}"] if missing else []
    for each in parameters:
        if each.name in given:
            value = given[each.name]
            if not (value is None and each.is_nullable):
                faults += faults_of(value, each.hint, each.name)
    if faults:
        raise InvalidRequest(f"input of workflow {workflow!r}: {'; '.join(faults)}")


def faults_of(value: JsonValue, hint: records.Hint, path: str) -> list[str]:
    """
    Say everything that keeps a value from having its declared type, each with its place.

    Args:
        value: The value, as JSON or as Python has it.
        hint: The declared type; what cannot be read from JSON, or is no type at all, takes anything.
        path: What the value is called.

    Example:
        >>> faults_of([1, "2"], list[int], "pages")
        ["pages[1]: a whole number is expected, not a text ('2')"]
    """
    from podium.dsl.reading import faults, reader_of  # it costs time to import, and most programs never need it

    if hint is Any or hint is object:
        return []
    try:
        plain = prepare(value)
        read = reader_of(hint)
    except (AuthoringError, TypeError, NameError):
        return []  # neither is for this function to say
    found: list[str] = []
    try:
        read(plain, hint)
    except Exception as error:  # noqa: BLE001  # authors' own validators may raise anything
        found += faults(error, path)
    return found + list(misspelt(plain, hint, path))
