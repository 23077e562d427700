"""How one JSON Schema compares with another."""

from __future__ import annotations

from typing import Any

import pytest

from podium.diff.schemas import compare_schemas

DEFS = {"$defs": {"n": {"type": "number"}}}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"type": "integer"}, {"type": "string"}, [("", "other", "has another type: integer -> string")]),
        ({"type": "integer"}, {"type": ["integer", "null"]}, "wider"),
        ({"type": "number"}, {"type": "integer"}, "narrower"),
        ({}, {"type": "integer"}, "narrower"),
        ({"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "wider"),
        ({"enum": [1, 2]}, {"enum": [1, 2, 3]}, "wider"),
        ({"enum": [1, 2]}, {"const": 2}, "narrower"),
        ({"const": 1}, {"const": True}, "other"),
        ({"enum": [1]}, {}, "wider"),
        ({"minimum": 1}, {"minimum": 2}, "narrower"),
        ({"maximum": 1}, {"maximum": 2}, "wider"),
        ({}, {"maxLength": 3}, [("", "narrower", "has the limit maxLength 3 now")]),
        ({"minItems": 3}, {}, [("", "wider", "has no minItems any more")]),
        ({"pattern": "a"}, {"pattern": "b"}, "unknown"),
        ({"oneOf": [{"type": "string"}]}, {"oneOf": [{"type": "integer"}]}, "unknown"),
        (True, {"type": "string"}, "narrower"),
        (False, {"type": "string"}, "unknown"),
        (
            {"items": {"type": "integer"}},
            {"items": {"type": "number"}},
            [("[]", "wider", "has another type: integer -> number")],
        ),
        ({"additionalProperties": False}, {}, "wider"),
        ({}, {"additionalProperties": False}, "narrower"),
        ({}, {"additionalProperties": {"type": "string"}}, "unknown"),
        (
            {"properties": {"a": {}}},
            {"properties": {"a": {}, "b": {}}},
            [("b", "optional", "is new and may be left out")],
        ),
        ({"properties": {"a": {}}}, {}, [("a", "wider", "is not described any more")]),
        (
            {"properties": {"a": {"properties": {"b": {}}, "required": ["b"]}}},
            {"properties": {"a": {"properties": {"b": {}, "c": {}}, "required": ["c"]}}},
            [("a.b", "wider", "is not required any more"), ("a.c", "narrower", "is required now")],
        ),
        ({"$ref": "#/$defs/n", **DEFS}, {"type": "number"}, []),
        ({"$ref": "#/$defs/n", **DEFS}, {"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}, "narrower"),
        ({"type": "string", "title": "a", "default": 1}, {"type": "string", "description": "b"}, []),
    ],
)
def test_which_values_a_schema_takes(old: Any, new: Any, told: list[tuple[str, str, str]] | str) -> None:
    """More, fewer, others, or nobody can tell; words that only describe say nothing."""
    found = [(change.path, str(change.reach), change.words) for change in compare_schemas(old, new)]

    assert sorted(found) == sorted(told) if isinstance(told, list) else [reach for _, reach, _ in found] == [told]


def test_schemas_that_refer_to_themselves_end() -> None:
    """A tree of nodes has no bottom; nor has a reference to itself."""
    old, new = (
        {"$ref": "#/$defs/n", "$defs": {"n": {"properties": {"left": {"$ref": "#/$defs/n"}, "v": {"type": kind}}}}}
        for kind in ("string", "number")
    )

    assert [change.path for change in compare_schemas(old, new)] == ["v"]
    assert compare_schemas(old, dict(old)) == []
    assert compare_schemas({"$ref": "#"}, {"type": "string"})[0].reach == "unknown"


def test_schemas_that_grow_without_end_are_given_up() -> None:
    """A hundred definitions that each use the next one ten times are a great many parts."""
    old, new = (
        {
            "$ref": "#/$defs/d0",
            "$defs": {
                f"d{i}": {"type": kind, "properties": {f"p{n}": {"$ref": f"#/$defs/d{i + 1}"} for n in range(10)}}
                for i in range(100)
            },
        }
        for kind in ("object", "array")
    )

    assert compare_schemas(old, new)[-1].words == "is described in another way"
