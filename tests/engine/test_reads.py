"""What deciding costs in reads of the store: a few for a group of events, whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from podium.backends.memory import MemoryBackend
from podium.engine import batch
from podium.engine.events import Retry, Terminate
from podium.model.assignments import Report
from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench, VirtualClock

READS = ("load_", "workflow", "task_def", "registry_version", "run_of_key")


class WatchedStore(MemoryBackend):
    """
    A store in memory that notes the name of each read.

    Attributes:
        reads: Every read.
        secret: Those while an event was decided.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.secret: list[str] = []
        self.is_deciding = False
        for name in dir(MemoryBackend):
            if name.startswith(READS):
                setattr(self, name, self._watched(name, getattr(self, name)))

    def _watched(self, name: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any) -> Any:
            self.reads.append(name)
            if self.is_deciding:
                self.secret.append(name)
            return read(*args)

        return noted

    def guard(self, patch: pytest.MonkeyPatch) -> None:
        """Note from now on what is read while an event is decided."""
        for name in ("begin", "decide", "proceed"):
            patch.setattr(batch, name, self._guarded(getattr(batch, name)))

    def _guarded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any) -> Any:
            self.is_deciding = True
            try:
                return function(*args)
            finally:
                self.is_deciding = False

        return guarded


def place(ref: str, kind: str = "SIMPLE", **fields: Any) -> WorkflowTask:
    """Return a task that is named by its place."""
    return WorkflowTask(name=ref, task_reference_name=ref, type=kind, **fields)


def test_results_for_runs_of_another_engine_are_read_together() -> None:
    """Fifty results whose runs are not in memory cost a handful of reads, not a hundred."""
    clock, store = VirtualClock(), WatchedStore()
    holder = Bench(store, clock=clock, name="holder")
    holder.register(WorkflowDef(name="two", tasks=(place("first"), place("second"))))
    runs = [holder.start("two") for _ in range(50)]
    worker = holder.serve("first")
    other = Bench(store, clock=clock, name="other")
    store.reads.clear()

    other.kernel.submit_all([Report(one.run_id, one.seq, TaskStatus.COMPLETED) for one in worker.waiting])
    other.settle()

    assert len(store.reads) <= 6, store.reads
    assert all([task.status for task in other.run(run).tasks] == ["COMPLETED", "SCHEDULED"] for run in runs)


def test_children_of_another_engine_are_read_together() -> None:
    """To end a run with thirty children, none of which is in memory, costs a handful of reads."""
    clock, store = VirtualClock(), WatchedStore()
    holder = Bench(store, clock=clock, name="holder")
    child = WorkflowDef(name="child", tasks=(place("task"),))
    calls = [place(f"c{n}", "SUB_WORKFLOW", sub_workflow_param=SubWorkflowParams(name="child")) for n in range(30)]
    joined = tuple(call.task_reference_name for call in calls)
    fork = place("fork", "FORK_JOIN", fork_tasks=tuple((call,) for call in calls))
    holder.register(child, WorkflowDef(name="parent", tasks=(fork, place("join", "JOIN", join_on=joined))))
    run = holder.start("parent")
    other = Bench(store, clock=clock, name="other")
    store.reads.clear()

    other.ask(Terminate(run, "enough"))

    assert len(store.reads) <= 10, store.reads
    children = [task.sub_workflow_id for task in other.run(run).tasks if task.sub_workflow_id]
    assert [other.run(one).status for one in children] == [RunStatus.TERMINATED] * 30


def loop(ref: str, *body: WorkflowTask, **fields: Any) -> WorkflowTask:
    """Return a loop of three iterations."""
    return place(ref, "DO_WHILE", loop_condition=f"$.{ref}['iteration'] < 3", loop_over=body, **fields)


def asking(name: str, *tasks: WorkflowTask, **fields: Any) -> WorkflowDef:
    """Return a workflow whose tasks need what no decision has: the past of loops, definitions, the whole run."""
    return WorkflowDef(name=name, tasks=tasks, **fields)


SETTING = place("setting", "SET_VARIABLE", input_parameters={"x": "${round.output}"})
WIDE = {"forkTaskInputs": [{}, {}], "forkTaskName": "task"}
CALL = place("call", "SUB_WORKFLOW", sub_workflow_param=SubWorkflowParams(name="child"))
START = place("start", "START_WORKFLOW", input_parameters={"startWorkflow": {"name": "child"}})
FLOWS = (
    asking("of a loop", loop("round", place("none", "NOOP")), output_parameters={"all": "${round.output}"}),
    asking("as the last", loop("round", place("none", "NOOP"))),
    asking("in a loop", loop("round", place("none", "NOOP"), SETTING, input_parameters={"keepLastN": 1})),
    asking("joined", place("fork", "FORK_JOIN", fork_tasks=((loop("round", place("none", "NOOP")),), (SETTING,))),
           place("join", "JOIN", join_on=("round", "setting"))),
    asking("data", place("wide", "FORK_JOIN_DYNAMIC", input_parameters=WIDE), place("join", "JOIN")),
    asking("others", CALL, START),
    asking("failing", loop("round", place("none", "NOOP")), place("task", input_parameters={"x": "${round.output}"}),
           failure_workflow="child", output_parameters={"all": "${round.output}"}),
    asking("failing in loops", loop("outer", loop("round", place("none", "NOOP")), place("task"))),
)  # fmt: skip


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_to_decide_reads_nothing(flow: WorkflowDef, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a decision needs is read before it or between its steps: it is a function of what it was given."""
    store = WatchedStore()
    bench = Bench(store)
    bench.register(WorkflowDef(name="child", tasks=(place("none", "NOOP"),)), flow)
    worker = bench.serve("task")
    store.guard(monkeypatch)

    run = bench.start(flow.name)
    for _ in range(20):
        if not worker.waiting:
            break
        bench.fail(worker.waiting.popleft())
        bench.advance(60)
    if bench.run(run).status is RunStatus.FAILED:
        bench.ask(Retry(run))
        while worker.waiting:
            bench.complete(worker.waiting.popleft())

    assert bench.run(run).status is RunStatus.COMPLETED, bench.run(run).reason_for_incompletion
    assert store.secret == []
    assert store.reads
