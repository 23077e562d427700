"""A run that a test steps through: to a task, to a breakpoint, one attempt at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from testing_samples import order, polling, shop

from podium import RunStatus, fork, human, workflow
from podium.testing import Stepper, failed

SLOW = {"amount": 3, "speed": "slow"}


def test_a_step_ends_at_least_one_attempt() -> None:
    """It gives what has ended; nothing is left at the end."""
    with Stepper(order, SLOW, {"charge": "card"}) as stepper:
        names = []
        while ended := stepper.step():
            names += [each.reference_task_name for each in ended]

        assert names == ["charge", "route", "gap", "ship"]
        assert stepper.run.status is RunStatus.COMPLETED
        assert stepper.step() == ()


def test_until_a_task_is_reached() -> None:
    """It is there and not yet answered, so its input can be looked at and its answer still be chosen."""
    with Stepper(order, SLOW, {"charge": "card"}) as stepper:
        reached = stepper.until("ship")
        assert (reached.status, reached.input_data) == ("SCHEDULED", {"paid": "card"})
        assert stepper.now == datetime(2026, 1, 31, tzinfo=UTC)
        stepper.mock("ship", "by hand")
        assert stepper.resume().output == {"result": "by hand"}


def test_a_task_whose_turn_has_not_come_waits_for_its_turn() -> None:
    """It lacks no worker: the test has not gone on yet."""
    with Stepper(order, {"amount": 3, "speed": "slow"}, {"charge": "card"}) as stepper:
        stepper.until("charge")
        assert stepper.explain().causes == ("TURN",)
        assert "'charge' waits for its turn" in stepper.explain().text


def test_until_an_iteration_and_the_next_one() -> None:
    """A loop comes to its tasks again and again."""
    with Stepper(polling) as stepper:
        assert stepper.until("look__2").iteration == 2
        assert stepper.until("look").iteration == 3, "the first one is behind us"


def test_until_a_task_that_waits_beside_another() -> None:
    """Both branches are there and not answered; each is stopped at."""

    @workflow
    def both() -> None:
        fork("two", [human("left")], [human("right")])

    with Stepper(both, mocks={"left": {}, "right": {}}) as stepper:
        assert stepper.until("right").status == "IN_PROGRESS"
        assert stepper.until("left").status == "IN_PROGRESS"


def test_until_a_task_that_is_not_reached() -> None:
    """The way that the run took is told, and why it goes no further."""
    with (
        Stepper(order, SLOW, {"charge": "card"}) as stepper,
        pytest.raises(AssertionError, match="does not come to 'approve'") as no,
    ):
        stepper.until("approve")

    assert "took the default, for its value is 'slow'" in str(no.value)


def test_until_a_task_inside_a_sub_workflow() -> None:
    """The runs that were called are looked at too."""
    with Stepper(shop, {"amount": 3}, {"charge": "card"}) as stepper:
        assert stepper.until("approve").workflow_type == "order"


def test_breakpoints() -> None:
    """`resume` stops before each of them, and goes to the end when there are none left."""
    with Stepper(order, SLOW, {"charge": [failed(), "card"]}) as stepper:
        stepper.breakpoints |= {"charge", "ship"}
        assert [each.status for each in stepper.resume().tasks] == ["SCHEDULED"]
        assert [each.status for each in stepper.resume().tasks] == ["FAILED", "SCHEDULED"]
        assert stepper.resume().tasks[-1].reference_task_name == "ship"
        assert stepper.resume().status is RunStatus.COMPLETED


def test_a_mock_that_comes_later_brings_the_run_on() -> None:
    """What stopped for want of an answer goes on with it."""
    with Stepper(order, {"amount": 3, "speed": "EXPRESS"}, {"charge": "card"}) as stepper:
        assert stepper.resume().status is RunStatus.RUNNING
        stepper.mock("approve", {"by": "Ann"})
        assert stepper.resume().output == {"result": "shipped card"}

    with Stepper(order, SLOW, only_mocks=True) as stepper:
        assert stepper.resume().status is RunStatus.RUNNING
        stepper.mock("charge", "card")
        assert stepper.resume().tasks[-1].reference_task_name == "ship"


def test_the_same_each_time() -> None:
    """Ids and times follow from the seed and the start."""

    def once(**options: object) -> tuple[str, int]:
        with Stepper(order, SLOW, {"charge": "card"}, **options) as stepper:  # type: ignore[arg-type]  # wrong on purpose, or of several types
            run = stepper.resume()
        return run.workflow_id, run.create_time

    assert once() == once() != once(seed=1)
    assert once(start="2026-03-01")[1] == 1_772_323_200_000
