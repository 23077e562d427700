"""What a definition asks of its callers and gives to them: its inputs and its outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from podium.diff.settings import MISSING, Path, Side
from podium.diff.spots import Spots
from podium.model.codec import to_dict
from podium.model.definitions import SchemaDef, WorkflowDef
from podium.model.expressions import references
from podium.model.statuses import SchemaType
from podium.model.values import JsonObject, JsonValue

#: An input in a reference: ``workflow.input.city``, ``workflow.input['my city'].zip``; the whole without a name.
_INPUT: Final = re.compile(r"\s*\$?\.?workflow\.input(?:\.([^\s.\[(]+)|\[\s*['\"]([^'\"]+)['\"]|(?![\w-]))")
#: The name of a failure workflow that an input gives (Conductor: ``WorkflowExecutorOps.java``).
_FAILURE_INPUT: Final = re.compile(r"\$workflow\.input\.(.+)")


@frozen(kw_only=True)
class Input:
    """One input of a workflow."""

    #: In ``inputParameters``, ``inputTemplate`` or the schema.
    is_declared: bool
    #: Some task or output refers to it, or to the input as a whole.
    is_read: bool
    #: The schema requires it.
    is_required: bool
    #: The schema describes it, and does not require it.
    is_optional: bool
    #: Its default, or `MISSING`.
    default: Side

    @property
    def is_wanted(self) -> bool:
        """A caller who does not give it gets a null into some task, as far as the definition tells."""
        return self.is_read and self.default is MISSING and not self.is_optional


@frozen(kw_only=True)
class InputContract:
    """All inputs of a workflow."""

    #: In the order in which they are declared, then read.
    by_name: Mapping[str, Input]
    #: The JSON Schema, or None.
    schema: JsonObject | None
    #: Names that may be given; None if any may.
    allowed: frozenset[str] | None


def inputs_of(definition: WorkflowDef, spots: Spots) -> InputContract:
    """
    Return the inputs of a workflow.

    Args:
        definition: The definition.
        spots: Its steps.
    """
    schema = json_schema(definition.input_schema)
    described = _object(schema, "properties")
    required = schema.get("required", []) if schema else []
    must = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    declared = dict.fromkeys([*definition.input_parameters, *definition.input_template, *described, *must])
    read = dict.fromkeys(_read(definition, spots))
    everything = read.pop("", "no") is None
    found = {
        name: Input(
            is_declared=name in declared,
            is_read=name in read or everything,
            is_required=name in must,
            is_optional=name in described and name not in must,
            default=definition.input_template.get(name, MISSING),
        )
        for name in dict.fromkeys([*declared, *read])
    }
    closed = schema is not None and schema.get("additionalProperties") is False
    return InputContract(by_name=found, schema=schema, allowed=frozenset(described) if closed else None)


def _read(definition: WorkflowDef, spots: Spots) -> Iterator[str]:
    """Yield the names of the inputs that something refers to; an empty name for the input as a whole."""
    own = [spot.own for spot in spots.values()]
    for found in references([*own, dict(definition.output_parameters), definition.failure_workflow]):
        match = _INPUT.match(found.text)
        if match is not None:
            yield match[1] or match[2] or ""
    named = _FAILURE_INPUT.fullmatch(definition.failure_workflow or "")
    if named is not None:
        yield named[1]


def json_schema(schema: SchemaDef | None) -> dict[str, JsonValue] | None:
    """Return a JSON Schema that a definition carries; None if there is none to be read."""
    if schema is None or schema.type is not SchemaType.JSON or not isinstance(schema.data, Mapping):
        return None
    data = to_dict(schema).get("data", {})
    return data if isinstance(data, dict) else None


def _object(schema: JsonObject | None, key: str) -> JsonObject:
    found = schema.get(key) if schema else None
    return found if isinstance(found, dict) else {}


def outputs_of(definition: WorkflowDef) -> dict[Path, JsonValue]:
    """Return the output parameters down to the single value, by path."""
    return dict(_leaves((), to_dict(definition).get("outputParameters", {})))


def _leaves(path: Path, value: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    else:
        yield path, value
