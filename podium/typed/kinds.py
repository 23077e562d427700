"""
The kinds of JSON values: what a Python type, a JSON Schema or a value can be.

Only kinds are compared, and whatever is not sure counts as "anything", so that what is reported is wrong for certain.
"""

from __future__ import annotations

from collections import abc, deque
from collections.abc import Iterable, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Literal, TypeAlias, Union, get_args, get_origin

from podium.model.values import JsonValue
from podium.typed import records

#: Kinds of values; None stands for anything.
Kinds: TypeAlias = frozenset[str] | None

_PLAIN: Mapping[records.Hint, str] = {
    str: "text",
    bytes: "text",
    bytearray: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    NoneType: "null",
    None: "null",
}
_LISTS = frozenset(
    {list, tuple, set, frozenset, deque, abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection, abc.Set}
)
_MAPS = frozenset({dict, abc.Mapping, abc.MutableMapping})
_OF_SCHEMA = {
    "string": "text",
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "null": "null",
    "array": "list",
    "object": "object",
}
_WORDS = {
    "text": "a text",
    "boolean": "true or false",
    "number": "a number",
    "list": "a list",
    "object": "an object",
    "null": "null",
}


def described(kinds: frozenset[str]) -> str:
    """Name kinds for a reader; null is left out beside others."""
    return " or ".join(_WORDS[kind] for kind in _WORDS if kind in kinds and (kind != "null" or len(kinds) == 1))


def clash(given: Kinds, wanted: Kinds) -> bool:
    """Return whether no value but null can be of both."""
    if given is None or wanted is None:
        return False
    given, wanted = given - {"null"}, wanted - {"null"}
    return bool(given) and bool(wanted) and not given & wanted


def of_hint(hint: records.Hint) -> Kinds:
    """
    Return the kinds that values of a Python type have in JSON.

    Example:
        >>> sorted(of_hint(int | None))
        ['null', 'number']
        >>> of_hint(object) is None
        True
    """
    origin: records.Hint = get_origin(hint)
    if origin is Annotated:
        return of_hint(get_args(hint)[0])
    if hasattr(hint, "__supertype__"):
        return of_hint(hint.__supertype__)
    if origin in {Union, UnionType}:
        return _joined(of_hint(arm) for arm in get_args(hint))
    if origin is Literal:
        return _joined(of_value(choice) for choice in get_args(hint))
    try:
        if hint in _PLAIN:
            return frozenset({_PLAIN[hint]})
        kind = origin or hint
        if kind in _LISTS:
            return frozenset({"list"})
        if kind in _MAPS or records.is_record(hint):
            return frozenset({"object"})
    except TypeError:  # an annotation need not be a type
        return None
    if isinstance(kind, type) and issubclass(kind, Enum) and list(kind):
        return _joined(of_value(member.value) for member in kind)
    return None


def of_schema(schema: JsonValue) -> Kinds:
    """
    Return the kinds that a JSON Schema allows.

    Example:
        >>> of_schema({"type": "integer"})
        frozenset({'number'})
    """
    if not isinstance(schema, Mapping):
        return None
    if "const" in schema:
        return of_value(schema["const"])
    listed = schema.get("enum")
    if isinstance(listed, list) and listed:
        return _joined(of_value(each) for each in listed)
    for word in ("anyOf", "oneOf"):
        ways = schema.get(word)
        if isinstance(ways, list) and ways:
            return _joined(of_schema(each) for each in ways)
    names = schema.get("type")
    names = names if isinstance(names, list) else [names]
    return _joined(frozenset({_OF_SCHEMA[name]}) if name in _OF_SCHEMA else None for name in names)


def of_value(value: JsonValue) -> Kinds:
    """Return the kind of a value as it stands; what its references will be is not looked at."""
    if isinstance(value, list | tuple):
        return frozenset({"list"})
    if isinstance(value, Mapping):
        return frozenset({"object"})
    kind = _PLAIN.get(type(value))
    return None if kind is None else frozenset({kind})


def _joined(all_kinds: Iterable[Kinds]) -> Kinds:
    found: frozenset[str] = frozenset()
    for kinds in all_kinds:
        if kinds is None:
            return None
        found |= kinds
    return found or None
