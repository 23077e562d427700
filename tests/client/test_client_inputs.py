"""Inputs that cannot be right are refused before a run starts."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import podium
from podium import human, task, workflow
from podium.model.errors import InvalidRequest
from podium.model.runs import TaskResult


@workflow
def trip(city: str, nights: int = 2) -> None:
    """Ask somebody."""
    human("approve", city=city, nights=nights)


def test_an_input_is_checked_against_the_function_of_the_workflow(client: podium.Client) -> None:
    """Missing names and wrong types start nothing, of one run and of many; what nobody knows is kept."""
    for wrong in ({}, {"city": 1}, {"city": "Rome", "nights": "two"}):
        with pytest.raises(InvalidRequest, match="input of workflow 'trip'"):
            client.start(trip, wrong)
    with pytest.raises(InvalidRequest, match="it needs city"):
        client.start_many(trip, [{"city": "Rome"}, {}])
    assert len(client.search()) == 0
    run = client.get(client.start(trip, {"city": "Rome", "colour": "red"}))
    assert run.input == {"city": "Rome", "colour": "red", "nights": 2}


def test_a_workflow_that_is_only_named_takes_any_input(client: podium.Client) -> None:
    """The store knows no annotations; Conductor checks nothing either."""
    client.register(trip)
    assert client.get(client.start("trip", {"nights": "two"})).input["nights"] == "two"
    assert client.get(client.start(trip.definition, {})).input == {"nights": 2}


@frozen
class Money:
    """A record with a decimal."""

    amount: Decimal


@task
def show(price: Decimal, left: timedelta, money: list[Money], seen: set[int], folder: Path) -> str:
    """Tell what has arrived."""
    return f"{price} {left.total_seconds():g} {money[0].amount} {sorted(seen)} {folder.name}"


@workflow
def shows(price: Decimal, left: timedelta, money: list[Money], seen: set[int], folder: Path) -> str:
    """Pass everything on."""
    return show(price, left, money, seen, folder).output


def test_a_client_takes_the_values_that_run_takes(client: podium.Client) -> None:
    """What JSON has not is written as workers read it, whichever way a run is started."""
    given: dict[str, Any] = {
        "price": Decimal("1.50"),
        "left": timedelta(minutes=1),
        "money": [Money(Decimal("2.5"))],
        "seen": {2, 1},
        "folder": Path("/data/in"),
    }
    with client.workers([show]):
        output = client.run(shows, given, timeout=30).output

        assert output == shows.run(**given).output == {"result": "1.50 60 2.5 [1, 2] in"}
        (second,) = client.start_many(shows, [given])
        assert client.wait(second, 30).output == output


def test_a_reported_output_is_written_like_an_input(client: podium.Client) -> None:
    """complete_task and update_task take the same values."""
    run_id = client.start(trip, {"city": "Rome"})
    client.complete_task(run_id, "approve", {"by": Money(Decimal(1)), "on": date(2026, 12, 24)})
    assert client.wait(run_id, 30).task("approve").output_data == {"by": {"amount": "1"}, "on": "2026-12-24"}
    attempt = client.get(client.start(trip, {"city": "Rome"})).task("approve")
    client.update_task(TaskResult(task_id=attempt.task_id, output_data={"on": {1}}))
    assert client.task(attempt.task_id).output_data == {"on": [1]}


_NO_JSON: list[tuple[Any, str]] = [
    (math.nan, "is nan: JSON has no such number"),
    (math.inf, "is inf: JSON has no such number"),
    ("\ud800", "is a text that is no Unicode"),
    (1j, "is a value of type complex"),
    (object(), r"is a value of type object \(<object object>\)"),
    (iter([1]), r"list\(\.\.\.\)"),
]


@pytest.mark.parametrize(("value", "said"), _NO_JSON, ids=[type(value).__name__ for value, _ in _NO_JSON])
def test_what_cannot_be_json_is_refused_by_its_place_at_every_entrance(
    client: podium.Client, value: Any, said: str
) -> None:
    """Nothing is written as something else; the message names the input."""
    run_id = client.start(trip, {"city": "Rome"})
    attempt = client.get(run_id).task("approve")
    result = TaskResult(task_id=attempt.task_id, output_data={"a": {"b": [value]}})
    for call in (
        lambda: client.start("trip", {"a": {"b": [value]}}),
        lambda: client.start_many(trip, [{"city": "Rome", "a": {"b": [value]}}]),
        lambda: podium.load(trip.definition).run(a={"b": [value]}),
        lambda: client.complete_task(run_id, "approve", {"a": {"b": [value]}}),
        lambda: client.update_task(result),
    ):
        with pytest.raises(InvalidRequest, match=rf"a\.b\[0\] {said}" if said[:2] == "is" else said):
            call()
    assert client.task(attempt.task_id).output_data == {}


def test_ids_that_are_no_unicode_are_refused_by_their_name(url: str) -> None:
    """No store could keep them."""
    for name in ("correlation_id", "idempotency_key"):
        with podium.connect(url) as client, pytest.raises(InvalidRequest, match=f"{name} is a text that is no"):
            client.start(trip, {"city": "Rome"}, **{name: "\udcff"})
