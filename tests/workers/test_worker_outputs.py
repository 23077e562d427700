"""Outputs: from results to JSON."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypedDict
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.dsl import HttpResponse, task
from podium.model.assignments import Report
from podium.model.statuses import TaskStatus
from podium.typed.in_progress import InProgress
from podium.workers.outputs import WrongOutputError, packer

RunOne = Callable[..., Report]


@attrs.frozen
class Part:
    name: str


@dataclasses.dataclass
class Parts:
    parts: list[Part]
    at: datetime | None = None


@dataclasses.dataclass
class Wild:
    """A class that cannot be made of its fields."""

    number: int
    seed: dataclasses.InitVar[int]


class Row(TypedDict):
    number: int


@pytest.mark.parametrize(
    ("hint", "value", "output"),
    [
        (int, 3, {"result": 3}),
        (int, 2**70, {"result": 2**70}),
        (str, "ä", {"result": "ä"}),
        (type(None), None, {}),
        (int | None, None, {"result": None}),
        (Any, None, {}),
        (Any, 5, {"result": 5}),
        (Any, {"a": 1}, {"a": 1}),
        (Any, Part("x"), {"name": "x"}),
        (dict[str, int], {"a": 1}, {"result": {"a": 1}}),
        (Part, Part("x"), {"name": "x"}),
        (Part | None, None, {}),
        (Part, {"name": "x"}, {"name": "x"}),
        (Row, {"number": 1}, {"number": 1}),
        (Parts, Parts([Part("a")]), {"parts": [{"name": "a"}], "at": None}),
        (Parts, Parts([], datetime(2026, 1, 2, tzinfo=UTC)), {"parts": [], "at": "2026-01-02T00:00:00+00:00"}),
        (list[Part], [Part("a")], {"result": [{"name": "a"}]}),
        (Any, {"a": (1, {2}), 3: Decimal("1.50")}, {"a": [1, [2]], "3": "1.50"}),
        (Any, {"t": timedelta(seconds=1.5), "u": UUID(int=1)}, {"t": 1.5, "u": str(UUID(int=1))}),
        (HttpResponse, {"statusCode": 200}, {"statusCode": 200}),
    ],
)
def test_results_become_outputs(hint: Any, value: Any, output: dict[str, Any]) -> None:
    """Records are spread, anything else is the result; what is inside becomes plain JSON."""
    assert packer(hint, "t")(value) == output


@pytest.mark.parametrize(
    ("hint", "value", "said"),
    [
        (int, "no", "result: a whole number is expected, not a text ('no')"),
        (int, None, "result: a whole number is expected, not null"),
        (bool, 1, "result: true or false is expected, not a number (1)"),
        (float, Decimal("1.5"), "result: a number is expected, not a text ('1.5')"),
        (type(None), 5, "result: null is expected, not a number (5)"),
        (Part, None, "result: an object (Part) is expected, not null"),
        (Part, {"nam": "x"}, "result.name is missing"),
        (Part, Part(None), "result.name: a text is expected, not null"),  # type: ignore[arg-type]  # the mistake
        (Part, Parts([]), "result.name is missing"),
        (Row, {"number": "1"}, "result.number: a whole number is expected, not a text ('1')"),
        (Parts, Parts([Part("a"), Part(3)]), "result.parts[1].name: a text is expected, not a number (3)"),  # type: ignore[arg-type]  # the mistake
        (Parts, {"parts": [], "at": "2026-02-30"}, "result.at: a time such as"),
        (Literal["a", "b"], "c", "result: one of 'a', 'b' is expected, not a text ('c')"),
        (list[int], ["1"], "result[0]: a whole number is expected, not a text ('1')"),
        (dict[str, Part], {"a": {}}, "result['a'].name is missing"),
        (Part | None, {}, "result.name is missing"),
        (Part | InProgress, {}, "result.name is missing"),
    ],
)
def test_a_result_is_what_the_annotation_says(hint: Any, value: Any, said: str) -> None:
    """Anything else is refused where it was given, with the place and what is expected there."""
    with pytest.raises(WrongOutputError) as raised:
        packer(hint, "t")(value)
    declared, _, fault = str(raised.value).partition(": ")
    assert declared.startswith("the result of task 't' is declared as ")
    assert fault.startswith(said)


@pytest.mark.parametrize(
    ("hint", "declared"),
    [
        (int, "int"),
        (Part, "Part"),
        (None, "None"),
        (list[int], "list[int]"),
        (Part | None, f"{Part.__module__}.Part | None"),
        (dict[str, list[int]], "dict[str, list[int]]"),
        (Literal["a"], "Literal['a']"),
    ],
)
def test_a_wrong_result_is_told_with_task_type_and_kind(hint: Any, declared: str) -> None:
    """The message names the task, the declared type as its author wrote it, and what was given instead."""
    with pytest.raises(WrongOutputError, match=re.escape(f"the result of task 'count' is declared as {declared}: ")):
        packer(hint, "count")(3 if hint is not int else "many")
    with pytest.raises(WrongOutputError, match=r"a whole number is expected, not a text \('many'\)$"):
        packer(int, "count")("many")


@pytest.mark.parametrize(("hint", "value", "result"), [(int, 3.0, 3), (float, 3, 3.0)])
def test_a_scalar_is_written_as_it_is_declared(hint: Any, value: Any, result: Any) -> None:
    """A whole number that came as a float is whole, and the other way round."""
    written = packer(hint, "t")(value)["result"]
    assert (written, type(written)) == (result, hint)


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (float, 1),
        (int, 3.0),
        (str, "a"),
        (set[int], {2, 1}),
        (tuple[int, ...], (1, 2)),
        (Wild, Wild(1, 2)),
        (Path, "x"),
    ],
)
def test_a_result_that_json_spells_otherwise_is_fine(hint: Any, value: Any) -> None:
    """What the validators and the making of the author's classes need was there when the result was made."""
    packer(hint, "t")(value)


