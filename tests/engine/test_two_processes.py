"""Several engine processes on one store: who has what in hand, and what becomes of it when one dies."""

from __future__ import annotations

from podium.backends.memory import MemoryBackend
from podium.engine.events import ReportByName
from podium.engine.requests import StartRequest
from podium.engine.services import OpenWorkService
from podium.model.assignments import TaskStarted
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench, VirtualClock


class Processes:
    """Engine processes on one store, which can die."""

    def __init__(self) -> None:
        self.store = MemoryBackend()
        self.store.is_shared = self.store.is_durable = True
        self.clock = VirtualClock()
        self.dead: set[str] = set()

    def launch(self, name: str) -> Bench:
        """Start a process."""
        return Bench(self.store, clock=self.clock, seed=len(name), name=name, dead=self.dead)


def one_task(name: str = "a") -> WorkflowDef:
    """Give a workflow of one worker task."""
    return WorkflowDef(name="one", tasks=(WorkflowTask(name=name, task_reference_name=name),))


def test_what_a_living_process_works_on_is_not_given_out_when_the_runs_holder_dies() -> None:
    """A process may work on another's run: it goes on when that one dies, and is replaced when it dies itself."""
    processes = Processes()
    holder, helper, heir = (processes.launch(name) for name in ("holder", "helper", "heir"))
    run_id = holder.start(one_task())
    helpers = helper.serve("a")
    helper.advance(1)
    (taken,) = helpers.waiting
    helper.ask(TaskStarted(run_id, taken.seq, "w", processes.clock.now(), is_local=True))

    processes.dead.add("holder")
    heirs = heir.serve("a")
    heir.advance(2)
    assert processes.store.load_runs([run_id])[run_id].holder == "heir"
    assert not heirs.waiting

    processes.dead.add("helper")
    heir.advance(2)
    heir.complete(heirs.waiting.popleft())
    assert heir.run(run_id).status is RunStatus.COMPLETED


def test_many_runs_of_a_dead_process_are_taken_over_at_once() -> None:
    """A batch of adoptions is followed by the next, not by a pause."""
    processes = Processes()
    holder, heir = processes.launch("holder"), processes.launch("heir")
    for _ in range(1_200):
        holder.kernel.ask(StartRequest(holder.ids.run_id(), {}, definition=one_task()))
    holder.settle()

    processes.dead.add("holder")
    for _ in range(10):
        heir.advance(0.1)

    assert len(processes.store.held_runs("heir", 2_000)) == 1_200


def test_a_busy_process_leaves_open_work_to_others() -> None:
    """Of 1,200 open attempts one process takes a batch, and more only when that is done."""
    processes = Processes()
    starter, busy, idle = (processes.launch(name) for name in ("starter", "busy", "idle"))
    for _ in range(1_200):
        starter.kernel.ask(StartRequest(starter.ids.run_id(), {}, definition=one_task()))
    starter.settle()

    taken = busy.serve("a")
    busy.advance(5)
    assert len(taken.waiting) == OpenWorkService.batch
    others = idle.serve("a")
    idle.advance(5)
    assert len(others.waiting) == OpenWorkService.batch

    busy.complete(taken.waiting.popleft())
    busy.advance(1)
    assert len(taken.waiting) == OpenWorkService.batch


def test_a_task_of_a_wide_fork_is_found_by_its_name() -> None:
    """The live attempt is looked up, by its full name or, in a loop, by the name in the definition."""
    bench = Bench()
    ask = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    again = WorkflowTask(
        name="again",
        task_reference_name="again",
        type="DO_WHILE",
        loop_condition="$.again['iteration'] < 2",
        loop_over=(ask,),
    )
    run_id = bench.start(WorkflowDef(name="asks", tasks=(again,)))

    bench.ask(ReportByName(run_id, "ask", TaskStatus.COMPLETED))
    bench.ask(ReportByName(run_id, "ask__2", TaskStatus.COMPLETED))

    assert bench.run(run_id).status is RunStatus.COMPLETED
