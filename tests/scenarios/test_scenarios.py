"""Definitions that others made for their tests, played through: statuses, outputs, and the order of tasks."""

from __future__ import annotations

import choice_scenarios
import fork_scenarios
import loop_scenarios
import plain_scenarios
import pytest
from scenario import CORPUS, Scenario, definition, resources_of_tests

from podium.client import connect

SCENARIOS = [
    *fork_scenarios.SCENARIOS,
    *loop_scenarios.SCENARIOS,
    *choice_scenarios.SCENARIOS,
    *plain_scenarios.SCENARIOS,
]
#: What no simulation can show, because it is about what goes out.
_OUTSIDE = frozenset({"http_blocked_ip-b9fc7a.json"})

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of definitions is not here")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario) -> None:
    """It ends as expected, by the expected way, with the expected values."""
    scenario.check()


def test_every_test_resource_has_a_scenario() -> None:
    """None of the corpus is left out, and each is named after its resource."""
    resources = resources_of_tests()
    played = {f"{scenario.file}.json": scenario.resource for scenario in SCENARIOS}

    assert set(resources) == set(played) | _OUTSIDE
    assert all(resources[file] == resource for file, resource in played.items())
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_workflow_data_http_blocked_ip() -> None:
    """A request to a metadata address is refused before it is sent, however the address is written."""
    with connect() as client:
        run = client.run(definition("http_blocked_ip-b9fc7a"), timeout=20, check=False)

    (attempt,) = run.tasks
    assert (run.status, attempt.status.is_successful) == ("FAILED", False)
    assert "169.254.169.254" in (attempt.reason_for_incompletion or "")
