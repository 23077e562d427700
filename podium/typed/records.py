"""
Records, and what a function's result looks like as a task's output.

This is the one place that decides it, from the return annotation:

* a **record** (an attrs class, a dataclass, a TypedDict, a pydantic model, also ``Record | None``) is spread: its
  fields are the output's keys, ``${ref.output.field}``;
* **no annotation** (or ``Any``) means that nothing is known: ``step.output`` is the whole output, and a worker spreads
  a dict or a record and puts anything else under ``result``, as Conductor's Python workers do;
* **any other type** is under ``result``: ``${ref.output.result}``.

pydantic is not imported: a class that has its ``model_fields`` and its ``model_validate_json`` is taken for a model. A
model's fields are called in the JSON as their aliases say.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Mapping
from typing import (
    Annotated,
    Any,
    ClassVar,
    ForwardRef,
    Literal,
    NotRequired,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import attrs

from podium.model.codec import camel
from podium.typed.authored import Authored
from podium.typed.in_progress import InProgress

#: A type as an annotation spells it. There is no static type for "any annotation".
Hint: TypeAlias = Any

#: What attrs puts where a function makes the default; ``attrs.Factory`` is a class at run time.
_FACTORY: Any = attrs.Factory

#: Attribute of a record class that maps field names to other names on the wire.
WIRE_NAMES = "__wire_names__"


class CamelCase:
    """Base of record classes whose keys in the JSON are their fields' names in camelCase, unless they say otherwise."""

    __slots__: ClassVar[tuple[str, ...]] = ()


def core(hint: Hint) -> Hint:
    """
    Return the type behind ``Annotated``, ``X | None`` and type parameters of a record.

    ``X | InProgress`` is X too: what a worker says to be called again is no output.
    """
    origin: Hint = get_origin(hint)
    if origin is Annotated:
        return core(get_args(hint)[0])
    if origin in {Union, types.UnionType}:
        arms = [arm for arm in get_args(hint) if arm is not types.NoneType and arm is not InProgress]
        return core(arms[0]) if len(arms) == 1 else hint
    return hint


def finished(hint: Hint) -> Hint:
    """Return a return annotation without the `InProgress` that a worker may say meanwhile."""
    arms = get_args(hint)
    if get_origin(hint) not in {Union, types.UnionType} or InProgress not in arms:
        return hint
    return Union[tuple(arm for arm in arms if arm is not InProgress)]  # noqa: UP007  # they are known only here


def is_record(hint: Hint) -> bool:
    """
    Return whether values of this type are spread over an output's keys.

    Example:
        >>> is_record(dict[str, int])
        False
    """
    kind = _class_of(hint)
    return kind is not None and (
        attrs.has(kind) or dataclasses.is_dataclass(kind) or is_typeddict(kind) or is_model(kind)
    )


def is_model(kind: Hint) -> bool:
    """Return whether a class is a pydantic model, or looks like one."""
    if not isinstance(kind, type) or not hasattr(kind, "model_validate_json"):
        return False
    return isinstance(getattr(kind, "model_fields", None), Mapping)


def model_fields(kind: Hint) -> Mapping[str, Any]:
    """Return the fields of a pydantic model that are in its JSON, as pydantic describes them."""
    every: Mapping[str, Any] = kind.model_fields
    return {name: each for name, each in every.items() if not getattr(each, "exclude", None)}


def _class_of(hint: Hint) -> type | None:
    kind: Hint = core(hint)
    origin: Hint = get_origin(kind)
    kind = origin or kind
    return kind if isinstance(kind, type) else None


def fields(hint: Hint, *, extras: bool = False) -> Mapping[str, Hint] | None:
    """
    Return the fields of a record and their types, in the order declared; None for any other type.

    Args:
        hint: The type.
        extras: Leave ``Annotated``, ``NotRequired`` and the like on the fields' types.
    """
    if not is_record(hint):
        return None
    kind = _class_of(hint)
    if kind is None:
        return None
    if is_model(kind):
        return _hints_of_model(kind)
    hints = _bound_hints(kind, hint, extras=extras)
    if attrs.has(kind):
        return {a.name: hints.get(a.name, Any) for a in attrs.fields(kind)}
    if is_typeddict(kind):
        return hints
    return {f.name: hints.get(f.name, Any) for f in dataclasses.fields(kind)}


def _hints_of_model(kind: Hint) -> dict[str, Hint]:
    hints = {name: each.annotation for name, each in model_fields(kind).items()}
    computed: Mapping[str, Any] = getattr(kind, "model_computed_fields", {})
    hints |= {name: each.return_type for name, each in computed.items()}
    return {name: Any if isinstance(each, str | ForwardRef) else each for name, each in hints.items()}


