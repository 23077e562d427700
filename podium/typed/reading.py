"""
From JSON to typed values: the converter of worker inputs.

It is strict where Python's own constructors are generous: a text is no number and a number no text, or a mistake in a
workflow would pass unseen. The only liberties are those that JSON forces: ``3.0`` is a whole number (JavaScript knows
no other), a map's keys are texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.records import Hint
from podium.typed.scalars import LEAVES, Reader, WrongValueError, accepts_null


def reader_of(hint: Hint) -> Reader:
    """
    Return the reader of a type.

    Raises:
        TypeError: Values of this type cannot be read from JSON; the text says why.
    """
    leaf = LEAVES.get(hint) if isinstance(hint, type) else None
    if leaf is not None:
        return leaf
    from podium.typed.composed import composed_reader  # cattrs is slow to import, and numbers and texts need none

    return composed_reader(hint)


def output_reader_of(hint: Hint) -> Reader:
    """
    Return the reader of what a task or a workflow gives; as `reader_of`, but that it knows a record that is None.

    The output of ``-> Record | None`` is ``{}`` for None, and that of a workflow that passes it on has nulls for all
    fields. Where a record needs more than that, such an output is None.

    Raises:
        TypeError: As `reader_of`.
    """
    read = reader_of(hint)
    if not (records.is_record(hint) and accepts_null(hint)):
        return read
    names = {records.wire_name(hint, name) for name in records.fields(hint) or ()}

    def read_output(value: JsonValue, _: Hint) -> Any:
        try:
            return read(value, hint)
        except Exception:
            if not isinstance(value, Mapping) or not value.keys() <= names | {"subWorkflowId"}:
                raise
            if any(value.get(name) is not None for name in names):
                raise
            return None

    return read_output


def faults(error: Exception, path: str, *, foreign: bool = True) -> Iterator[str]:
    """
    Say everything that is wrong with a value, each with its place.

    Args:
        error: What reading it ended in.
        path: What the value is called.
        foreign: Tell also what is not of our own readers, such as what the validators of an author's class say.
    """
    if isinstance(error, WrongValueError):
        yield f"{path}: {error}"
        return
    from podium.typed.composed import composed_faults

    yield from composed_faults(error, path, foreign=foreign)
