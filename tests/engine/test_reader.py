"""Readers beside a run that changes while it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from engine_flows import Crew, flow, join, simple, task

from podium.backends.memory import MemoryBackend
from podium.engine.reader import Reader
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


class WatchedBackend(MemoryBackend):
    """A store in memory that counts how often all attempts of a run are read."""

    reads = 0

    def load_tasks(self, run_id: str) -> Sequence[TaskRow]:
        """Count, and give the attempts."""
        self.reads += 1
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


def test_a_run_is_read_once_for_all_its_attempts() -> None:
    """Those of a dynamic fork are in places that only the whole run tells; what is gone meanwhile is passed over."""
    backend = WatchedBackend()
    bench = Bench(backend)
    branches = [{"name": "work", "taskReferenceName": f"b{place}", "type": "SIMPLE"} for place in range(50)]
    params = {"dynamic_fork_tasks_param": "d", "dynamic_fork_tasks_input_param_name": "i"}
    fan_out = task("FORK_JOIN_DYNAMIC", "f", inputs={"d": branches, "i": {}}, **params)
    run_id = bench.start(flow(fan_out, join("j")))
    other_id = bench.start(flow(simple("work"), name="other"))
    rows = [*backend.load_tasks(run_id), *backend.load_tasks(other_id)]
    reader, backend.reads = Reader(backend), 0

    shown = reader.attempts([*rows[::-1], rows[0]._replace(run_id="gone")])

    assert [each.seq for each in shown] == [row.seq for row in rows[::-1]]
    assert {each.reference_task_name for each in shown} >= {"f", "b0", "b49", "j", "work"}
    assert backend.reads == 1
    assert reader.queue(shown[-2].task_id) == ("work", None)
    assert backend.reads == 1


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
