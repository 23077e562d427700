"""Attempts whose process died: most are done by the next one, and those that take their process down come to an end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from podium.backends.memory import MemoryBackend
from podium.model.assignments import Assignment, TaskStarted
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench, HandWorker, VirtualClock


def flow(*names: str, retries: int = 0) -> WorkflowDef:
    """Return a workflow of one fork, a branch for each name."""
    steps = [
        WorkflowTask(
            name="step",
            task_reference_name=name,
            task_definition=TaskDef(name="step", retry_count=retries, retry_delay_seconds=0),
        )
        for name in names
    ]
    fork = WorkflowTask(
        name="fork", task_reference_name="fork", type="FORK_JOIN", fork_tasks=tuple((step,) for step in steps)
    )
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN", join_on=names)
    return WorkflowDef(name="flow", tasks=(fork, join) if len(steps) > 1 else tuple(steps))


class Machine:
    """Engine processes, one after the other, on one store."""

    def __init__(self) -> None:
        self.store = MemoryBackend()
        self.store.is_shared = self.store.is_durable = True
        self.clock = VirtualClock()
        self.dead: set[str] = set()
        self.births = 0
        self.launch()

    def launch(self) -> None:
        """Start the next process."""
        self.births += 1
        self.bench = Bench(self.store, clock=self.clock, name=f"e{self.births}", dead=self.dead, seed=self.births)
        self.worker: HandWorker = self.bench.serve("step")

    def start(self, definition: WorkflowDef) -> str:
        """Start a run; its id comes after those of the runs before it."""
        self.bench.advance(0.01)
        return self.bench.start(definition)

    def die(self) -> None:
        """Kill the process; the next one starts, and has looked round."""
        self.dead.add(f"e{self.births}")
        self.launch()
        self.bench.advance(2)

    def stop(self) -> None:
        """Stop the process in good order; the next one starts, and has looked round."""
        self.bench.kernel.stop()
        self.launch()
        self.bench.advance(2)

    def take(self) -> Assignment:
        """Let the worker begin the next attempt, recorded as it does with those of which a process has died."""
        one = self.worker.waiting.popleft()
        if one.deaths:
            self.record(one)
        return one

    def record(self, one: Assignment) -> None:
        """Record that an attempt has begun."""
        self.bench.ask(TaskStarted(one.run_id, one.seq, "worker", self.clock.now(), is_local=True))


def names(assignments: Sequence[Assignment]) -> list[str]:
    """Return the steps of attempts."""
    return sorted(one.ref for one in assignments)


@pytest.mark.parametrize(("retries", "deaths"), [(0, 3), (1, 3), (2, 3), (3, 4), (5, 6)])
def test_a_task_that_takes_its_process_down_each_time_fails(retries: int, deaths: int) -> None:
    """Each death was an attempt; three are needed to tell it from those that were beside it."""
    machine = Machine()
    run_id = machine.start(flow("a", retries=retries))
    for _ in range(deaths):
        assert machine.bench.run(run_id).status is RunStatus.RUNNING
        machine.take()
        machine.die()

    run = machine.bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert f"the process that ran it died, {deaths} times" in (run.reason or "")
    assert not machine.worker.waiting


@pytest.mark.parametrize("is_recorded", [False, True])
def test_a_death_costs_no_retry(*, is_recorded: bool) -> None:
    """After a kill the same attempt is done, whether or not it was known to have begun."""
    machine = Machine()
    run_id = machine.start(flow("a"))
    one = machine.take()
    if is_recorded:
        machine.record(one)
    machine.die()

    machine.bench.complete(machine.take())

    run = machine.bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert [(task.retry_count, task.seq) for task in run.tasks] == [(0, 1)]


def test_what_had_not_begun_is_not_suspected() -> None:
    """An attempt that waited behind a killer each time is handed out for as long as it takes."""
    machine = Machine()
    machine.start(flow("a", retries=9))
    waits = machine.start(flow("b"))
    for _ in range(6):
        assert machine.take().ref == "a"
        machine.die()

    assert names(machine.worker.waiting) == ["a", "b"]
    other = next(one for one in machine.worker.waiting if one.ref == "b")
    machine.bench.complete(other)
    assert machine.bench.run(waits).status is RunStatus.COMPLETED


def test_what_was_at_work_beside_a_killer_is_tried_alone() -> None:
    """Of those with which two processes died one is handed out at a time, so that the next death tells which it is."""
    machine = Machine()
    run_id = machine.start(flow("a", "b", "c"))
    for _ in range(2):
        assert names([machine.take() for _ in range(3)]) == ["a", "b", "c"]
        machine.die()

    assert names(machine.worker.waiting) == ["a"]
    machine.bench.complete(machine.take())
    assert names(machine.worker.waiting) == ["b"]
    machine.take()
    machine.die()

    failed = machine.bench.run(run_id)
    assert failed.status is RunStatus.FAILED
    assert [(task.reference_task_name, task.status) for task in failed.tasks if task.task_type == "step"] == [
        ("a", TaskStatus.COMPLETED),
        ("b", TaskStatus.FAILED),
        ("c", TaskStatus.CANCELED),
    ]


def test_the_others_go_on_when_one_of_them_has_ended() -> None:
    """A run with an attempt that waits for its turn gets it after the other one, of whatever run that is."""
    machine = Machine()
    runs = [machine.start(flow(name)) for name in "abc"]
    for _ in range(2):
        for _ in runs:
            machine.take()
        machine.die()

    done = []
    for _ in runs:
        assert len(machine.worker.waiting) == 1
        done.append(machine.take())
        machine.bench.complete(done[-1])

    assert names(done) == ["a", "b", "c"]
    assert {machine.bench.run(one).status for one in runs} == {RunStatus.COMPLETED}


def test_a_process_that_stops_in_good_order_counts_for_nothing() -> None:
    """Nobody suspects an attempt because its process was stopped, however often."""
    machine = Machine()
    run_id = machine.start(flow("a"))
    for _ in range(5):
        one = machine.take()
        machine.record(one)
        machine.stop()

    assert machine.worker.waiting[0].deaths == 0
    machine.bench.complete(machine.take())
    assert machine.bench.run(run_id).status is RunStatus.COMPLETED


def test_an_attempt_that_comes_back_is_suspected_no_more() -> None:
    """One that reports progress has not taken its process down."""
    machine = Machine()
    machine.start(flow("a"))
    machine.take()
    machine.die()
    machine.bench.report(machine.take(), TaskStatus.IN_PROGRESS)

    assert machine.worker.waiting[0].deaths == 0
