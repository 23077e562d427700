"""What a schema says of one place: references followed, parts of ``allOf`` put together, null set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from podium.model.values import JsonObject, JsonValue

#: References that follow each other.
_STEPS_MAX = 30


class UnsupportedSchema(Exception):
    """A schema that no form can be drawn of; the value is typed as JSON."""


@frozen
class SchemaDocument:
    """
    A schema, in which references are looked up.

    Only references within the document are followed; nothing is fetched.
    """

    root: JsonValue

    def resolved(self, schema: JsonValue) -> JsonObject:
        """
        Return what a schema says, without references and ``allOf``.

        Raises:
            Unreadable: It refers to what is not there, or to itself.
        """
        return self._resolved(schema, _STEPS_MAX)

    def _resolved(self, schema: JsonValue, left: int) -> JsonObject:
        if not left:
            raise UnsupportedSchema("its references go round in a circle")
        if schema is True:
            return {}
        if not isinstance(schema, dict):
            raise UnsupportedSchema("it allows nothing" if schema is False else "it is no schema")
        ref = schema.get("$ref")
        if isinstance(ref, str):
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._resolved(self.find(ref), left - 1), **beside}
        parts = schema.get("allOf")
        if isinstance(parts, list):
            whole: JsonObject = {key: value for key, value in schema.items() if key != "allOf"}
            for part in parts:
                whole = merged(self._resolved(part, left - 1), whole)
            schema = whole
        return schema

    def find(self, ref: str) -> JsonValue:
        """
        Return the schema that a reference names: ``#``, ``#/definitions/a``, or ``#anchor``.

        Raises:
            Unreadable: There is none.
        """
        if ref == "#":
            return self.root
        if not ref.startswith("#"):
            raise UnsupportedSchema(f"it refers to {ref!r:.80}, which is not in it")
        if not ref.startswith("#/"):
            found = next((each for each in _schemas(self.root) if _is_called(each, ref[1:])), None)
            if found is None:
                raise UnsupportedSchema(f"it refers to {ref!r:.80}, which is not in it")
            return found
        place: Any = self.root
        for step in ref[2:].split("/"):
            key = _unquoted(step)
            if isinstance(place, list) and key.isdecimal() and int(key) < len(place):
                place = place[int(key)]
            elif isinstance(place, dict) and key in place:
                place = place[key]
            else:
                raise UnsupportedSchema(f"it refers to {ref!r:.80}, which is not in it")
        found_there: JsonValue = place
        return found_there


def _unquoted(step: str) -> str:
    from urllib.parse import unquote

    return unquote(step).replace("~1", "/").replace("~0", "~")


def _is_called(schema: Mapping[str, JsonValue], name: str) -> bool:
    return name in {schema.get("$anchor"), schema.get("$dynamicAnchor")} or schema.get("$id") == f"#{name}"


def _schemas(schema: JsonValue) -> Iterator[JsonObject]:
    """Yield all objects in a schema, itself first."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from _schemas(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _schemas(each)


def merged(one: JsonObject, other: JsonObject) -> JsonObject:
    """Return what both schemas say; where they differ, the other's word."""
    found = {**one, **other}
    for key in ("properties", "$defs", "definitions"):
        before, after = one.get(key), other.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            found[key] = {**before, **after}
    before, after = one.get("required"), other.get("required")
    if isinstance(before, list) and isinstance(after, list):
        found["required"] = [*before, *(each for each in after if each not in before)]
    return found


def without_null(document: SchemaDocument, schema: JsonObject) -> tuple[JsonObject, bool]:
    """Return a schema without the null that it allows beside other things, and whether it does."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds and len(kinds) > 1:
        others: list[JsonValue] = [each for each in kinds if each != "null"]
        schema = {**schema, "type": others[0] if len(others) == 1 else others}
        return _without_null_option(schema), True
    options = schema.get("enum")
    if isinstance(options, list) and None in options and len(options) > 1:
        return _without_null_option(schema), True
    for key in ("anyOf", "oneOf"):
        arms = schema.get(key)
        if not isinstance(arms, list):
            continue
        left = [each for each in arms if document.resolved(each) not in _NULLS]
        if len(left) < len(arms) and left:
            rest = {name: value for name, value in schema.items() if name != key}
            if len(left) == 1:
                arm = document.resolved(left[0])
                return {**arm, **rest}, True
            return {**rest, key: left}, True
    return schema, False


_NULLS: tuple[JsonObject, ...] = ({"type": "null"}, {"const": None}, {"enum": [None]})


def _without_null_option(schema: JsonObject) -> JsonObject:
    options = schema.get("enum")
    if isinstance(options, list):
        return {**schema, "enum": [each for each in options if each is not None]}
    return schema


def type_of(schema: JsonObject) -> str | None:
    """Return the one type that a schema names, or shows by its words; None if it could be several."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list):
        return str(kind[0]) if len(kind) == 1 else None
    shows = (
        ("object", ("properties", "additionalProperties", "required", "minProperties", "maxProperties")),
        ("array", ("items", "prefixItems", "minItems", "maxItems", "uniqueItems")),
        ("string", ("minLength", "maxLength", "pattern", "format")),
        ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    )
    return next((name for name, words in shows if any(word in schema for word in words)), None)


def arms_of(schema: JsonObject) -> list[JsonValue]:
    """Return the schemas of which a value fits one, or any: of ``oneOf``, ``anyOf``, or of several types."""
    for key in ("oneOf", "anyOf"):
        arms = schema.get(key)
        if isinstance(arms, list) and arms:
            rest = {name: value for name, value in schema.items() if name not in _OF_THE_WHOLE | {key}}
            return [_with(rest, arm) for arm in arms]
    kinds = schema.get("type")
    if isinstance(kinds, list) and len(kinds) > 1:
        rest = {name: value for name, value in schema.items() if name not in _OF_THE_WHOLE | {"type"}}
        return [{**rest, "type": kind} for kind in kinds]
    return []


#: What is said of the choice, and not of what is chosen.
_OF_THE_WHOLE = frozenset({"title", "description", "default", "examples", "$schema", "$id", "definitions", "$defs"})


def _with(rest: JsonObject, arm: JsonValue) -> JsonValue:
    return {"allOf": [rest, arm]} if rest else arm
