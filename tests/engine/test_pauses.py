"""What becomes due while a run is paused."""

from __future__ import annotations

from podium.engine.events import Pause, Resume
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench

GAP = WorkflowTask(name="gap", task_reference_name="gap", type="WAIT", input_parameters={"duration": "10 seconds"})
WAITS = WorkflowDef(name="waits", tasks=(GAP,))


def test_a_timer_that_rings_in_a_pause_is_kept_for_the_resumption() -> None:
    """It is not brought up at every look at the store, where it would stand before others' timers; nor is it lost."""
    bench = Bench()
    run_id = bench.start(WAITS)
    bench.ask(Pause(run_id))
    bench.advance(20)
    assert bench.run(run_id).status is RunStatus.PAUSED
    assert not bench.backend.due(bench.clock.now(), 10)

    bench.ask(Resume(run_id))

    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_pause_that_ends_early_moves_no_timer() -> None:
    """A run that is resumed before its wait is over waits for the rest of it."""
    bench = Bench()
    run_id = bench.start(WAITS)
    bench.ask(Pause(run_id))
    bench.advance(4)
    bench.ask(Resume(run_id))

    bench.advance(5)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.advance(2)
    assert bench.run(run_id).status is RunStatus.COMPLETED
