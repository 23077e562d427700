"""Schemas of what has none: of a workflow's input, by what its definition asks for, and of a person's answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.model.codec import to_dict
from podium.model.definitions import SchemaDef, WorkflowDef, WorkflowTask
from podium.model.expressions import references, simple_path
from podium.model.values import JsonObject, JsonValue
from podium.model.walk import walk

#: What the engine puts into inputs by itself.
_OWN = frozenset({"_systemMetadata"})


def input_schema_of(definition: WorkflowDef, schemas: Sequence[SchemaDef] = ()) -> JsonObject:
    """
    Return the JSON Schema of a workflow's input: its own, else one of what the definition asks of its input.

    Args:
        definition: The workflow.
        schemas: The registered schemas, of which a definition may name one.

    Example:
        >>> definition = WorkflowDef(name="w", tasks=(), input_parameters=("id",), input_template={"count": 3})
        >>> input_schema_of(definition)["properties"]
        {'id': {}, 'count': {'default': 3, 'type': 'integer'}}
    """
    found = schema_data(definition.input_schema, schemas)
    if found is not None:
        return _with_defaults(found, definition.input_template)
    asked = _Asked()
    for name in definition.input_parameters:
        asked.add((name,))
    for name, value in definition.input_template.items():
        asked.add((name,), value)
    for path in paths_of(to_dict(definition), "workflow", "input"):
        if path[0] not in _OWN:
            asked.add(path)
    return asked.schema()


def schema_data(schema: SchemaDef | None, schemas: Sequence[SchemaDef]) -> JsonObject | None:
    """Return the JSON Schema that a definition holds or names; None if it has none, or one of another kind."""
    if schema is None:
        return None
    if schema.data is None:
        schema = next((each for each in schemas if (each.name, each.version) == (schema.name, schema.version)), None)
    return schema.data if schema is not None and schema.type == "JSON" else None


def answer_schema_of(definition: WorkflowDef | None, reference: str) -> JsonObject:
    """
    Return a schema of what a task's output is to hold, by what the workflow makes of it.

    Args:
        definition: The workflow.
        reference: The task's reference name in the definition.
    """
    asked = _Asked()
    for path in paths_of(to_dict(definition) if definition is not None else {}, reference, "output"):
        asked.add(path)
    schema = asked.schema()
    for each in walk(definition.tasks) if definition is not None else ():
        for name, cases in _cases(each.task, reference):
            found: Any = schema.get("properties", {})
            if found.get(name) in ({}, None):
                found[name] = {"examples": list(cases), "description": f"The workflow knows {_listed(cases)}."}
    return schema


def _listed(cases: Sequence[str]) -> str:
    return ", ".join(cases[:10])


def _cases(task: WorkflowTask, reference: str) -> Iterator[tuple[str, list[str]]]:
    """Yield which answers a SWITCH tells apart, by the key of the output that it looks at."""
    if not task.decision_cases:
        return
    for value in task.input_parameters.values():
        for path in paths_of(value, reference, "output"):
            if len(path) == 1:
                yield path[0], list(task.decision_cases)


def paths_of(value: JsonValue, root: str, part: str) -> Iterator[tuple[str, ...]]:
    """Yield what expressions in a value ask of ``${root.part…}``: the keys that lead to it."""
    for each in references(value):
        path = simple_path(each.text)
        if path is None or path.root != root or not path.segments or path.segments[0] != part:
            continue
        keys = []
        for step in path.segments[1:]:
            if not isinstance(step, str):
                break
            keys.append(step)
        if keys:
            yield tuple(keys)


class _Asked:
    """What is asked of an input, as a tree of keys."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}
        self._values: dict[str, JsonValue] = {}

    def add(self, path: tuple[str, ...], value: JsonValue = None) -> None:
        """Add a key, which perhaps has a value."""
        tree = self._tree
        for key in path:
            tree = tree.setdefault(key, {})
        if value is not None:
            self._values[path[0]] = value

    def schema(self) -> JsonObject:
        """Return it as a schema; keys with values have them as defaults."""
        if not self._tree:  # nobody knows what it asks for: any names and values
            return {"type": "object", "additionalProperties": {}}
        found = _schema(self._tree)
        properties: Any = found["properties"]
        for name, value in self._values.items():
            kind = _kind(value)
            inner = properties[name] if kind == "object" else {}
            properties[name] = {**inner, "default": value, **({"type": kind} if kind else {})}
        return found


def _schema(tree: Mapping[str, Any]) -> JsonObject:
    properties: JsonObject = {name: _schema(inner) if inner else {} for name, inner in tree.items()}
    return {"type": "object", "properties": properties}


def _kind(value: JsonValue) -> str | None:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array"}
    return kinds.get(type(value))


def _with_defaults(schema: JsonObject, template: Mapping[str, JsonValue]) -> JsonObject:
    """Return a schema with the values of an input template as defaults, where it has none."""
    properties = schema.get("properties")
    if not template or not isinstance(properties, dict):
        return schema
    found: dict[str, JsonValue] = dict(properties)
    for name, value in template.items():
        known = found.get(name)
        if isinstance(known, dict) and "default" not in known:
            found[name] = {**known, "default": value}
    return {**schema, "properties": found}
