"""What tasks and workflows take and give, written into their definitions on demand."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from podium.dsl.schemas import input_schema, output_schema
from podium.dsl.values import prepare
from podium.model.definitions import SchemaDef
from podium.model.errors import AuthoringError
from podium.model.statuses import SchemaType
from podium.model.values import JsonValue
from podium.typed import records


def template_of(signature: inspect.Signature, annotations: Mapping[str, records.Hint]) -> dict[str, JsonValue]:
    """
    Return the defaults of a function's parameters as an ``inputTemplate``.

    Conductor puts them in where an input is absent or null. A parameter that takes None is left out: it would never get
    the null that somebody sends.
    """
    defaults = {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if parameter.default is not parameter.empty and parameter.default is not None
    }
    return {name: prepare(value) for name, value in defaults.items() if not _takes_null(annotations.get(name))}


def _takes_null(hint: records.Hint) -> bool:
    return hint is Any or hint is object or type(None) in getattr(hint, "__args__", ())


def schemas_of(
    name: str,
    signature: inspect.Signature,
    annotations: Mapping[str, records.Hint],
    docstring: str | None,
    place: str | None,
) -> dict[str, SchemaDef]:
    """
    Return the schemas of what a function takes and gives, by the fields that hold them.

    Args:
        name: The task's or the workflow's name.
        signature: The parameters that are inputs.
        annotations: Their types, with what ``Annotated`` notes, and that of ``return``.
        docstring: The function's, which may describe the parameters.
        place: Where to complain.

    Raises:
        AuthoringError: P1, a type has no schema.
    """
    try:
        taken = input_schema(signature, annotations, docstring)
        given = output_schema(annotations.get("return", Any))
    except AuthoringError as error:
        message = f"{name}: {error.faults[0].message}"
        raise AuthoringError(message, code=error.code, place=place) from error
    found = {"input_schema": SchemaDef(name=f"{name}_input", type=SchemaType.JSON, data=taken)}
    if given is not None:
        found["output_schema"] = SchemaDef(name=f"{name}_output", type=SchemaType.JSON, data=given)
    return found
