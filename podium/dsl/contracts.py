"""What tasks and workflows take and give, written into their definitions on demand."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from podium.dsl import records
from podium.dsl.callables import doc_of
from podium.dsl.schemas import input_schema, output_schema
from podium.dsl.values import prepare
from podium.model.definitions import SchemaDef, TaskDef
from podium.model.errors import AuthoringError
from podium.model.statuses import SchemaType
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.dsl.headers import Header
    from podium.dsl.tasks import Task


def task_contract(task: Task[..., Any], plain: TaskDef) -> TaskDef:
    """
    Complete a task's definition by what its function says of itself.

    Args:
        task: The task, with ``schemas`` or ``input_template=True`` among its settings.
        plain: Its definition without them; schemas that the author has written stay.

    Raises:
        AuthoringError: P1, a type has no schema, or an annotation cannot be resolved.
    """
    changes: dict[str, Any] = {}
    if task.settings.get("input_template") is True:
        changes["input_template"] = template_of(task.signature, task.annotations)
    if task.settings.get("schemas") is True:
        found = _schemas(task.name, task.signature, task.noted_annotations(), doc_of(task.fn), task.place)
        changes |= {field: schema for field, schema in found.items() if getattr(plain, field) is None}
    return attrs.evolve(plain, **changes)


def workflow_contract(
    header: Header,
    signature: inspect.Signature,
    annotations: Mapping[str, records.Hint],
    docstring: str | None,
    place: str | None,
) -> Header:
    """
    Return a workflow's header with the schemas of its function; those that the author has written stay.

    Raises:
        AuthoringError: P1, a type has no schema.
    """
    found = _schemas(header.name, signature, annotations, docstring, place)
    return attrs.evolve(header, fields={**found, **header.fields})


def signature_of(inputs: Mapping[str, JsonValue]) -> inspect.Signature:
    """Return the inputs of a workflow that is no function as its parameters."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature([inspect.Parameter(name, kind, default=value) for name, value in inputs.items()])


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


def _schemas(
    name: str,
    signature: inspect.Signature,
    annotations: Mapping[str, records.Hint],
    docstring: str | None,
    place: str | None,
) -> dict[str, SchemaDef]:
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
