from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence

import pytest

from podium.backends.faulty import FaultRates, FaultyBackend
from podium.backends.memory import MemoryBackend
from podium.engine.events import Pause, Resume, Retry
from podium.engine.missing import ScriptCall
from podium.engine.requests import Register, RestartRequest, StartRequest
from podium.engine.rows import WriteSet
from podium.engine.scripts import IsolatedScripts
from podium.model.assignments import Report
from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.errors import CommitUncertain, StoreUnavailable
from podium.model.payloads import dump
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue
from podium.testing.bench import Bench, VirtualClock

# Every test here is a bug that the simulation found (`python -m podium.testing.simulate --seeds <seed>`).


def shared_memory() -> MemoryBackend:
    """Return a store in memory that several engines of a test share."""
    store = MemoryBackend()
    store.is_shared = store.is_durable = True
    return store


def two_engines() -> tuple[Bench, Bench]:
    """Return two engine processes on one store."""
    store, clock, dead = shared_memory(), VirtualClock(), set[str]()
    return (
        Bench(store, clock=clock, seed=1, name="e1", dead=dead),
        Bench(store, clock=clock, seed=2, name="e2", dead=dead),
    )


def worker(ref: str, **fields: JsonValue) -> WorkflowTask:
    """Return a worker task whose queue is its reference name."""
    return WorkflowTask(name=ref, task_reference_name=ref, **fields)


def flow(*tasks: WorkflowTask, name: str = "main", **fields: JsonValue) -> WorkflowDef:
    """Return a definition."""
    return WorkflowDef(name=name, tasks=tasks, **fields)


class UncertainOnce(FaultyBackend):
    """Does the first commit without saying so, and then has the given faults."""

    def __init__(self, inner: MemoryBackend, afterwards: FaultRates) -> None:
        super().__init__(inner, random.Random(0), FaultRates())
        self._is_first = True
        self._afterwards = afterwards

    def commit(self, writes: WriteSet) -> None:
        """Write, the first time in secret."""
        self.inner.commit(writes)
        if self._is_first:
            self._is_first = False
            self._rates = self._afterwards
            raise CommitUncertain


def refs(bench: Bench, run_id: str) -> Sequence[str]:
    """Return the reference names of a run's attempts."""
    return [task.reference_task_name for task in bench.run(run_id).tasks]


def test_a_result_reaches_a_process_that_remembers_an_older_state() -> None:
    """What another process did meanwhile is noticed also when the old state would ignore the result (seed 9)."""
    one, two = two_engines()
    run_id = one.start(flow(worker("a"), worker("b")))
    workers = two.serve("a", "b")
    two.clock.move_to(two.clock.now() + 1_000)
    two.settle()
    two.complete(workers.waiting.popleft())
    second = workers.waiting.popleft()

    one.ask(Report(run_id, second.seq, TaskStatus.COMPLETED))

    assert one.run(run_id).status is RunStatus.COMPLETED


def test_an_operator_is_not_refused_because_of_an_older_state() -> None:
    """A run that another process paused can be resumed here (seed 16)."""
    one, two = two_engines()
    run_id = one.start(flow(worker("a")))
    two.ask(Pause(run_id))

    one.ask(Resume(run_id))

    assert one.run(run_id).status is RunStatus.RUNNING


def test_a_restart_with_the_latest_definition_stores_it() -> None:
    """The definition that a restart brings is stored with it; the run could not be read again (seed 63)."""
    bench = Bench()
    bench.register(flow(worker("a")))
    run_id = bench.start("main")
    workers = bench.serve("a", "b")
    bench.complete(workers.waiting.popleft())
    bench.register(flow(worker("b"), version=2))

    bench.ask(RestartRequest(run_id, use_latest=True))

    assert refs(bench, run_id) == ["b"]
    assert bench.run(run_id).workflow_version == 2


def test_a_restart_sees_what_was_registered_since_the_last_start() -> None:
    """A new version is known to restarts and sub-workflows at once, not only after the next start."""
    bench = Bench()
    bench.register(flow(worker("a")))
    run_id = bench.start("main")
    workers = bench.serve("a")
    bench.complete(workers.waiting.popleft())
    bench.ask(RestartRequest(run_id, use_latest=True))
    bench.complete(workers.waiting.popleft())
    bench.register(flow(worker("b"), version=2))

    bench.ask(RestartRequest(run_id, use_latest=True))

    assert refs(bench, run_id) == ["b"]


