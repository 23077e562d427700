from __future__ import annotations

from collections import Counter

import pytest
from engine_flows import Crew, attempt_of, flow, fork, inline, join, simple, task, times

from podium.backends.memory import MemoryBackend
from podium.engine.rows import WriteSet
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench


class CountingBackend(MemoryBackend):
    """A store that counts the rows that it is given, and those that are read from it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Counter[str] = Counter()
        self.commits = 0

    def commit(self, writes: WriteSet) -> None:
        """Count and commit."""
        for part in ("new_runs", "runs", "new_tasks", "tasks", "deleted_tasks"):
            self.rows[part] += len(getattr(writes, part))
        self.commits += 1
        super().commit(writes)


@pytest.fixture
def store() -> CountingBackend:
    """A counting store in memory."""
    return CountingBackend()


def wide(width: int) -> WorkflowDef:
    """Return a fork of so many branches."""
    names = [f"b{n}" for n in range(width)]
    return flow(fork("split", *([simple(name, name="work")] for name in names)), join("merge", *names))


def test_a_fork_of_a_thousand_branches(store: CountingBackend) -> None:
    """Each branch is written once when it is made and once when it ends; the JOIN is not rewritten for each."""
    bench = Bench(store)
    run_id = bench.start(wide(1000))
    assert store.rows["new_tasks"] == 1002
    crew = Crew(bench, "work")
    bench.advance(0.1)
    store.rows.clear()
    crew.complete_all({"n": 1})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert len(attempt_of(run, "merge").output_data) == 1000
    assert store.rows["tasks"] == 1001
    assert store.rows["new_tasks"] == 0
    assert store.rows["runs"] <= 1001


def test_a_loop_of_two_thousand_iterations(store: CountingBackend) -> None:
    """Rows stay in proportion, the output has every iteration, and other runs get their turn meanwhile."""
    bench = Bench(store)
    run_id = bench.start(flow(times("again", 2000, inline("a", "$.i", i="${again.output.iteration}"))))
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert len(run.tasks) == 2001
    assert attempt_of(run, "again").output_data["2000"] == {"a": {"result": 2000}}
    assert store.rows["new_tasks"] == 2001
    assert store.rows["tasks"] <= 10
    assert store.commits <= 10


@pytest.mark.parametrize("iterations", [50, 400])
def test_a_loop_of_worker_tasks_costs_the_same_each_time(store: CountingBackend, iterations: int) -> None:
    """An iteration writes its attempt, the loop and the run: a constant number of rows."""
    bench = Bench(store)
    run_id = bench.start(flow(times("again", iterations, simple("a"))))
    Crew(bench, "a").complete_all({"n": 1})
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert store.rows["new_tasks"] == iterations + 1
    assert store.rows["tasks"] <= 3 * iterations + 5
    assert store.rows["runs"] <= 2 * iterations + 5


def test_a_loop_that_keeps_little_holds_little(store: CountingBackend) -> None:
    """``keepLastN`` deletes an attempt for each that it makes."""
    bench = Bench(store)
    run_id = bench.start(flow(times("again", 300, simple("a"), inputs={"keepLastN": 2})))
    Crew(bench, "a").complete_all({"n": 1})
    run = bench.run(run_id)
    assert [one.reference_task_name for one in run.tasks] == ["again", "a__299", "a__300"]
    assert store.rows["deleted_tasks"] == 298


def test_a_dynamic_fork_of_a_thousand(store: CountingBackend) -> None:
    """As wide as a static one."""
    bench = Bench(store)
    spread = task(
        "FORK_JOIN_DYNAMIC", "spread", inputs={"forkTaskInputs": "${workflow.input.items}", "forkTaskName": "w"}
    )
    run_id = bench.start(flow(spread, join("merge")), {"items": list(range(1000))})
    crew = Crew(bench, "w")
    bench.advance(0.1)
    store.rows.clear()
    crew.complete_all({"n": 1})
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert len(attempt_of(run, "merge").output_data) == 1000
    assert store.rows["tasks"] == 1001


def test_many_retries(store: CountingBackend) -> None:
    """A task that fails five hundred times costs three rows each time."""
    bench = Bench(store)
    definition = TaskDef(name="a", retry_count=500, retry_delay_seconds=1)
    run_id = bench.start(flow(simple("a", task_definition=definition)))
    crew = Crew(bench, "a")
    for _ in range(500):
        crew.fail("a")
        bench.advance(1)
    crew.complete("a")
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert store.rows["new_tasks"] == 501
    assert store.rows["tasks"] <= 2 * 501


def test_a_chain_of_hundreds_of_engine_tasks(store: CountingBackend) -> None:
    """One commit writes them all."""
    bench = Bench(store)
    run_id = bench.start(flow(*(inline(f"t{n}", "1") for n in range(900))))
    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert store.commits == 1
    assert store.rows["new_tasks"] == 900


def test_many_runs_share_commits(store: CountingBackend) -> None:
    """Events that are there together are committed together."""
    from podium.engine.requests import StartRequest

    bench = Bench(store)
    definition = flow(inline("a", "1"))
    replies = [bench.kernel.ask(StartRequest(bench.ids.run_id(), {}, definition=definition)) for _ in range(400)]
    bench.settle()
    assert {bench.run(reply.wait(0)).status for reply in replies} == {RunStatus.COMPLETED}
    assert store.commits == 1


@pytest.mark.parametrize(("size", "commits"), [(9_000_000, 3), (1_000, 1)])
def test_few_starts_with_large_inputs_share_a_commit(store: CountingBackend, size: int, commits: int) -> None:
    """Six large ones at once would hold everybody up; each is written once, with what follows it at once."""
    from podium.engine.requests import StartRequest

    bench = Bench(store)
    definition = flow(
        task("WAIT", "w", inputs={"x": "${workflow.input.x}", "duration": "0 seconds"}), inline("after", "1")
    )
    given = {"x": "x" * size}
    replies = [bench.kernel.ask(StartRequest(bench.ids.run_id(), given, definition=definition)) for _ in range(6)]
    bench.settle()
    assert {bench.run(reply.wait(0)).status for reply in replies} == {RunStatus.COMPLETED}
    assert store.commits == commits
    assert store.rows["tasks"] == 0
