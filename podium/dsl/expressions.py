"""
Conditions and arithmetic on references: what Python's operators make of them.

Python's comparison and arithmetic operators, ``& | ~`` and the functions of `podium.dsl.functions` build an
`Expression`, which `podium.dsl.javascript` writes as a script. Python's ``and``, ``or``, ``not``, ``in`` and chained
comparisons cannot be seen by us and raise an `AuthoringError` with code P1.

Operators that would mean one thing in Python and another in JavaScript are refused where the types are known: see
`podium.dsl.operands`. Otherwise ``==`` is JavaScript's, which differs from Python's between types only (``"5" == 5`` is
true there). ``//`` and ``%`` round as Python's do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn

from attrs import field, frozen

from podium.dsl import advice
from podium.dsl.computations import Computation, Computed, Later
from podium.dsl.javascript import compile_js
from podium.dsl.names import nearest
from podium.dsl.operands import result_of
from podium.dsl.places import call_site
from podium.model.errors import AuthoringError
from podium.typed import records
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from typing import Self


def _refusal(message: str, *, code: str = "P1") -> AuthoringError:
    return AuthoringError(message, code=code, place=call_site())


class OperatorOverloads(Later):
    """Python's operators, giving an `Expression`; the base of references and of expressions."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise NotImplementedError  # the classes below say why

    def __copy__(self) -> Self:
        return self  # it is a value

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]  # a comparison that happens later
        return Expression("==", self, other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]  # a comparison that happens later
        return Expression("!=", self, other)

    def __lt__(self, other: object) -> Expression:
        return Expression("<", self, other)

    def __le__(self, other: object) -> Expression:
        return Expression("<=", self, other)

    def __gt__(self, other: object) -> Expression:
        return Expression(">", self, other)

    def __ge__(self, other: object) -> Expression:
        return Expression(">=", self, other)

    def __and__(self, other: object) -> Expression:
        return Expression("&&", self, other)

    def __rand__(self, other: object) -> Expression:
        return Expression("&&", other, self)

    def __or__(self, other: object) -> Expression:
        return Expression("||", self, other)

    def __ror__(self, other: object) -> Expression:
        return Expression("||", other, self)

    def __invert__(self) -> Expression:
        return Expression("!", self)

    def __add__(self, other: object) -> Expression:
        return Expression("+", self, other)

    def __radd__(self, other: object) -> Expression:
        return Expression("+", other, self)

    def __sub__(self, other: object) -> Expression:
        return Expression("-", self, other)

    def __rsub__(self, other: object) -> Expression:
        return Expression("-", other, self)

    def __mul__(self, other: object) -> Expression:
        return Expression("*", self, other)

    def __rmul__(self, other: object) -> Expression:
        return Expression("*", other, self)

    def __truediv__(self, other: object) -> Expression:
        return Expression("/", self, other)

    def __rtruediv__(self, other: object) -> Expression:
        return Expression("/", other, self)

    def __floordiv__(self, other: object) -> Expression:
        return Expression("Math.floor", Expression("/", self, other))

    def __rfloordiv__(self, other: object) -> Expression:
        return Expression("Math.floor", Expression("/", other, self))

    def __mod__(self, other: object) -> Expression:
        return _modulo(self, other)

    def __rmod__(self, other: object) -> Expression:
        return _modulo(other, self)

    def __pow__(self, other: object) -> Expression:
        return Expression("**", self, other)

    def __rpow__(self, other: object) -> Expression:
        return Expression("**", other, self)

    def __neg__(self) -> Expression:
        return Expression("negative", self)

    def __abs__(self) -> Expression:
        return Expression("Math.abs", self)


def _modulo(left: object, right: object) -> Expression:
    # JavaScript's remainder has the sign of the left side, Python's of the right side.
    return Expression("%", Expression("+", Expression("%", left, right), right), right)