def test_what_may_have_happened_is_not_said_to_have_failed() -> None:
    """A start whose commit was uncertain is not refused as one that changed nothing (seed 22)."""
    bench = Bench(UncertainOnce(shared_memory(), FaultRates(read=1.0)).as_backend)
    reply = bench.kernel.ask(StartRequest("run", {}, definition=flow(worker("a"))))
    bench.settle()
    bench.advance(1)

    with pytest.raises(CommitUncertain):
        reply.wait(0.0)


def test_an_attempt_that_came_back_by_another_process_is_handed_out_again() -> None:
    """Who once had an attempt in hand may get it again, also if its word went to another process (seed 19)."""
    one, two = two_engines()
    run_id = one.start(flow(worker("a")))
    workers = two.serve("a")
    two.clock.move_to(two.clock.now() + 1_000)
    two.settle()
    assignment = workers.waiting.popleft()
    one.report(assignment, TaskStatus.IN_PROGRESS, callback_after_s=3)
    one.advance(3)

    two.clock.move_to(two.clock.now() + 1_000)
    two.settle()
    two.complete(workers.waiting.popleft())

    assert one.run(run_id).status is RunStatus.COMPLETED


def test_a_claim_that_was_uncertain_is_given_out() -> None:
    """What a process claimed in a commit that it did not hear of is handed to its worker all the same (seed 161)."""
    store, clock = shared_memory(), VirtualClock()
    one = Bench(store, clock=clock, seed=1, name="e1")
    two = Bench(UncertainOnce(store, FaultRates()).as_backend, clock=clock, seed=2, name="e2")
    one.start(flow(worker("a")))
    workers = two.serve("a")

    for _ in range(3):
        clock.move_to(clock.now() + 1_000)
        two.settle()

    assert len(workers.waiting) == 1


def test_branches_that_only_an_earlier_iteration_had_can_be_read_again() -> None:
    """A dynamic fork in a loop may make other branches each time; the old ones are still known (seed 370)."""
    items = {"forkTaskName": "a", "forkTaskInputs": "${counted.output.items}"}
    fork = WorkflowTask(name="each", task_reference_name="each", type="FORK_JOIN_DYNAMIC", input_parameters=items)
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN")
    loop = WorkflowTask(
        name="loop",
        task_reference_name="loop",
        type="DO_WHILE",
        loop_condition="$.loop.iteration < 2",
        loop_over=(worker("counted"), fork, join),
    )
    one, two = two_engines()
    workers = one.serve("a", "counted")
    run_id = one.start(flow(loop))
    one.complete(workers.waiting.popleft(), {"items": [1, 2, 3]})
    while len(workers.waiting) > 1 or workers.waiting[0].queue == "a":
        one.complete(workers.waiting.popleft())

    two.ask(Report(run_id, workers.waiting[0].seq, TaskStatus.COMPLETED, {"items": [1]}))
    last = one.run(run_id).tasks[-2]
    two.ask(Report(run_id, last.seq, TaskStatus.COMPLETED))

    assert one.run(run_id).status is RunStatus.COMPLETED


def test_keep_last_n_deletes_what_dynamic_forks_made() -> None:
    """The branches of a dropped iteration go with their fork; a run could not be read without it (seed 446)."""
    branch = {"name": "a", "taskReferenceName": "branch", "type": "NOOP"}
    fork = WorkflowTask(
        name="each",
        task_reference_name="each",
        type="FORK_JOIN_DYNAMIC",
        input_parameters={"tasks": [branch], "inputs": {}},
        dynamic_fork_tasks_param="tasks",
        dynamic_fork_tasks_input_param_name="inputs",
    )
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN")
    loop = WorkflowTask(
        name="loop",
        task_reference_name="loop",
        type="DO_WHILE",
        loop_condition="$.loop.iteration < 3",
        loop_over=(fork, join),
        input_parameters={"keepLastN": 1},
    )
    bench = Bench()
    run_id = bench.start(flow(loop, worker("a")))

    assert [ref for ref in refs(bench, run_id) if ref.startswith("branch")] == ["branch__3"]


