"""A whole run decides as Python would: in when, switch, until, while_ and inline."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from podium import (
    if_,
    inline,
    int_,
    is_in,
    is_null,
    len_,
    loop,
    lower,
    noop,
    set_variable,
    starts_with,
    switch,
    variable,
)
from podium.dsl import when, workflow

_NAMES = st.sampled_from(["", "a", "A", "Ab", "b", "é", "null", "3"])


@workflow
def deciding(count: int, name: str, tags: list[str], rates: dict[str, int], note: str | None) -> dict[str, Any]:
    """Take every kind of decision that a condition can make."""
    set_variable("start", taken="no", size="none", rounds=0)
    with when("is_known", (is_in(name, tags) & (count % 3 != 1)) | is_null(note)):
        set_variable("take", taken="yes")
    size = if_(count < 0, "below", if_(count // 2 > len_(tags), "large", "small"))
    with switch("sized", size) as sized:
        with sized.case("below"):
            set_variable("low", size="low")
        with sized.case("large"):
            set_variable("high", size="high")
    with loop("again", max_iterations=4) as again:
        set_variable("round", rounds=again.iteration)
        again.until((again.iteration > count) | (lower(name) == "b"))
    with loop("while_few", while_=(variable("rounds", int) < 3) & starts_with(name, "A"), max_iterations=3) as few:
        noop("nothing")
    rate = inline("rate", if_(is_null(rates[name]), -1, rates[name]) + int_("7"), returns=int)
    return {
        "taken": variable("taken"),
        "size": variable("size"),
        "rounds": again.iteration,
        "few": few.iteration,
        "rate": rate.output,
    }


def _expected(count: int, name: str, tags: list[str], rates: dict[str, int], note: str | None) -> dict[str, Any]:
    """Do the same as `deciding`, here and now."""
    size = "below" if count < 0 else "large" if count // 2 > len(tags) else "small"
    rounds = next(n for n in range(1, 5) if n > count or name.lower() == "b" or n >= 4)
    return {
        "taken": "yes" if (name in tags and count % 3 != 1) or note is None else "no",
        "size": {"below": "low", "large": "high", "small": "none"}[size],
        "rounds": rounds,
        "few": 3 if rounds < 3 and name.startswith("A") else 1,
        "rate": rates.get(name, -1) + 7,
    }


@settings(deadline=None, max_examples=40)
@given(
    count=st.integers(-4, 12),
    name=_NAMES,
    tags=st.lists(_NAMES, max_size=4),
    rates=st.dictionaries(_NAMES, st.integers(-5, 5), max_size=3),
    note=st.none() | st.just("n"),
)
def test_a_run_decides_as_python_does(**given_inputs: Any) -> None:
    """One workflow with a condition at every place that takes one, against the same in Python."""
    run = deciding.run(**given_inputs)

    assert run.output["result"] == _expected(**given_inputs)
