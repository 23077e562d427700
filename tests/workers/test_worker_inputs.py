"""Inputs: from JSON to typed arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, NotRequired, TypedDict

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worker_desk import FrontDesk

from podium.dsl import task
from podium.model.assignments import Report
from podium.model.errors import InvalidRequest
from podium.model.statuses import TaskStatus
from podium.typed.reading import faults, reader_of
from podium.workers import WorkerPool

RunOne = Callable[..., Report]


class Speed(StrEnum):
    FAST = "FAST"
    SLOW = "SLOW"


@attrs.frozen
class Line:
    sku: str
    count: int = 1


@dataclasses.dataclass
class Address:
    city: str
    lines: list[Line]


class Order(TypedDict):
    number: int
    note: NotRequired[str]


@attrs.frozen
class Tree:
    name: str
    children: list[Tree] = attrs.field(factory=list)


class Opaque:
    pass


def test_each_kind_of_type_is_read(report_of: RunOne) -> None:
    """Attrs classes, dataclasses, TypedDicts, enums, times, optional values and plain ones arrive as declared."""
    got: dict[str, Any] = {}

    @task
    def take(  # noqa: PLR0917  # one parameter per kind of type
        line: Line,
        address: Address,
        order: Order,
        speed: Speed,
        at: datetime,
        price: float,
        tags: set[str],
        levels: dict[int, str],
        kind: Literal["a", "b"],
        note: str | None,
    ) -> None:
        got.update(locals())

    report = report_of(
        take,
        {
            "line": {"sku": "x"},
            "address": {"city": "Ulm", "lines": [{"sku": "y", "count": 2}]},
            "order": {"number": 3},
            "speed": "SLOW",
            "at": "2026-12-24T18:00:00Z",
            "price": 5,
            "tags": ["a", "a"],
            "levels": {"1": "one"},
            "kind": "b",
            "note": None,
        },
    )

    assert report.status is TaskStatus.COMPLETED, report.reason
    assert got["line"] == Line("x")
    assert got["address"] == Address("Ulm", [Line("y", 2)])
    assert got["order"] == {"number": 3}
    assert got["speed"] is Speed.SLOW
    assert got["at"] == datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert (got["price"], type(got["price"])) == (5.0, float)
    assert (got["tags"], got["levels"], got["kind"], got["note"]) == ({"a"}, {1: "one"}, "b", None)


@pytest.mark.parametrize(
    ("hint", "value", "fault"),
    [
        (int, "3", "x: a whole number is expected, not a text ('3')"),
        (int, True, "x: a whole number is expected, not true"),
        (int, 1.5, "x: a whole number is expected, not a number (1.5)"),
        (str, 3, "x: a text is expected, not a number (3)"),
        (bool, 0, "x: true or false is expected, not a number (0)"),
        (list[int], "12", "x: a list is expected, not a text ('12')"),
        (list[int], [1, "2"], "x[1]: a whole number is expected, not a text ('2')"),
        (dict[str, int], {"a": None}, "x['a']: a whole number is expected, not null"),
        (Speed, "LAZY", "x: one of 'FAST', 'SLOW' is expected, not a text ('LAZY')"),
        (Line, {}, "x.sku is missing"),
        (Line, [1], "x: an object (Line) is expected, not a list ([1])"),
        (Address, {"city": "Ulm", "lines": [{"sku": 5}]}, "x.lines[0].sku: a text is expected, not a number (5)"),
        (Order, {"number": "1"}, "x.number: a whole number is expected, not a text ('1')"),
        (tuple[int, int], [1], "x: a list of 2 values is expected, not a list ([1])"),
        (int | list[int], "a", "x: a whole number or a list is expected, not a text ('a')"),
        (bytes, "a", "x: bytes in base64 are expected, not 'a'"),
        (bytes, 1, "x: bytes in base64 is expected, not a number (1)"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(hint: Any, value: Any, fault: str) -> None:
    """The message says where, what is expected and what was given."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # cattrs groups them in its own classes
        reader_of(hint)(value, hint)

    assert list(faults(caught.value, "x")) == [fault]