def test_an_old_state_beside_new_rows_is_no_bug() -> None:
    """A decision that breaks because another process went on is made again, not given up (seed 1307)."""
    fork = WorkflowTask(
        name="each",
        task_reference_name="each",
        type="FORK_JOIN_DYNAMIC",
        input_parameters={"forkTaskName": "b", "forkTaskInputs": [1]},
    )
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN")
    one, two = two_engines()
    one.register(flow(worker("c"), name="after"))
    run_id = one.start(flow(worker("a"), fork, join, failure_workflow="after"))
    two.ask(Report(run_id, 1, TaskStatus.COMPLETED))

    one.ask(Report(run_id, 1, TaskStatus.FAILED_WITH_TERMINAL_ERROR))

    assert one.run(run_id).status is RunStatus.RUNNING


def test_a_process_that_the_store_does_not_know_holds_nothing() -> None:
    """Before its first sign of life is stored a process commits nothing: nobody could find it (seeds 3872, 372)."""
    store = shared_memory()
    bench = Bench(FaultyBackend(store, random.Random(0), FaultRates(read=1.0)).as_backend)
    reply = bench.kernel.ask(StartRequest("run", {}, definition=flow(worker("a"))))
    bench.settle()

    with pytest.raises(StoreUnavailable):
        reply.wait(0.0)
    assert not store.load_runs(["run"])


def test_what_keep_last_n_deleted_is_forgotten_in_memory_too() -> None:
    """An expression must not see more before a restart of the process than after it (laws, seed 160)."""
    case = WorkflowTask(
        name="case",
        task_reference_name="case",
        type="SWITCH",
        evaluator_type="value-param",
        expression="on",
        input_parameters={"on": "${loop.output.iteration}"},
        decision_cases={"1": (worker("early"),)},
    )
    loop = WorkflowTask(
        name="loop",
        task_reference_name="loop",
        type="DO_WHILE",
        loop_condition="$.loop.iteration < 3",
        loop_over=(case, worker("late")),
        input_parameters={"keepLastN": 1},
    )
    bench = Bench()
    workers = bench.serve("early", "late")
    run_id = bench.start(flow(loop, output_parameters={"early": "${early.output.n}"}))
    while workers.waiting:
        bench.complete(workers.waiting.popleft(), {"n": 1})

    assert bench.run(run_id).output == {"early": None}


def test_a_step_that_only_attaches_or_registers_is_followed_by_another() -> None:
    """A step that read as much as it may from its inbox says that there may be more (seed 3)."""
    bench = Bench()
    bench.kernel.register(Register([flow(worker("a"))]))
    bench.kernel.ask(StartRequest("run", {}, name="main"))
    limit = bench.kernel._ports.group_max
    replies = [bench.kernel.register(Register()) for _ in range(limit)]

    bench.settle()

    assert all(reply.wait(0.0) is None for reply in replies)


def test_the_results_of_several_slow_scripts_are_kept_for_the_decision_that_needs_them_all() -> None:
    """A decision that breaks off at its second slow script still has the result of the first, whoever commits then."""
    scripts = IsolatedScripts()
    scripts._keep(("script", "slow($.x)", dump({"x": 1})), "first", None)
    scripts.evaluate("slow($.x)", {"x": 1})
    done = threading.Event()
    scripts.run_aside(ScriptCall("script", "slow($.x)", {"x": 2}), done.set)

    scripts.settled()

    assert scripts.evaluate("slow($.x)", {"x": 1}) == "first"
    assert done.wait(30)
    scripts.close()