def required_fields(hint: Hint) -> frozenset[str]:
    """Return the names of a record's fields that have no default."""
    kind = _class_of(hint)
    if kind is None or not is_record(hint):
        return frozenset()
    if is_model(kind):
        return frozenset(name for name, each in model_fields(kind).items() if each.is_required())
    if attrs.has(kind):
        return frozenset(a.name for a in attrs.fields(kind) if a.default is attrs.NOTHING)
    if is_typeddict(kind):
        return frozenset(getattr(kind, "__required_keys__", ())) - _not_required(kind)
    missing = dataclasses.MISSING
    return frozenset(f.name for f in dataclasses.fields(kind) if f.default is missing and f.default_factory is missing)


def default_of(hint: Hint, field: str) -> Any:
    """Return the default of a record's field, ``inspect.Parameter.empty`` if it has none or a function makes it."""
    kind = _class_of(hint)
    found: Any = dataclasses.MISSING
    if kind is not None and attrs.has(kind):
        found = getattr(attrs.fields_dict(kind).get(field), "default", attrs.NOTHING)
    elif kind is not None and dataclasses.is_dataclass(kind):
        found = kind.__dataclass_fields__[field].default
    is_value = found is not dataclasses.MISSING and found is not attrs.NOTHING and not isinstance(found, _FACTORY)
    return found if is_value else inspect.Parameter.empty


def _not_required(kind: type) -> frozenset[str]:
    # Where annotations are texts, a TypedDict takes its NotRequired keys for required ones.
    try:
        hints = get_type_hints(kind, include_extras=True)
    except NameError:
        return frozenset()
    return frozenset(name for name, hint in hints.items() if get_origin(hint) is NotRequired)


def _bound_hints(kind: type, hint: Hint, *, extras: bool) -> dict[str, Hint]:
    """Return the types of a record's fields, with the type parameters of ``Record[int]`` put in."""
    try:
        hints = get_type_hints(kind, include_extras=extras)
    except NameError:  # a class inside a function, whose neighbours cannot be seen from here
        return dict.fromkeys(getattr(kind, "__annotations__", {}), Any)
    given = dict(zip(getattr(kind, "__parameters__", ()), get_args(core(hint)), strict=False))
    return {name: _bound(each, given) for name, each in hints.items()}


def _bound(hint: Hint, given: Mapping[Hint, Hint]) -> Hint:
    if isinstance(hint, TypeVar):
        return given.get(hint, hint)
    open_ones = () if isinstance(hint, type) else getattr(hint, "__parameters__", ())
    return hint[tuple(given.get(each, each) for each in open_ones)] if given and open_ones else hint


def wire_name(hint: Hint, field: str) -> str:
    """Return a field's key in the JSON: its own name, unless the class says otherwise."""
    kind = _class_of(hint)
    renamed: Mapping[str, str] = getattr(kind, WIRE_NAMES, {})
    if field not in renamed and is_model(kind):
        described = {**getattr(kind, "model_computed_fields", {}), **model_fields(kind)}.get(field)
        return getattr(described, "serialization_alias", None) or getattr(described, "alias", None) or field
    is_camel = isinstance(kind, type) and issubclass(kind, CamelCase)
    return renamed.get(field, camel(field) if is_camel else field)


def item_type(hint: Hint) -> Hint:
    """Return the type of a list's items or a map's values, ``Any`` if it is not known."""
    arguments = get_args(core(hint))
    return arguments[-1] if arguments and arguments[-1] is not Ellipsis else arguments[0] if arguments else Any


def choices(hint: Hint) -> tuple[Authored, ...] | None:
    """Return the values of a ``Literal`` type, None for any other."""
    kind: Hint = core(hint)
    origin: Hint = get_origin(kind)
    return get_args(kind) if origin is Literal else None


def output_keys(hint: Hint) -> tuple[str, ...]:
    """
    Return the path from a task's reference name to the value that its function returned.

    Example:
        >>> output_keys(int)
        ('output', 'result')
    """
    if hint is Any or hint is None or hint is types.NoneType or is_record(hint):
        return ("output",)
    return ("output", "result")


def pack(value: Authored, hint: Hint = Any) -> dict[str, Authored]:
    """
    Return a function's result as the output of its task; the counterpart of `output_keys`, for workers.

    Args:
        value: What the function returned, already plain JSON data except for the outermost record.
        hint: The function's return annotation, ``Any`` if it has none.

    Example:
        >>> pack(3, int)
        {'result': 3}
    """
    if value is None and output_keys(hint) == ("output",):
        return {}
    spread = is_record(hint) or (hint is Any and (isinstance(value, Mapping) or is_record(type(value))))
    return as_mapping(value) if spread else {"result": value}


def as_mapping(record: Authored) -> dict[str, Authored]:
    """Return the fields of a record, or the items of a map, by their keys in the JSON; not recursive."""
    if isinstance(record, Mapping):
        return dict(record)
    kind = type(record)
    names = model_fields(kind) if is_model(kind) else fields(kind) or ()  # a model computes nothing of references
    return {wire_name(kind, name): getattr(record, name) for name in names}
