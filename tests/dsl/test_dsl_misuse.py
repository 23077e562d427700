"""Python that takes a reference for its value, where the reference itself cannot refuse."""

from __future__ import annotations

import datetime as dt
import json
import os.path
import random
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import attrs
import pytest

from podium.dsl import human, is_null, noop, switch, task, wait, when, workflow
from podium.model.errors import AuthoringError


def line_of(error: AuthoringError) -> str:
    """Return the source line that an error names."""
    file, _, line = str(error.place).rpartition(":")
    with open(file, encoding="utf-8") as source:  # noqa: PTH123  # a line of this very file
        return source.readlines()[int(line) - 1]


def _dumps(order: Any) -> None:
    wait("w", until=json.dumps(order))  # here


def _dumps_within(order: Any) -> None:
    wait("w", until=json.dumps({"lines": [order.lines]}))  # here


def _loads(order: Any) -> None:
    json.loads(order)  # here


def _looks_in(order: Any) -> None:
    when("w", order in "abc")  # here


def _forgets_the_output(order: Any) -> None:
    asked: Any = human("ask", order=order)
    noop(asked.approved)  # here


def _chooses_by_chance(order: Any) -> None:
    random.choice(order)  # here


def _powers(order: Any) -> None:
    pow(order, 2, 3)  # here


def _shifts(order: Any) -> None:
    order << 1  # here


def _calls(order: Any) -> None:
    noop(order.name.upper())  # here


def _joins(order: Any) -> None:
    wait("w", until=",".join([order, "a"]))  # here


def _joins_paths(order: Any) -> None:
    wait("w", until=os.path.join("/", order))  # noqa: PTH118  # here


def _matches(order: Any) -> None:
    re.match("a", order)  # here


def _adds_days(order: Any) -> None:
    wait("w", until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=order))  # here


def _sums(order: Any) -> None:
    sum(order)  # here


def _sorts(order: Any) -> None:
    sorted(order)  # here


def _identity(order: str | None) -> None:
    if order is None:  # here
        noop("n")


def _identity_of_a_field(order: Any) -> None:
    if order.discount is not None:  # here
        noop("n")


def _identity_of_an_output(order: Any) -> None:
    asked = human("ask", order=order)
    if asked.output.approved is True:  # here
        noop("n")


def _identity_inside(order: Any) -> None:
    noop("n", [name for name in ("a", "b") if order.name is not None])  # here


def _identity_of_a_merge(order: Any) -> None:
    with switch("way", order.speed) as way:
        with way.case("X"):
            fast = human("fast")
        with way.otherwise():
            slow = human("slow")
    merged = way.merge(fast, slow)
    if merged.output.approved is None:  # here
        noop("n")


def _matching(order: Any) -> None:
    match order.speed:  # here
        case str():
            noop("n")


def _comprehends(order: Any) -> None:
    [noop(str(line)) for line in order.lines]  # here


def _orders(order: Any) -> None:
    while order > 3:  # here
        noop("n")


@pytest.mark.parametrize(
    ("fn", "advice"),
    [
        (_dumps, "tojson"),
        (_dumps_within, "tojson"),
        (_loads, "fromjson"),
        (_looks_in, "contains"),
        (_forgets_the_output, r"\.output"),
        (_chooses_by_chance, "len_"),
        (_powers, "inline"),
        (_shifts, "inline"),
        (_calls, r"write upper\(value\)"),
        (_joins, "f-string"),
        (_joins_paths, "f-string"),
        (_matches, "inline"),
        (_adds_days, "inline"),
        (_sums, "for_each"),
        (_sorts, "for_each"),
        (_identity, r"is_null\(order\)"),
        (_identity_of_a_field, r"~is_null\(order.discount\)"),
        (_identity_of_an_output, "asked.output.approved == True"),
        (_identity_inside, r"~is_null\(order.name\)"),
        (_identity_of_a_merge, r"is_null\(merged.output.approved\)"),
        (_matching, "switch"),
        (_comprehends, "for_each"),
        (_orders, "when"),
    ],
)
def test_a_value_that_python_wants_now_is_refused_at_its_line(fn: Callable[..., None], advice: str) -> None:
    """The error names the author's line and says what to write instead."""
    with pytest.raises(AuthoringError, match=advice) as caught:
        _ = workflow(fn).definition

    assert caught.value.code == "P1"
    assert "# here" in line_of(caught.value)


def _other_type_error(order: Any) -> None:
    noop("nothing")
    len(5)  # type: ignore[arg-type]  # the mistake under test


