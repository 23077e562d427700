"""Idempotency keys: which of several starts makes a run, also among processes and inside of runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, inline, simple, task

from podium.backends.faulty import FaultRates, FaultyBackend
from podium.backends.loader import open_backend
from podium.backends.memory import MemoryBackend
from podium.engine.events import Terminate
from podium.engine.ports import Backend
from podium.engine.requests import StartRequest
from podium.engine.rows import RunFilter, WriteSet
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef
from podium.model.errors import AlreadyExists
from podium.model.statuses import IdempotencyStrategy, RunStatus, TaskStatus
from podium.testing.bench import Bench, VirtualClock

ONE = flow(simple("a"), name="one")
STRATEGIES = list(IdempotencyStrategy)


def start(bench: Bench, strategy: str, workflow: WorkflowDef = ONE, key: str = "k") -> str:
    """Start a run with a key."""
    strategy = IdempotencyStrategy(strategy)
    return bench.start(workflow, {}, idempotency_key=key, idempotency_strategy=strategy)


def calling(strategy: str | None, *, key: str = "k", name: str = "parent", retries: int = 0) -> WorkflowDef:
    """Return a workflow that calls the child with a key."""
    params = SubWorkflowParams(
        name="one", idempotency_key=key, idempotency_strategy=IdempotencyStrategy(strategy) if strategy else None
    )
    definition = TaskDef(name="call", retry_count=retries, retry_delay_seconds=0)
    call = task("SUB_WORKFLOW", "call", sub_workflow_param=params, task_definition=definition)
    return flow(call, inline("after", "1"), name=name)


def launching(strategy: str) -> WorkflowDef:
    """Return a workflow that starts the child with a key."""
    request = {"name": "one", "idempotencyKey": "k", "idempotencyStrategy": strategy}
    return flow(task("START_WORKFLOW", "launch", inputs={"startWorkflow": request}), name="launcher")


@pytest.mark.parametrize("first", STRATEGIES)
def test_while_the_first_run_lives(bench: Bench, first: str) -> None:
    """FAIL and FAIL_ON_RUNNING refuse, RETURN_EXISTING gives the first run, whatever that one was started with."""
    run_id = start(bench, first)
    with pytest.raises(AlreadyExists, match=f"'k' was used for run {run_id} of workflow 'one'$"):
        start(bench, "FAIL")
    with pytest.raises(AlreadyExists, match=f"run {run_id} of workflow 'one', which has not ended$"):
        start(bench, "FAIL_ON_RUNNING")
    assert start(bench, "RETURN_EXISTING") == run_id
    assert start(bench, "FAIL", key="other") != run_id
    assert start(bench, "FAIL", flow(simple("a"), name="two")) != run_id


def test_when_the_first_run_has_ended(bench: Bench) -> None:
    """FAIL refuses and RETURN_EXISTING gives it; FAIL_ON_RUNNING makes another, which has the key from then on."""
    run_id = start(bench, "FAIL")
    bench.ask(Terminate(run_id, "enough"))
    with pytest.raises(AlreadyExists, match="was used"):
        start(bench, "FAIL")
    assert start(bench, "RETURN_EXISTING") == run_id
    second = start(bench, "FAIL_ON_RUNNING")
    assert second != run_id
    assert start(bench, "RETURN_EXISTING") == second
    with pytest.raises(AlreadyExists, match=f"run {second}"):
        start(bench, "FAIL_ON_RUNNING")
    assert bench.run(second).idempotency_key == "k"


def test_the_first_run_of_a_group_has_the_key(bench: Bench) -> None:
    """Starts that are decided together are told apart like any others."""
    replies = [bench.kernel.ask(request) for request in _requests(bench, 3)]
    bench.settle()
    first = replies[0].wait(0)
    assert replies[1].wait(0) == first
    assert replies[2].wait(0) == first
    assert len(bench.backend.list_runs(RunFilter(), 9, 0)) == 1


def _requests(bench: Bench, count: int) -> list[Any]:
    strategy = IdempotencyStrategy.RETURN_EXISTING
    return [
        StartRequest(bench.ids.run_id(), {}, definition=ONE, idempotency_key="k", idempotency_strategy=strategy)
        for _ in range(count)
    ]


class Overtaken(FaultyBackend):
    """A store on which somebody else is faster, once: between what its process has read and its commit."""

    def __init__(self, inner: Backend, rival: Callable[[], object]) -> None:
        super().__init__(inner, random.Random(0), FaultRates())
        self._rivals = [rival]

    def commit(self, writes: WriteSet) -> None:
        """Let the rival go first."""
        if writes.start_keys and self._rivals:
            self._rivals.pop()()
        super().commit(writes)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize(
    ("strategy", "is_used"), [(word, False) for word in STRATEGIES] + [(IdempotencyStrategy.FAIL_ON_RUNNING, True)]
)
def test_of_two_processes_one_wins(tmp_path: Path, kind: str, strategy: str, *, is_used: bool) -> None:
    """A process whose rival commits between its look and its own commit looks again, and does as the strategy says."""
    if kind == "sqlite":
        stores = [open_backend(f"sqlite:///{tmp_path}/podium.db") for _ in range(2)]
    else:
        memory = MemoryBackend()
        memory.is_shared = True
        stores = [memory, memory]
    clock = VirtualClock()
    one = Bench(stores[0], clock=clock, seed=1, name="one")
    two = Bench(Overtaken(stores[1], lambda: start(one, "FAIL_ON_RUNNING")).as_backend, clock=clock, seed=2, name="two")
    if is_used:
        one.ask(Terminate(start(one, "FAIL"), "enough"))
    try:
        answer = start(two, strategy)
    except AlreadyExists as error:
        answer = str(error)
    runs = one.backend.list_runs(RunFilter(name="one", status="RUNNING"), 9, 0)
    assert len(runs) == 1
    assert runs[0].run_id in answer
    assert (answer == runs[0].run_id) == (strategy == "RETURN_EXISTING")
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    ("strategy", "status", "reason"),
    [
        (None, "FAILED_WITH_TERMINAL_ERROR", "was used for run"),
        ("FAIL", "FAILED_WITH_TERMINAL_ERROR", "was used for run"),
        ("FAIL_ON_RUNNING", "FAILED", "which has not ended"),
    ],
)
def test_a_call_whose_key_is_taken_fails(bench: Bench, strategy: str | None, status: str, reason: str) -> None:
    """For good, unless the key will be free when the other run ends."""
    bench.register(ONE)
    first = start(bench, "FAIL")
    run = bench.run(bench.start(calling(strategy)))
    call = attempt_of(run, "call")
    assert (run.status, call.status) == (RunStatus.FAILED, status)
    assert first in (call.reason_for_incompletion or "")
    assert reason in (call.reason_for_incompletion or "")


def test_a_call_shares_the_run_that_has_its_key(bench: Bench) -> None:
    """RETURN_EXISTING waits for the earlier run, and gives its output; nobody's end ends that one."""
    bench.register(ONE)
    crew = Crew(bench, "a")
    first = start(bench, "FAIL")
    runs = [bench.start(calling("RETURN_EXISTING")) for _ in range(2)]
    assert [attempt_of(bench.run(run_id), "call").sub_workflow_id for run_id in runs] == [first, first]
    bench.ask(Terminate(runs[0], "enough"))
    assert bench.run(first).status is RunStatus.RUNNING
    crew.complete("a", {"n": 5})
    call = attempt_of(bench.run(runs[1]), "call")
    assert (bench.run(runs[1]).status, call.output_data) == (RunStatus.COMPLETED, {"n": 5, "subWorkflowId": first})
    assert bench.run(runs[0]).status is RunStatus.TERMINATED
    late = bench.run(bench.start(calling("RETURN_EXISTING")))
    assert (late.status, attempt_of(late, "call").output_data["n"]) == (RunStatus.COMPLETED, 5)


