"""Readers beside a run that changes while it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from engine_flows import Crew, flow, simple

from podium.backends.memory import MemoryBackend
from podium.engine.requests import RestartRequest
from podium.engine.rows import TaskRow
from podium.engine.services import DueService
from podium.testing.bench import Bench


class InterruptedBackend(MemoryBackend):
    """A store in memory in which something happens between the reading of a run and that of its attempts."""

    interruption: Callable[[], object] | None = None

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Let it happen, once, and give the attempts."""
        interruption, self.interruption = self.interruption, None
        if interruption is not None:
            interruption()
        return super().load_tasks(run_id)


def test_a_run_that_is_restarted_with_another_definition_while_it_is_read() -> None:
    """The reader gives the new life whole, not the new attempts in the old definition."""
    backend = InterruptedBackend()
    bench = Bench(backend)
    bench.register(flow(simple("a"), name="f", version=1))
    run_id = bench.start("f")
    Crew(bench, "a").fail("a")
    bench.register(flow(simple("z"), name="f", version=2))
    backend.interruption = lambda: bench.ask(RestartRequest(run_id, use_latest=True))

    run = bench.run(run_id)

    assert (run.workflow_version, [task.reference_task_name for task in run.tasks]) == (2, ["z"])


def test_a_duty_that_breaks_does_not_stop_the_runs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The engine says so, and the run that it works on goes on."""

    def broken(service: DueService, now: int) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(DueService, "duty", broken)
    run_id = bench.start(flow(simple("a")))
    bench.advance(10)
    Crew(bench, "a").complete("a")

    assert bench.run(run_id).status.is_terminal
    assert "DueService could not do its duty" in caplog.text
