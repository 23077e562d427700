"""Mocks recorded from real runs, and ways told before anything runs."""

from __future__ import annotations

import json

from testing_samples import order, polling, shop

import podium
from podium import RunStatus, inline, set_variable, switch, task, variable, workflow
from podium.testing import completed, connect, expect, explain_path, failed, mocks_from, simulate


def test_a_failure_of_production_becomes_a_test() -> None:
    """The mocks of a real run let a simulated one fail the same way, with its attempts and their times."""

    @task(name="charge")
    def refuse(amount: int) -> str:
        raise OSError(f"no route for {amount}")

    with connect() as client, client.workers([refuse]):
        run = client.run(order, {"amount": 3, "speed": "slow"})
        mocks = mocks_from(run)

    again = simulate(order, mocks=json.loads(json.dumps(mocks)))
    expect(again).failed("OSError: no route for 3").attempts("charge", 4)
    assert (again.reason, again.end_time) == (run.reason, run.end_time)


def test_iterations_people_delays_and_sub_workflows() -> None:
    """Each has its own list; what is inside of a sub-workflow stands under its reference."""
    mocks = {"charge": [failed("no"), "card"], "approve": completed({"by": "Ann"}, takes="1h")}
    run = simulate(shop, {"amount": 3}, mocks)
    recorded = mocks_from(run)
    again = simulate(shop, mocks=recorded, only_mocks=True)

    assert again.output == run.output == {"result": "shipped card"}
    assert again.end_time == run.end_time
    assert mocks_from(again) == recorded
    looked = mocks_from(simulate(polling))
    assert list(looked["taskRefToMockOutput"]) == ["look__1", "look__2", "look__3"]  # type: ignore[arg-type]  # JSON, narrowed by what it holds
    expect(simulate(polling, mocks=looked, only_mocks=True)).output({"result": 3})


def test_a_sub_workflow_that_was_tried_again() -> None:
    """The runs of all its attempts are told, one after the other."""

    @workflow
    def outer() -> int:
        return scored(1).opts(retries=1).output

    run = simulate(outer, mocks={"score": [failed("no", terminal=True), 7]})
    recorded = mocks_from(run)
    again = simulate(outer, mocks=recorded)

    expect(run).completed().attempts("scored", 2).output({"result": 7})
    expect(again).completed().attempts("scored", 2).output({"result": 7})
    assert mocks_from(again) == recorded


def test_what_is_still_open_is_no_mock() -> None:
    """An attempt that has not ended, or that the run's end cancelled, was answered by nobody."""
    run = simulate(order, {"amount": 3, "speed": "EXPRESS"}, {"charge": "card"})

    assert list(mocks_from(run)["taskRefToMockOutput"]) == ["charge"]  # type: ignore[arg-type]  # JSON, narrowed by what it holds


def test_the_way_of_an_input_is_told_before_anything_runs() -> None:
    """No function is called; a switch says what it looked at and what that was."""
    told = explain_path(order, {"amount": 3, "speed": "EXPRESS"})

    assert told.path == ("charge", "route", "approve", "ship")
    assert told.assumed == {"charge", "approve", "ship"}
    assert "takes the case 'EXPRESS': ${workflow.input.speed} is 'EXPRESS'" in str(told)
    assert explain_path(order, {"amount": 3, "speed": "slow"}).path == ("charge", "route", "gap", "ship")


@task
def score(number: int) -> int:
    """Stand for work."""
    raise AssertionError("never called")


@workflow
def scored(number: int) -> int:
    """Score."""
    return score(number).output


@workflow
def risky(number: int) -> None:
    """Go by a score, by way of a script and a variable."""
    found = score(number)
    doubled = inline("doubled", "$.score * 2", score=found.output)
    set_variable("keep", risk=doubled.output)
    with switch("risk", variable("risk")) as risk:
        with risk.case("4"):
            score(1).as_("again")
        with risk.otherwise():
            score(2).as_("other")


def test_what_depends_on_a_task_without_a_mock_is_not_certain() -> None:
    """Directly, or by way of what the engine computes of it; the other ways are named. A mock makes it certain."""
    told = explain_path(risky, {"number": 1})
    (step,) = (each for each in told.steps if each.ref == "risk")
    assert step.depends_on == ("score",)
    assert "not certain: it depends on 'score'; other ways: '4'" in step.text

    told = explain_path(risky, {"number": 1}, {"score": 2})
    (step,) = (each for each in told.steps if each.ref == "risk")
    assert (step.case, step.depends_on) == ("4", ())


def test_loops_that_go_by_a_task_without_a_mock() -> None:
    """They are followed for two turns, not for ever."""
    told = explain_path(polling)
    assert told.status is RunStatus.RUNNING
    assert "goes on (not certain: it depends on 'look')" in str(told)
    assert "ends after 3 turns" in str(explain_path(polling, mocks={"look": [1, 2, 3]}))


@podium.task(retries=1, retry_delay="1m")
def unlucky(n: int) -> int:
    """Fail, and once more."""
    raise ValueError(f"no {n}")


@podium.workflow
def slow_side(n: int) -> None:
    """Wait for somebody in a workflow that is called."""
    podium.human("sign")


@podium.workflow
def cut_off(n: int) -> None:
    """Fail in one branch, while two others wait for somebody, or for a worker."""
    with podium.fork("all") as both:
        with both.branch():
            slow_side(n)
        with both.branch():
            podium.call_task("never", "nobody_serves_it", n=n)
        with both.branch():
            unlucky(n)


def test_what_the_end_of_the_run_cut_off_does_not_stop_its_replay() -> None:
    """Nobody had answered it, and the failure comes a minute later all the same."""
    with connect() as client, client.workers([unlucky]):
        run = client.run(cut_off, {"n": 3})
        mocks = mocks_from(run)
    again = simulate(cut_off, mocks=mocks)
    assert (again.status, again.reason, again.output) == (run.status, run.reason, run.output)
    assert again.end_time - again.create_time == run.end_time - run.create_time == 60_000
    assert [(one.reference_task_name, one.status) for one in again.tasks] == [
        (one.reference_task_name, one.status) for one in run.tasks
    ]


def test_what_an_operator_cut_off_has_no_answer() -> None:
    """The end does not come again by itself, so the replay stops where the operator came in."""
    with connect() as client, client.workers([unlucky]):
        run_id = client.start(slow_side, {"n": 3})
        client.terminate(run_id, "enough")
        mocks = mocks_from(client.get(run_id))
    again = simulate(slow_side, mocks=mocks)
    assert again.status == "RUNNING"
    assert "sign" in str(again.explain())
