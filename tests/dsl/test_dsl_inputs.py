"""Inputs that cannot be right are refused by the annotations of the workflow's function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, TypedDict

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from podium.dsl import Workflow, load, noop, workflow
from podium.dsl.inputs import WorkflowInput, check_input
from podium.model.errors import InvalidRequest


class Speed(Enum):
    """A choice."""

    POST = "POST"
    EXPRESS = "EXPRESS"


class Address(TypedDict, total=False):
    """A record of the open kind."""

    street: str
    number: int


@define
class Order:
    """A record."""

    sku: str
    amount: float
    to: Address | None = None


Sku = NewType("Sku", str)


def fault(hint: Any, value: Any) -> str:
    """Return what is wrong with a value; empty if nothing is."""
    try:
        check_input("workflow 'w'", [WorkflowInput("x", hint)], {"x": value})
    except InvalidRequest as error:
        return str(error).removeprefix("input of workflow 'w': ")
    return ""


@pytest.mark.parametrize(
    ("hint", "values"),
    [
        (str, ["", "1"]),
        (int, [1, 3.0]),
        (float, [1, 1.5]),
        (bool, [True]),
        (int | None, [1, None]),
        (int | str, [1, "a"]),
        (Literal["a", 1], ["a", 1]),
        (Speed, ["POST", Speed.POST]),
        (list[int], [[], [1], (1, 2)]),
        (Sequence[str], [["a"]]),
        (tuple[int, str], [[1, "a"]]),
        (dict[str, int], [{}, {"a": 1}]),
        (Mapping[str, Any], [{"a": None}]),
        (Order, [{"sku": "a", "amount": 1}, {"sku": "a", "amount": 1, "to": None, "more": 1}, Order("a", 1)]),
        (Annotated[int, "days"], [1]),
        ([int], [1, "not looked into"]),
        (Sku, ["a"]),
        (datetime, ["2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)]),
        (Decimal, ["1.5", 1]),
        (Any, [None, 1, {}]),
        (object, [None, 1]),
    ],
)
def test_what_can_be_right_passes(hint: Any, values: list[Any]) -> None:
    """The JSON forms of a type, and whatever JSON does not know about."""
    assert [fault(hint, value) for value in values] == [""] * len(values)


@pytest.mark.parametrize(
    ("hint", "value", "said"),
    [
        (int, "abc", "x: a whole number is expected, not a text ('abc')"),
        (int, 1.5, "x: a whole number is expected, not a number (1.5)"),
        (int, True, "x: a whole number is expected, not true"),
        (int, None, "x: a whole number is expected, not null"),
        (str, 7, "x: a text is expected, not a number (7)"),
        (float, "1.5", "x: a number is expected, not a text ('1.5')"),
        (bool, "yes", "x: true or false is expected, not a text ('yes')"),
        (int | None, "a", "x: a whole number is expected, not a text ('a')"),
        (int | list[str], {}, "x: a whole number or a list is expected, not an object ({})"),
        (Literal["a", "b"], "c", "x: one of 'a', 'b' is expected, not a text ('c')"),
        (Speed, "LATE", "x: one of 'POST', 'EXPRESS' is expected, not a text ('LATE')"),
        (list[int], "1,2", "x: a list is expected, not a text ('1,2')"),
        (list[int], [1, "2"], "x[1]: a whole number is expected, not a text ('2')"),
        (dict[str, int], {"a": []}, "x['a']: a whole number is expected, not a list ([])"),
        (Order, "a", "x: an object (Order) is expected, not a text ('a')"),
        (
            Order,
            {"to": {"number": "1"}, "sku": "a"},
            "x.amount is missing; x.to.number: a whole number is expected, not a text ('1')",
        ),
        (Order, {"sku": "a", "amount": 1, "too": {}}, "x has no field 'too'; did you mean 'to'?"),
        (
            list[Order],
            [{"sku": "a", "amount": 1, "to": {"stret": "b"}}],
            "x[0].to has no field 'stret'; did you mean 'street'?",
        ),
        (dict[str, Order], {"a": {"sku": 1, "amount": 1}}, "x['a'].sku: a text is expected, not a number (1)"),
        (datetime, 1, "x: a time such as 2026-12-24T18:00:00+01:00 is expected, not a number (1)"),
        (date, "2026-02-30", "x: a date such as 2026-12-24 is expected, not a text ('2026-02-30')"),
        (tuple[int, str], [1], "x: a list of 2 values is expected, not a list ([1])"),
        (Sku, 1, "x: a text is expected, not a number (1)"),
    ],
)
def test_what_is_clearly_wrong_is_refused_with_its_place(hint: Any, value: Any, said: str) -> None:
    """The message says what is expected, and what is there."""
    assert fault(hint, value) == said


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(_JSON, st.sampled_from([str, int, float, bool, list[int], dict[str, str], Order, Speed, int | None, Address]))
def test_looking_never_fails(value: Any, hint: Any) -> None:
    """Whatever is given, it passes or is refused; what is declared as anything always passes."""
    fault(hint, value)
    assert fault(Any, value) == ""


@workflow
def trip(city: str, nights: int = 2, note: str = None) -> None:  # type: ignore[assignment]  # noqa: RUF013  # many write it so
    """Go somewhere."""
    noop("go")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Missing names first; names that are unknown may be meant for somebody else."""
    with pytest.raises(InvalidRequest) as raised:
        trip.check_input({"nights": "two", "colour": "red"})
    said = "input of workflow 'trip': it needs city; nights: a whole number is expected, not a text ('two')"
    assert str(raised.value) == said
    trip.check_input({"city": "Rome", "note": None, "colour": "red"})


def test_a_run_is_refused_before_it_starts() -> None:
    """The short form checks the same."""
    with pytest.raises(InvalidRequest, match="nights: a whole number is expected"):
        trip.run(city="Rome", nights="two")


def test_a_run_gives_every_input_by_its_name() -> None:
    """Also one that Python's calls give by its place only: in the JSON it has a name."""

    @workflow
    def wait_for(city: str, /, nights: int = 2) -> Any:
        noop("nothing")
        return {"city": city, "nights": nights}

    assert wait_for.run(city="Rome").output == {"city": "Rome", "nights": 2}
    with pytest.raises(InvalidRequest, match="takes no 'cty'; did you mean 'city'"):
        wait_for.run(cty="Rome")


def test_workflows_without_a_function_take_anything() -> None:
    """JSON declares no types, and its list of names only documents."""
    load(trip.definition).check_input({})
    Workflow("made", inputs=["a"]).check_input({"a": object()})


def test_of_many_mistakes_the_first_are_told() -> None:
    """A list of thousands that is wrong throughout makes a message that can be read, with how many there are."""
    said = fault(list[int], ["a"] * 10_000)
    assert said.startswith("x[0]: a whole number is expected, not a text ('a'); x[1]: ")
    assert said.endswith("and 9980 more")
    assert len(said) < 2_000