def test_a_retry_goes_on_where_the_end_of_the_run_cut_the_flow_off() -> None:
    """Two branches end in one decision and one of them fails the run: the other's next task is not lost (seed 5851)."""
    fork = WorkflowTask(
        name="fork",
        task_reference_name="fork",
        type="FORK_JOIN",
        fork_tasks=((worker("good"), worker("next")), (worker("bad", retry_count=0),)),
    )
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN", join_on=("next", "bad"))
    bench = Bench()
    workers = bench.serve("good", "next", "bad")
    run_id = bench.start(flow(fork, join))
    bench.ask(Pause(run_id))
    bench.complete(workers.waiting.popleft())
    bench.fail(workers.waiting.popleft())
    bench.ask(Resume(run_id))
    assert bench.run(run_id).status is RunStatus.FAILED

    bench.ask(Retry(run_id))
    while workers.waiting:
        bench.complete(workers.waiting.popleft())

    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert sorted(refs(bench, run_id)) == ["bad", "bad", "fork", "good", "join", "next"]


def test_a_retry_begins_the_iteration_that_the_end_of_the_run_cut_off() -> None:
    """A loop whose next iteration was not entered before the run ended does not skip that iteration."""
    loop = WorkflowTask(
        name="loop",
        task_reference_name="loop",
        type="DO_WHILE",
        loop_condition="$.loop.iteration < 2",
        loop_over=(worker("turn"),),
    )
    fork = WorkflowTask(
        name="fork", task_reference_name="fork", type="FORK_JOIN", fork_tasks=((worker("first"),), (loop,))
    )
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN", join_on=("first", "loop"))
    bench = Bench()
    workers = bench.serve("first", "turn")
    run_id = bench.start(flow(fork, join))
    bench.ask(Pause(run_id))
    bench.fail(workers.waiting.popleft(), terminal=True)
    bench.complete(workers.waiting.popleft())
    bench.ask(Resume(run_id))
    assert bench.run(run_id).status is RunStatus.FAILED

    bench.ask(Retry(run_id))
    while workers.waiting:
        bench.complete(workers.waiting.popleft())

    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert [ref for ref in refs(bench, run_id) if ref.startswith("turn")] == ["turn__1", "turn__2"]


def child(ref: str) -> WorkflowTask:
    """Return a sub-workflow of one worker task, `<ref>_work`."""
    inline = flow(worker(f"{ref}_work"), name=f"{ref}_flow")
    params = SubWorkflowParams(name=inline.name, workflow_definition=inline)
    return WorkflowTask(name=ref, task_reference_name=ref, type="SUB_WORKFLOW", sub_workflow_param=params)


def child_of(bench: Bench, run_id: str, ref: str) -> str:
    """Return the run that an attempt started."""
    task = bench.run(run_id).task(ref)
    assert task is not None
    return task.sub_workflow_id or ""


def test_a_join_waits_for_a_child_that_was_restarted() -> None:
    """A JOIN that still waits for others waits for a branch again that lives again (seed 6491)."""
    fork = WorkflowTask(
        name="fork",
        task_reference_name="fork",
        type="FORK_JOIN",
        fork_tasks=((child("sub"),), (worker("other"),)),
    )
    join = WorkflowTask(name="join", task_reference_name="join", type="JOIN", join_on=("sub", "other"))
    bench = Bench()
    workers = bench.serve("sub_work", "other")
    run_id = bench.start(flow(fork, join))
    other = next(one for one in workers.waiting if one.queue == "other")
    workers.waiting.remove(other)
    bench.complete(workers.waiting.popleft())
    bench.ask(RestartRequest(child_of(bench, run_id, "sub")))

    bench.complete(other)
    assert bench.run(run_id).status is RunStatus.RUNNING
    bench.complete(workers.waiting.popleft())

    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_a_child_of_a_past_iteration_lives_again_alone() -> None:
    """A loop that has gone on does not take back what its last iteration did, and does it no second time."""
    loop = WorkflowTask(
        name="loop",
        task_reference_name="loop",
        type="DO_WHILE",
        loop_condition="$.loop.iteration < 2",
        loop_over=(worker("before"), child("sub"), worker("after")),
    )
    bench = Bench()
    workers = bench.serve("before", "sub_work", "after")
    run_id = bench.start(flow(loop))
    for _ in range(3):
        bench.complete(workers.waiting.popleft())

    bench.ask(RestartRequest(child_of(bench, run_id, "sub__1")))
    while workers.waiting:
        bench.complete(workers.waiting.popleft())

    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert Counter(refs(bench, run_id)).most_common(1)[0][1] == 1
