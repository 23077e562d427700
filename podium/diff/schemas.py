"""
How one JSON Schema compares with another: does it take more values, or fewer?

The everyday part of JSON Schema is compared (types, properties, items, enumerations, limits); what is left over and
differs is told as something that cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from attrs import define, field

from podium.diff.settings import are_same, change_text, value_text
from podium.model.texts import clean
from podium.model.values import JsonValue

#: Keywords that only describe, or hold what others refer to.
_WORDS: Final = frozenset(
    {"$schema", "$id", "$comment", "$defs", "$anchor", "definitions", "title", "description", "default", "examples"}
    | {"deprecated", "readOnly", "writeOnly"}
)
#: Limits that let fewer values pass the higher they are, and those that let more pass.
_FLOORS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_CEILINGS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
#: Keywords that are compared one by one.
_COMPARED: Final = frozenset(
    {"type", "enum", "const", "properties", "required", "additionalProperties", "items", *_FLOORS, *_CEILINGS}
)
_DEPTH_MAX: Final = 30
_PARTS_MAX: Final = 10_000

#: What is said of a field that need not be given before.
REQUIRED: Final = "is required now"


class Reach(StrEnum):
    """Which values a schema takes, compared with those of another."""

    #: All that the other takes, and more.
    WIDER = "wider"
    #: Some of those that the other takes, and no others.
    NARROWER = "narrower"
    #: Others.
    OTHER = "other"
    #: A field is described that may be there and need not be.
    OPTIONAL = "optional"
    UNKNOWN = "unknown"


class SchemaChange(NamedTuple):
    """One thing in which a schema differs from another."""

    #: Which field, such as ``address.zip`` or ``rows[]``; empty for the value itself.
    path: str
    reach: Reach
    #: What differs, in words.
    words: str


@define
class _Schemas:
    """A pair of schemas whose parts refer to each other."""

    old: JsonValue
    new: JsonValue
    #: References of the parts that are being compared, outermost first: a schema may contain itself.
    followed: list[tuple[str, str]] = field(factory=list)
    #: How many parts may still be compared: references can make many out of few.
    budget: int = _PARTS_MAX

    def compare(self, old: JsonValue, new: JsonValue, path: str) -> Iterator[SchemaChange]:
        refs = _target(old), _target(new)
        if all(refs) and refs in self.followed:
            return
        before, after = _plain(self.old, old), _plain(self.new, new)
        if are_same(before, after) and (not _refers(before) or are_same(self.old, self.new)):
            return
        self.budget -= 1
        if self.budget < 0 or len(self.followed) > _DEPTH_MAX or before is None or after is None:
            yield SchemaChange(path, Reach.UNKNOWN, "is described in another way")
            return
        self.followed.append(refs)
        yield from _types(path, before, after)
        yield from _values(path, before, after)
        yield from _limits(path, before, after)
        yield from self._members(path, before, after)
        if "items" in before or "items" in after:
            yield from self.compare(before.get("items", True), after.get("items", True), f"{path}[]")
        for key in dict.fromkeys([*before, *after]):
            if key not in _COMPARED | _WORDS and not are_same(before.get(key), after.get(key)):
                yield SchemaChange(path, Reach.UNKNOWN, f"has another {clean(key)} in its schema")
        self.followed.pop()

    def _members(
        self, path: str, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
    ) -> Iterator[SchemaChange]:
        olds, news = _object(before.get("properties")), _object(after.get("properties"))
        must, must_now = _names(before.get("required")), _names(after.get("required"))
        for name in dict.fromkeys([*news, *olds, *must_now, *must]):
            here = f"{path}.{clean(name)}" if path else clean(name)
            if name in must_now and name not in must:
                yield SchemaChange(here, Reach.NARROWER, REQUIRED)
            elif name in must and name not in must_now:
                yield SchemaChange(here, Reach.WIDER, "is not required any more")
            elif name not in olds and name in news and name not in must_now:
                yield SchemaChange(here, Reach.OPTIONAL, "is new and may be left out")
            if name in olds and name in news:
                yield from self.compare(olds[name], news[name], here)
            elif name in olds:
                yield SchemaChange(here, Reach.WIDER, "is not described any more")
        if after.get("additionalProperties") is False and before.get("additionalProperties") is not False:
            yield SchemaChange(path, Reach.NARROWER, "allows no other fields now")
        elif before.get("additionalProperties") is False and after.get("additionalProperties") is not False:
            yield SchemaChange(path, Reach.WIDER, "allows other fields now")
        elif not are_same(before.get("additionalProperties", True), after.get("additionalProperties", True)):
            yield SchemaChange(path, Reach.UNKNOWN, "has other rules for other fields")


def compare_schemas(old: JsonValue, new: JsonValue) -> list[SchemaChange]:
    """
    Compare two JSON Schemas.

    Args:
        old: What was.
        new: What is.

    Returns:
        What differs in the values that they take, outer fields first; empty if nothing does, or only descriptions do.

    Example:
        >>> [tuple(map(str, each)) for each in compare_schemas({"type": "integer"}, {"type": "number"})]
        [('', 'wider', 'has another type: integer -> number')]
    """
    return list(_Schemas(old, new).compare(old, new, ""))


def _plain(whole: JsonValue, schema: JsonValue) -> dict[str, JsonValue] | None:
    """Return a schema as an object, references to other parts followed; None if it is nothing that we know."""
    for _ in range(_DEPTH_MAX):
        if not isinstance(schema, dict):
            break
        target = _target(schema)
        if not target:
            return _with_type_list(schema)
        schema = _part(whole, target)
    return {} if schema is True else None


def _target(schema: JsonValue) -> str:
    """Return what a schema refers to in the same document; empty if nothing."""
    target = schema.get("$ref") if isinstance(schema, dict) else None
    return target if isinstance(target, str) and target.startswith("#") else ""


def _part(whole: JsonValue, target: str) -> JsonValue:
    for step in target.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole


def _with_type_list(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Write ``anyOf`` of plain types, which generators make of optional values, as a list of types."""
    arms = schema.get("anyOf")
    if "type" in schema or not isinstance(arms, list) or not arms:
        return schema
    if not all(isinstance(arm, dict) and arm.keys() == {"type"} and isinstance(arm["type"], str) for arm in arms):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest, "type": [arm["type"] for arm in arms]}


