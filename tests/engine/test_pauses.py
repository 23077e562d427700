"""What becomes due while a run is paused."""

from __future__ import annotations

from podium.engine.events import Pause, Resume
from podium.engine.requests import RestartRequest
from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, WorkflowTimeoutPolicy
from podium.testing.bench import Bench

GAP = WorkflowTask(name="gap", task_reference_name="gap", type="WAIT", input_parameters={"duration": "10 seconds"})
TIME_OUT = WorkflowTimeoutPolicy.TIME_OUT_WF
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


def test_a_paused_run_whose_attempts_have_all_ended_times_out() -> None:
    """The workflow's clock runs during a pause, also when nothing but the run itself is left to change."""
    steps = tuple(WorkflowTask(name=name, task_reference_name=name) for name in "ab")
    bench = Bench()
    worker = bench.serve("a", "b")
    run_id = bench.start(WorkflowDef(name="short", tasks=steps, timeout_seconds=5, timeout_policy=TIME_OUT))
    bench.ask(Pause(run_id))
    bench.complete(worker.waiting.popleft())

    bench.advance(6)

    assert bench.run(run_id).status is RunStatus.TIMED_OUT


def test_a_child_that_is_restarted_in_a_pause_is_waited_for_again() -> None:
    """The end that was to be acted on after the pause is no end any more."""
    child = WorkflowDef(name="child", tasks=(WorkflowTask(name="a", task_reference_name="a"),))
    sub = WorkflowTask(
        name="sub",
        task_reference_name="sub",
        type="SUB_WORKFLOW",
        sub_workflow_param=SubWorkflowParams(name="child", workflow_definition=child),
    )
    bench = Bench()
    worker = bench.serve("a", "b")
    run_id = bench.start(WorkflowDef(name="parent", tasks=(sub, WorkflowTask(name="b", task_reference_name="b"))))
    bench.ask(Pause(run_id))
    bench.complete(worker.waiting.popleft())
    child_id = bench.run(run_id).tasks[0].sub_workflow_id
    assert child_id is not None
    bench.ask(RestartRequest(child_id))

    bench.ask(Resume(run_id))

    assert [one.ref for one in worker.waiting] == ["a"]
    bench.complete(worker.waiting.popleft())
    bench.complete(worker.waiting.popleft())
    assert bench.run(run_id).status is RunStatus.COMPLETED
