"""
The operators that mean one thing in Python and another in JavaScript, by the kinds of their operands.

JavaScript converts where Python raises or says no: ``"5" * 3`` is 15, ``"5" == 5`` is true, two equal lists are not
equal. Where the types are known such an operator is refused at the author's line; where they are not, it is let be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NoReturn, get_args

from podium.dsl import foreign
from podium.dsl.places import call_site
from podium.model.errors import AuthoringError
from podium.typed import kinds, records
from podium.typed.authored import Authored
from podium.typed.scalars import accepts_null

_ORDERED = frozenset({"<", "<=", ">", ">="})
_EQUAL = frozenset({"==", "!="})
_LOGICAL = frozenset({"&&", "||", "!"})
_MATHS = frozenset({"Math.floor", "Math.ceil", "Math.trunc", "Math.abs", "Math.min", "Math.max"})
_CONVERSIONS: Mapping[str, records.Hint] = {"Number": float, "String": str}
_NUMERIC = _MATHS | {"-", "*", "/", "%", "**", "negative"}
_OF_TEXT = frozenset({"startsWith", "endsWith", "toLowerCase", "toUpperCase", "trim"})
_WITH_LENGTH = frozenset({"length", "includes"})
#: Operators whose result is a truth value.
_CONDITIONS = _ORDERED | _EQUAL | _LOGICAL | {"includes", "startsWith", "endsWith"}

#: How an operator is spelt in Python, for messages.
_SPELLING: Mapping[str, str] = {
    "&&": "&",
    "||": "|",
    "!": "~",
    "negative": "-",
    "Math.floor": "floor",
    "Math.ceil": "ceil",
    "Math.trunc": "int_",
    "Number": "float_ (and int_)",
    "String": "str_",
    "Math.abs": "abs",
    "Math.min": "min_",
    "Math.max": "max_",
    "startsWith": "starts_with",
    "endsWith": "ends_with",
    "toLowerCase": "lower",
    "toUpperCase": "upper",
    "trim": "strip",
    "length": "len_",
    "includes": "contains",
}


def kind_of(value: Authored) -> str | None:
    """Return the kind of an operand: a literal's by its value, a reference's by its type; None if unknown."""
    if _is_later(value):
        found = kinds.of_hint(value.__podium_hint__())
    elif isinstance(value, str) and "${" in value:
        return None  # a reference written as text
    else:
        found = kinds.of_value(value.value if isinstance(value, Enum) else value)
    known = (found or frozenset()) - {"null"}
    return next(iter(known)) if len(known) == 1 else None


def _is_later(value: Authored) -> bool:
    """Return whether this is a reference or an expression, whose classes import this module."""
    return hasattr(type(value), "__podium_hint__")


def result_of(operator: str, operands: Sequence[Authored]) -> records.Hint:
    """
    Return the type of an operator's result, ``Any`` if it is not known.

    Raises:
        AuthoringError: R3, the operator does not mean in JavaScript what it means in Python for these operands; S3, a
            value is compared with one that its ``Literal`` type does not have.
    """
    found = [kind_of(operand) for operand in operands]
    strange = [_foreign(operand, is_list=operator == "includes" and not at) for at, operand in enumerate(operands)]
    is_same = _check_foreign(operator, operands, strange)
    _check(operator, operands, found)
    for value, wanted in _compared(operator, operands):
        _check_possible(value, wanted)
    if operator in _CONDITIONS:
        return bool
    if is_same and operator not in _CONVERSIONS and (hint := foreign.hint_of(operator, strange)) is not Any:
        return hint
    if operator in _NUMERIC or operator == "length":
        return float
    if operator in _OF_TEXT:
        return str
    if operator in _CONVERSIONS:
        return _CONVERSIONS[operator]
    if operator == "+" and "text" in found:
        return str
    if operator in {"+", "choice"}:
        known = found[-2:]
        types: dict[str | None, records.Hint] = {"text": str, "number": float, "boolean": bool}
        return types.get(known[0], Any) if known[0] == known[1] else Any
    return Any


def _foreign(value: Authored, *, is_list: bool) -> type | None:
    """Return the type of an operand that JSON has not, or of the items of a list."""
    hint = value.__podium_hint__() if _is_later(value) else Any
    return foreign.type_of(value, records.item_type(hint) if is_list and get_args(records.core(hint)) else hint)


def _check_foreign(operator: str, operands: Sequence[Authored], found: Sequence[type | None]) -> bool:
    """Refuse an operator on what JSON does not have; tells whether there is such an operand and all is well."""
    kind = next(filter(None, found), None)
    if kind is None:
        return False
    if not foreign.means_the_same(operator, operands, found):
        sign = _SPELLING.get(operator, operator)
        name = kind.__name__.removeprefix("Pure")
        _refuse(f"{sign} on a {name} would not mean what it means in Python; {foreign.instead_of(kind)}")
    return True


def _check(operator: str, operands: Sequence[Authored], found: Sequence[str | None]) -> None:
    sign = _SPELLING.get(operator, operator)
    if operator in _EQUAL:
        _check_equality(operands, found)
    elif operator in _ORDERED or operator == "+":
        _check_same(sign, found)
    elif operator in _NUMERIC:
        instead = "for the number in a text write float_(text)" if "text" in found else ""
        _only(sign, found, {"number", "boolean"}, "numbers", instead)
    elif operator in _OF_TEXT:
        _only(sign, found, {"text"}, "texts")
    elif operator in _CONVERSIONS:
        _only(sign, found, {"number", "text"}, "a number or a text")
    elif operator in _WITH_LENGTH:
        _only(sign, found[:1], {"text", "list"}, "a text or a list", _FOR_MAPS if found[0] == "object" else "")
    elif operator in _LOGICAL:
        instead = (
            "put each comparison in parentheses, as & and | bind more strongly, or compare the value, "
            "such as value != 0, value != '' or len_(value) > 0"
        )
        _only(sign, found, {"boolean"}, "conditions", instead)
    elif operator == "choice":
        _only("if_", found[:1], {"boolean"}, "a condition", "compare the value")


_FOR_MAPS = "for the key of a map write ~is_null(map['key']); count its keys with jq('name', '.map | length', map=…)"


def _check_equality(operands: Sequence[Authored], found: Sequence[str | None]) -> None:
    if any(operand is None for operand in operands):
        for operand in operands:
            _check_whole_output(operand)
        return
    if "list" in found or "object" in found:
        _refuse("lists and maps are never equal in JavaScript; compare len_(...), or their items, or do it in a task")
    if None not in found and found[0] != found[1] and set(found) != {"number", "boolean"}:
        one, other = map(_named, found)
        _refuse(f"{one} never equals {other} in Python, and may in JavaScript; compare like with like")


def _check_whole_output(operand: Authored) -> None:
    """Refuse to ask whether the whole output of a step is null: a record that is None is an object without fields."""
    target: Any = getattr(operand, "__podium__", None)
    hint = getattr(target, "hint", Any)
    if getattr(target, "keys", ()) != ("output",) or not (records.is_record(hint) and accepts_null(hint)):
        return
    fields = records.fields(hint) or {}
    needed = [name for name, kind in fields.items() if name in records.required_fields(hint) and not accepts_null(kind)]
    advice = f"write is_null({target.path()}.{needed[0]})" if needed else "ask for a field that is never null"
    _refuse(f"{operand} is an object also where a None was returned, one without fields; {advice}")


def _compared(operator: str, operands: Sequence[Authored]) -> Iterator[tuple[Authored, Authored]]:
    """Yield what is compared for equality: each operand and what it may be equal to."""
    if operator in _EQUAL:
        yield operands[0], operands[1]
        yield operands[1], operands[0]
    elif operator == "includes" and isinstance(operands[0], list | tuple):
        yield from ((operands[1], option) for option in operands[0])


def _check_possible(value: Authored, wanted: Authored) -> None:
    if not _is_later(value) or wanted is None or _is_later(wanted) or "${" in str(wanted):
        return
    possible = records.choices(value.__podium_hint__())
    plain = wanted.value if isinstance(wanted, Enum) else wanted
    if possible is not None and plain not in possible:
        message = f"{value!r} can only be one of {', '.join(map(repr, possible))}, never {plain!r}"
        raise AuthoringError(message, code="S3", place=call_site())


def _check_same(sign: str, found: Sequence[str | None]) -> None:
    _only(sign, found, {"text", "number", "boolean"}, "numbers or texts")
    if None not in found and ("text" in found) != (found[0] == found[1] == "text"):
        _refuse(f"{sign} takes two numbers or two texts, not {_named(found[0])} and {_named(found[1])}")


def _only(sign: str, found: Sequence[str | None], allowed: set[str], wanted: str, instead: str = "") -> None:
    for kind in found:
        if kind is not None and kind not in allowed:
            _refuse(f"{sign} takes {wanted}, not {_named(kind)}" + (f"; {instead}" if instead else ""))


def _refuse(message: str) -> NoReturn:
    raise AuthoringError(message, code="R3", place=call_site())


def _named(kind: str | None) -> str:
    return "an object" if kind == "object" else f"a {kind}"
