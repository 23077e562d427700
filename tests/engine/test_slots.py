"""Limits: how many attempts of a task are at work, how many begin in a time, how many runs of a key go on."""

from __future__ import annotations

from typing import Any

import pytest

from podium.backends.memory import MemoryBackend
from podium.engine.events import Pause, Released, Resume, Retry, Terminate
from podium.engine.requests import RestartRequest, StartRequest
from podium.engine.rows import RunFilter
from podium.model.assignments import Report, TaskStarted
from podium.model.definitions import RateLimitConfig, SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import IllegalTransition, LimitReached
from podium.model.statuses import RateLimitPolicy, RunStatus, TaskStatus
from podium.testing.bench import Bench, HandWorker, VirtualClock


def limited(**limits: Any) -> WorkflowDef:
    """Return a workflow of one task with limits, which is tried once more after a minute."""
    definition = TaskDef(name="a", retry_count=1, **limits)
    return WorkflowDef(name="one", tasks=(WorkflowTask(name="a", task_reference_name="a", task_definition=definition),))


def keyed(most: int = 1, **more: Any) -> WorkflowDef:
    """Return a workflow of one task of which *most* runs of a customer go on at once."""
    config = RateLimitConfig(rate_limit_key="${workflow.input.customer}", concurrent_exec_limit=most, **more)
    return WorkflowDef(
        name="keyed",
        tasks=(WorkflowTask(name="a", task_reference_name="a"),),
        rate_limit_config=config,
    )


def at_work(worker: HandWorker) -> list[str]:
    """Return the runs whose attempts the worker has, in order."""
    return [one.run_id for one in worker.waiting]


