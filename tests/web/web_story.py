"""What the pages are tested with: workflows, and runs in every state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

import podium
from podium import EventHandler, Schedule, task, workflow
from podium.client.embedded import EmbeddedClient
from podium.testing.serving import RunningServer

#: A name that is dangerous wherever it is not escaped.
HOSTILE = """<script>alert('x')</script>"><img src=x onerror=alert(1)> & {{ 7*7 }} \u202e"""
#: What no page may show.
CANARY = "canary-7f3a9c-do-not-show"  # it is there to be looked for


@task(retries=0)
def price(amount: float) -> float:
    """Return the price."""
    if amount < 0:
        raise ValueError(f"an amount is not negative: {amount}")
    return amount * 2


@workflow(version=2)
def order(amount: float = 1.0, note: str = "") -> Any:
    """Price, then ask somebody."""
    priced = price(amount)
    podium.human("approve")
    return priced.output


@workflow
def quick(amount: float = 1.0) -> Any:
    """Only price."""
    return price(amount).output


@frozen
class Story:
    """
    A server, and what was begun on it.

    Attributes:
        server: The server.
        client: The client beneath.
        runs: The runs' ids by how they stand: ``waiting``, ``failed``, ``done``, ``paused``.
        samples: What stands in the named segments of paths, by name.
    """

    server: RunningServer
    client: EmbeddedClient
    runs: Mapping[str, str]
    samples: dict[str, str] = field(factory=dict)

    def url(self, path: str) -> str:
        """Return the address of a page; named segments are those of samples."""
        for name, value in self.samples.items():
            path = path.replace("{" + name + "}", value)
        return f"{self.server.url}{path}"


def told(server: RunningServer) -> Story:
    """Return the story, told on a fresh server."""
    client = server.client
    assert client is not None
    client.register(order, quick)
    client.secrets.put("canary", CANARY)
    failed = client.start(quick, {"amount": -1.0}, correlation_id="c-17")
    began = client.engine.clock.now()
    while client.engine.clock.now() == began:
        pass  # so that its failure has a moment of its own
    with client.workers([price]):
        done = client.run(quick, {"amount": 3.0}, timeout=30).workflow_id
        client.wait(failed, timeout=30)
        # It comes back when somebody is asked: without a worker the run would never come so far.
        waiting = client.execute(order, {"amount": 2.0, "note": HOSTILE}, timeout=30).workflow_id
        paused = client.start(order, {"amount": 5.0})
        client.pause(paused)
    runs = {"done": done, "failed": failed, "waiting": waiting, "paused": paused}
    [human] = [each for each in client.pending_humans() if each.workflow_instance_id == waiting]
    client.schedules.add(Schedule("0 6 * * MON-FRI", name="morning", workflow="quick"))
    start = {"action": "start_workflow", "start_workflow": {"name": "quick", "input": {"amount": 1}}}
    client.event_handlers.add(EventHandler(name="paid", event="conductor:order:paid", actions=[start], active=True))
    samples = {"run_id": failed, "ref": "price", "verb": "rerun", "workflow:path": "order", "other": done}
    samples |= {"task_id": human.task_id, "task_def:path": "price", "schedule:path": "morning", "handler:path": "paid"}
    return Story(server, client, runs, samples)
