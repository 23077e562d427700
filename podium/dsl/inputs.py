"""
Whether a value has its declared type: what is refused where it enters.

The annotations of a workflow's function say what its inputs are; those of a step's ``returns=`` what a person, or
whoever else completes it, has to give. Values are read as workers read them (`podium.dsl.reading`), so that nothing
gets in that a worker would refuse; beside that, a key that is nearly the name of an absent field is a misspelling.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from attrs import frozen

from podium.dsl import records
from podium.dsl.names import nearest
from podium.dsl.values import prepare
from podium.model.errors import AuthoringError, InvalidRequest
from podium.model.values import JsonValue

_MAPS: frozenset[records.Hint] = frozenset({dict, abc.Mapping, abc.MutableMapping})


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
    return found + list(_misspelt(plain, hint, path))


def _misspelt(value: JsonValue, hint: records.Hint, path: str) -> Iterator[str]:
    """Find the keys of records that are nearly the name of a field that is not there."""
    hint = records.core(hint)
    fields = records.fields(hint)
    if fields is not None and isinstance(value, Mapping):
        known = {records.wire_name(hint, name): each for name, each in fields.items()}
        absent = known.keys() - value.keys()
        for key in value.keys() - known.keys() - fields.keys():
            if near := nearest(key, sorted(absent)):
                yield f"{path} has no field {key!r}; did you mean {near!r}?"
        for key in known.keys() & value.keys():
            yield from _misspelt(value[key], known[key], f"{path}.{key}")
        return
    arguments = get_args(hint)
    if isinstance(value, list) and len({*arguments} - {Ellipsis}) == 1:
        for index, item in enumerate(value):
            yield from _misspelt(item, arguments[0], f"{path}[{index}]")
    elif isinstance(value, Mapping) and get_origin(hint) in _MAPS and arguments:
        for key, item in value.items():
            yield from _misspelt(item, arguments[-1], f"{path}[{key!r}]")
