"""What deciding costs in reads of the store: a few for a group of events, whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podium.backends.memory import MemoryBackend
from podium.engine.events import Terminate
from podium.model.assignments import Report
from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench, VirtualClock

READS = ("load_", "workflow", "task_def", "registry_version", "run_of_key")


class WatchedStore(MemoryBackend):
    """A store in memory that notes the name of each read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        for name in dir(MemoryBackend):
            if name.startswith(READS):
                setattr(self, name, self._watched(name, getattr(self, name)))

    def _watched(self, name: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any) -> Any:
            self.reads.append(name)
            return read(*args)

        return noted


def place(ref: str, kind: str = "SIMPLE", **fields: Any) -> WorkflowTask:
    """Give a task that is named by its place."""
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
