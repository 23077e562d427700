"""What the types of a fan-out promise is what arrives: in reducers, outputs and conditions, and after a reload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import attrs
import pytest

from podium import collected, fan_out, human, inline, load, sub_workflow, switch, task, workflow
from podium.dsl import Task, Workflow
from podium.model.errors import AuthoringError
from podium.model.statuses import RunStatus


@attrs.frozen
class Quote:
    """A record."""

    carrier: str
    price: float = 1.5


class Strict(TypedDict):
    """A record that keeps what it does not know."""

    number: int


@task
def double(input: int) -> int:  # noqa: A002  # the name of Conductor
    """Return a scalar."""
    return 2 * input


@task
def pages(input: int) -> list[int]:  # noqa: A002  # the name of Conductor
    """Return a list."""
    return [*range(input)]


@task
def tell(input: int) -> None:  # noqa: A002  # the name of Conductor
    """Return nothing."""


@task
def ask(city: str) -> Quote:
    """Return a record."""
    return Quote(city)


@task
def perhaps(input: int) -> Quote | None:  # noqa: A002  # the name of Conductor
    """Return a record, or nothing."""
    return Quote("train") if input > 1 else None


@task
def anything(input: int):  # type: ignore[no-untyped-def]  # noqa: A002  # nothing is declared
    """Declare nothing."""
    return input


@workflow
def doubled(input: int) -> int:  # noqa: A002  # the name of Conductor
    """Return a scalar."""
    return double(input).output


@workflow
def asked(city: str) -> Quote:
    """Return a record."""
    return ask(city).output


@workflow
def counted(input: int) -> Strict:  # noqa: A002  # the name of Conductor
    """Return a record that keeps everything."""
    return {"number": double(input).output}


@workflow
def told(input: int) -> None:  # noqa: A002  # the name of Conductor
    """Return nothing."""
    tell(input)


@task
def total(xs: Mapping[str, int]) -> int:
    """Add up."""
    return sum(collected(xs))


@task
def joined(xs: dict[str, list[int]]) -> list[list[int]]:
    """Put together."""
    return collected(xs)


@task
def carriers(xs: Mapping[str, Quote]) -> list[str]:
    """Look into records."""
    return [quote.carrier for quote in collected(xs)]


@task
def numbers(xs: Mapping[str, Strict]) -> list[dict[str, Any]]:
    """Give the records as they came."""
    return [dict(each) for each in collected(xs)]


@task
def nothing(xs: Mapping[str, None]) -> list[None]:
    """Take nothings."""
    return collected(xs)


@task
def count(xs: Mapping[str, Quote | None]) -> int:
    """Count those that are there."""
    return len(xs)


_CITIES = [{"city": "Rome"}, {"city": "Oslo"}]
_CASES: list[tuple[Any, Any, list[Any], object]] = [
    (double, total, [1, 2, 3], 12),
    (pages, joined, [0, 2], [[], [0, 1]]),
    (ask, carriers, _CITIES, ["Rome", "Oslo"]),
    (tell, nothing, [1, 2], []),
    (perhaps, count, [1, 2], 1),
    (doubled, total, [1, 2, 3], 12),
    (asked, carriers, _CITIES, ["Rome", "Oslo"]),
    (counted, numbers, [1], [{"number": 2}]),
    (told, nothing, [1, 2], [None, None]),
    (double, total, [], 0),
]


@pytest.mark.parametrize(("target", "reducer", "items", "result"), _CASES)
def test_what_the_types_say_arrives_in_a_reducer(
    target: Any, reducer: Task[..., Any], items: list[Any], result: object
) -> None:
    """Of tasks and of workflows, whatever they return; the definition alone says the same."""

    @workflow
    def reducing(items: list[Any]) -> Any:
        return {"result": reducer(fan_out("all", target, items).output).output}

    assert reducing.run(items=items).output == {"result": result}
    again: Workflow[..., Any] = load(reducing.to_json())
    if isinstance(target, Task):
        assert again.run(workers=[target, reducer], items=items).output == {"result": result}


def test_outputs_and_conditions_see_the_values() -> None:
    """A run's output, an expression and a choice over one instance."""

    @workflow
    def looking() -> dict[str, Any]:
        parts = fan_out("all", doubled, [1, 2])
        first = parts.output["_doubled_0"]
        with switch("large", first > 1) as large, large.case("true"):
            inline("more", first + 1)
        return {"all": parts.output, "first": first, "more": inline("sum", first + parts.output["_doubled_1"]).output}

    run = looking.run()
    assert run.output == {"result": {"all": {"_doubled_0": 2, "_doubled_1": 4}, "first": 2, "more": 6}}
    assert run.task("more") is not None


