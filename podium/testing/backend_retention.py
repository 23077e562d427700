"""What `podium.engine.ports.RetentionStore` finds and removes."""

from __future__ import annotations

from typing import Any

from podium.engine.ports import Backend
from podium.engine.rows import EndedRow, RunFilter, RunRow, StartKeyRow, WriteSet
from podium.testing.backend_fixtures import BIG, StoreFixtures, a_log, a_run, a_task


def an_ended(run_id: str, ended_at: int = 2_000, **columns: Any) -> RunRow:
    """Return a run that is COMPLETED."""
    return a_run(run_id, status="COMPLETED", ended_at=ended_at, **columns)


class RetentionContract(StoreFixtures):
    """Which runs may go, and that nothing of them stays."""

    def test_ended_runs_come_oldest_first_in_parts(self, store: Backend) -> None:
        """ended_runs goes by created_at and run_id, from where the caller was; live runs and sub-workflows are none."""
        store.commit(
            WriteSet(
                new_runs=[
                    an_ended("run-1", created_at=7),
                    an_ended("run-2", created_at=5, name="refund"),
                    an_ended("run-3", created_at=5),
                    an_ended("run-4", ended_at=2_001, created_at=1),
                    a_run("run-5", created_at=1),
                    an_ended("run-6", created_at=1, parent_id="run-9"),
                ],
            ),
        )
        found = [EndedRow(5, "run-2"), EndedRow(5, "run-3"), EndedRow(7, "run-1")]

        assert found == store.ended_runs(2_000, None, None, 10)
        assert [EndedRow(1, "run-4"), *found] == store.ended_runs(BIG, None, None, 10)
        assert found[:2] == store.ended_runs(2_000, None, None, 2)
        assert [found[at:] for at in (1, 2, 3)] == [store.ended_runs(2_000, None, row, 10) for row in found]
        assert found[1:] == store.ended_runs(2_000, "order", None, 10)
        assert found[2:] == store.ended_runs(2_000, "order", found[1], 10)
        assert store.ended_runs(1_999, None, None, 10) == []

    def test_a_run_goes_with_all_that_is_its_own(self, store: Backend) -> None:
        """Attempts, logs, timers, queues and the start key of a deleted run are gone; those of others are there."""
        for run_id in ("run-1", "run-2"):
            store.commit(
                WriteSet(
                    new_runs=[an_ended(run_id)],
                    new_tasks=[a_task(run_id, due_at=5, open_queue="q"), a_task(run_id, 2)],
                    logs=[a_log(run_id)],
                    start_keys=[StartKeyRow("order", run_id, run_id)],
                ),
            )

        assert store.deletable_runs(["run-1"]) == {"run-1": "order"} == store.delete_runs(["run-1", "none"])
        assert [run.run_id for run in store.list_runs(RunFilter(), 9, 0)] == ["run-2"]
        assert list(store.load_runs(["run-1", "run-2"])) == ["run-2"]
        assert (store.load_tasks("run-1"), len(store.load_tasks("run-2"))) == ([], 2)
        assert (store.load_logs("run-1", 1), store.load_logs("run-2", 1)) == ([], [a_log("run-2")])
        assert [(row.run_id, row.seq) for row in store.due(BIG, 9)] == [("run-2", 1)]
        assert [store.run_of_key("order", key) for key in ("run-1", "run-2")] == [None, "run-2"]
        store.commit(WriteSet(new_runs=[a_run("run-1")], start_keys=[StartKeyRow("order", "run-1", "run-1")]))
        assert store.load_tasks("run-1") == []
        assert store.delete_runs(["run-1", "none"]) == store.delete_runs([]) == {}

    def test_a_family_goes_as_a_whole(self, store: Backend) -> None:
        """A run goes with all below it or not at all, and one below goes with its parent only."""
        store.commit(
            WriteSet(
                new_runs=[
                    an_ended("run-1"),
                    an_ended("run-2", name="child", parent_id="run-1"),
                    an_ended("run-3", name="grandchild", parent_id="run-2"),
                    an_ended("run-4"),
                    an_ended("run-5", parent_id="run-4"),
                    a_run("run-6", status="PAUSED", parent_id="run-5"),
                    a_run("run-7"),
                    an_ended("run-8", parent_id="run-7"),
                    an_ended("run-9", parent_id="gone"),
                ],
            ),
        )
        every = [f"run-{number}" for number in range(1, 10)]
        family = {"run-1": "order", "run-2": "child", "run-3": "grandchild"}

        assert store.delete_runs(["run-2", "run-3", "run-5", "run-8"]) == {}
        assert family == store.deletable_runs(["run-1"])
        assert {**family, "run-9": "order"} == store.deletable_runs(every) == store.delete_runs(every)
        assert sorted(store.load_runs(every)) == ["run-4", "run-5", "run-6", "run-7", "run-8"]

    def test_a_run_that_has_changed_stays(self, store: Backend) -> None:
        """With revisions only what is still in them goes; a family stays if one of it is not."""
        store.commit(
            WriteSet(new_runs=[an_ended("run-1"), an_ended("run-2", parent_id="run-1"), an_ended("run-3", revision=4)])
        )

        assert store.delete_runs(["run-1", "run-3"], {"run-1": 1, "run-2": 2, "run-3": 4}) == {"run-3": "order"}
        assert store.delete_runs(["run-1"], {"run-1": 1}) == {}
        assert sorted(store.delete_runs(["run-1"], {"run-1": 1, "run-2": 1})) == ["run-1", "run-2"]

    def test_ten_thousand_runs_go_at_once(self, store: Backend) -> None:
        """A family may be larger than a database's longest list."""
        children = [an_ended(f"child-{number:05}", parent_id="run-1") for number in range(10_000)]
        store.commit(WriteSet(new_runs=[an_ended("run-1"), *children]))

        assert len(store.delete_runs(["run-1", *(child.run_id for child in children)])) == 10_001
        assert store.list_runs(RunFilter(), 9, 0) == []
