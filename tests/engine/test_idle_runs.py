"""Runs that wait: they leave memory, and change their holder as rows."""

from __future__ import annotations

from test_two_processes import Processes

from podium.engine.events import ReportByName
from podium.engine.requests import StartRequest
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


def asking(minutes: int = 0) -> WorkflowDef:
    """Return a workflow that waits for somebody, or for a time, and then does a step here."""
    first = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    if minutes:
        duration = {"duration": f"{minutes} minutes"}
        first = WorkflowTask(name="ask", task_reference_name="ask", type="WAIT", input_parameters=duration)
    return WorkflowDef(name="asking", tasks=(first, WorkflowTask(name="n", task_reference_name="n", type="NOOP")))


def working() -> WorkflowDef:
    """Return a workflow of one worker task."""
    return WorkflowDef(name="working", tasks=(WorkflowTask(name="a", task_reference_name="a"),))


def started(bench: Bench, definition: WorkflowDef, count: int) -> list[str]:
    """Start runs and give their ids."""
    replies = [bench.kernel.ask(StartRequest(bench.ids.run_id(), {}, definition=definition)) for _ in range(count)]
    bench.settle()
    return [str(reply.wait(0)) for reply in replies]


def test_runs_that_wait_leave_memory_and_come_back() -> None:
    """Of 3,000 that wait for somebody a thousand are kept; the oldest goes on all the same when it is answered."""
    bench = Bench()
    run_ids = started(bench, asking(), 3_000)

    kept = [run_id for run_id in run_ids if bench.kernel.revision_here(run_id) is not None]
    assert len(kept) <= 1_001
    assert bench.kernel.revision_here(run_ids[0]) is None
    bench.ask(ReportByName(run_ids[0], "ask", TaskStatus.COMPLETED))
    assert bench.run(run_ids[0]).status is RunStatus.COMPLETED


def test_runs_in_hand_stay_in_memory() -> None:
    """However many a worker of this process has: each of them is about to go on."""
    bench = Bench()
    worker = bench.serve("a")
    run_ids = started(bench, working(), 3_000)

    assert len(worker.waiting) == 3_000
    assert all(bench.kernel.revision_here(run_id) is not None for run_id in run_ids)


def test_runs_that_wait_are_taken_over_as_rows() -> None:
    """The heir holds them and has none in memory; times come, and answers are taken, as if nothing had been."""
    processes = Processes()
    holder, heir = processes.launch("holder"), processes.launch("heir")
    (asked,) = started(holder, asking(), 1)
    (timed,) = started(holder, asking(minutes=1), 1)
    (worked,) = started(holder, working(), 1)

    processes.dead.add("holder")
    heir.advance(2)

    held = processes.store.load_runs([asked, timed, worked])
    assert {run.holder for run in held.values()} == {"heir"}
    assert heir.kernel.revision_here(asked) is heir.kernel.revision_here(timed) is None
    heir.ask(ReportByName(asked, "ask", TaskStatus.COMPLETED))
    assert heir.run(asked).status is RunStatus.COMPLETED
    heir.advance(57.999)
    assert heir.run(timed).status is RunStatus.RUNNING
    heir.advance(0.001)
    assert heir.run(timed).status is RunStatus.COMPLETED
