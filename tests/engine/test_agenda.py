"""What a run has still to do, as the store keeps it between two commits (`podium.engine.agenda`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count

import pytest
from engine_flows import Crew, flow, fork, inline, join, loop, simple, switch, task
from hypothesis import given
from hypothesis import strategies as st

from podium.backends.memory import MemoryBackend
from podium.engine.agenda import _each, _spans
from podium.engine.ports import Backend
from podium.engine.requests import StartRequest
from podium.engine.rows import RunRow, WriteSet
from podium.engine.turn import Share
from podium.model.definitions import WorkflowDef
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.testing.bench import Bench, VirtualClock

BRANCHES = 40
NAMES = [f"b{number}" for number in range(BRANCHES)]

#: So little that a fork of forty is cut a dozen times, with a clock that goes on with each look.
SMALL = Share(work_max=4, hard_ms=2)


class Ticking(VirtualClock):
    """A clock that each look moves on."""

    def now(self) -> int:
        """Return the time, a millisecond later than the last time."""
        self.move_to(super().now() + 1)
        return super().now()


class Recording(MemoryBackend):
    """A store that remembers how many attempts it was told of, and what each commit says is still to do."""

    is_shared = True  # so that somebody looks after the runs of the dead

    def __init__(self) -> None:
        super().__init__()
        self.agendas: list[bytes] = []
        self.changed = 0

    def commit(self, writes: WriteSet) -> None:
        """Commit, and remember."""
        super().commit(writes)
        self.changed += len(writes.tasks)
        self.agendas += [row.data for row in (*writes.new_runs, *writes.runs) if b"todo" in row.data]


def plain() -> WorkflowDef:
    """Return a fork of many branches of one step."""
    return flow(fork("split", *([simple(name, name="work")] for name in NAMES)), join("merge", *NAMES))


def mixed() -> WorkflowDef:
    """Return a fork whose branches lay out more than one place, some of it at once."""
    branches = (
        [switch(name, "${workflow.input.kind}", {"x": [simple(f"{name}x", name="work")]}), inline(f"{name}i", "1")]
        for name in NAMES
    )
    return flow(fork("split", *branches), join("merge", *(f"{name}i" for name in NAMES)))


def made() -> WorkflowDef:
    """Return a fork, in a loop, that makes its branches at run time."""
    maker = task(
        TaskType.FORK_JOIN_DYNAMIC,
        "split",
        inputs={"forkTaskName": "work", "forkTaskInputs": [{"n": number} for number in range(BRANCHES)]},
    )
    return flow(loop("around", "$.around['iteration'] < 2", maker, join("merge")))


def killed_after(commits: int, definition: WorkflowDef, backend: Backend) -> tuple[Bench, str]:
    """Start a run, kill its process after so many commits, and return the process that takes the run over."""
    dead: set[str] = set()
    first = Bench(backend, name="first", clock=Ticking(), dead=dead, share=SMALL)
    run_id = first.ids.run_id()
    Crew(first, "work")
    first.register(definition)
    before = first.kernel.counts.commits
    first.kernel.ask(StartRequest(run_id, {"kind": "x"}, name=definition.name))
    while first.kernel.counts.commits - before < commits and first.kernel.step():
        pass
    dead.add("first")
    second = Bench(backend, name="second", dead=dead, seed=1, clock=first.clock, share=SMALL)
    return second, run_id


@pytest.mark.parametrize("definition", [plain, mixed, made])
def test_whoever_takes_a_run_over_does_all_that_was_left(definition: Callable[[], WorkflowDef]) -> None:
    """A process dies after any of the commits that a wide fork takes: the next makes every branch, and once."""
    for commits in count(1):
        second, run_id = killed_after(commits, definition(), Recording())
        was_cut = second.reader.run(run_id).status is RunStatus.RUNNING and b"todo" in _data(second, run_id)
        crew = Crew(second, "work")
        second.advance(60)
        while crew.worker.waiting:
            crew.complete_all()
        run = second.run(run_id)
        assert run.status is RunStatus.COMPLETED, commits
        refs = [attempt.reference_task_name for attempt in run.tasks]
        assert len(refs) == len(set(refs)), commits
        assert all(attempt.status is TaskStatus.COMPLETED for attempt in run.tasks), commits
        if not was_cut:
            assert commits > 5, "the fork was not cut"
            break


def _data(bench: Bench, run_id: str) -> bytes:
    return bench.backend.load_runs([run_id])[run_id].data


@pytest.mark.parametrize("definition", [plain, made])
def test_an_agenda_of_many_branches_takes_few_bytes(definition: Callable[[], WorkflowDef]) -> None:
    """What is written with each commit of a wide fork does not grow with its width."""
    store = Recording()
    killed_after(10**6, definition(), store)
    assert len(store.agendas) > 5
    assert max(map(len, store.agendas)) < 400


def test_an_attempt_that_is_handed_out_is_not_written_for_it() -> None:
    """The branches of a fork that was cut before their turns are written when they are made, and when they end."""
    store = Recording()
    killed_after(10**6, plain(), store)
    assert store.changed <= 2  # the fork, whose end was acted on, and the JOIN


@pytest.mark.parametrize("definition", [plain, mixed, made])
def test_an_agenda_of_an_earlier_version_is_read(definition: Callable[[], WorkflowDef]) -> None:
    """Each place and each turn by itself, as they were written before 0.2: the run goes on all the same."""
    for commits in range(1, 30, 4):
        store = Recording()
        second, run_id = killed_after(commits, definition(), store)
        row = store.load_runs([run_id])[run_id]
        if b"todo" in row.data:
            store.commit(WriteSet(runs=[_spelt_out(row, definition())]))
        crew = Crew(second, "work")
        second.advance(60)
        while crew.worker.waiting:
            crew.complete_all()
        assert second.run(run_id).status is RunStatus.COMPLETED


def _spelt_out(row: RunRow, definition: WorkflowDef) -> RunRow:
    data = json.loads(row.data)
    todo = data["todo"]
    is_static = definition.tasks[0].type == TaskType.FORK_JOIN
    names = NAMES if is_static else [f"_work_{number}" for number in range(BRANCHES)]
    asked = []
    for ref, iterations, *span in todo["asked"]:
        numbers = range(span[0], span[1] - 1, -1) if span else None
        asked += [[ref, iterations]] if numbers is None else [[names[number], iterations] for number in numbers]
    todo["asked"] = asked
    for part in ("turns", "next", "later"):
        todo[part] = [list(turn) for turn in _each(todo[part])]
    return row._replace(data=json.dumps(data).encode(), revision=row.revision + 1)


@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from(["start", "look"]))))
def test_what_is_put_together_comes_apart_again(turns: list[tuple[int, str]]) -> None:
    """Spans of turns give the very turns that they were made of, in their order."""
    assert list(_each(_spans(turns))) == turns
