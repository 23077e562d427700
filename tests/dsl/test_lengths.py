"""Lengths of time in builders: to the millisecond where the JSON can hold it, else refused with what to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from podium import http, task, wait, web, workflow
from podium.model.errors import AuthoringError


def inputs_of(make: Callable[[], object]) -> dict[str, Any]:
    """Return the inputs of a step's request, or its own."""

    @workflow
    def one() -> None:
        make()

    given: dict[str, Any] = one.to_dict()["tasks"][0]["inputParameters"]
    request: dict[str, Any] = given.get("http_request", given)
    return request


@pytest.mark.parametrize(
    ("length", "milliseconds"), [("250ms", 250), ("1.5s", 1500), (0.25, 250), (timedelta(seconds=2), 2000), (3, 3000)]
)
def test_timeouts_of_requests_are_milliseconds(length: Any, milliseconds: int) -> None:
    """Those that Conductor counts finer than seconds."""
    for make in (
        lambda: http("a", "http://x", connect_timeout=length),
        lambda: web.poll("a", "http://x", until="true", connect_timeout=length),
    ):
        assert inputs_of(make)["connectionTimeOut"] == milliseconds


@task
def work() -> None:
    """Be limited, or cached."""


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: http("a", "http://x", read_timeout="0s"), "read_timeout='0s' must be longer than nothing"),
        (lambda: http("a", "http://x", read_timeout_ms=0), "read_timeout=0 must be longer than nothing"),
        (lambda: web.poll("a", "http://x", until="true", every="0s"), "every='0s' must be longer than nothing"),
        (lambda: web.poll("a", "http://x", until="true", read_timeout=0), "read_timeout=0 must be longer than nothing"),
        (lambda: work().opts(cache=("key", 0)), "cache=0 must be longer than nothing"),
        (lambda: task(len, name="n", rate_limit=(1, "0s")), "rate_limit='0s' must be longer than nothing"),
        (lambda: wait("a", duration=float("nan")), "duration=nan must be whole seconds"),
        (lambda: wait("a", duration="250ms"), "Not valid duration: 250ms; write whole days, hours"),
        (lambda: web.poll("a", "http://x", until="true", every="250ms"), "every='250ms' is no whole number of seconds"),
    ],
)
def test_a_length_that_cannot_be_is_refused_where_it_is_written(make: Callable[[], object], words: str) -> None:
    """Neither kept without effect, nor rounded in silence, nor a traceback of ours."""
    with pytest.raises(AuthoringError) as caught:
        inputs_of(make)
    assert words in str(caught.value)
    assert __file__ in str(caught.value)
