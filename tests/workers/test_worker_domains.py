"""Workers of a domain."""

from __future__ import annotations

import pytest

import podium
from podium import RunStatus, task, workflow
from podium.model.errors import InvalidRequest


@task
def where(place: str) -> str:
    """Say what was asked."""
    return place


@workflow
def asks(place: str) -> str:
    """One task."""
    return where(place).output


def test_a_pool_serves_the_tasks_of_its_domain() -> None:
    """The run chooses the domain; a pool without one does not take the task."""
    with (
        podium.connect("memory://") as client,
        client.workers([where]),
        client.workers([where], domain="gpu") as pool,
    ):
        assert pool.queues == {"gpu:where"}
        run = client.wait(client.start(asks, {"place": "x"}, task_to_domain={"where": "gpu"}), timeout=30)
        assert run.status is RunStatus.COMPLETED
        assert run.tasks[0].domain == "gpu"
        run = client.wait(client.start(asks, {"place": "y"}, task_to_domain={"*": "tpu,NO_DOMAIN"}), timeout=30)
        assert (run.status, run.tasks[0].domain) == (RunStatus.COMPLETED, None)


@pytest.mark.parametrize("domain", ["", "a,b", "a:b", "*", 3])
def test_a_domain_is_a_name(domain: str) -> None:
    """What could be read as several, or as part of a queue's name, is refused."""
    with podium.connect("memory://") as client, pytest.raises(InvalidRequest, match=r"domain"):
        client.workers([where], domain=domain).__enter__()