def _refers(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return "$ref" in value or any(_refers(inner) for inner in value.values())
    return isinstance(value, list) and any(_refers(item) for item in value)


def _types(path: str, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Iterator[SchemaChange]:
    old, new = _names(before.get("type")), _names(after.get("type"))
    if old == new:
        return
    words = f"has another type: {_type_text(old)} -> {_type_text(new)}"
    yield SchemaChange(path, _reach(_covered(old), _covered(new)), words)


def _covered(types: frozenset[str]) -> frozenset[str] | None:
    """Return the types with what they include; None for all."""
    return (types | {"integer"} if "number" in types else types) if types else None


def _type_text(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "any"


def _reach(old: frozenset[str] | None, new: frozenset[str] | None) -> Reach:
    if new is None or (old is not None and old < new):
        return Reach.WIDER
    return Reach.NARROWER if old is None or new < old else Reach.OTHER


def _values(path: str, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Iterator[SchemaChange]:
    old, new = _listed(before), _listed(after)
    if old is None or new is None:
        if new is not None:
            yield SchemaChange(path, Reach.NARROWER, f"must be one of {value_text(new)} now")
        elif old is not None:
            yield SchemaChange(path, Reach.WIDER, f"need not be one of {value_text(old)} any more")
        return
    lost = [value for value in old if not any(are_same(value, other) for other in new)]
    won = [value for value in new if not any(are_same(value, other) for other in old)]
    if lost or won:
        reach = Reach.OTHER if lost and won else Reach.NARROWER if lost else Reach.WIDER
        yield SchemaChange(path, reach, f"allows other values: {change_text(old, new)}")


def _listed(schema: Mapping[str, JsonValue]) -> list[JsonValue] | None:
    if "const" in schema:
        return [schema["const"]]
    listed = schema.get("enum")
    return listed if isinstance(listed, list) else None


def _limits(path: str, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Iterator[SchemaChange]:
    for key in (*_FLOORS, *_CEILINGS):
        old, new = before.get(key), after.get(key)
        if are_same(old, new):
            continue
        if old is None or new is None:
            reach = Reach.NARROWER if old is None else Reach.WIDER
        elif isinstance(old, int | float) and isinstance(new, int | float):
            reach = Reach.NARROWER if (new > old) == (key in _FLOORS) else Reach.WIDER
        else:
            reach = Reach.UNKNOWN
        yield SchemaChange(path, reach, _limit_text(key, old, new))


def _limit_text(key: str, old: JsonValue, new: JsonValue) -> str:
    if old is None:
        return f"has the limit {key} {value_text(new)} now"
    return f"has another {key}: {change_text(old, new)}" if new is not None else f"has no {key} any more"


def _names(value: JsonValue) -> frozenset[str]:
    items = value if isinstance(value, list) else [value]
    return frozenset(item for item in items if isinstance(item, str))


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