def test_a_class_may_hold_itself() -> None:
    """A tree is read to its leaves."""
    read = reader_of(Tree)({"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}, Tree)

    assert read == Tree("a", [Tree("b", [Tree("c")])])


def test_classes_of_a_union_are_told_apart_by_their_fields() -> None:
    """``Line | Tree`` needs no tag."""
    hint = Line | Tree

    assert reader_of(hint)({"sku": "x"}, hint) == Line("x")
    assert reader_of(hint)({"name": "a"}, hint) == Tree("a")


@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_a_reader_either_reads_or_says_what_is_wrong(value: Any) -> None:
    """No JSON value makes a reader fail without a message that begins with the parameter's name."""
    for hint in (int, str, Address, Order, dict[int, Line], list[Speed], Line | None, tuple[int, str]):
        try:
            reader_of(hint)(value, hint)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must be explained
            said = list(faults(error, "parameter"))
        else:
            said = ["parameter was read"]
        assert said
        assert all(fault.startswith("parameter") for fault in said)


def test_everything_wrong_is_said_at_once_and_not_retried(report_of: RunOne) -> None:
    """A wrong and a missing parameter end the attempt for good, and both are named."""

    @task
    def ship(order_id: str, count: int) -> None:
        raise AssertionError("must not be called")

    report = report_of(ship, {"order_id": 5})

    assert report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert report.reason == ("the input does not fit: order_id: a text is expected, not a number (5); count is missing")


def test_defaults_hold_for_what_is_absent_or_null(report_of: RunOne) -> None:
    """Null counts as absent where the parameter takes no null; where it does, it is null."""

    @task
    def show(a: int = 1, b: int = 2, c: int | None = 3, d=4) -> dict[str, Any]:  # type: ignore[no-untyped-def]  # untyped on purpose
        return {"seen": [a, b, c, d]}

    report = report_of(show, {"b": None, "c": None, "d": None})

    assert report.output == {"result": {"seen": [1, 2, None, 4]}}


def test_null_for_a_parameter_without_default_is_wrong(report_of: RunOne) -> None:
    """What a workflow failed to supply does not slip through as None."""

    @task
    def ship(order_id: str) -> None: ...

    assert "order_id: a text is expected, not null" in (report_of(ship, {"order_id": None}).reason or "")


def test_unknown_inputs_are_left_out_unless_asked_for(report_of: RunOne) -> None:
    """Extra inputs are ignored; ``**rest`` takes them."""

    @task(name="plain")
    def plain(a: int) -> int:
        return a

    @task(name="greedy")
    def greedy(a: int, **rest: int) -> dict[str, int]:
        return rest

    given = {"a": 1, "b": 2, "c": 3}
    assert report_of(plain, given).output == {"result": 1}
    assert report_of(greedy, given).output == {"result": {"b": 2, "c": 3}}


def test_positional_and_keyword_only_parameters(report_of: RunOne) -> None:
    """Every spelling of a parameter is an input by its name."""

    @task
    def show(a: int = 1, b: int = 2, /, c: int = 3, *, d: int = 4) -> list[int]:
        return [a, b, c, d]

    assert report_of(show, {"b": 20, "d": 40}).output == {"result": [1, 20, 3, 40]}


def test_a_function_cannot_change_the_engines_input(report_of: RunOne) -> None:
    """What a function gets is its own, down to the inner containers."""

    @task
    def spoil(a: dict, b: list[Any], c=None, **rest: Any) -> None:  # type: ignore[no-untyped-def, type-arg]  # untyped on purpose
        a["x"]["y"] = 1
        b[0].append(1)
        c["z"] = 1
        rest["d"].clear()

    given: dict[str, Any] = {"a": {"x": {}}, "b": [[]], "c": {}, "d": [1]}
    report = report_of(spoil, given)

    assert report.status is TaskStatus.COMPLETED
    assert given == {"a": {"x": {}}, "b": [[]], "c": {}, "d": [1]}


def test_secrets_are_put_in_at_the_last_moment(report_of: RunOne) -> None:
    """The stored input keeps the reference, the function gets the value, also inside containers."""

    @task
    def use(key: str, options: dict[str, Any]) -> list[Any]:
        return [key, options]

    given = {"key": "${workflow.secrets.KEY}", "options": {"a": ["k=${workflow.secrets.KEY}"]}}
    report = report_of(use, given, secrets={"KEY": "s3"})

    assert report.output == {"result": ["s3", {"a": ["k=s3"]}]}
    assert given["key"] == "${workflow.secrets.KEY}"


def test_a_type_that_json_cannot_fill_is_refused_at_once() -> None:
    """The pool is not made, and the message names task, parameter and type."""

    @task
    def take(it: Opaque) -> None: ...

    with pytest.raises(InvalidRequest, match=r"the task take: the parameter it .* Opaque cannot be read from JSON"):
        WorkerPool(FrontDesk(), [take])
