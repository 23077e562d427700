"""Several engine processes on one store: who has what in hand, and what becomes of it when one dies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from podium.backends.memory import MemoryBackend
from podium.engine.events import InboxMessage, ReportByName
from podium.engine.requests import StartRequest
from podium.engine.rows import OpenRow
from podium.model.assignments import Report, TaskStarted
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
    """Return a workflow of one worker task."""
    return WorkflowDef(name="one", tasks=(WorkflowTask(name=name, task_reference_name=name),))


def forked(width: int) -> WorkflowDef:
    """Return a fork of tasks for one queue, and its JOIN."""
    tasks = tuple(WorkflowTask(name="a", task_reference_name=f"a{number}") for number in range(width))
    refs = tuple(one.task_reference_name for one in tasks)
    fork = WorkflowTask(name="f", task_reference_name="f", type="FORK_JOIN", fork_tasks=tuple((one,) for one in tasks))
    join = WorkflowTask(name="j", task_reference_name="j", type="JOIN", join_on=refs)
    return WorkflowDef(name="forked", tasks=(fork, join))


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


def test_what_a_process_has_begun_that_was_thought_dead_is_its_own() -> None:
    """It was laid open for others meanwhile; whoever serves it now does not get it while the other one lives."""
    processes = Processes()
    slow, heir = processes.launch("slow"), processes.launch("heir")
    slows = slow.serve("a")
    run_id = slow.start(one_task())
    (taken,) = slows.waiting
    processes.dead.add("slow")
    heir.advance(2)
    assert [row.open_queue for row in processes.store.load_tasks(run_id)] == ["a"]

    processes.dead.discard("slow")
    slow.dismiss(slows)  # what it does not look for it does not find
    slow.ask(TaskStarted(run_id, taken.seq, "w", processes.clock.now(), is_local=True))
    assert [row.open_queue for row in processes.store.load_tasks(run_id)] == ["@slow"]
    heirs = heir.serve("a")
    heir.advance(2)
    assert not heirs.waiting

    processes.dead.add("slow")
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


def test_a_process_takes_as_much_as_it_has_room_for() -> None:
    """Of 40 open attempts a process with room for 5 takes 5, and another one when one is done."""
    processes = Processes()
    starter, small, large = (processes.launch(name) for name in ("starter", "small", "large"))
    for _ in range(40):
        starter.kernel.ask(StartRequest(starter.ids.run_id(), {}, definition=one_task()))
    starter.settle()

    few = small.serve("a", size=5)
    small.advance(5)
    many = large.serve("a", size=20)
    large.advance(5)
    assert (len(few.waiting), len(many.waiting)) == (5, 20)

    small.complete(few.waiting.popleft())
    small.advance(0.001)
    assert len(few.waiting) == 5


def test_work_for_which_there_is_no_room_lies_open_for_others() -> None:
    """Where another process serves a task too, a fork is not kept by the one that made it; alone it keeps all."""
    processes = Processes()
    holder = processes.launch("holder")
    few = holder.serve("a", size=1)
    alone = holder.start(forked(4))
    assert len(few.waiting) == 4

    helper = processes.launch("helper")
    many = helper.serve("a", size=8)
    helper.advance(1)
    holder.advance(1)
    helper.advance(1)
    assert (len(few.waiting), len(many.waiting)) == (1, 3)

    shared = holder.start(forked(10))
    helper.advance(1)
    assert (len(few.waiting), len(many.waiting)) == (1, 8)
    while few.waiting or many.waiting:
        for bench, worker in ((holder, few), (helper, many)):
            if worker.waiting:
                bench.complete(worker.waiting.popleft())
            bench.advance(1)
    assert {holder.run(run_id).status for run_id in (alone, shared)} == {RunStatus.COMPLETED}


def test_open_work_goes_out_by_priority_then_by_age() -> None:
    """A run of priority 9 that comes last is served first; of the same priority, the oldest."""
    processes = Processes()
    starter, worker = processes.launch("starter"), processes.launch("worker")
    runs = []
    for priority in (0, 0, 9):
        runs.append(starter.start(one_task(), priority=priority))
        starter.advance(1)
    hands = worker.serve("a", size=1)
    worker.advance(1)
    order = []
    while hands.waiting:
        order.append(hands.waiting[0].run_id)
        worker.complete(hands.waiting.popleft())
        worker.advance(1)
    assert order == [runs[2], runs[0], runs[1]]


def test_consumers_of_one_process_share_by_room() -> None:
    """What waits with a small worker goes to a larger one of the same process that has room."""
    bench = Bench()
    small, large = bench.serve("a", size=1), bench.serve("a", size=8)
    bench.start(forked(9))
    assert (len(small.waiting), len(large.waiting)) == (1, 8)
    bench.start(forked(4))
    for _ in range(8):
        bench.complete(large.waiting.popleft())
    bench.kernel.look()
    bench.settle()
    assert (len(small.waiting), len(large.waiting)) == (1, 4)


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


def test_messages_that_another_process_has_taken_are_not_waited_for() -> None:
    """A decision on an old state finds no message where it knows of one; it ends, and is made anew on the new state."""
    processes = Processes()
    one, other = processes.launch("one"), processes.launch("other")
    pull = WorkflowTask(
        name="pull",
        task_reference_name="pull",
        type="PULL_WORKFLOW_MESSAGES",
        input_parameters={"blocking": False},
    )
    human = WorkflowTask(name="h", task_reference_name="h", type="HUMAN")
    run_id = one.start(WorkflowDef(name="pulling", tasks=(human, pull)))
    other.ask(InboxMessage(run_id, "m-1", b"{}"))
    one.ask(ReportByName(run_id, "h", TaskStatus.COMPLETED))

    other.ask(Report(run_id, 1, TaskStatus.COMPLETED))

    assert other.run(run_id).status is RunStatus.COMPLETED
    assert [task.output_data.get("count") for task in other.run(run_id).tasks] == [None, 1]


def test_who_is_told_of_a_queue_looks_there_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look costs a store a query for each consumer; all queues are looked at once a second all the same."""
    processes = Processes()
    asked: list[set[str]] = []
    claim = processes.store.claim

    def noted(rooms: Mapping[str, int], limit: int, claimant: str) -> Sequence[OpenRow]:
        asked.append(set(rooms) & {"a", "b"})
        return claim(rooms, limit, claimant)

    starter, worker = processes.launch("starter"), processes.launch("worker")
    hands = [worker.serve(queue, size=8) for queue in ("a", "b")]
    worker.advance(2)
    monkeypatch.setattr(processes.store, "claim", noted)

    starter.start(one_task())
    asked.clear()
    worker.kernel.look(["a"])
    worker.settle()
    assert [queues for queues in asked if queues] == [{"a"}]
    assert [len(one.waiting) for one in hands] == [1, 0]

    asked.clear()
    worker.advance(1)
    assert {"b"} in asked
