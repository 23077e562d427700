from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from podium.backends.memory import MemoryBackend
from podium.engine.events import Claim, Due, ReportByName, TakeOver
from podium.engine.records import TaskRecord
from podium.engine.rows import RunFilter, TaskRow, WriteSet
from podium.engine.state import RunState, restore
from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.values import JsonValue
from podium.testing.bench import Bench, HandWorker, VirtualClock
from podium.testing.definitions import PEOPLE, QUEUES, RUN_INPUT, Catalog, Shape, definitions, worker_output

laws = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,  # new seeds are the simulation's work; a build repeats itself
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
gentle = definitions(Shape(is_gentle=True))
orders = strategies.integers(0, 2**32 - 1).map(Random)

#: Chooses the next attempt to be worked on.
Pick = Callable[[Sequence[Assignment]], Assignment]


class CountingBackend(MemoryBackend):
    """A shared store in memory that keeps what was written and counts what was read."""

    is_shared = True
    is_durable = True

    def __init__(self) -> None:
        super().__init__()
        self.written: list[WriteSet] = []
        self.read_count = 0

    def commit(self, writes: WriteSet) -> None:
        """Write and remember."""
        super().commit(writes)
        self.written.append(writes)

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Read and count."""
        rows = super().load_bodies(run_id, base_refs, after)
        self.read_count += len(rows)
        return rows

    def load_current_tasks(self, run_ids: Collection[str]) -> Mapping[str, Sequence[TaskRow]]:
        """Read and count."""
        found = super().load_current_tasks(run_ids)
        self.read_count += sum(map(len, found.values()))
        return found

    @property
    def row_count(self) -> int:
        """Rows of runs and attempts written so far."""
        parts = ("new_runs", "runs", "new_tasks", "tasks", "deleted_tasks")
        return sum(len(getattr(writes, part)) for writes in self.written for part in parts)


class DecisionContext:
    """One run of a catalog's main workflow, driven by hand."""

    def __init__(self, catalog: Catalog) -> None:
        self.store = CountingBackend()
        self.clock = VirtualClock()
        self.dead: set[str] = set()
        self.births = 0
        self.launch()
        self.bench.register(*catalog.task_defs, *catalog.registered)
        self.run_id = self.bench.start(catalog.main, RUN_INPUT)

    def launch(self) -> None:
        """Kill the engine process, if there is one, and start another."""
        self.dead.add(f"e{self.births}")
        self.births += 1
        self.bench = Bench(self.store, clock=self.clock, seed=self.births, name=f"e{self.births}", dead=self.dead)
        self.worker: HandWorker = self.bench.serve(*QUEUES)

    @property
    def runs(self) -> Sequence[WorkflowRun]:
        """Every run, the main one first."""
        rows = self.store.list_runs(RunFilter(), 1_000, 0)
        return [self.bench.run(row.run_id) for row in sorted(rows, key=lambda row: row.run_id != self.run_id)]

    def drive(self, pick: Pick, after_each: Callable[[], None] = lambda: None) -> WorkflowRun:
        """Let workers complete everything, in the order of *pick*, and time pass when nobody works."""
        for _ in range(1_500):
            self.bench.settle()
            if self.worker.waiting:
                assignment = pick(tuple(self.worker.waiting))
                self.worker.waiting.remove(assignment)
                self.bench.complete(assignment, worker_output(assignment.ref))
            elif not self._answer_a_human():
                live = [run for run in self.runs if not run.status.is_terminal]
                if not live:
                    break
                # The moments of limits are no attempts': a process knows them when its services have looked.
                moments = [row.due_at for row in self.store.due(10**15, 1)]
                self.clock.move_to(min([*moments, self.clock.now() + 5_000]))
            after_each()
        run = self.bench.run(self.run_id)
        assert run.status.is_terminal, f"{run.status}: {[_shape(task) for task in run.tasks]}"
        return run

    def first(self, waiting: Sequence[Assignment]) -> Assignment:
        """Pick by name and place, so that the order depends neither on ids nor on when something was offered."""
        return min(waiting, key=lambda one: (one.workflow_name, one.ref, self._place(one.run_id)))

    def _place(self, run_id: str) -> tuple[int, ...]:
        row = self.store.load_runs([run_id])[run_id]
        return (*self._place(row.parent_id), row.parent_seq) if row.parent_id else ()

    def _answer_a_human(self) -> bool:
        for run in self.runs:
            for task in run.tasks:
                if task.task_type in PEOPLE and not task.status.is_terminal:
                    ref = task.reference_task_name
                    self.bench.ask(ReportByName(run.workflow_id, ref, TaskStatus.COMPLETED))
                    return True
        return False

    def shape(self) -> Counter[JsonValue]:
        """Return every attempt of every run, without ids and times."""
        return Counter((run.workflow_name, *_shape(task)) for run in self.runs for task in run.tasks)


