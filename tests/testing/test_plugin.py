"""The plugin of pytest: fixtures, the marker, what a failed test shows, and coverage in the summary."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

FLOWS = """
from podium import switch, task, wait, workflow

@task
def charge(amount: int) -> str:
    return f"paid {amount}"

@workflow
def order(amount: int, speed: str) -> str:
    paid = charge(amount)
    with switch("route", speed) as route:
        with route.case("EXPRESS"):
            wait("an_hour", duration="1h")
        with route.otherwise():
            wait("a_month", duration="30 days")
    return paid.output
"""


@pytest.fixture
def run_tests(pytester: pytest.Pytester) -> object:
    """Return a function that runs a test file with the plugin; in this process, which has Podium loaded already."""
    pytester.makepyfile(flows=FLOWS)

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_flows=f"import pytest\nfrom flows import charge, order\n{source}")
        given = ("-p", "podium.testing.plugin", "-p", "no:randomly", "-p", "no:cacheprovider", *arguments)
        return pytester.runpytest_inprocess(*given)

    return run


def test_the_fixtures_and_the_marker(run_tests) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """A client in virtual time with real workers, its clock, and their options."""
    result = run_tests(
        """
        @pytest.mark.podium(workers=[charge], start="2026-03-01")
        def test_order(podium_client, podium_clock):
            run = podium_client.run(order, {"amount": 3, "speed": "slow"})
            assert run.output == {"result": "paid 3"}
            assert podium_clock.now().isoformat() == "2026-03-31T00:00:00+00:00"

        def test_plain(podium_client):
            run_id = podium_client.start(order, {"amount": 3, "speed": "slow"})
            assert "NO_WORKER" in podium_client.explain(run_id).causes
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=2)


def test_a_failed_test_shows_its_runs(run_tests, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """The way, the outline and the explanation of each run, and where its picture is."""
    result = run_tests(
        """
        from podium.testing import expect, simulate

        def test_order():
            run = simulate(order, {"amount": 3, "speed": "slow"})
            expect(run).path("charge", "an_hour")
        """.replace("\n        ", "\n"),
        f"--podium-pictures={tmp_path}",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*the run parted from what was expected at step 2, 'a_month'*",
            "*podium run 1: order COMPLETED*",
            "*1  charge   COMPLETED*",
            f"picture: {tmp_path}/*.svg",
        ]
    )
    (picture,) = tmp_path.glob("*.svg")
    assert "<svg" in picture.read_text()


def test_a_failed_test_shows_the_runs_of_its_client(run_tests) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """Those too that it started and did not wait for; with what they wait for."""
    result = run_tests(
        """
        def test_order(podium_client):
            podium_client.start(order, {"amount": 3, "speed": "slow"})
            assert False
        """.replace("\n        ", "\n"),
        "--podium-pictures=none",
    )
    result.stdout.fnmatch_lines(["*podium run 1: order RUNNING*", "*'charge' waits for a worker, and nobody here*"])
    assert "picture:" not in result.stdout.str()


def test_coverage_stands_in_the_summary(run_tests) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """Over all tests of the session; what was not come to is named, and a floor can be set."""
    source = """
        from podium.testing import simulate

        @pytest.mark.parametrize("amount", [1, 2])
        def test_order(amount):
            assert simulate(order, {"amount": amount, "speed": "slow"}).status == "COMPLETED"
        """.replace("\n        ", "\n")
    result = run_tests(source)
    result.stdout.fnmatch_lines(
        [
            "*podium coverage*",
            "order version 1     2    1/2    3/4  route: EXPRESS, an_hour",
            "67 % of all cases and tasks",
        ]
    )
    assert result.ret == 0
    assert run_tests(source, "--podium-fail-under=60").ret == 0
    assert run_tests(source, "--podium-fail-under=90").ret == 1
    assert "podium coverage" not in run_tests(source, "--no-podium-coverage").stdout.str()


def test_runs_that_nobody_waited_for_are_covered_too(run_tests) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """A test may look at a run that goes on; one that it waits for as well counts once."""
    result = run_tests(
        """
        def test_order(podium_client):
            podium_client.start(order, {"amount": 3, "speed": "slow"})
            podium_client.clock.advance("1 day")

        @pytest.mark.podium(workers=[charge])
        def test_waited(podium_client):
            podium_client.run(order, {"amount": 3, "speed": "slow"})
        """.replace("\n        ", "\n")
    )
    result.stdout.fnmatch_lines(["order version 1     2    1/2    3/4  route: EXPRESS, an_hour"])


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("[charge]", "*@pytest.mark.podium takes arguments by name: podium(workers=?charge, ship?)*"),
        ("worker=[charge]", "*@pytest.mark.podium takes no 'worker'; did you mean 'workers'?*"),
        ("nonsense=1", "*takes no 'nonsense'; it takes workers= and what podium.testing.connect takes*"),
        ("workers=charge", "*workers are given as a list of tasks*"),
        ("start='soon'", "*a moment is expected, such as '2026-03-01T08:30:00Z'*"),
    ],
)
def test_a_wrong_marker_is_an_error(run_tests, marker: str, words: str) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """It says what to write, and is not passed over in silence."""
    result = run_tests(
        f"""
        @pytest.mark.podium({marker})
        def test_order(podium_client): pass
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_a_floor_that_is_missed_is_said(run_tests) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """Why the session fails; also where no workflow ran at all. A floor that can never be met is refused."""
    source = "def test_nothing(): pass"
    result = run_tests(source, "--podium-fail-under=60")
    result.stdout.fnmatch_lines(["the coverage of 60 % that is asked for is not reached: no test has run a workflow"])
    assert result.ret == 1
    for wrong in ("101", "-1", "nan", "many"):
        assert run_tests(source, f"--podium-fail-under={wrong}").ret == pytest.ExitCode.USAGE_ERROR


def test_nothing_is_said_where_no_workflow_ran(run_tests) -> None:  # type: ignore[no-untyped-def]  # a function of the fixture's
    """The plugin is there in every session of whoever has Podium installed."""
    result = run_tests("def test_nothing(): pass")

    result.assert_outcomes(passed=1)
    assert "podium" not in result.stdout.str().rpartition("plugins:")[0].replace("podium.testing.plugin", "")
