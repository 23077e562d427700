"""
Comparing values in a filter, as Jayway's json-path 2.9.0 does (its `ValueNodes` and `EvaluatorFactory`).

A number and a text are equal if the text is the number's; what is on the left decides how they are compared.
"""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from podium.expressions.jsonpath.escapes import unescape
from podium.expressions.jsonpath.filters import number_of
from podium.expressions.jsonpath.loose_json import LooseJsonError, read_loosely
from podium.expressions.jsonpath.nodes import JsonLiteral, PathError, PatternLiteral
from podium.expressions.jsonpath.patterns import matches
from podium.expressions.refusals import PathFault
from podium.model.values import JsonValue


class AbsentValue:
    """What a path gives that had to lead somewhere, and does not; it equals nothing."""


MISSING = AbsentValue()
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}
#: What nearly every filter does, and Python does alike; texts are ordered otherwise.
_PLAIN = {(int, int, sign): of for sign, of in _SIGNS.items()} | {(str, str, s): _SIGNS[s] for s in ("==", "!=")}

#: A JSON value, a literal, or `MISSING`.
Value: TypeAlias = Any
_Spend: TypeAlias = Callable[[int], None]


def compare(left: Value, operator: str, right: Value, spend: _Spend) -> bool:
    """
    Compare two values.

    Args:
        left: The left one.
        operator: Such as ``==`` or ``IN``.
        right: The right one.
        spend: Counts work, and raises when there is too much.

    Raises:
        PathError: These cannot be compared so: the filter does not match.
        PathFault: The whole look-up has no value.
    """
    plain = _PLAIN.get((type(left), type(right), operator))
    if plain is not None:
        return plain(left, right)
    match operator:
        case "==" | "!=":
            return _equal(left, right, spend) is (operator == "==")
        case "===" | "!==":
            return (_kind(left) == _kind(right) and _equal(left, right, spend)) is (operator == "===")
        case "<" | "<=" | ">" | ">=":
            return _ordered(left, operator, right)
        case "IN" | "NIN":
            return _is_in(left, right, spend) is (operator == "IN")
        case "EXISTS":
            return _truth(left) is _truth(right)
    return _OTHERS[operator](left, right, spend)


def _kind(value: Value) -> str:
    if value is None or isinstance(value, bool | str | AbsentValue | PatternLiteral):
        return type(value).__name__
    return "json" if isinstance(value, dict | list | JsonLiteral) else "number"


def _equal(left: Value, right: Value, spend: _Spend) -> bool:
    kind, other = _kind(left), _kind(right)
    if kind == "number":
        number = _number(left)
        given = number_of(right) if isinstance(right, str) else _number(right) if other == "number" else None
        return given is not None and number == given
    if kind == "str":
        return bool(left == (_text_of(right) if other == "number" else right))
    if kind == "json" and other == "json" and not isinstance(left, JsonLiteral):
        return _same(left, right.value if isinstance(right, JsonLiteral) else right, spend)
    if kind == "bool":
        return left is right
    return kind == "NoneType" == other


def _same(left: JsonValue, right: JsonValue, spend: _Spend) -> bool:
    """Compare JSON values of any depth; 1, 1.0 and true differ."""
    pairs = [(left, right)]
    while pairs:
        one, two = pairs.pop()
        if type(one) is not type(two):
            return False
        if isinstance(one, dict) and isinstance(two, dict):
            spend(len(one))
            if one.keys() != two.keys():
                return False
            pairs.extend((one[k], two[k]) for k in one)
        elif isinstance(one, list) and isinstance(two, list):
            spend(len(one))
            if len(one) != len(two):
                return False
            pairs.extend(zip(one, two, strict=True))
        elif one != two:
            return False
    return True


def _number(value: Value) -> int | Decimal:
    """Return a number without the noise of its binary form; NaN and infinities are no numbers to Jayway."""
    if not isinstance(value, float):
        return value  # type: ignore[no-any-return]  # what is no float is compared as it is
    if not math.isfinite(value):
        raise PathFault("NaN and infinities cannot be compared")
    return Decimal(repr(value))


def _text_of(number: Value) -> str:
    return str(_number(number))


def _ordered(left: Value, operator: str, right: Value) -> bool:
    one: Any
    two: Any
    if isinstance(left, str) and isinstance(right, str):
        # Java compares units of UTF-16.
        one, two = left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
    elif _kind(left) == _kind(right) == "number":
        one, two = _number(left), _number(right)
    else:
        return False
    return _SIGNS[operator](one, two)


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        raise PathError("no truth value")
    return value


def _list(value: Value) -> list[JsonValue] | None:
    """Return the list on one side; None for an object."""
    if _kind(value) != "json":
        raise PathError("no list")
    items = value.value if isinstance(value, JsonLiteral) else value
    return items if isinstance(items, list) else None


