"""
Whether an input can be right, as far as the annotations of a workflow's function tell.

Only what is clearly wrong is refused: a name that is missing, and a value whose JSON type no value of the declared type
has. Types that JSON does not know (times, decimals, classes of the author's without fields) are left to the workers
that read them.
"""

from __future__ import annotations

from collections import abc, deque
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from attrs import frozen

from podium.dsl import records
from podium.model.errors import InvalidRequest
from podium.model.values import JsonValue

#: The types that JSON knows, by what a fault calls them, and the types of their values in Python.
_PLAIN: Mapping[records.Hint, tuple[str, frozenset[type]]] = {
    str: ("a text", frozenset({str})),
    bool: ("true or false", frozenset({bool})),
    int: ("a whole number", frozenset({int})),
    float: ("a number", frozenset({int, float})),
    NoneType: ("null", frozenset({NoneType})),
    None: ("null", frozenset({NoneType})),
}
_LISTS: frozenset[records.Hint] = frozenset(
    {
        *(list, tuple, set, frozenset, deque),
        *(abc.Sequence, abc.MutableSequence, abc.Iterable, abc.Collection, abc.Set, abc.MutableSet),
    }
)
_MAPS: frozenset[records.Hint] = frozenset({dict, abc.Mapping, abc.MutableMapping})
_ROWS = (list, tuple)
#: Values of other types are no JSON yet; what becomes of them is not for this module to say.
_JSON_TYPES = frozenset({str, bool, int, float, NoneType, dict, list, tuple})

#: A fault: where, and what is wrong there.
Fault: TypeAlias = str


@frozen
class Parameter:
    """One input of a workflow."""

    name: str
    hint: records.Hint = Any
    is_required: bool = True
    #: Its default is null, so null is one of its values whatever the annotation says.
    is_nullable: bool = False


def check_input(workflow: str, parameters: Sequence[Parameter], given: Mapping[str, JsonValue]) -> None:
    """
    Refuse an input that cannot be right; names that no parameter has are none of this function's business.

    Args:
        workflow: The workflow's name, for the message.
        parameters: Its inputs.
        given: The input.

    Raises:
        InvalidRequest: An input is missing, or of the wrong type; the message tells all of them.
    """
    missing = [each.name for each in parameters if each.is_required and each.name not in given]
    faults = [f"it needs {', '.join(missing)}"] if missing else []
    for each in parameters:
        if each.name in given:
            value = given[each.name]
            if not (value is None and each.is_nullable):
                faults += _faults(value, each.hint, each.name)
    if faults:
        raise InvalidRequest(f"input of workflow {workflow!r}: {'; '.join(faults)}")


def _faults(value: JsonValue, hint: records.Hint, path: str) -> Iterator[Fault]:
    hint = _bare(hint)
    if hint is Any or not _is_hashable(hint) or type(value) not in _JSON_TYPES:
        return
    plain = _PLAIN.get(hint)
    if plain is not None and type(value) in plain[1]:
        return
    if _origin(hint) in {Union, UnionType}:
        yield from _union_faults(value, hint, path)
    elif not _has_kind(value, hint):
        yield f"{path}: {_expected(hint)} is expected, not {_described(value)}"
    else:
        for name, (part, part_hint) in _parts(value, hint).items():
            yield from _faults(part, part_hint, f"{path}{name}")


def _is_hashable(hint: records.Hint) -> bool:
    """An annotation need not be a type: ``x: [int]`` says nothing to anybody but its reader."""
    try:
        hash(hint)
    except TypeError:
        return False
    return True


def _origin(hint: records.Hint) -> records.Hint:
    """Give the bare class of a type with parameters, any other type as it is."""
    origin: records.Hint = get_origin(hint)
    return hint if origin is None else origin


def _bare(hint: records.Hint) -> records.Hint:
    """Give the type behind ``Annotated`` and ``NewType``."""
    while True:
        if _origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        else:
            return hint


def _union_faults(value: JsonValue, hint: records.Hint, path: str) -> Iterator[Fault]:
    arms = get_args(hint)
    if any(not list(_faults(value, arm, path)) for arm in arms):
        return
    inner = [arm for arm in arms if arm is not NoneType]
    if len(inner) == 1:
        yield from _faults(value, inner[0], path)
    else:
        yield f"{path}: {' or '.join(map(_expected, inner))} is expected, not {_described(value)}"


def _has_kind(value: JsonValue, hint: records.Hint) -> bool:
    """Say whether a value has the JSON type of a declared type; its parts are not looked at."""
    choices = _choices(hint)
    if choices is not None:
        return value in choices
    if hint is int and isinstance(value, float):
        return value.is_integer()  # JavaScript knows no other whole numbers
    if hint in _PLAIN:
        return False  # what fits has been let through
    if _is_list(hint):
        return isinstance(value, _ROWS)
    return isinstance(value, dict) if _is_map(hint) or records.is_record(hint) else True


def _choices(hint: records.Hint) -> Sequence[JsonValue] | None:
    if _origin(hint) is Literal:
        return get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [member.value for member in hint]
    return None


def _is_list(hint: records.Hint) -> bool:
    return _origin(hint) in _LISTS


def _is_map(hint: records.Hint) -> bool:
    return _origin(hint) in _MAPS


def _parts(value: JsonValue, hint: records.Hint) -> dict[str, tuple[JsonValue, records.Hint]]:
    """Give the parts of a value that has parts, and their declared types, by what follows the path of the whole."""
    arguments = get_args(hint)
    if _is_list(hint) and arguments and (len(arguments) == 1 or arguments[-1] is Ellipsis):
        return {f"[{index}]": (item, arguments[0]) for index, item in enumerate(value)}
    if _is_map(hint) and arguments:
        return {f".{key}": (item, arguments[-1]) for key, item in value.items()}
    if records.is_model(_origin(hint)):
        return {}  # pydantic has its own mind of what fits
    fields = records.fields(hint) or {}
    named = {records.wire_name(hint, name): each for name, each in fields.items()}
    # Null counts as absent where workers read records.
    return {f".{key}": (value[key], each) for key, each in named.items() if value.get(key) is not None}


def _expected(hint: records.Hint) -> str:
    hint = _bare(hint)
    choices = _choices(hint)
    if choices is not None:
        return f"one of {', '.join(map(repr, choices))}"
    if hint in _PLAIN:
        return _PLAIN[hint][0]
    return "a list" if _is_list(hint) else "an object"


def _described(value: JsonValue) -> str:
    kinds = {dict: "an object", list: "a list", tuple: "a list", str: "a text", int: "a number", float: "a number"}
    kind = kinds.get(type(value))
    if kind is None:
        return {None: "null", True: "true", False: "false"}[value]
    return f"{kind} ({value!r:.60})"