def _endless() -> list[Any]:
    knot: list[Any] = []
    knot.append(knot)
    return knot


@pytest.mark.parametrize(
    ("hint", "value", "fault"),
    [
        (Any, {"a": [1, object()]}, r"^a\[1\] is a value of type object .* cannot be written as JSON$"),
        (list[Any], [{"b": 1j}], r"^result\[0\]\.b is a value of type complex .* cannot be written as JSON$"),
        (float, math.nan, "^result is nan: JSON has no such number$"),
        (Any, {"a": {"b": math.inf}}, r"^a\.b is inf"),
        (Any, {"a": {(1, 2): 3}}, r"^the key \(1, 2\) in a cannot be written"),
        (str, "\ud800", "^result is a text that is no Unicode"),
        (Part, 5, r"^the result of task 't' is declared as Part: result: an object is expected, not a number \(5\)$"),
        (Any, (i for i in ()), "^result is a value of type generator"),
        (Any, _endless(), "contains itself"),
    ],
)
def test_what_is_no_json_is_named_with_its_place(hint: Any, value: Any, fault: str) -> None:
    """The message says where the value is and what it is."""
    with pytest.raises(WrongOutputError, match=fault):
        packer(hint, "t")(value)


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=20,
        ),
    ),
)
@settings(max_examples=50, deadline=None)
def test_json_stays_as_it_is(value: dict[str, Any]) -> None:
    """Plain data is its own output, in a copy."""
    output = packer(Any, "t")(value)

    assert output == value
    assert output is not value


def test_a_result_that_is_no_json_is_not_retried(report_of: RunOne) -> None:
    """To call the function again would not help."""

    @task
    def wrong() -> Any:
        return {"when": object()}

    report = report_of(wrong)

    assert report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert (report.reason or "").startswith("when is a value of type object")


def test_a_function_may_keep_what_it_returned(report_of: RunOne) -> None:
    """A later change to a returned container does not reach the engine."""
    kept: dict[str, Any] = {"a": [1]}

    @task
    def keep() -> Any:
        return kept

    report = report_of(keep)
    kept["a"].append(2)

    assert report.output == {"a": [1]}


@attrs.frozen
class Item:
    """Something with a default."""

    sku: str
    amount: int = 1


def test_a_misspelt_field_of_a_result_is_refused() -> None:
    """It would be passed over, and the field that was meant would have its default."""
    with pytest.raises(WrongOutputError, match=r"result\[0\] has no field 'amout'; did you mean 'amount'\?"):
        packer(list[Item], "t")([{"sku": "a", "amout": 5}])
