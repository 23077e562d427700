"""
JSON Schemas of Python types: what a task or a workflow takes and gives, as its annotations say it.

Draft 7, as Conductor's own SDKs write it. A schema says what workers read and write: times are ISO 8601 texts, a
timedelta is its seconds, a set is a list without repetition. Records that are met inside others stand under
``definitions``, so that a record may hold itself. Keys that a schema does not name are allowed.

Descriptions come from docstrings (of records; of their fields under ``Attributes:``; of parameters under ``Args:``),
from texts in ``Annotated`` and from a field's ``metadata={"description": …}``; bounds from what `annotated_types` and
pydantic put into ``Annotated``.
"""

from __future__ import annotations

import inspect
from collections import abc, deque
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)
from uuid import UUID

from podium.dsl.describing import described_names, described_record
from podium.dsl.values import prepare
from podium.model.errors import AuthoringError
from podium.model.values import JsonValue
from podium.typed import records
from podium.typed.in_progress import InProgress

#: A JSON Schema.
Schema: TypeAlias = "dict[str, JsonValue]"

#: Which side is described: what is read (``input``) may be spelt in more ways than what is written (``output``).
Side: TypeAlias = Literal["input", "output"]

_DIALECT = "http://json-schema.org/draft-07/schema#"

#: Types of which JSON has the values, or that we spell in one way.
_LEAVES: Mapping[type, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    timedelta: {"type": "number"},
    UUID: {"type": "string", "format": "uuid"},
    PurePath: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    bytearray: {"type": "string", "contentEncoding": "base64"},
}
_DECIMAL: Mapping[Side, Schema] = {"input": {"type": ["string", "number"]}, "output": {"type": "string"}}

_SETS: frozenset[records.Hint] = frozenset({set, frozenset, abc.Set, abc.MutableSet})
_LISTS: frozenset[records.Hint] = _SETS | {
    *(list, tuple, deque, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection),
}
_MAPS: frozenset[records.Hint] = frozenset({dict, abc.Mapping, abc.MutableMapping})

#: What `annotated_types` calls a bound, and JSON Schema.
_BOUNDS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
_SIZES = {"min_length": ("minLength", "minItems"), "max_length": ("maxLength", "maxItems")}


def schema_of(hint: records.Hint, *, side: Side = "input") -> Schema:
    """
    Return the JSON Schema of a type.

    Args:
        hint: The type: a plain one, a container, a union, an enumeration, or a record of any kind.
        side: ``input`` for values that are read, ``output`` for values that we write: there, fields with defaults are
            always present.

    Raises:
        AuthoringError: P1, values of the type cannot be JSON.

    Example:
        >>> schema_of(list[int])["items"]
        {'type': 'integer'}
    """
    writer = _Writer(side)
    return writer.document(writer.whole(hint))


def input_schema(
    signature: inspect.Signature,
    annotations: Mapping[str, records.Hint],
    docstring: str | None = None,
) -> Schema:
    """
    Return the JSON Schema of what a function takes, as an object of its parameters.

    Args:
        signature: The parameters that are inputs; those without a default are required.
        annotations: Their types by name.
        docstring: The function's docstring, whose section ``Args:`` describes them.

    Raises:
        AuthoringError: P1, values of a type cannot be JSON; the message names the parameter.
    """
    writer = _Writer("input")
    texts = described_names(docstring)
    properties: Schema = {}
    schema: Schema = {"type": "object", "properties": properties}
    required = []
    for name, parameter in signature.parameters.items():
        hint = annotations.get(name, Any)
        with_place = f"the parameter {name}"
        if parameter.kind is parameter.VAR_KEYWORD:
            if hint is not Any:
                schema["additionalProperties"] = writer.schema(hint, with_place)
            continue
        if parameter.default is None:
            hint = Union[hint, None]  # noqa: UP007  # a type that is known only now
        properties[name] = _noted(
            writer.schema(hint, with_place),
            description=texts.get(name),
            default=parameter.default,
        )
        if parameter.default is parameter.empty:
            required.append(name)
    if required:
        schema["required"] = required
    return writer.document(schema)