def test_what_is_shared_fails_for_all(bench: Bench) -> None:
    """The reason names the run that failed."""
    bench.register(ONE)
    crew = Crew(bench, "a")
    first = start(bench, "FAIL")
    run_id = bench.start(calling("RETURN_EXISTING"))
    crew.fail("a", "broken")
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert f"one.1/{first} failure reason" in (attempt_of(run, "call").reason_for_incompletion or "")


def test_branches_that_call_with_one_key_make_one_run(bench: Bench) -> None:
    """Two calls in one commit: one starts the run, the other waits for it."""
    bench.register(ONE)
    crew = Crew(bench, "a")
    params = SubWorkflowParams(
        name="one", idempotency_key="k", idempotency_strategy=IdempotencyStrategy.RETURN_EXISTING
    )
    calls = [task("SUB_WORKFLOW", ref, sub_workflow_param=params) for ref in ("x", "y")]
    fork = task("FORK_JOIN", "f", fork_tasks=tuple((call,) for call in calls))
    run_id = bench.start(flow(fork, task("JOIN", "j", join_on=("x", "y")), name="both"))
    crew.complete("a", {"n": 1})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "x").sub_workflow_id == attempt_of(run, "y").sub_workflow_id
    assert len(bench.backend.list_runs(RunFilter(name="one"), 9, 0)) == 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_retry_starts_another_child_with_the_same_key(bench: Bench, strategy: str) -> None:
    """The failed child of the attempt before gives the key up, whatever the strategy."""
    bench.register(ONE)
    crew = Crew(bench, "a")
    run_id = bench.start(calling(strategy, retries=1))
    crew.fail("a", "broken")
    crew.complete("a", {"n": 2})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert attempt_of(run, "call").output_data["n"] == 2


def test_a_call_does_not_wait_for_itself(bench: Bench) -> None:
    """A run that calls with its own key would never end; it fails and says why."""
    params = SubWorkflowParams(
        name="self", idempotency_key="k", idempotency_strategy=IdempotencyStrategy.RETURN_EXISTING
    )
    itself = flow(task("SUB_WORKFLOW", "call", sub_workflow_param=params), name="self")
    bench.register(itself)
    run = bench.run(start(bench, "FAIL", itself))
    assert run.status is RunStatus.FAILED
    assert "waits for this task itself" in (run.reason_for_incompletion or "")


def test_start_workflow_takes_keys_too(bench: Bench) -> None:
    """START_WORKFLOW gives the earlier run's id, or fails, as the strategy says; a wrong one is refused in words."""
    bench.register(ONE)
    first = bench.run(bench.start(launching("FAIL")))
    child = attempt_of(first, "launch").output_data["workflowId"]
    assert bench.run(str(child)).idempotency_key == "k"
    again = bench.run(bench.start(launching("RETURN_EXISTING")))
    assert attempt_of(again, "launch").output_data == {"workflowId": child}
    refused = [attempt_of(bench.run(bench.start(launching(word))), "launch") for word in ("FAIL", "FAIL_ON_RUNNING")]
    assert [one.status for one in refused] == [TaskStatus.FAILED_WITH_TERMINAL_ERROR, TaskStatus.FAILED]
    wrong = attempt_of(bench.run(bench.start(launching("PERHAPS"))), "launch")
    assert "idempotencyStrategy must be one of FAIL, RETURN_EXISTING" in (wrong.reason_for_incompletion or "")
    bench.ask(Terminate(str(child), "enough"))
    fresh = attempt_of(bench.run(bench.start(launching("FAIL_ON_RUNNING"))), "launch")
    assert fresh.output_data["workflowId"] != child
