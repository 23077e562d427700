"""Payloads of any size: how a store keeps large ones is its own matter, and nobody sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import RunFilter, RunRow, TaskRow, WriteSet
from podium.engine.searches import Compare, Every, Search
from podium.testing.backend_fixtures import StoreFixtures, a_run, a_task

#: The number of an attempt that is none of a run's first ones, which some stores find otherwise.
_LATE = 70


def a_payload(mark: str, size: int = 100_000) -> bytes:
    """Return JSON of a size that has a text at its end and at no other place."""
    return b'{"x":"' + b"x" * size + mark.encode() + b'"}'


def _large_run(run_id: str = "run-1") -> RunRow:
    payloads = {name: a_payload(f"{name} of {run_id}") for name in ("input", "output", "variables")}
    return a_run(run_id, **payloads)


def _large_task(run_id: str = "run-1", seq: int = 1) -> TaskRow:
    given, gave = (a_payload(f"given {way} {run_id} {seq}") for way in ("to", "by"))
    return a_task(run_id, seq, input=given, output=gave)


_RUNS = [_large_run("run-1"), _large_run("run-2"), a_run("run-3")]
_TASKS = [_large_task("run-1", 1), _large_task("run-1", _LATE), a_task("run-2", 1), _large_task("run-2", 2)]


def _search(*where: Compare) -> Search:
    return Search(Every(where), (), 10)


class PayloadContract(StoreFixtures):
    """Large payloads come back as they were written, however they are asked for and changed."""

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            (lambda store: store.load_runs(["run-1", "run-2", "run-3"]), {run.run_id: run for run in _RUNS}),
            (lambda store: store.load_tasks("run-1"), _TASKS[:2]),
            (lambda store: store.load_task("run-1", 1), _TASKS[0]),
            (lambda store: store.load_current_tasks(["run-1"]), {"run-1": _TASKS[:2]}),
            (
                lambda store: store.load_current_tasks(["run-1", "run-2"]),
                {"run-1": _TASKS[:2], "run-2": _TASKS[2:]},
            ),
            (lambda store: store.load_bodies("run-1", ["reserve"]), _TASKS[:2]),
            (lambda store: store.search_runs(_search(Compare("run_id", "=", "run-2"))), _RUNS[1:2]),
            (lambda store: store.search_runs(_search(Compare("input", "holds", "input of run-2"))), _RUNS[1:2]),
            (lambda store: store.search_runs(_search(Compare("output", "holds", "output of run-2"))), _RUNS[1:2]),
            (lambda store: store.search_tasks(_search(Compare("input", "holds", "given to run-2"))), _TASKS[3:]),
            (lambda store: store.search_tasks(_search(Compare("output", "holds", "given by run-2"))), _TASKS[3:]),
            (lambda store: store.search_runs_by_tasks(_search(Compare("output", "holds", "by run-2 2"))), _RUNS[1:2]),
            (lambda store: store.count_runs(Compare("input", "holds", "input of run-")), 2),
            (lambda store: store.count_tasks(Compare("input", "holds", "given to run-1")), 2),
            (lambda store: store.count_runs_by_tasks(Compare("input", "holds", "given to run-")), 2),
            (lambda store: len(store.list_runs(RunFilter(input="input of run-"), 9, 0)), 2),
            (lambda store: len(store.list_runs(RunFilter(output="output of run-1"), 9, 0)), 1),
            (lambda store: len(store.list_runs(RunFilter(text="variables of run-1"), 9, 0)), 1),
            (lambda store: len(store.list_runs(RunFilter(text="given to run-1"), 9, 0)), 0),
        ],
    )
    def test_large_payloads_are_found_whole(
        self, store: Backend, asked: Callable[[Backend], object], found: object
    ) -> None:
        """Whoever asks gets what was written, among small ones; and what is in them is searched."""
        store.commit(WriteSet(new_runs=_RUNS, new_tasks=_TASKS))

        assert asked(store) == found

    @pytest.mark.parametrize(
        "payloads",
        [
            ["{}", "large", "large", "larger", "{}", "large"],
            ["large", "{}", "{}", "larger"],
            ["large", "as large"],
        ],
    )
    def test_payloads_change_their_size(self, store: Backend, payloads: list[str]) -> None:
        """Large after small and small after large, and the same again, of runs and of attempts that end or go on."""
        written = [text.encode() if text == "{}" else a_payload(text) for text in payloads]
        run, task, other = a_run(input=written[0]), a_task(output=written[0]), a_task(seq=2, output=written[0])
        store.commit(WriteSet(new_runs=[run], new_tasks=[task, other]))
        for each in written[1:]:
            run = run._replace(revision=run.revision + 1, input=each, output=each, variables=each, updated_at=9)
            task = task._replace(output=each, updated_at=9)
            other = other._replace(output=each, due_at=7)
            store.commit(WriteSet(runs=[run], tasks=[task, other], ended_tasks=1))
            assert store.load_runs(["run-1"]) == {"run-1": run}
            assert store.load_tasks("run-1") == [task, other]

    def test_a_step_leaves_large_payloads_alone(self, store: Backend) -> None:
        """What changes nothing of them changes nothing of them."""
        run, task = _large_run(), _large_task()
        store.commit(WriteSet(new_runs=[run], new_tasks=[task]))
        run = run._replace(revision=2, updated_at=9, data=b'{"a":1}')
        ended = task._replace(status="COMPLETED", output=b"{}")
        store.commit(WriteSet(runs=[run], stepped_runs=1, tasks=[ended._replace(input=b"")], ended_tasks=1))

        assert store.load_runs(["run-1"]) == {"run-1": run}
        assert store.load_tasks("run-1") == [ended]

    def test_nothing_of_large_payloads_is_found_after_their_run(self, store: Backend) -> None:
        """A run of the same id, and attempts with the same numbers, have their own."""
        store.commit(WriteSet(new_runs=[_large_run()], new_tasks=[_large_task(seq=1), _large_task(seq=2)]))
        fresh = [a_task(seq=1), a_task(seq=2, input=a_payload("anew"))]
        store.commit(WriteSet(emptied_runs=["run-1"], new_tasks=fresh))
        assert store.load_tasks("run-1") == fresh
        store.commit(WriteSet(deleted_tasks=[("run-1", 2)]))
        store.commit(WriteSet(new_tasks=fresh[1:]))
        assert store.load_tasks("run-1") == fresh

        ended = _large_run()._replace(revision=2, status="COMPLETED", ended_at=2_000)
        store.commit(WriteSet(runs=[ended]))
        store.delete_runs(["run-1"])
        store.commit(WriteSet(new_runs=[a_run()]))
        assert store.load_runs(["run-1"]) == {"run-1": a_run()}
        assert store.load_tasks("run-1") == []
