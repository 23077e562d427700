"""pydantic models as inputs and results of task functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from podium.dsl import task
from podium.model.assignments import Report
from podium.model.statuses import TaskStatus


class Place(BaseModel):
    model_config = ConfigDict(strict=True, populate_by_name=True)

    zip_code: str = Field(alias="zipCode", min_length=4)
    since: datetime
    page: HttpUrl | None = None


class Odd(BaseModel):
    value: int = Field(validation_alias="in", serialization_alias="out")


@attrs.frozen
class Person:
    name: str
    places: list[Place]


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLACE = {"zipCode": "1010", "since": "2026-01-01T12:00:00Z", "page": "https://example.com/"}


def test_models_are_read_and_written_by_pydantic(report_of: Callable[..., Report]) -> None:
    """Aliases, strict models and pydantic's own types work in both directions, also inside other records."""

    @task
    def move(place: Place, person: Person) -> Person:
        assert person.places[0] == place
        assert place.since == NOON
        return Person(person.name, [place])

    report = report_of(move, {"place": PLACE, "person": {"name": "a", "places": [PLACE]}})
    assert (report.status, report.output) == (TaskStatus.COMPLETED, {"name": "a", "places": [PLACE]})


def test_a_model_is_spread_over_the_output(report_of: Callable[..., Report]) -> None:
    """With and without an annotation, as other records are."""

    @task
    def declared() -> Place:
        return Place(zip_code="1010", since=NOON)

    @task
    def undeclared():  # type: ignore[no-untyped-def]  # the point of the test
        return Place(zip_code="1010", since=NOON)

    expected = {**PLACE, "page": None}
    assert report_of(declared).output == report_of(undeclared).output == expected


def test_what_is_written_is_read_back(report_of: Callable[..., Report]) -> None:
    """Where a model reads and writes a field under two names, the written one is understood too."""

    @task
    def copy(odd: Odd) -> Odd:
        return odd

    assert report_of(copy, {"odd": {"out": 3}}).output == {"out": 3}
    assert report_of(copy, {"odd": {"in": 3}}).output == {"out": 3}


def test_wrong_inputs_are_told_with_their_places(report_of: Callable[..., Report]) -> None:
    """Everything that pydantic finds is in the reason, and there is no retry."""

    @task
    def move(places: list[Place]) -> None: ...

    report = report_of(move, {"places": [{"zipCode": "1"}, "x"]})
    assert report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    reason: Any = report.reason
    assert "places[0].zipCode: String should have at least 4 characters" in reason
    assert "places[0].since: Field required" in reason
    assert "places[1]: an object (Place) is expected" in reason
