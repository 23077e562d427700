"""Assertions on runs: what passes, and what a failure shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from testing_samples import order, polling, shop

from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.testing import Stepper, expect, failed, simulate
from podium.testing.expecting import Expectation


@pytest.fixture(scope="module")
def run() -> WorkflowRun:
    """Return an order that waited for a month and was charged at the second try."""
    return simulate(order, {"amount": 3, "speed": "slow"}, {"charge": [failed("no route"), "card"]})


def test_what_is_so_passes(run: WorkflowRun) -> None:
    """Each method gives the expectation back, so they stand in a row."""
    (
        expect(run)
        .completed()
        .path("charge", "gap", "ship")
        .path("charge", "route", "gap", "ship")
        .order("charge", "ship")
        .ran("gap")
        .not_ran("approve")
        .attempts("charge", 2)
        .task("charge", "COMPLETED")
        .input("ship", {"paid": "card"}, exactly=True)
        .output("charge", {"result": "card"})
        .output({"result": "shipped card"})
        .variables({})
    )


def test_iterations_of_a_loop_are_named_with_or_without_their_number() -> None:
    """Whatever reads best."""
    looked = simulate(polling)
    expect(looked).path("look", "look__2", "look").attempts("look", 3)
    expect(simulate(shop, {"amount": 1}, {"charge": "card", "approve": {}})).path("order")


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda of: of.failed(), "the run is COMPLETED, not FAILED"),
        (lambda of: of.path("charge", "approve", "ship"), "parted from what was expected at step 2, 'gap'"),
        (lambda of: of.path("charge", "approve"), "'route' took the default, for its value is 'slow'"),
        (lambda of: of.path("charge", "approve"), ">  3  gap     COMPLETED  <- expected: 'approve'"),
        (lambda of: of.path("charge", "gap"), "<- expected: nothing more"),
        (lambda of: of.path("charge", "gap", "ship", "bill"), "the run did not come to 'bill'"),
        (lambda of: of.order("ship", "charge"), "'charge' began before 'ship'"),
        (lambda of: of.ran("shp"), "the run did not come to 'shp' (it did come to 'ship')"),
        (lambda of: of.not_ran("gap"), "<- expected: not to run"),
        (lambda of: of.attempts("charge", 3), "'charge' was tried 2 times, not 3"),
        (lambda of: of.task("ship", "FAILED"), "'ship' is COMPLETED, not FAILED"),
        (lambda of: of.input("ship", {"paid": "cash"}), "paid: 'card', not 'cash'"),
        (lambda of: of.input("ship", {"by": 1}), "by: 1 is missing"),
        (lambda of: of.output({}, exactly=True), "result: 'shipped card' was not expected"),
        (lambda of: of.output({"result": True}), "result: 'shipped card', not True"),
    ],
)
def test_what_is_not_so_is_told_with_the_way_of_the_run(
    run: WorkflowRun, check: Callable[[object], object], words: str
) -> None:
    """The message says what differs, and shows each task with its status and the branch that was taken."""
    with pytest.raises(AssertionError) as no:
        check(expect(run))

    assert words in str(no.value)
    assert "1  charge  COMPLETED  2 attempts" in str(no.value)


def test_a_run_that_stands_still_says_why() -> None:
    """The explanation of the run is part of the message."""
    with Stepper(order, {"amount": 3, "speed": "EXPRESS"}, {"charge": "card"}) as stepper:
        stopped = stepper.resume()
    with pytest.raises(AssertionError, match="'approve' waits for an answer: no mock was given for it"):
        expect(stopped).completed()


def test_true_is_not_one() -> None:
    """Values are compared as JSON."""
    answered = simulate(order, {"amount": 3, "speed": "EXPRESS"}, {"charge": "card", "approve": {"ok": True, "n": [1]}})
    expect(answered).output("approve", {"ok": True, "n": [1]})
    for wrong in ({"ok": 1}, {"n": [True]}):
        with pytest.raises(AssertionError):
            expect(answered).output("approve", wrong)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda of: of.status("DONE"), "status takes one of RUNNING, .*, not 'DONE'"),
        (lambda of: of.task("charge", "completed"), "task takes one of SCHEDULED, .*, not 'completed'"),
    ],
)
def test_a_status_that_nothing_can_have_is_no_expectation(
    run: WorkflowRun, ask: Callable[[Expectation], object], words: str
) -> None:
    """It is refused, whatever the run is."""
    with pytest.raises(InvalidRequest, match=words):
        ask(expect(run))
