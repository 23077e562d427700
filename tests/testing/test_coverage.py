"""Which cases and tasks of workflows runs have come to."""

from __future__ import annotations

from testing_samples import order, polling, shop

from podium.testing import Coverage, connect, simulate

EXPRESS = {"charge": "card", "approve": {}}


def test_cases_and_tasks_over_a_set_of_runs() -> None:
    """What one run misses another may have; defaults count as cases."""
    with Coverage() as coverage:
        simulate(order, {"amount": 1, "speed": "slow"}, EXPRESS)
        assert list(coverage.missing) == ["order: route: EXPRESS", "order: approve"]
        simulate(order, {"amount": 1, "speed": "EXPRESS"}, EXPRESS)
        assert list(coverage.missing) == []
        assert coverage.percent == 100.0
    simulate(polling)
    assert [each.name for each in coverage.workflows] == ["order"], "which has looked away"


def test_sub_workflows_are_covered_by_the_runs_that_call_them() -> None:
    """Each workflow has its own line."""
    with Coverage() as coverage:
        simulate(shop, {"amount": 1}, EXPRESS)

    assert coverage.report().splitlines() == [
        "workflow         runs  cases  tasks  missing",
        "order version 1     1    1/2    4/5  route: default, gap",
        "shop version 1      1      -    1/1",
    ]


def test_workflows_that_no_run_is_of() -> None:
    """They count if they are named."""
    coverage = Coverage(shop)
    assert coverage.percent == 0.0
    assert "order: ship" in coverage.missing
    assert Coverage().percent == 100.0
    assert Coverage().report() == ""


def test_runs_of_clients_count() -> None:
    """Those that somebody waited for, in virtual time."""
    with Coverage() as coverage, connect() as client, client.workers(polling.tasks):
        client.run(polling)

    assert coverage.workflows[0].runs == 1
    assert coverage.missing == ()


def test_runs_are_added_by_hand_too() -> None:
    """Such as those of production, read from a store."""
    coverage = Coverage()
    coverage.add(simulate(order, {"amount": 1, "speed": "slow"}, EXPRESS))

    assert coverage.workflows[0].runs == 1