def output_schema(hint: records.Hint) -> Schema | None:
    """
    Return the JSON Schema of the output of what returns this type; None if nothing is declared.

    A record is spread over the output, anything else stands under ``result``, see `podium.typed.records`.

    Raises:
        AuthoringError: P1, values of the type cannot be JSON.
    """
    if hint is Any:
        return None
    writer = _Writer("output")
    if records.output_keys(hint) == ("output",):
        if hint is None or hint is NoneType:
            return writer.document({"type": "object"})
        schema = writer.whole(records.core(hint))
        if NoneType in get_args(hint):
            schema.pop("required", None)  # None is an output without keys
        return writer.document(schema)
    inner = writer.schema(hint, "the result")
    return writer.document({"type": "object", "properties": {"result": inner}, "required": ["result"]})


class _Writer:
    """Writes the schemas of one document."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._definitions: dict[str, Schema] = {}
        self._names: list[tuple[records.Hint, str]] = []

    def document(self, schema: Schema) -> Schema:
        """Return a schema as a document, with the records that it names."""
        definitions = {name: self._definitions[name] for name in sorted(self._definitions)}
        return {"$schema": _DIALECT, **schema, **({"definitions": definitions} if definitions else {})}

    def whole(self, hint: records.Hint) -> Schema:
        """Return the schema of a whole document: a record is written out."""
        kind = records.core(hint)
        if not records.is_record(kind) or kind is not hint:
            return self.schema(hint, "the type")
        return self._model(kind, as_root=True) if records.is_model(kind) else self._record(kind)

    def schema(self, hint: records.Hint, place: str) -> Schema:
        """
        Return the schema of a type.

        Args:
            hint: The type.
            place: Where it stands, for messages.
        """
        origin: records.Hint = get_origin(hint)
        if origin is Annotated:
            return self._annotated(hint, place)
        if origin in {NotRequired, Required}:
            return self.schema(get_args(hint)[0], place)
        for alias in ("__supertype__", "__value__"):  # NewType, and "type Name = ..." of Python 3.12
            if hasattr(hint, alias) and not isinstance(hint, type):
                return self.schema(getattr(hint, alias), place)
        if isinstance(hint, TypeVar):
            return {} if hint.__bound__ is None else self.schema(hint.__bound__, place)
        if hint is Any or hint is object:
            return {}
        if hint is None:
            return dict(_LEAVES[NoneType])
        if origin in {Union, UnionType}:
            return self._union(hint, place)
        if origin is Literal:
            return _choices([each.value if isinstance(each, Enum) else each for each in get_args(hint)])
        return self._of_class(hint, place)

    def _of_class(self, hint: records.Hint, place: str) -> Schema:
        kind = _class_of(hint)
        if kind in _LISTS:
            return self._list(hint, kind, place)
        if kind in _MAPS:
            return self._map(hint, place)
        if records.is_record(hint):
            return {"$ref": f"#/definitions/{self._defined(hint)}"}
        if isinstance(kind, type) and issubclass(kind, Enum):
            return _choices([prepare(member) for member in kind])
        if kind is Decimal:
            return dict(_DECIMAL[self._side])
        bases = kind.__mro__ if isinstance(kind, type) else ()
        for base in bases:
            if base in _LEAVES:
                return dict(_LEAVES[base])
        name = getattr(kind, "__name__", str(kind))
        message = (
            f"{place} is of type {name}, which has no JSON Schema; "
            "use a record or a type that JSON knows, or write the schema yourself with input_schema= or output_schema="
        )
        raise AuthoringError(message, code="P1")

    def _annotated(self, hint: records.Hint, place: str) -> Schema:
        inner, *notes = get_args(hint)
        schema = self.schema(inner, place)
        extra = dict(_bounds(notes, is_text=schema.get("type") == "string"))
        text = next(filter(None, map(_text_of, notes)), None)
        return _noted({**schema, **extra}, text)

    def _union(self, hint: records.Hint, place: str) -> Schema:
        arms: list[Schema] = []
        for arm in get_args(hint):
            schema = {} if arm is InProgress else self.schema(arm, place)
            if arm is not InProgress and schema not in arms:
                arms.append(schema)
        if {} in arms:
            return {}
        return arms[0] if len(arms) == 1 else {"anyOf": arms}

    def _list(self, hint: records.Hint, kind: records.Hint, place: str) -> Schema:
        arguments = get_args(hint)
        if kind is tuple and arguments and arguments[-1] is not Ellipsis:
            columns = [self.schema(each, place) for each in arguments if each != ()]
            return {"type": "array", "items": columns, "minItems": len(columns), "maxItems": len(columns)}
        schema: Schema = {"type": "array"}
        item = self.schema(arguments[0], place) if arguments else {}
        if item:
            schema["items"] = item
        if kind in _SETS:
            schema["uniqueItems"] = True
        return schema

    def _map(self, hint: records.Hint, place: str) -> Schema:
        arguments = get_args(hint)
        item = self.schema(arguments[1], place) if arguments else {}
        return {"type": "object", "additionalProperties": item} if item else {"type": "object"}

    def _defined(self, hint: records.Hint) -> str:
        """Return the name under which a record is defined; its definition is written at first."""
        hint = records.core(hint)
        for known, name in self._names:
            if known == hint:
                return name
        name = _name_of(hint)
        if any(name == taken for _, taken in self._names):
            name = f"{getattr(_class_of(hint), '__module__', '')}.{name}"
        self._names.append((hint, name))
        self._definitions[name] = self._model(hint) if records.is_model(hint) else self._record(hint)
        return name

    def _record(self, hint: records.Hint) -> Schema:
        kind = _class_of(hint)
        hints = records.fields(hint, extras=True) or {}
        about, texts = described_record(kind)
        properties = {}
        for name, each in hints.items():
            schema = self.schema(each, f"the field {name} of {kind.__name__}")
            default = inspect.Parameter.empty if self._side == "output" else records.default_of(hint, name)
            properties[records.wire_name(hint, name)] = _noted(schema, texts.get(name), default)
        schema = _noted({"type": "object", "properties": properties}, about)
        is_always_there = self._side == "output" and not is_typeddict(kind)
        required = set(hints) if is_always_there else records.required_fields(hint)
        if required:
            schema["required"] = [records.wire_name(hint, name) for name in hints if name in required]
        return schema

    def _model(self, kind: records.Hint, *, as_root: bool = False) -> Schema:
        """Return what pydantic says of a model, with what it names among our definitions."""
        mode = "validation" if self._side == "input" else "serialization"
        schema: dict[str, Any] = kind.model_json_schema(ref_template="#/definitions/{model}", mode=mode)
        inner: dict[str, Schema] = schema.pop("$defs", {})
        if "$ref" in schema:  # a model that holds itself is among its own definitions
            name = schema.pop("$ref").rpartition("/")[2]
            schema = dict(inner[name]) if as_root else inner.pop(name)
        for name, each in inner.items():
            self._definitions.setdefault(name, each)
        return schema


def _class_of(hint: records.Hint) -> records.Hint:
    """Return the bare class of a type with parameters, any other type as it is."""
    origin: records.Hint = get_origin(hint)
    return hint if origin is None else origin


def _choices(values: list[JsonValue]) -> Schema:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}
    types = sorted({kinds[type(each)] for each in values if type(each) in kinds})
    return {"type": types[0], "enum": values} if len(types) == 1 else {"enum": values}


def _noted(schema: Schema, description: str | None = None, default: Any = inspect.Parameter.empty) -> Schema:
    """Return a schema with its description and its default, where there are any."""
    notes: Schema = {} if description is None else {"description": description}
    if default is not inspect.Parameter.empty and default is not None:
        try:
            notes["default"] = prepare(default)
        except AuthoringError:
            pass  # a default that is no JSON is for Python alone
    if notes and "$ref" in schema:
        schema = {"allOf": [schema]}  # draft 7 looks at nothing beside a $ref
    return {**schema, **notes}


def _bounds(notes: list[Any], *, is_text: bool) -> Iterator[tuple[str, JsonValue]]:
    """Yield the bounds among the notes of ``Annotated``; pydantic's ``Field`` keeps its own in ``metadata``."""
    for note in notes:
        if isinstance(note, str):
            continue
        yield from _bounds(list(getattr(note, "metadata", ())), is_text=is_text)
        for name, word in _BOUNDS.items():
            value = getattr(note, name, None)
            if isinstance(value, str | int | float):
                yield word, value
        for name, words in _SIZES.items():
            value = getattr(note, name, None)
            if isinstance(value, int):
                yield words[0 if is_text else 1], value


def _text_of(note: Any) -> str | None:
    text = note if isinstance(note, str) else getattr(note, "documentation", None) or getattr(note, "description", None)
    return text if isinstance(text, str) else None


def _name_of(hint: records.Hint) -> str:
    kind = _class_of(hint)
    arguments = "_".join(getattr(each, "__name__", "any") for each in get_args(hint))
    return f"{kind.__name__}_{arguments}" if arguments else str(kind.__name__)
