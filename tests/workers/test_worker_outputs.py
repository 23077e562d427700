"""Outputs: from results to JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.dsl import HttpResponse, task
from podium.engine.events import Report
from podium.model.statuses import TaskStatus
from podium.workers.outputs import WrongOutputError, packer

RunOne = Callable[..., Report]


@attrs.frozen
class Part:
    name: str


@dataclasses.dataclass
class Parts:
    parts: list[Part]
    at: datetime | None = None


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
    assert packer(hint)(value) == output


def _endless() -> list[Any]:
    knot: list[Any] = []
    knot.append(knot)
    return knot


@pytest.mark.parametrize(
    ("hint", "value", "fault"),
    [
        (Any, {"a": [1, object()]}, r"^a\[1\] is a value of type object .* cannot be written as JSON$"),
        (list[Any], [{"b": b"x"}], r"^result\[0\]\.b is a value of type bytes .* in base64$"),
        (float, math.nan, "^result is nan: JSON has no such number$"),
        (Any, {"a": {"b": math.inf}}, r"^a\.b is inf"),
        (Any, {"a": {(1, 2): 3}}, r"^the key \(1, 2\) in a cannot be written"),
        (str, "\ud800", "^result is a text that is no Unicode"),
        (Part, 5, "^the function returned int, but its annotation says Part$"),
        (Any, (i for i in ()), "^result is a value of type generator"),
        (Any, _endless(), "contains itself"),
    ],
)
def test_what_is_no_json_is_named_with_its_place(hint: Any, value: Any, fault: str) -> None:
    """The message says where the value is and what it is."""
    with pytest.raises(WrongOutputError, match=fault):
        packer(hint)(value)


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
    output = packer(Any)(value)

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