class TestConcurrency:
    """``concurrentExecLimit`` of a task."""

    def test_no_more_are_at_work_than_the_limit(self) -> None:
        """Of five attempts two are handed out; each end lets the next in, in order of priority and age."""
        bench = Bench()
        worker = bench.serve("a")
        runs = [bench.start(limited(concurrent_exec_limit=2), priority=int(n == 4)) for n in range(5)]
        assert at_work(worker) == runs[:2]
        bench.complete(worker.waiting.popleft())
        assert at_work(worker) == [runs[1], runs[4]]
        for _ in range(4):
            bench.complete(worker.waiting.popleft())
            assert len(worker.waiting) <= 2
        assert {bench.run(run_id).status for run_id in runs} == {RunStatus.COMPLETED}
        assert bench.backend.slots() == []

    @pytest.mark.parametrize("way", ["fail", "time out", "terminate", "callback", "by name"])
    def test_whatever_ends_the_work_frees_the_slot(self, way: str) -> None:
        """A failure, a timeout, an end of the run or a pause that the worker asks for lets the next one in at once."""
        bench = Bench()
        worker = bench.serve("a")
        first, second = (bench.start(limited(concurrent_exec_limit=1, response_timeout_seconds=10)) for _ in range(2))
        one = worker.waiting.popleft()
        bench.ask(TaskStarted(first, one.seq, "w", bench.clock.now()))
        if way == "fail":
            bench.fail(one)
        elif way == "time out":
            bench.advance(11)
        elif way == "terminate":
            bench.ask(Terminate(first))
        elif way == "callback":
            bench.report(one, TaskStatus.IN_PROGRESS, callback_after_s=30)
        else:
            bench.report(one, TaskStatus.FAILED_WITH_TERMINAL_ERROR)
        assert at_work(worker) == [second]
        assert [(slot.run_id, slot.seq) for slot in bench.backend.slots()] == [(second, worker.waiting[0].seq)]

    def test_an_attempt_without_workers_keeps_no_slot(self) -> None:
        """What lies open in a domain that nobody serves holds up nobody who could work."""
        bench = Bench()
        worker = bench.serve("a")
        lost = bench.start(limited(concurrent_exec_limit=1), task_to_domain={"a": "nowhere"})
        found = [bench.start(limited(concurrent_exec_limit=1)) for _ in range(2)]
        assert at_work(worker) == found[:1]
        late = [bench.start(limited(concurrent_exec_limit=1), task_to_domain={"a": "nowhere"}) for _ in range(2)]
        for _ in range(2):
            bench.complete(worker.waiting.popleft())
        there = bench.serve("nowhere:a")
        served = []
        while there.waiting:
            assert len(there.waiting) == 1
            served.append(there.waiting[0].run_id)
            bench.complete(there.waiting.popleft())
        assert sorted(served) == sorted([lost, *late])

    def test_a_hand_out_that_comes_too_late_has_no_slot(self) -> None:
        """A worker elsewhere that is given what was laid aside in between is refused, if others have the slots."""
        bench = Bench()
        worker = bench.serve("a")
        first = bench.start(limited(concurrent_exec_limit=1))
        one = worker.waiting[0]
        bench.dismiss(worker)
        second_worker = bench.serve("a", size=0)
        second = bench.start(limited(concurrent_exec_limit=1), priority=9)
        second_worker.size = 1
        bench.kernel.look()
        bench.settle()
        assert at_work(second_worker) == [second]
        with pytest.raises(IllegalTransition, match="its limit has no room"):
            bench.ask(TaskStarted(first, one.seq, "w", bench.clock.now()))
        assert bench.run(first).tasks[0].status is TaskStatus.SCHEDULED
        bench.complete(second_worker.waiting.popleft())
        bench.kernel.look()
        bench.settle()
        assert at_work(second_worker) == [first]

    def test_a_restart_in_the_commit_of_the_end_frees_the_slot(self) -> None:
        """What is deleted together with its end had a slot all the same."""
        bench = Bench()
        worker = bench.serve("a")
        run_id = bench.start(limited(concurrent_exec_limit=1))
        one = worker.waiting.popleft()
        bench.kernel.submit(Report(run_id, one.seq, TaskStatus.FAILED_WITH_TERMINAL_ERROR))
        bench.ask(RestartRequest(run_id))
        (slot,) = bench.backend.slots()
        assert (slot.run_id, slot.seq) == (run_id, worker.waiting[0].seq)

    def test_a_crash_leaks_no_slot(self) -> None:
        """The slot of an attempt whose process died goes with the attempt; the limit holds over processes."""
        store = MemoryBackend()
        store.is_shared = store.is_durable = True
        clock, dead = VirtualClock(), set[str]()
        one, two = (Bench(store, clock=clock, seed=n, name=f"e{n}", dead=dead) for n in (1, 2))
        ones = one.serve("a")
        runs = [one.start(limited(concurrent_exec_limit=1)) for _ in range(3)]
        assert at_work(ones) == runs[:1]
        twos = two.serve("a")
        two.advance(2)
        assert not twos.waiting
        dead.add("e1")
        two.advance(2)
        done = []
        while twos.waiting:
            assert len(twos.waiting) == len(store.slots()) == 1
            done.append(twos.waiting[0].run_id)
            two.complete(twos.waiting.popleft())
            two.advance(2)
        assert done == runs
        assert store.slots() == []

    def test_an_end_in_one_process_lets_in_what_another_holds(self) -> None:
        """Who frees a slot hands the next one out, whoever holds its run."""
        store = MemoryBackend()
        store.is_shared = store.is_durable = True
        clock = VirtualClock()
        one, two = (Bench(store, clock=clock, seed=n, name=f"e{n}") for n in (1, 2))
        ones, twos = one.serve("a"), two.serve("a")
        mine, theirs = one.start(limited(concurrent_exec_limit=1)), two.start(limited(concurrent_exec_limit=1))
        assert at_work(ones) == [mine]
        assert not twos.waiting
        one.complete(ones.waiting.popleft())
        assert at_work(ones) == [theirs]
        one.complete(ones.waiting.popleft())
        assert {two.run(run_id).status for run_id in (mine, theirs)} == {RunStatus.COMPLETED}