def test_an_error_about_something_else_stays_what_it_is() -> None:
    """A TypeError of the author's own is not dressed up."""
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        _ = workflow(_other_type_error).definition


class _Printed:
    """What other people's calls give may have an output, too."""

    output: str | None = None


def _innocent(order: Any, verbose: bool | None = None) -> None:
    printed = _Printed()
    if printed.output is not None:
        noop("never_too")
    names = [name for name in ("a", None) if name is not None]
    order = order if names is not None else None
    choice = {name: list(filter(lambda verbose: verbose is None, [name])) for name in names}
    match len(choice):
        case 1:
            noop("n")
    if order is None:
        noop("never")


def test_python_of_the_author_about_its_own_values_is_let_be() -> None:
    """Only parameters that are never bound anew, and outputs of steps, are references for certain."""
    assert [task.task_reference_name for task in workflow(_innocent).definition.tasks] == ["n"]


@task
def pay(amount: int) -> int:
    """Return what was paid."""
    return amount


def _asked_for_class(order: Any) -> None:
    if isinstance(order, int):  # here
        noop("never")


def _asked_for_class_of_output(order: Any) -> None:
    if isinstance(pay(order).output, int):  # here
        noop("never")


def _asked_for_type(order: Any) -> None:
    if type(order) == int:  # here  # noqa: E721  # many write it so
        noop("never")


def _asked_for_field(order: Any) -> None:
    if hasattr(order, "express"):  # here
        noop("always")


def _tried(order: Any) -> None:
    try:  # here
        pay(order)
    except Exception:  # noqa: BLE001  # the mistake under test
        noop("never")


def _tried_for_an_error_of_its_own(order: Any) -> None:
    try:  # here
        pay.as_("first")(order)
    except (KeyError, RuntimeError):
        noop("never")


def _tried_and_tidied(order: Any) -> None:
    try:  # here
        pay(order)
    finally:
        noop("always")


def _suppressed(order: Any) -> None:
    with suppress(ValueError):  # here
        pay(order)


@pytest.mark.parametrize(
    ("fn", "advice"),
    [
        (_asked_for_class, r"order is known only .* isinstance\(\) sees no value of it; what it is, is told by a task"),
        (_asked_for_class_of_output, r"pay\(order\).output is known only while the workflow runs"),
        (_asked_for_type, r"type\(\) sees no value of it"),
        (_asked_for_field, r"hasattr\(\) sees no value of it"),
        (_tried, r"try around pay\(order\) means nothing: .* runs later; write .opts\(optional=True\)"),
        (_tried_for_an_error_of_its_own, "try around pay"),
        (_tried_and_tidied, "try around pay"),
        (_suppressed, r"suppress\(...\) around pay\(order\) means nothing"),
    ],
)
def test_what_silently_means_nothing_is_refused_at_its_line(fn: Callable[..., None], advice: str) -> None:
    """Tests of class, and handlers around a step, would never do what they say."""
    with pytest.raises(AuthoringError, match=advice) as caught:
        _ = workflow(fn).definition

    assert caught.value.code == "P1"
    assert "# here" in line_of(caught.value)


def test_what_concerns_the_writing_is_fine() -> None:
    """A file that is missing while the workflow is written, a class of a value of now."""

    @workflow
    def fine(order: int, labels: object = None) -> None:
        names: dict[str, str] = {}
        try:
            pay.as_(names["first"])(order)
        except KeyError:
            pay(order)
        with suppress(FileNotFoundError):
            noop("maybe")
        if isinstance(names, dict) and type(names) is dict:
            noop("now")

    assert [each.task_reference_name for each in fine.definition.tasks] == ["pay", "maybe", "now"]


@attrs.frozen
class _Found:
    """What may not be there."""

    note: str | None
    number: int


@task
def _find(name: str) -> _Found | None:
    """Find it, or nothing."""


def test_whether_an_output_is_none_is_asked_of_a_field_that_it_needs() -> None:
    """The output is an object in any case; a field that may be null itself tells nothing."""

    def wrong(name: str) -> None:
        when("lost", is_null(_find(name).output), [noop("give_up")])

    with pytest.raises(
        AuthoringError, match=r"R3 \$\{_find.output\} is an object also .* write is_null\(_find.output.number\)"
    ):
        _ = workflow(wrong).definition

    @workflow
    def right(name: str) -> None:
        when("lost", is_null(_find(name).output.number), [noop("give_up")])

    run = right.run(name="x")
    assert run.task("give_up") is not None