class Expression(OperatorOverloads, Computed):
    """A computation that happens while the workflow runs."""

    __slots__ = ()

    __podium__: Computation

    def __init__(self, operator: str, *operands: Authored) -> None:
        for operand in operands:
            _check_operand(operand)
        hint = result_of(operator, operands)
        self.__podium__ = Computation(operator, operands, hint)

    def __podium_hint__(self) -> records.Hint:
        return self.__podium__.hint

    def __bool__(self) -> bool:
        raise _refusal(
            f"the condition {self!r} is known only while the workflow runs, so Python's if, while, match, and, or, "
            "not, in, min, max and a < b < c cannot see it; use when(...), switch(...) or loop(...), join conditions "
            "with & | ~ and put each in parentheses; for 'in' write is_in(value, [...]), for min and max min_(a, b)",
        )

    def __hash__(self) -> int:
        raise _refusal(
            f"{self!r} cannot be a key or a member of a set: its value is known only while the workflow runs"
        )

    def __str__(self) -> str:
        raise _refusal(f"{self!r} has no text: ${{...}} cannot compute; use inline('name', expression) and its .output")

    def __format__(self, spec: str) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<Expression {compile_js(self, str)}>"

    def __getitem__(self, key: object) -> Member:
        return member_of(self, key)

    def __iter__(self) -> NoReturn:
        raise self._later(
            "going through it", "use for_each(...) or fan_out(...) with inline('name', expression).output"
        )

    def __len__(self) -> int:
        raise self._later("its length", "write len_(...)")

    def __contains__(self, item: object) -> NoReturn:
        raise self._later("'in'", "write contains(value, item)")

    def __int__(self) -> int:
        raise self._later("int()", "write int_(...)")

    def __float__(self) -> float:
        raise self._later("float()", "write float_(...), or floor(...) and ceil(...) for those of math")

    def __complex__(self) -> complex:
        raise self._later("complex()", "compute it in a task")

    def __index__(self) -> int:
        raise self._later("range(), a slice or an index", "choose with switch(...), repeat with loop(...)")

    def __round__(self, _: int | None = None) -> int:
        raise self._later("round()", "write floor(value + 0.5), or floor(value * 100 + 0.5) / 100")

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse: methods need the value."""
        key = self.__podium__.operands[-1] if self.__podium__.operator == "member" else ""
        raise self._later("a call", advice.for_method(str(key)))

    def __getattr__(self, name: str) -> OperatorOverloads:
        if name.startswith("_"):  # notebooks, copy and doctest ask for such names
            raise AttributeError(name)
        raise self._later(f"its {name!r}", advice.for_method(name))

    def _later(self, wanted: str, instead: str) -> AuthoringError:
        return _refusal(f"Python needs {self!r} now for {wanted}, and it is known only later; {instead}")


class Member(Expression):
    """
    One item of a list or map, or one character of a text, whose index is known only while the workflow runs.

    Fields and indexes of it are deeper members: ``prices[sku].amount``.
    """

    __slots__ = ()

    __podium__: Computation

    def __init__(self, of: object, key: object, hint: records.Hint) -> None:
        super().__init__("member", of, key)
        self.__podium__ = Computation("member", (of, key), hint)

    def __getattr__(self, name: str) -> Member:
        if name.startswith("_"):
            raise AttributeError(name)
        known = records.fields(self.__podium__.hint)
        if known is not None and name not in known:
            near = nearest(name, known)
            kind = getattr(records.core(self.__podium__.hint), "__name__", "the item")
            found = f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"
            raise _refusal(f"{kind} has no field {name!r}; {found}", code="R2")
        hint = known[name] if known else Any
        return Member(self, records.wire_name(self.__podium__.hint, name), hint)


def member_of(of: OperatorOverloads, key: object) -> Member:
    """
    Return one item of a list or map.

    Raises:
        AuthoringError: P1, *key* is a slice or the like; R3, a type says that it cannot be a key.
    """
    if isinstance(key, slice | bool) or not isinstance(key, str | int | OperatorOverloads):
        raise _refusal(f"{of!r} can be indexed by a text, a whole number or a reference; for a part of it use jq(...)")
    hint = of.__podium_hint__()
    known = records.fields(hint)
    inner = known.get(str(key), Any) if known is not None else records.item_type(hint)
    return Member(of, key, inner)


def is_joined_text(expression: Expression) -> bool:
    """Return whether an expression joins texts with ``+``, as an f-string does."""
    found = expression.__podium__
    return found.operator == "+" and found.hint is str


def _check_operand(operand: object) -> None:
    if isinstance(operand, OperatorOverloads | str | bool | int | Enum) or operand is None:
        return
    if isinstance(operand, float):
        if not math.isfinite(operand):
            raise _refusal(f"{operand} cannot be written in a condition: JSON has no such number")
        return
    if isinstance(operand, list | tuple):
        for item in operand:
            _check_operand(item)
        return
    kind = type(operand).__name__
    if hasattr(operand, "isoformat"):
        raise _refusal(
            f"a {kind} cannot stand in a condition: JSON has no times; compare texts of one form, such as ISO's"
        )
    raise _refusal(f"a {kind} cannot stand in a condition; use a reference, a text, a number or a list")


@frozen(kw_only=True)
class Script:
    """
    A script as the author wrote it, and the values it reads as ``$.name``.

    Make one with `js` or `python`.
    """

    text: str
    #: Conductor's ``evaluatorType``.
    language: str = "javascript"
    inputs: Mapping[str, Authored] = field(factory=dict)


def js(text: str, /, *, evaluator: str = "javascript", **inputs: Authored) -> Script:
    """
    Return a JavaScript to run where a condition or an inline script is expected; the way out of the operators.

    Args:
        text: Its value is that of the last statement; it reads its inputs as ``$.name``.
        evaluator: ``javascript``, or ``graaljs`` for Conductor's other name of the same engine.
        inputs: The values it reads.

    Example:
        >>> js("$.text.trim().length > 3", text="abc").language
        'javascript'
    """
    return Script(text=_script("js", text), language=evaluator, inputs=inputs)


def python(text: str, /, **inputs: Authored) -> Script:
    """Return a Python body to run while the workflow runs; it needs ``return`` and sees each input as a variable."""
    return Script(text=_script("python", text), language="python", inputs=inputs)


_SCRIPTS = {"js": "$.price > 3", "python": "return price > 3"}


def _script(builder: str, text: object) -> str:
    if isinstance(text, str):
        return text
    message = f"{builder}() takes the text of a script, such as {builder}({_SCRIPTS[builder]!r}), not {text!r:.60}"
    raise AuthoringError(message, code="P1", place=call_site())
