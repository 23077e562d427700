"""Operators on types that JSON does not have: what would mean another thing is refused where it is written."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NewType
from uuid import UUID

import attrs
import pytest

from podium import contains, float_, if_, inline, is_in, is_null, len_, max_, min_, ref, str_, workflow
from podium.model.errors import AuthoringError


class Speed(enum.Enum):
    """A plain enumeration: its members equal no text."""

    SLOW = "slow"
    FAST = "fast"


class Level(enum.IntEnum):
    """An enumeration whose members are numbers."""

    LOW = 1
    HIGH = 2


class Price(Decimal):
    """A decimal of the author's own."""


@attrs.frozen
class Line:
    """A record."""

    price: Decimal
    due: date


OTHER: Any = ref("workflow.input.other")
FOREIGN = (Decimal, datetime, date, time, UUID, Path)
OPERATORS: dict[str, Callable[[Any], object]] = {
    "+": lambda a: a + a,
    "-": lambda a: a - a,
    "*": lambda a: a * a,
    "/": lambda a: a / a,
    "<": lambda a: a < OTHER,
    ">=": lambda a: a >= OTHER,
    "==": lambda a: a == OTHER,
    "!=": lambda a: a != OTHER,
    "% 2": lambda a: a % 2,
    "== 1": lambda a: a == 1,
    "'x' +": lambda a: "x" + a,
    "== '1'": lambda a: a == "1",
    "abs": abs,
    "neg": lambda a: -a,
    "min_": lambda a: min_(a, a),
    "max_": lambda a: max_(a, 1),
    "len_": len_,
    "contains": lambda a: contains(a, "x"),
    "is_in": lambda a: is_in(a, ["1", "2"]),
    "is_in a reference": lambda a: is_in(a, ref("workflow.input.list", list[str])),
    "&": lambda a: a & a,
    "if_": lambda a: if_(a, 1, 2),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_on_what_is_a_text_in_json_is_refused(kind: type, operator: str) -> None:
    """Texts would be joined or compared letter by letter."""
    with pytest.raises(AuthoringError, match=f"R3 .* on a {kind.__name__}") as caught:
        OPERATORS[operator](ref("workflow.input.a", kind))
    assert caught.value.place is not None
    assert "str_(" in str(caught.value) or "float_(" in str(caught.value)


@pytest.mark.parametrize(
    "hint",
    [Decimal | None, Annotated[Decimal, "euro"], NewType("Euro", Decimal), Price],
    ids=["optional", "annotated", "new type", "subclass"],
)
def test_however_the_type_is_spelt(hint: Any) -> None:
    """The type behind it counts; so does that of a field, an item or a choice."""
    line: Any = ref("workflow.input.line", Line)
    rates: Any = ref("workflow.input.rates", dict[str, Decimal])
    value: Any = ref("workflow.input.a", hint)
    for wrong in (
        lambda: value + 1,
        lambda: line.price + 1,
        lambda: rates["EUR"] * 2,
        lambda: rates[ref("workflow.input.name", str)] * 2,
        lambda: if_(ref("workflow.input.flag", bool), value, value) + 1,
        lambda: contains(ref("workflow.input.list", list[Decimal]), 1.5),
    ):
        with pytest.raises(AuthoringError, match=r"R3 .* on a Decimal"):
            wrong()


def test_what_does_not_look_at_the_value_stays() -> None:
    """Nulls, conversions, choices and passing on; the conversions give right values."""

    @workflow
    def asks(price: Decimal, due: date, at: datetime | None) -> Any:
        more = inline("more", float_(price) + 1)
        is_late = inline("is_late", str_(due) < "2026-12-24")
        unknown = inline("unknown", is_null(at))
        chosen = inline("chosen", if_(float_(price) > 1, due, due))
        return [more.output, is_late.output, unknown.output, chosen.output]

    found = asks.run(price=Decimal("1.50"), due=date(2026, 12, 3), at=None).output["result"]
    assert found == [2.5, True, True, "2026-12-03"]


def test_lengths_of_time_go_together() -> None:
    """They are seconds: among themselves all is as in Python, with plain numbers only * and /."""

    @workflow
    def asks(a: timedelta, b: timedelta) -> Any:
        sums = inline("sums", (a + b) * 2)
        part = inline("part", a / b)
        shorter = inline("shorter", (a < b) & (a != b) & (a - b < b))
        seconds = inline("seconds", float_(a) + 1)
        return [sums.output, part.output, shorter.output, seconds.output]

    given = {"a": timedelta(minutes=1), "b": timedelta(minutes=2)}
    assert asks.run(**given).output["result"] == [360, 0.5, True, 61]
    length: Any = ref("workflow.input.a", timedelta)
    for wrong in (lambda: length + 1, lambda: length < 60, lambda: length == 60, lambda: 1 / length, lambda: length**2):
        with pytest.raises(AuthoringError, match=r"R3 .* on a timedelta .*float_\(value\)"):
            wrong()


def test_a_plain_enumeration_equals_its_members_only() -> None:
    """As in Python; members that are texts or numbers are what they are."""
    speed: Any = ref("workflow.input.speed", Speed)
    level: Any = ref("workflow.input.level", Level)
    for right in (
        lambda: speed == Speed.FAST,
        lambda: is_in(speed, [Speed.FAST, Speed.SLOW]),
        lambda: contains(ref("workflow.input.list", list[Speed]), Speed.FAST),
        lambda: speed != ref("workflow.input.other", Speed),
        lambda: speed == ref("workflow.input.unknown"),
        lambda: is_null(speed),
        lambda: (level < Level.HIGH) & (level == 1),
    ):
        right()
    for wrong in (lambda: speed == "fast", lambda: speed < "fast", lambda: speed + "!", lambda: is_in(speed, ["fast"])):
        with pytest.raises(AuthoringError, match=r"R3 .* on a Speed .*; compare it with its members, such as Speed\."):
            wrong()


class Rate(enum.Enum):
    """An enumeration of values that JSON does not have."""

    HALF = Decimal("0.5")
    DAY = date(2026, 1, 1)


def test_members_are_compared_as_they_are_written() -> None:
    """Their values are texts in the input too."""

    @workflow
    def asks(rate: Rate) -> Any:
        return [inline("half", rate == Rate.HALF).output, inline("any", is_in(rate, [Rate.DAY, Rate.HALF])).output]

    assert asks.run(rate=Rate.HALF).output == {"result": [True, True]}
    assert asks.run(rate=Rate.DAY).output == {"result": [False, True]}
