"""What is read of a loop's past: no more than the loop itself has done."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from podium.backends.memory import MemoryBackend
from podium.engine import ids
from podium.engine.rows import TaskRow
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus
from podium.model.values import JsonValue
from podium.testing.bench import Bench


class CountingStore(MemoryBackend):
    """A store in memory that counts the attempts read for loops."""

    def __init__(self) -> None:
        super().__init__()
        self.read_count = 0

    def load_bodies(self, run_id: str, base_refs: Collection[str], after: int = 0) -> Sequence[TaskRow]:
        """Read and count."""
        rows = super().load_bodies(run_id, base_refs, after)
        self.read_count += len(rows)
        return rows


def place(ref: str, kind: str, **fields: JsonValue) -> WorkflowTask:
    """Return a task that is named by its place."""
    return WorkflowTask(name=ref, task_reference_name=ref, type=kind, **fields)


def nested(outer: int) -> WorkflowDef:
    """Return a loop around a loop of three, whose output each outer iteration reads."""
    step = place("step", "SET_VARIABLE", input_parameters={"x": 1})
    inner = place(
        "inner",
        "DO_WHILE",
        input_parameters={"keepLastN": 2},
        loop_condition="$.inner['iteration'] < 3",
        loop_over=(step,),
    )
    look = place("look", "SET_VARIABLE", input_parameters={"y": "${inner.output.3.step}"})
    around = place("around", "DO_WHILE", loop_condition=f"$.around['iteration'] < {outer}", loop_over=(inner, look))
    return WorkflowDef(name="nested", tasks=(around,))


def reads(outer: int) -> int:
    """Run the nested loops; gives how many attempts were read."""
    store = CountingStore()
    bench = Bench(store)
    run_id = bench.start(nested(outer))
    while not bench.run(run_id).status.is_terminal:
        bench.advance(1)
    assert bench.run(run_id).status is RunStatus.COMPLETED
    return store.read_count


def test_an_inner_loop_reads_nothing_of_earlier_outer_iterations() -> None:
    """Four times the outer iterations read four times as much."""
    assert reads(400) <= 4 * reads(100) + 20


def test_one_attempt_is_given_as_in_its_run() -> None:
    """An attempt asked for by its id is that of the run: of a loop with its output, of a dynamic fork's branch too."""
    bench = Bench()
    step = place("step", "SET_VARIABLE", input_parameters={"x": 1})
    loop = place("loop", "DO_WHILE", loop_condition="$.loop['iteration'] < 2", loop_over=(step,))
    inputs = {"forkTaskType": "SET_VARIABLE", "forkTaskName": "branch", "forkTaskInputs": [{"n": 1}, {"n": 2}]}
    fork = place("fork", "FORK_JOIN_DYNAMIC", input_parameters=inputs)
    run_id = bench.start(WorkflowDef(name="all", tasks=(loop, fork, place("join", "JOIN"))))

    run = bench.run(run_id)

    assert run.status is RunStatus.COMPLETED
    assert [bench.reader.task(ids.task_id(run_id, attempt.seq)) for attempt in run.tasks] == list(run.tasks)