def _shape(task: TaskRun) -> tuple[JsonValue, ...]:
    return (task.reference_task_name, task.task_type, task.status, task.retry_count)


def _without_ids(output: JsonValue) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", json.dumps(output, sort_keys=True))


@laws
@given(catalog=gentle, rng=orders)
def test_a_run_whose_workers_complete_everything_completes(catalog: Catalog, rng: Random) -> None:
    """No order of results leaves a run behind a JOIN, or anywhere else."""
    world = DecisionContext(catalog)
    run = world.drive(rng.choice)

    assert run.status is RunStatus.COMPLETED, run.reason


@laws
@given(catalog=definitions(), rng=orders)
def test_every_run_ends(catalog: Catalog, rng: Random) -> None:
    """A definition that may end itself early ends too."""
    world = DecisionContext(catalog)
    world.drive(rng.choice)

    assert all(run.status.is_terminal for run in world.runs)


@laws
@given(catalog=gentle, rng=orders)
def test_the_order_of_parallel_results_changes_nothing(catalog: Catalog, rng: Random) -> None:
    """Which branch is faster has no influence on what is done."""
    one, other = DecisionContext(catalog), DecisionContext(catalog)
    one.drive(one.first)
    other.drive(rng.choice)

    assert one.shape() == other.shape()


@laws
@given(catalog=definitions(), rng=orders)
def test_an_event_that_is_repeated_changes_nothing(catalog: Catalog, rng: Random) -> None:
    """Results, hand-outs, timers and claims may come twice, and much later."""
    world = DecisionContext(catalog)
    seen: list[Report] = []

    def pick(waiting: Sequence[Assignment]) -> Assignment:
        chosen = rng.choice(waiting)
        taken = TaskStarted(chosen.run_id, chosen.seq, "w", world.clock.now())
        world.bench.kernel.submit(taken)
        world.bench.settle()
        output = worker_output(chosen.ref)
        seen.append(Report(chosen.run_id, chosen.seq, TaskStatus.COMPLETED, output))
        return chosen

    def repeat() -> None:
        world.bench.settle()
        for report in seen[-2:]:
            late = (TaskStarted(report.run_id, report.seq, "late", 0), Due(report.run_id, report.seq, 0))
            events = (
                report,
                *late,
                *(Claim(report.run_id, report.seq, queue) for queue in ("w0", "@gone")),
                TakeOver(report.run_id),
                Due(report.run_id, 0, 0),
            )
            before = len(world.store.written)
            for event in events:
                world.bench.kernel.submit(event)
                world.bench.settle()
            assert world.store.written[before:] == []

    world.drive(pick, repeat)


def _essence(state: RunState) -> dict[str, JsonValue]:
    """Return what of a run's state decides how it goes on."""
    return {
        "pending": {seq: (r.ref, r.status, r.awaited, r.wake_at, r.due_at) for seq, r in state.pending.items()},
        "active": state.active,
        "inside": {loop: count for loop, count in state.inside.items() if count},
        "waiting": {ref: live for ref, joins in state.waiting.items() if (live := _live(joins))},
        "newest": {ref: record.seq for ref, record in state.newest.items()},
        "by_ref": {ref: record.seq for ref, record in state.by_ref.items()},
        "next_seq": state.run.next_seq,
        "last": state.last.seq if state.last else None,
        "permissive": {ref: tuple(failure) for ref, failure in state.run.permissive.items()},  # JSON has lists only
        "variables": state.run.variables,
    }


def _live(joins: Iterable[TaskRecord]) -> list[int]:
    """Return the joins that still wait; one that has ended is passed over when the attempt that it named ends."""
    return sorted(join.seq for join in joins if not join.status.is_terminal)


