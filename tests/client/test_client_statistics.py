"""What many runs have in common, asked of a client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kinds import timed

import podium
from podium import task, workflow
from podium.model.errors import InvalidRequest, WorkflowNotFound
from podium.model.statistics import (
    RunStatistics,
    statistics_from_dict,
    statistics_of,
    statistics_to_dict,
)


@task(retries=1, retry_delay="2s")
def charge(amount: int) -> str:
    """Fail for a negative amount."""
    if amount < 0:
        raise OSError("no route")
    return f"receipt {amount}"


@task
def thank(receipt: str) -> str:
    """Give a text."""
    return receipt


@workflow
def order(amount: int) -> str:
    """Charge, and say thanks."""
    return thank(charge(amount).output).output


@workflow(name="order", version=2)
def newer(amount: int) -> str:
    """Charge only."""
    return charge(amount).output


def test_statistics_count_what_became_of_each_task(kind: str, tmp_path: Path) -> None:
    """Runs by status, and of each task its executions, retries, failures and times."""
    with timed(kind, tmp_path) as (client, _), client.workers(order.tasks):
        for run_id in client.start_many(order, [{"amount": n} for n in (1, 2, -3, 4)]):
            client.wait(run_id)
        found = client.statistics("order")
        alike = statistics_of([client.get(run.workflow_id) for run in client.search()])

    assert (found.count, found.failed, dict(found.workflows["order"].runs)) == (4, 1, {"COMPLETED": 3, "FAILED": 1})
    charged = found.tasks["charge"]
    assert (charged.count, charged.retries, charged.failed, charged.done, charged.runs) == (4, 1, 1, 3, 4)
    assert (found.tasks["thank"].count, found.tasks["thank"].failed, found.types) == (3, 0, {})
    assert charged.took is not None
    assert (found.tasks, found.workflows) == (alike.tasks, alike.workflows)
    assert statistics_from_dict(statistics_to_dict(found)) == found


def test_statistics_are_those_of_the_version_that_runs(kind: str, tmp_path: Path) -> None:
    """Without a version it is that of the newest run; one that never ran is as it is registered."""
    with timed(kind, tmp_path) as (client, clock), client.workers(order.tasks):
        client.run(order, {"amount": 1})
        clock.advance("1s")
        client.run(newer, {"amount": 1})

        assert [client.statistics("order", version=v).tasks.keys() for v in (1, 2)] == [{"charge", "thank"}, {"charge"}]
        assert client.statistics("order").tasks.keys() == {"charge"}
        client.register(newer.definition.__class__(name="idle", tasks=newer.definition.tasks))
        idle = client.statistics("idle")
        assert (idle.count, idle.tasks, idle.definition is not None) == (0, {}, True)
        with pytest.raises(WorkflowNotFound, match="no run of workflow 'nothing', and it is not registered"):
            client.statistics("nothing")
        with pytest.raises(WorkflowNotFound, match="version 7"):
            client.statistics("order", version=7)


def test_statistics_have_a_window_and_a_limit(kind: str, tmp_path: Path) -> None:
    """Only runs that were started in the span count, and only the newest; more than that are told to be there."""
    with timed(kind, tmp_path, start="2026-03-01") as (client, clock), client.workers(order.tasks):
        for _ in range(5):
            client.run(order, {"amount": 1})
            clock.advance("1 day")
        since = datetime(2026, 3, 3, tzinfo=UTC)

        assert client.statistics("order", started=(since, None)).count == 3
        assert client.statistics("order", started=(since, since + timedelta(hours=1))).count == 1
        newest = client.statistics("order", limit=2)
        assert (newest.count, newest.is_partial, newest.tasks["charge"].count) == (2, True, 2)
        assert not client.statistics("order").is_partial
        with pytest.raises(InvalidRequest, match="limit=0"):
            client.statistics("order", limit=0)


def test_statistics_of_all_workflows_count_tasks_by_type(kind: str, tmp_path: Path) -> None:
    """Without a name each workflow has its runs, and each task type its attempts; there is no picture of that."""
    with timed(kind, tmp_path) as (client, _), client.workers(order.tasks):
        client.run(order, {"amount": 1})
        client.run(newer, {"amount": 1})
        found = client.statistics()

    assert (found.definition, found.tasks, found.types["charge"].count) == (None, {}, 2)
    assert "charge" in str(found)
    assert found.to_records()[0]["type"] == "charge"
    assert isinstance(found, RunStatistics)
    with pytest.raises(podium.PodiumError, match="statistics of one workflow can be drawn"):
        found.render("all.svg")
