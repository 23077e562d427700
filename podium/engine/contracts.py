"""
Whether inputs and outputs are what the schemas of definitions say they are.

A workflow's schemas hold unless ``enforceSchema`` is false, a task's only where it is true. They are fixed when a run
starts, as all of its definition: a schema that is named only is taken from the registry then (`podium.engine.library`).
The open-source server keeps them and looks at none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from podium.engine.limits import Limits
from podium.model.definitions import SchemaDef, TaskDef, WorkflowDef
from podium.model.errors import Fault
from podium.model.later import later
from podium.model.payloads import dump
from podium.model.schedule_inputs import ADDED_INPUTS
from podium.model.statuses import SchemaType
from podium.model.texts import some
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.expressions import schemas
else:
    schemas = later("podium.expressions.schemas")

#: What the engine itself adds to inputs, which no author declares.
_ADDED = ADDED_INPUTS | {"_systemMetadata"}


def enforced(definition: WorkflowDef | TaskDef | None) -> Iterator[tuple[str, SchemaDef]]:
    """Yield the schemas that a definition enforces, each with its key in the JSON."""
    if definition is not None and definition.enforce_schema:
        for key, schema in (("inputSchema", definition.input_schema), ("outputSchema", definition.output_schema)):
            if schema is not None:
                yield key, schema


def schema_problems(definition: WorkflowDef | TaskDef | None, path: str = "") -> Iterator[Fault]:
    """Yield why schemas that a definition enforces cannot be."""
    for key, schema in enforced(definition):
        where = f"{path}.{key}" if path else key
        instead = "or set enforceSchema to false"
        if schema.type is not SchemaType.JSON:
            yield Fault(where, f"a schema of type {schema.type} cannot be enforced: write a JSON schema, {instead}")
        elif schema.data is None:
            named = f"the schema {schema.name!r}, version {schema.version},"
            yield Fault(where, f"{named} is not registered: register it with its data, {instead}")
        else:
            try:
                schemas.refuse_schema(schema.data)
            except schemas.SchemaRefused as error:
                yield Fault(where, f"{error}; mend it, {instead}")


def misfit(
    definition: WorkflowDef | TaskDef,
    side: str,
    value: Mapping[str, JsonValue],
    what: str,
    limits: Limits,
) -> str | None:
    """
    Say why a value is not what a definition declares; None if it is, or if nothing is declared.

    Args:
        definition: The workflow's, or the task's.
        side: ``input`` or ``output``.
        value: The value.
        what: How the message names it, such as ``the input of task 'a'``.
        limits: The limit of its size.
    """
    schema = definition.input_schema if side == "input" else definition.output_schema
    if schema is None or schema.data is None or not definition.enforce_schema:
        return None
    size, most = len(dump(value)), limits.schema_bytes
    if size > most:
        too_large = f"{size} bytes as JSON, and the limit is {most}"
        return f"{what} is too large to be held against its schema {schema.name!r}: {too_large}"
    own = {key: item for key, item in value.items() if key not in _ADDED} if side == "input" else value
    try:
        faults = schemas.schema_faults(schema.data, own, side)
    except schemas.SchemaRefused as error:
        return f"{what} cannot be held against its schema {schema.name!r}: {error}"
    return f"{what} does not fit its schema {schema.name!r}: {some(faults)}" if faults else None
