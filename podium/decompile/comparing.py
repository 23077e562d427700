"""Objects of the model, compared by their JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

import attrs

from podium.model import codec
from podium.model.definitions import WorkflowTask
from podium.model.values import JsonValue


def fingerprint(value: JsonValue) -> str:
    """Return a text that is equal for equal JSON only: 1, 1.0 and true differ, the order of keys does not count."""
    return json.dumps(value, sort_keys=True)


def as_json(value: object) -> dict[str, JsonValue]:
    """Return an object of the model as JSON, those of its members that it always writes included."""
    return codec.to_dict(value)


def is_same(one: object, other: object) -> bool:
    """Return whether two objects of the model have the same JSON."""
    return fingerprint(as_json(one)) == fingerprint(as_json(other))


def changes(have: Mapping[str, JsonValue], want: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """
    Return what to put over one JSON object to get another.

    Example:
        >>> changes({"a": 1, "b": 2}, {"b": 3, "c": 4})
        {'b': 3, 'c': 4, 'a': None}
    """
    found = {
        key: value for key, value in want.items() if key not in have or fingerprint(have[key]) != fingerprint(value)
    }
    return found | {key: None for key in have if key not in want}


def differing_fields(one: WorkflowTask, other: WorkflowTask) -> frozenset[str]:
    """Return the names of the fields in which two tasks differ; ``extra`` stands for all unknown keys."""
    keys = changes(as_json(one), as_json(other))
    return frozenset(_FIELDS.get(key, "extra") for key in keys)


#: Key of the JSON to field.
_FIELDS = {codec.camel(each.name): each.name for each in attrs.fields(WorkflowTask)}
