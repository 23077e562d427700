"""Wrong use of `podium.testing` is refused in words that name the place; none of it passes in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from podium.model.errors import InvalidRequest
from podium.testing import Coverage, Stepper, connect, expect, explain, mocks_from, simulate
from tests.testing.testing_samples import charge, order, polling

INPUT = {"amount": 3, "speed": "SLOW"}
MOCKS = {"charge": "paid"}


def _done() -> Any:
    return expect(simulate(order, INPUT, MOCKS))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: expect(None), "expect takes a run, such as simulate(...) or client.get(run_id) gives, not None"),  # type: ignore[arg-type]  # the mistake
        (lambda: mocks_from("0199"), "mocks_from takes a run"),  # type: ignore[arg-type]  # the mistake
        (lambda: explain("0199"), "explain takes a run"),  # type: ignore[arg-type]  # the mistake
        (lambda: Coverage("order"), "Coverage takes workflows and their definitions, not 'order'"),  # type: ignore[arg-type]  # the mistake
        (lambda: simulate(order, INPUT, workers=charge), "workers= takes a list of tasks"),
        (lambda: simulate(order, INPUT, others=[3]), "others= takes workflows and definitions of tasks, not 3"),
        (lambda: simulate(order, INPUT, others=3), "others= takes a list"),
        (lambda: _done().path(["charge", "gap"]), "path takes names of tasks"),
        (lambda: _done().ran(charge), "ran takes names of tasks"),
        (lambda: _done().not_ran("aprove"), "not_ran: the workflow has no task 'aprove'; did you mean 'approve'?"),
        (lambda: _done().output("charge"), "output: say what is expected: output('charge', {...})"),
    ],
)
def test_a_wrong_call_is_refused_with_its_place(wrong: Callable[[], object], words: str) -> None:
    """What is no run, no list, no name, or a misspelt one, is told as such."""
    with pytest.raises(InvalidRequest) as caught:
        wrong()
    assert words in str(caught.value)


def test_a_stepper_refuses_tasks_that_can_never_come() -> None:
    """A misspelt breakpoint, mock or goal is refused instead of never being met."""
    with Stepper(order, INPUT, MOCKS) as stepper:
        stepper.breakpoints.add("chargee")
        for wrong, place in (
            (stepper.resume, "breakpoints"),
            (lambda: stepper.until("chargee"), "until"),
            (lambda: stepper.mock("chargee", "paid"), "mock"),
        ):
            with pytest.raises(
                InvalidRequest, match=f"{place}: the workflow has no task 'chargee'; did you mean 'charge'"
            ):
                wrong()


def test_iterations_and_what_was_met_may_be_named() -> None:
    """``not_ran`` takes a later iteration of a loop, which the definition does not name."""
    expect(simulate(polling)).completed().not_ran("look__4")


def test_time_ends_with_the_year_9999() -> None:
    """A length that no datetime can follow is refused, and the clock goes on afterwards."""
    with connect() as client:
        with pytest.raises(InvalidRequest, match="year 9999"):
            client.clock.advance("99999999 days")
        assert client.clock.advance("1 day").isoformat() == "2026-01-02T00:00:00+00:00"