def test_sub_workflows_are_limited_like_other_tasks() -> None:
    """As many children as the task's limit go on; the next is started when one ends."""
    bench = Bench()
    worker = bench.serve("a")
    child = WorkflowDef(name="child", tasks=(WorkflowTask(name="a", task_reference_name="a"),))
    call = WorkflowTask(
        name="call",
        task_reference_name="call",
        type="SUB_WORKFLOW",
        sub_workflow_param=SubWorkflowParams(workflow_definition=child),
        task_definition=TaskDef(name="call", concurrent_exec_limit=1, retry_count=0),
    )
    runs = [bench.start(WorkflowDef(name="parent", tasks=(call,))) for _ in range(3)]
    for done in range(3):
        assert len(worker.waiting) == 1
        assert sum(bench.run(run_id).tasks[0].status is TaskStatus.SCHEDULED for run_id in runs) == 2 - done
        bench.complete(worker.waiting.popleft())
    assert {bench.run(run_id).status for run_id in runs} == {RunStatus.COMPLETED}
    assert bench.backend.slots() == []


def test_a_sub_workflow_that_lives_again_counts() -> None:
    """It need not wait for room, as a run that is retried need not; the next one waits for it."""
    bench = Bench()
    worker = bench.serve("a")
    child = WorkflowDef(name="child", tasks=(WorkflowTask(name="a", task_reference_name="a", retry_count=0),))
    call = WorkflowTask(
        name="call",
        task_reference_name="call",
        type="SUB_WORKFLOW",
        sub_workflow_param=SubWorkflowParams(workflow_definition=child),
        task_definition=TaskDef(name="call", concurrent_exec_limit=1, retry_count=0),
    )
    parent = WorkflowDef(name="parent", tasks=(call,))
    first = bench.start(parent)
    bench.fail(worker.waiting.popleft())
    assert bench.backend.slots() == []

    bench.ask(Retry(str(bench.run(first).tasks[0].sub_workflow_id)))
    second = bench.start(parent)

    assert [slot.run_id for slot in bench.backend.slots()] == [first]
    assert bench.run(second).tasks[0].status is TaskStatus.SCHEDULED
    bench.complete(worker.waiting.popleft())
    bench.complete(worker.waiting.popleft())
    assert {bench.run(run_id).status for run_id in (first, second)} == {RunStatus.COMPLETED}


class TestRates:
    """``rateLimitPerFrequency`` of a task."""

    def test_no_more_begin_in_a_time_than_the_rate(self) -> None:
        """Of five, two begin at once, and two more in each ten seconds, however quickly they end."""
        bench = Bench()
        worker = bench.serve("a")
        definition = limited(rate_limit_per_frequency=2, rate_limit_frequency_in_seconds=10)
        runs = [bench.start(definition) for _ in range(5)]
        began = []
        for second in range(30):
            while worker.waiting:
                began.append((second, worker.waiting[0].run_id))
                bench.complete(worker.waiting.popleft())
            bench.advance(1)
        assert [second for second, _ in began] == [0, 0, 10, 10, 20]
        assert {run_id for _, run_id in began} == set(runs)

    def test_what_is_given_back_in_the_same_commit_keeps_its_turn(self) -> None:
        """An attempt that is handed out, given back and offered again at once is counted once, and handed out once."""
        bench = Bench()
        worker = bench.serve("a")
        run_id = bench.ids.run_id()
        bench.kernel.ask(StartRequest(run_id, {}, definition=limited(rate_limit_per_frequency=1)))
        bench.kernel.submit(Released(run_id, 1))
        bench.settle()
        assert at_work(worker) == [run_id]
        (row,) = bench.backend.load_tasks(run_id)
        assert row.open_queue is None
        assert len(bench.backend.slots()) == 1

    def test_a_worker_without_room_uses_no_rate_up(self) -> None:
        """What cannot begin yet is not counted, and does not begin in one burst later."""
        bench = Bench()
        worker = bench.serve("a", size=1)
        runs = [bench.start(limited(rate_limit_per_frequency=2)) for _ in range(3)]
        assert at_work(worker) == runs[:1]
        bench.advance(60)
        assert len(bench.backend.slots()) == 1
        for _ in range(2):
            bench.complete(worker.waiting.popleft())
            bench.advance(0.001)
        assert at_work(worker) == runs[2:]


