"""Inputs that cannot be right are refused before a run starts."""

from __future__ import annotations

import pytest

import podium
from podium import human, workflow
from podium.model.errors import InvalidRequest


@workflow
def trip(city: str, nights: int = 2) -> None:
    """Ask somebody."""
    human("approve", city=city, nights=nights)


def test_an_input_is_checked_against_the_function_of_the_workflow() -> None:
    """Missing names and wrong types start nothing, of one run and of many; what nobody knows is kept."""
    with podium.connect("memory://") as client:
        for wrong in ({}, {"city": 1}, {"city": "Rome", "nights": "two"}):
            with pytest.raises(InvalidRequest, match="input of workflow 'trip'"):
                client.start(trip, wrong)
        with pytest.raises(InvalidRequest, match="it needs city"):
            client.start_many(trip, [{"city": "Rome"}, {}])
        assert len(client.search()) == 0
        run = client.get(client.start(trip, {"city": "Rome", "colour": "red"}))
        assert run.input == {"city": "Rome", "colour": "red", "nights": 2}


def test_a_workflow_that_is_only_named_takes_any_input() -> None:
    """The store knows no annotations; Conductor checks nothing either."""
    with podium.connect("memory://") as client:
        client.register(trip)
        assert client.get(client.start("trip", {"nights": "two"})).input["nights"] == "two"
        assert client.get(client.start(trip.definition, {})).input == {"nights": 2}
