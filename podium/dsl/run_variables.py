"""
Workflow variables with types: a record says which there are.

``@workflow(variables=Progress(stage="new"))`` gives their first values, ``variables(Progress)`` reads them, and
``set_variable("name", Progress, stage="done")`` sets some of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from podium.dsl.arguments import checked_arguments
from podium.dsl.names import nearest
from podium.dsl.refs import Ref, Target, refuse
from podium.typed import records
from podium.typed.authored import Authored

T = TypeVar("T")


@checked_arguments
def variables(kind: type[T]) -> T:
    """
    Refer to the workflow's variables, as a record.

    Args:
        kind: The record class that says which variables there are, and their types.

    Raises:
        AuthoringError: P1, it is no record class.

    Example:
        >>> import attrs
        >>> @attrs.frozen
        ... class Progress:
        ...     stage: str = "new"
        >>> str(variables(Progress).stage)
        '${workflow.variables.stage}'
    """
    _check_record(kind)
    return cast("T", Ref(Target("workflow.variables", (), kind)))


def named_values(
    kind: Callable[..., object],
    args: tuple[Authored, ...],
    values: Mapping[str, Authored],
) -> dict[str, Authored]:
    """
    Return the variables that a call of a record class would set, by their names in the JSON.

    Args:
        kind: The record class.
        args: Values in the order of its fields.
        values: Values by name.

    Raises:
        AuthoringError: P1, it is no record class; R2, it has no such field; R3, a value is missing or given twice.
    """
    _check_record(kind)
    names = list(records.fields(kind) or ())
    if len(args) > len(names):
        refuse(f"{_name(kind)} has {len(names)} fields, not {len(args)}", code="R3")
    given: dict[str, Authored] = dict(zip(names, args, strict=False))
    for name, value in values.items():
        field = _field(kind, names, name)
        if field in given:
            refuse(f"{field!r} is given twice", code="R3")
        given[field] = value
    missing = [name for name in names if name in records.required_fields(kind) and name not in given]
    if missing:
        refuse(
            f"{_name(kind)} needs {', '.join(missing)}; give the fields defaults to set them one by one",
            code="R3",
        )
    return {records.wire_name(kind, name): value for name, value in given.items()}


def _field(kind: records.Hint, names: list[str], name: str) -> str:
    if name in names:
        return name
    for field in names:  # attrs takes a leading underscore away, pydantic takes aliases
        if name in {field.lstrip("_"), records.wire_name(kind, field)}:
            return field
    near = nearest(name, names)
    advice = f"did you mean {near!r}?" if near else f"it has {', '.join(names)}"
    return refuse(f"{_name(kind)} has no field {name!r}; {advice}", code="R2")


def _check_record(kind: records.Hint) -> None:
    if not inspect.isclass(kind) or not records.is_record(kind):
        refuse(f"variables are described by a record class, such as an attrs class, not by {kind!r:.40}")


def _name(kind: records.Hint) -> str:
    return str(kind.__name__)