def check_rebuilt(world: DecisionContext) -> None:
    """Compare every run in memory with the one that the store gives."""
    for run_id, live in world.bench.kernel._cache._runs.items():
        row = world.store.load_runs([run_id])[run_id]
        rebuilt = restore(
            row,
            world.store.load_current_tasks([run_id]).get(run_id, []),
            live.plan,
            lambda refs, run_id=run_id: world.store.load_bodies(run_id, refs),  # type: ignore[misc]  # bound now
        )
        assert _essence(rebuilt) == _essence(live)


@laws
@given(catalog=definitions(), rng=orders)
def test_the_store_knows_what_memory_knows(catalog: Catalog, rng: Random) -> None:
    """After every step the state that is rebuilt from the store is the one in memory, in all that matters."""
    world = DecisionContext(catalog)
    check_rebuilt(world)
    world.drive(rng.choice, lambda: check_rebuilt(world))


@laws
@given(catalog=definitions())
def test_a_crash_after_every_step_changes_nothing(catalog: Catalog) -> None:
    """A run whose engine dies after each step does the same, and ends the same, as one whose engine lives."""
    calm, stormy = DecisionContext(catalog), DecisionContext(catalog)
    expected = calm.drive(calm.first)
    found = stormy.drive(stormy.first, stormy.launch)

    assert found.status == expected.status
    assert _without_ids(found.output) == _without_ids(expected.output)
    assert stormy.shape() == calm.shape()


# -- cost follows the work ---------------------------------------------------------------------------------------------


def worker(ref: str) -> WorkflowTask:
    """Return a worker task of the first queue."""
    return WorkflowTask(name=QUEUES[0], task_reference_name=ref)


def system(kind: TaskType, ref: str, **fields: JsonValue) -> WorkflowTask:
    """Return a task of another type."""
    return WorkflowTask(name=ref, task_reference_name=ref, type=kind.value, **fields)


def costs(world: DecisionContext) -> Iterable[tuple[int, int]]:
    """Work the run off; give after each result how many rows it wrote and read."""
    while world.worker.waiting:
        written, read = world.store.row_count, world.store.read_count
        world.bench.complete(world.worker.waiting.popleft(), {})
        yield world.store.row_count - written, world.store.read_count - read


@pytest.mark.parametrize("inputs", [{}, {"keepLastN": 2}])
def test_an_iteration_costs_the_same_however_many_came_before(inputs: dict[str, JsonValue]) -> None:
    """A loop is linear: its hundredth iteration writes and reads as many rows as its tenth."""
    loop = system(
        TaskType.DO_WHILE,
        "loop",
        loop_condition="$.loop.iteration < 120",
        loop_over=(worker("a"), worker("b")),
        input_parameters=inputs,
    )
    world = DecisionContext(Catalog(main=WorkflowDef(name="main", tasks=(loop,))))

    spent = list(costs(world))

    assert len(spent) == 240
    assert len(set(spent[20:238:2])) == 1
    assert len(set(spent[21:238:2])) == 1


def _static_fork(count: int) -> tuple[WorkflowTask, ...]:
    branches = tuple((worker(f"t{number}"),) for number in range(count))
    tails = tuple(f"t{number}" for number in range(count))
    return (system(TaskType.FORK_JOIN, "fork", fork_tasks=branches), system(TaskType.JOIN, "join", join_on=tails))


def _dynamic_fork(count: int) -> tuple[WorkflowTask, ...]:
    inputs = {"forkTaskName": QUEUES[0], "forkTaskInputs": list(range(count))}
    return (system(TaskType.FORK_JOIN_DYNAMIC, "fork", input_parameters=inputs), system(TaskType.JOIN, "join"))


@pytest.mark.parametrize("make", [_static_fork, _dynamic_fork])
def test_a_branch_costs_the_same_however_many_others_there_are(
    make: Callable[[int], tuple[WorkflowTask, ...]],
) -> None:
    """A fork of n branches writes O(n) rows in all: each result writes its own attempt and its run."""
    for count in (10, 300):
        world = DecisionContext(Catalog(main=WorkflowDef(name="main", tasks=make(count))))
        started = world.store.row_count
        spent = list(costs(world))

        assert started <= count + 4
        assert set(spent[:-1]) == {(2, 0)}
        assert spent[-1][0] <= 3