def test_a_step_takes_the_values_out_only_where_they_are_read_and_differ() -> None:
    """It is plain jq behind the JOIN; records of tasks are there already, and what is undeclared stays as it is."""

    @workflow
    def shapes(items: list[Any]) -> Any:
        fan_out("unread", double, items)
        return [fan_out("same", ask, items).output, fan_out("any", anything, items).output, scalars(items)]

    def scalars(items: list[Any]) -> object:
        return fan_out("scalars", double, items).output

    tasks = shapes.to_dict()["tasks"]
    assert [each["taskReferenceName"] for each in tasks] == [
        *("unread", "unread_join", "same_items", "same", "same_join", "any", "any_join"),
        *("scalars", "scalars_join", "scalars_values"),
    ]
    assert tasks[-1] == {
        "name": "scalars_values",
        "taskReferenceName": "scalars_values",
        "type": "JSON_JQ_TRANSFORM",
        "inputParameters": {
            "parts": "${scalars_join.output}",
            "queryExpression": ".parts | with_entries({key, value: .value.result})",
        },
    }
    again: dict[str, Any] = {}
    exec(shapes.to_python(), again)  # our own text
    assert again["shapes"].to_json() == shapes.to_json()


def test_a_name_with_a_declared_result_promises_the_same() -> None:
    """``returns=`` says of a worker, or a workflow, what its function would."""

    @workflow
    def named(items: list[int]) -> Any:
        numbers = fan_out("numbers", "double", items, returns=int)
        runs = fan_out("runs", None, items, workflow="doubled", returns=int)
        sub_workflow("known", doubled, input=1)
        return {"numbers": numbers.output, "runs": runs.output, "raw": numbers.join.output}

    output = named.run(workers=[double], items=[1]).output
    assert [*output["numbers"].values()] == [2]
    assert [*output["runs"].values()] == [2]
    assert [*output["raw"].values()] == [{"result": 2}]


@workflow
def by_person(input: int) -> int:  # noqa: A002  # the name of Conductor
    """Ask a person."""
    return human("ask", input=input, returns=int).output


@pytest.mark.parametrize(
    ("target", "items", "said"),
    [
        (double.opts(optional=True), [1], "cannot have options or a reference name of their own; write @task"),
        (double.as_("other"), [1], "cannot have options or a reference name of their own; write @task"),
        (doubled.as_("other"), [1], "a call of a workflow with a name or options of its own: give the workflow itself"),
        (lambda x: x, [1], "not the function '<lambda>': put @task above it"),
        (double, ["a"], r"items\[0\].input: a whole number is expected, not a text \('a'\)"),
        (double, [1, {"input": "a"}], r"items\[1\].input: a whole number is expected, not a text"),
        (double, [{"imput": 1}], "needs input; item 0 has imput"),
        (ask, [1], r"items\[0\].city: a text is expected, not a number"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_built(target: Any, items: list[Any], said: str) -> None:
    """Each with what to write instead."""
    with pytest.raises(AuthoringError, match=said):
        fan_out("all", target, items)


def test_the_declared_items_are_held_against_the_parameters() -> None:
    """A list of texts does not go into numbers, nor do the fields of a record."""

    @workflow
    def texts(items: list[str]) -> None:
        fan_out("all", double, items)

    @workflow
    def records(items: list[Quote]) -> None:
        fan_out("all", of_price, items)

    with pytest.raises(AuthoringError, match="input of <Task 'double'> is a number, and the items' own type is a text"):
        _ = texts.definition
    with pytest.raises(AuthoringError, match="price of <Task 'of_price'> is a list, and the items' price is a number"):
        _ = records.definition


@task
def of_price(price: list[int], carrier: str = "") -> None:
    """Take a list where the record has a number."""


def test_a_fan_out_whose_instances_fail_says_so() -> None:
    """The step behind the JOIN is not reached."""

    @task(retries=0)
    def fail(input: int) -> int:  # noqa: A002  # the name of Conductor
        raise ValueError("no")

    @workflow
    def failing() -> Mapping[str, int]:
        return fan_out("all", fail, [1]).output

    run = failing.run()
    assert run.status is RunStatus.FAILED
    assert run.task("all_values") is None