def _elements(value: Value, spend: _Spend) -> list[Value] | None:
    """Return the items of a list as they are compared; None for an object."""
    items = _list(value)
    if items is None:
        return None
    spend(len(items))
    return [_element(item) for item in items]


def _element(item: JsonValue) -> Value:
    """Read an item of a list as Jayway does, which looks into texts for paths, JSON and quotes."""
    if isinstance(item, dict | list):
        raise PathFault("lists in lists cannot be compared")
    if not isinstance(item, str) or len(item) < 2 or (item[0].isalnum() and "\\" not in item):
        return MISSING if item in {"$", "@"} else item
    bare = item.strip()
    if bare[:1] in {"$", "@"} and (len(bare) == 1 or bare[1] in ".["):
        return MISSING
    if len(bare) > 1 and (bare[0] + bare[-1]) in {"[]", "{}"}:
        try:
            return JsonLiteral(bare, read_loosely(bare))
        except LooseJsonError:
            return item
    quoted = len(item) > 1 and item[0] == item[-1] and item[0] in "'\""
    return unescape(item[1:-1] if quoted else item)


def _contains(elements: Sequence[Value], value: Value, spend: _Spend) -> bool:
    return any(_equal(value, element, spend) for element in elements)


def _is_in(left: Value, right: Value, spend: _Spend) -> bool:
    elements = _elements(right, spend)
    return elements is not None and _contains(elements, left, spend)


def _holds_item(left: Value, right: Value, spend: _Spend) -> bool:
    """CONTAINS: a text in a text, or an item in a list."""
    if isinstance(left, str) and isinstance(right, str):
        spend(len(left) >> 6)
        return right in left
    elements = _elements(left, spend) if _kind(left) == "json" else None
    return elements is not None and _contains(elements, right, spend)


def _two_lists(left: Value, right: Value, spend: _Spend) -> tuple[list[Value], list[Value]] | None:
    """Return the items of both sides; None if one of them is an object."""
    elements = _elements(right, spend)
    if elements is None:
        return None
    own = _elements(left, spend)
    if own is None:
        return None
    spend(len(own) * len(elements))
    return own, elements


def _is_subset(left: Value, right: Value, spend: _Spend) -> bool:
    lists = _two_lists(left, right, spend)
    return lists is not None and all(_contains(lists[1], item, spend) for item in lists[0])


def _is_any_of(left: Value, right: Value, spend: _Spend) -> bool:
    lists = _two_lists(left, right, spend)
    return lists is not None and any(_contains(lists[1], item, spend) for item in lists[0])


def _is_none_of(left: Value, right: Value, spend: _Spend) -> bool:
    lists = _two_lists(left, right, spend)
    return lists is not None and not any(_contains(lists[1], item, spend) for item in lists[0])


def _has_size(left: Value, right: Value, _spend: _Spend) -> bool:
    if _kind(right) != "number":
        return False
    size = int(_number(right))
    if isinstance(left, str):
        return len(left) == size
    items = _list(left) if _kind(left) == "json" else None
    return (len(items) if items is not None else -1) == size if _kind(left) == "json" else False


def _is_empty(left: Value, right: Value, _spend: _Spend) -> bool:
    if isinstance(left, str):
        return (not left) is _truth(right)
    if _kind(left) != "json":
        return False
    items = _list(left)
    if items is None:
        raise PathFault("Jayway cannot tell whether an object is empty")
    return (not items) is _truth(right)


def _matches(left: Value, right: Value, spend: _Spend) -> bool:
    if isinstance(left, PatternLiteral) is isinstance(right, PatternLiteral):
        return False
    pattern, subject = (left, right) if isinstance(left, PatternLiteral) else (right, left)
    items = _elements(subject, spend) if _kind(subject) == "json" else None
    for item in [subject] if items is None else items:
        text = _input(item)
        spend(1 + (len(text) >> 6))
        if matches(pattern.compiled, text):
            return True
    return False


def _input(value: Value) -> str:
    """Return what a pattern is tried on."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text_of(value) if _kind(value) == "number" else ""


def _never(_left: Value, _right: Value, _spend: _Spend) -> bool:
    raise PathError("such an operator needs what no path can say")


_OTHERS: dict[str, Callable[[Value, Value, _Spend], bool]] = {
    "CONTAINS": _holds_item,
    "SIZE": _has_size,
    "EMPTY": _is_empty,
    "SUBSETOF": _is_subset,
    "ANYOF": _is_any_of,
    "NONEOF": _is_none_of,
    "=~": _matches,
    "ALL": _never,
    "TYPE": _never,
    "MATCHES": _never,
}