class TestRuns:
    """``rateLimitConfig`` of a workflow."""

    def test_runs_wait_for_those_of_their_key(self) -> None:
        """The second run of a customer begins when the first has ended; other customers' do at once."""
        bench = Bench()
        worker = bench.serve("a")
        first, second, third = (bench.start(keyed(), {"customer": "x"}) for _ in range(3))
        other = bench.start(keyed(), {"customer": "y"})
        assert at_work(worker) == [first, other]
        waiting = bench.run(second)
        assert (waiting.status, waiting.tasks, waiting.rate_limited) == (RunStatus.RUNNING, (), True)
        assert waiting.rate_limit_key == "x"
        bench.complete(worker.waiting.popleft())
        assert at_work(worker) == [other, second]
        assert not bench.run(second).rate_limited
        bench.ask(Terminate(second))
        assert at_work(worker)[-1] == third
        bench.complete(worker.waiting[-1])
        assert [slot.run_id for slot in bench.backend.slots()] == [other]

    def test_one_that_waits_can_be_terminated_and_paused(self) -> None:
        """A run that ends while it waits leaves the line; a paused one begins when it is resumed."""
        bench = Bench()
        worker = bench.serve("a")
        first, second, third, fourth = (bench.start(keyed()) for _ in range(4))
        bench.ask(Terminate(second))
        bench.ask(Pause(third))
        bench.complete(worker.waiting.popleft())
        assert bench.run(second).status is RunStatus.TERMINATED
        assert not worker.waiting
        bench.ask(Resume(third))
        assert at_work(worker) == [third]
        bench.complete(worker.waiting.popleft())
        assert at_work(worker) == [fourth]
        assert first != fourth

    def test_a_policy_of_reject_refuses_the_start(self) -> None:
        """Nothing is kept of a refused start; a sub-workflow that is refused is a run that failed."""
        bench = Bench()
        definition = keyed(policy=RateLimitPolicy.REJECT)
        bench.start(definition, {"customer": "x"})
        with pytest.raises(LimitReached, match="1 runs of workflow 'keyed' with the key 'x'"):
            bench.start(definition, {"customer": "x"})
        params = SubWorkflowParams(workflow_definition=definition)
        call = WorkflowTask(
            name="s",
            task_reference_name="s",
            type="SUB_WORKFLOW",
            sub_workflow_param=params,
            input_parameters={"customer": "x"},
        )
        parent = bench.run(bench.start(WorkflowDef(name="p", tasks=(call,))))
        assert parent.status is RunStatus.FAILED
        assert "1 runs of workflow 'keyed' with the key 'x'" in str(parent.reason_for_incompletion)
        assert len(bench.reader.runs(RunFilter(), limit=9, offset=0)) == 3

    @pytest.mark.parametrize("most", [1, 2])
    def test_a_restart_in_the_commit_of_the_end_keeps_the_slot(self, most: int) -> None:
        """A run that ends and begins anew in one commit has one slot, and gives it back at its end."""
        bench = Bench()
        worker = bench.serve("a")
        run_id = bench.start(keyed(most))
        bench.kernel.submit(Terminate(run_id))
        bench.ask(RestartRequest(run_id))
        assert [slot.run_id for slot in bench.backend.slots()] == [run_id]
        bench.complete(worker.waiting[-1])
        assert bench.run(run_id).status is RunStatus.COMPLETED
        assert bench.backend.slots() == []

    def test_a_restart_waits_and_a_retry_does_not(self) -> None:
        """A run that begins anew waits for its turn; one that goes on where it failed counts, and goes on at once."""
        bench = Bench()
        worker = bench.serve("a")
        first = bench.start(keyed())
        bench.fail(worker.waiting.popleft(), terminal=True)
        second = bench.start(keyed())
        bench.ask(RestartRequest(first))
        assert at_work(worker) == [second]
        assert bench.run(first).rate_limited
        bench.complete(worker.waiting.popleft())
        assert at_work(worker) == [first]
        bench.fail(worker.waiting.popleft(), terminal=True)
        third = bench.start(keyed())
        bench.ask(Retry(first))
        assert at_work(worker) == [third, first]
        fourth = bench.start(keyed())
        bench.complete(worker.waiting.popleft())
        assert fourth not in at_work(worker)
        bench.complete(worker.waiting.popleft())
        assert at_work(worker) == [fourth]
