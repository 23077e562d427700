"""Starts with the workflow's own parameters, and results as its function declares them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from podium import Client, Task, Workflow, connect_async, inline, js, load, task, workflow
from podium.model.errors import AuthoringError, InvalidRequest, NoResult


@attrs.frozen
class Trip:
    """A record."""

    city: str
    nights: int = 1


@task(retries=0)
def plan(city: str, nights: int) -> Trip:
    """Return a record."""
    if nights < 0:
        raise ValueError("no nights")
    return Trip(city, nights)


@task(retries=0)
def count(path: Path) -> int:
    """Return a number."""
    return len(str(path))


@workflow
def trip(city: str, nights: int = 2) -> Trip:
    """Return a record."""
    return plan(city, nights).output


@workflow
def counted(path: Path) -> int:
    """Return a single value."""
    return count(path).output


@workflow
def paths(city: str) -> list[Path]:
    """Return a list of what JSON has not."""
    plan(city, 1)
    return [Path("/a")]


@workflow
def nothing(city: str) -> None:
    """Return nothing."""
    plan(city, 1)


@workflow
def undeclared(city: str):  # type: ignore[no-untyped-def]  # the point of the test
    """Return what nobody declares."""
    return {"found": plan(city, 1).output}


TASKS: list[Task[..., Any]] = [plan, count]
#: For calls that type checkers refuse.
ANY_TRIP: Any = trip


@pytest.fixture
def client(client: Client) -> Iterator[Client]:
    """A client of each kind, with the tasks."""
    with client.workers(TASKS):
        yield client


def test_a_run_is_started_with_the_parameters_of_its_workflow(client: Client) -> None:
    """By position and by name; defaults are the workflow's; what does not fit is refused."""
    assert client.wait(trip.start(client, "Rome", nights=3)).output == {"city": "Rome", "nights": 3}
    assert client.wait(trip.start(client, city="Rome")).output == {"city": "Rome", "nights": 2}
    assert client.wait(counted.start(client, Path("/a"))).output == {"result": 2}
    for wrong, said in (
        (lambda: ANY_TRIP.start(client), r"trip.start\(\): missing a required argument: 'city'"),
        (lambda: ANY_TRIP.start(client, "Rome", 1, 2), "trip.start"),
        (lambda: ANY_TRIP.start(client, city="Rome", nigths=2), "did you mean 'nights'"),
        (lambda: ANY_TRIP.start(client, city=3), "city: a text is expected"),
    ):
        with pytest.raises(InvalidRequest, match=said):
            wrong()


def test_a_workflow_without_parameters_of_its_own_takes_any(client: Client) -> None:
    """As one that is read from JSON."""
    loaded = load(trip.definition)
    assert client.wait(loaded.start(client, city="Rome", nights=1)).output == {"city": "Rome", "nights": 1}


def test_without_a_client_it_is_a_step() -> None:
    """Also where the first input is a value of the run, which has every attribute."""

    @workflow
    def outer(city: str) -> str:
        return trip.start(city, nights=1).output.workflow_id

    assert [each.type for each in outer.definition.tasks] == ["START_WORKFLOW"]
    with pytest.raises(AuthoringError):
        ANY_TRIP.start("Rome", 1, 2)


def test_an_event_loop_awaits_the_start(url: str) -> None:
    """The client of event loops is asked in the same words."""

    async def main() -> Trip:
        async with connect_async(url) as client, client.workers(TASKS):
            await client.wait(await trip.start(client, city="Oslo"))
            return (await client.run(trip, {"city": "Rome", "nights": 1})).result

    assert asyncio.run(main()) == Trip("Rome", 1)


@pytest.mark.parametrize(
    ("which", "given", "result"),
    [
        (trip, {"city": "Rome"}, Trip("Rome", 2)),
        (counted, {"path": Path("/abc")}, 4),
        (paths, {"city": "Rome"}, [Path("/a")]),
        (nothing, {"city": "Rome"}, None),
        (undeclared, {"city": "Rome"}, {"found": {"city": "Rome", "nights": 1}}),
        (load(trip.definition), {"city": "Rome", "nights": 1}, {"city": "Rome", "nights": 1}),
        (load(counted.definition), {"path": "/abc"}, 4),
    ],
)
def test_a_result_is_what_the_workflow_declares(
    client: Client, which: Workflow[..., Any], given: dict[str, Any], result: object
) -> None:
    """A record is made again; where nothing is declared it is JSON."""
    found = client.run(which, given)
    assert found.result == result
    assert type(found.result) is type(result)
    assert which.run(workers=TASKS, **given).result == result


def test_a_run_that_was_found_has_its_result_as_json(client: Client) -> None:
    """Nobody knows the type of a run by its id or name."""
    run_id = client.run(counted, {"path": "/a"}).workflow_id
    assert client.get(run_id).result == 2
    assert client.run("counted", {"path": "/a"}).result == 2
    assert client.wait(trip.start(client, "Rome")).result == {"city": "Rome", "nights": 2}


def test_a_run_that_failed_has_no_result(client: Client) -> None:
    """The words say why."""
    failed = client.run(trip, {"city": "Rome", "nights": -1})
    with pytest.raises(NoResult, match=r"is FAILED: .*no nights.*; it has no result, only what \.output holds"):
        _ = failed.result


def test_an_output_that_is_not_what_is_declared_is_told(client: Client) -> None:
    """With its place."""

    @workflow
    def wrong(city: str) -> int:
        return inline("name", js("$.city", city=city), returns=int).output

    with pytest.raises(NoResult, match=r"is not what its workflow declares: result: a whole number is expected"):
        _ = client.run(wrong, {"city": "Rome"}).result
