"""What `podium.engine.ports.Backend.commit` writes, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import (
    DefinitionRow,
    DueRow,
    RunFilter,
    StartKeyRow,
    WorkflowRow,
    WriteSet,
)
from podium.model.errors import InternalError, StaleRun
from podium.testing.backend_fixtures import (
    BIG,
    EVERYTHING,
    StoreFixtures,
    a_log,
    a_run,
    a_start,
    a_task,
    everything_seen,
)


class CommitContract(StoreFixtures):
    """What `Backend.commit` writes, and what it refuses."""

    def test_an_empty_commit_is_fine(self, store: Backend) -> None:
        """A write set without writes changes nothing."""
        store.commit(WriteSet())

        assert store.load_runs(["run-1"]) == {}

    def test_every_column_comes_back_as_it_was_written(self, store: Backend) -> None:
        """Text of any language, bytes of any value, large numbers and large payloads survive."""
        run = a_run(
            "run-ü",
            revision=BIG,
            name="bestellung \N{SNOWMAN} 'quoted' \"twice\" %s ?",
            version=BIG,
            priority=99,
            correlation_id="",
            parent_id="parent",
            parent_seq=7,
            created_at=BIG,
            updated_at=BIG,
            ended_at=BIG,
            due_at=BIG,
            holder="e1",
            reason="r" * 100_000,
            data=bytes(range(256)),
            input=b"x" * 1_000_000,
            output=b"",
            variables=b"null",
        )
        task = a_task(
            "run-ü",
            BIG,
            "ref__12",
            base_ref="ref",
            iteration=12,
            task_def_name="",
            scheduled_at=BIG,
            started_at=BIG,
            ended_at=BIG,
            updated_at=BIG,
            due_at=BIG,
            open_queue="q",
            open_rank=-BIG,
            reason="r" * 100_000,
            output=b"\0",
        )
        store.commit(a_start(task, run=run))

        assert {"run-ü": run} == store.load_runs(["run-ü"])
        assert [task] == store.load_tasks("run-ü")

    def test_all_columns_of_a_run_change_but_what_it_is_found_by(self, store: Backend) -> None:
        """A changed run replaces the row; when it begins anew, also the moment of its start."""
        changed = a_run(
            revision=2,
            version=2,
            digest="digest-2",
            status="COMPLETED",
            updated_at=2_500,
            ended_at=3_000,
            due_at=4_000,
            holder="e1",
            reason="so",
            data=b"1",
            input=b"2",
            output=b"3",
            variables=b"4",
        )
        store.commit(a_start())
        store.commit(WriteSet(runs=[changed]))

        assert changed == store.load_runs(["run-1"])["run-1"]
        assert [changed._replace(input=b"", output=b"", variables=b"")] == store.list_runs(RunFilter(), 10, 0)
        begun = changed._replace(revision=3, created_at=4_000, correlation_id="other")
        store.commit(WriteSet(runs=[begun], moved_runs=["run-1"]))
        assert {"run-1": begun} == store.load_runs(["run-1"])

    def test_a_changed_attempt_keeps_its_place_and_its_input(self, store: Backend) -> None:
        """All columns of an attempt change but run_id, seq, ref, base_ref, iteration and input."""
        before = a_task(ref="body__1", base_ref="body", iteration=1)
        after = before._replace(
            task_type="DONE",
            task_def_name="other",
            status="IN_PROGRESS",
            scheduled_at=1,
            started_at=2,
            ended_at=3,
            updated_at=4,
            due_at=5,
            open_queue="q",
            open_rank=6,
            reason="so",
            data=b"1",
            output=b"2",
        )
        store.commit(a_start(before))
        store.commit(WriteSet(tasks=[after._replace(ref="no", base_ref="no", iteration=9, input=b"no")]))

        assert after == store.load_task("run-1", 1)

    def test_a_run_may_be_new_and_changed_in_one_commit(self, store: Backend) -> None:
        """New runs are written before changed ones, and those in their order."""
        store.commit(WriteSet(new_runs=[a_run()], runs=[a_run(revision=2), a_run(revision=3, status="PAUSED")]))

        assert a_run(revision=3, status="PAUSED") == store.load_runs(["run-1"])["run-1"]

    @pytest.mark.parametrize("revision", [1, 3, 4])
    def test_a_wrong_revision_is_stale(self, store: Backend, revision: int) -> None:
        """The stored revision must be one less than the row's: neither equal, nor lower by more."""
        store.commit(a_start())

        with pytest.raises(StaleRun):
            store.commit(WriteSet(runs=[a_run(revision=revision, status="PAUSED")]))
        assert a_run() == store.load_runs(["run-1"])["run-1"]

    def test_a_changed_run_must_exist(self, store: Backend) -> None:
        """A run that is not there is stale too."""
        with pytest.raises(StaleRun):
            store.commit(WriteSet(runs=[a_run(revision=1)]))
        assert store.load_runs(["run-1"]) == {}

    @pytest.mark.parametrize("again", [[a_run(name="second")], [a_run("run-2"), a_run("run-2")]])
    def test_a_new_run_must_not_exist(self, store: Backend, again: list[Any]) -> None:
        """A second run with an id is refused, also within one commit."""
        store.commit(a_start())

        with pytest.raises(StaleRun):
            store.commit(WriteSet(new_runs=again))
        assert {"run-1": a_run()} == store.load_runs(["run-1", "run-2"])

    @pytest.mark.parametrize("keys", [["key"], ["free", "key"], ["free", "free"]])
    def test_a_start_key_is_taken_once(self, store: Backend, keys: list[str]) -> None:
        """(name, key) is unique, also for the same run and within one commit."""
        store.commit(WriteSet(start_keys=[StartKeyRow("order", "key", "run-1")]))

        with pytest.raises(StaleRun):
            store.commit(
                WriteSet(new_runs=[a_run("run-2")], start_keys=[StartKeyRow("order", key, "run-2") for key in keys])
            )
        assert store.run_of_key("order", "key") == "run-1"
        assert store.run_of_key("order", "free") is None
        assert store.load_runs(["run-2"]) == {}

    def test_a_start_key_is_taken_over_from_the_run_that_has_it(self, store: Backend) -> None:
        """A run gets the key of the run that it names, and of no other; a refused commit leaves it."""
        store.commit(WriteSet(start_keys=[StartKeyRow("order", "key", "run-1")]))
        store.commit(WriteSet(start_keys=[StartKeyRow("order", "key", "run-2", replaces="run-1")]))

        with pytest.raises(StaleRun):
            store.commit(WriteSet(start_keys=[StartKeyRow("order", "key", "run-3", replaces="run-1")]))
        with pytest.raises(StaleRun):
            store.commit(WriteSet(start_keys=[StartKeyRow("order", "new", "run-3", replaces="run-1")]))
        assert [store.run_of_key("order", key) for key in ("key", "new")] == ["run-2", None]

    def test_a_start_key_belongs_to_a_name(self, store: Backend) -> None:
        """Another workflow may use the same key."""
        rows = [StartKeyRow("order", "key", "run-1"), StartKeyRow("refund", "key", "run-2")]
        store.commit(WriteSet(start_keys=rows))

        assert [store.run_of_key(name, "key") for name in ("order", "refund", "other")] == ["run-1", "run-2", None]

    def test_a_new_attempt_must_not_exist(self, store: Backend) -> None:
        """A number is never used twice: that would be a bug of the engine, and it loses nothing."""
        store.commit(a_start(a_task()))

        with pytest.raises(InternalError):
            store.commit(WriteSet(new_tasks=[a_task(ref="other")]))
        assert [a_task()] == store.load_tasks("run-1")

    def test_a_changed_attempt_must_exist(self, store: Backend) -> None:
        """A change of an attempt that is not there would be lost, so it is refused."""
        store.commit(a_start(a_task()))

        with pytest.raises(InternalError):
            store.commit(WriteSet(runs=[a_run(revision=2)], tasks=[a_task(seq=9)]))
        assert a_run() == store.load_runs(["run-1"])["run-1"]

    @pytest.mark.parametrize(
        ("flaw", "error"),
        [
            ({"runs": [a_run("run-9", revision=2)]}, StaleRun),
            ({"new_runs": [a_run("run-1")]}, StaleRun),
            ({"start_keys": [StartKeyRow("order", "key-1", "run-2")]}, StaleRun),
            ({"new_tasks": [a_task(seq=1)]}, InternalError),
            ({"tasks": [a_task(seq=9)]}, InternalError),
        ],
    )
    def test_one_flaw_leaves_nothing_of_a_commit(
        self,
        store: Backend,
        flaw: dict[str, list[Any]],
        error: type[Exception],
    ) -> None:
        """Whichever part is refused, nothing of any part is written."""
        store.commit(
            WriteSet(
                new_runs=[a_run()],
                new_tasks=[a_task()],
                start_keys=[StartKeyRow("order", "key-1", "run-1")],
                logs=[a_log(text="first")],
                workflows=[WorkflowRow("order", 1, 1, 1, b"{}")],
            ),
        )
        before = everything_seen(store)

        parts = {name: EVERYTHING.get(name, []) + flaw.get(name, []) for name in EVERYTHING}
        with pytest.raises(error):
            store.commit(WriteSet(**parts))
        assert before == everything_seen(store)
        store.commit(WriteSet(**EVERYTHING))
        assert before != everything_seen(store)

    def test_a_hint_at_what_changed_changes_nothing(self, store: Backend) -> None:
        """Rows that are said to differ in a few columns only are written as others are, and refused as others are."""
        store.commit(WriteSet(new_runs=[a_run("run-1"), a_run("run-2")], new_tasks=[a_task(), a_task(seq=2)]))
        stepped = a_run("run-1")._replace(revision=2, updated_at=9, data=b'{"a":1}')
        moved = a_run("run-2", revision=2, due_at=7)
        ended = a_task()._replace(status="COMPLETED", started_at=3, ended_at=4, updated_at=4, data=b"{}", output=b"[]")
        left = a_task(seq=2, due_at=5, status="IN_PROGRESS")

        store.commit(
            WriteSet(
                runs=[stepped, moved],
                stepped_runs=1,
                tasks=[ended, left],
                ended_tasks=1,
            )
        )

        assert store.load_runs(["run-1", "run-2"]) == {"run-1": stepped, "run-2": moved}
        assert store.load_tasks("run-1") == [ended, left]
        with pytest.raises(StaleRun):
            store.commit(WriteSet(runs=[stepped], stepped_runs=1))
        with pytest.raises(InternalError):
            store.commit(WriteSet(tasks=[a_task(seq=9)], ended_tasks=1))

    def test_deleted_attempts_are_gone_with_their_logs(self, store: Backend) -> None:
        """A deleted attempt is found by no question any more; one that does not exist may be deleted."""
        gone = a_task(seq=2, due_at=5, open_queue="q")
        store.commit(WriteSet(new_runs=[a_run()], new_tasks=[a_task(seq=1), gone], logs=[a_log(seq=2), a_log(seq=1)]))
        store.commit(WriteSet(deleted_tasks=[("run-1", 2), ("run-1", 3), ("run-9", 1)]))

        assert [a_task(seq=1)] == store.load_tasks("run-1")
        assert store.load_task("run-1", 2) is None
        assert (store.due(10, 10), store.claim({"q": 10}, 10, "e1")) == ([], [])
        assert ([], [a_log(seq=1)]) == (store.load_logs("run-1", 2), store.load_logs("run-1", 1))

    def test_a_run_is_emptied_before_its_new_attempts_are_written(self, store: Backend) -> None:
        """A restart drops all attempts and logs of this run only, and keeps what comes in the same commit."""
        other = a_task("run-2", due_at=7)
        store.commit(
            WriteSet(
                new_runs=[a_run(), a_run("run-2")],
                new_tasks=[a_task(seq=1, due_at=5, open_queue="q"), a_task(seq=2), other],
                logs=[a_log(), a_log("run-2")],
            ),
        )
        fresh = a_task(seq=3, ref="reserve")
        store.commit(
            WriteSet(
                runs=[a_run(revision=2)],
                emptied_runs=["run-1", "run-9"],
                new_tasks=[fresh],
                tasks=[fresh._replace(status="IN_PROGRESS")],
                logs=[a_log(seq=3)],
            ),
        )

        assert (
            [fresh._replace(status="IN_PROGRESS")]
            == store.load_tasks("run-1")
            == store.load_current_tasks(["run-1"])["run-1"]
        )
        assert ([], [a_log(seq=3)]) == (store.load_logs("run-1", 1), store.load_logs("run-1", 3))
        assert ([other], [a_log("run-2")]) == (store.load_tasks("run-2"), store.load_logs("run-2", 1))
        assert [DueRow(7, "run-2", 1, None)] == store.due(10, 10)
        assert store.claim({"q": 10}, 10, "e1") == []

    def test_an_emptied_run_may_use_its_numbers_again(self, store: Backend) -> None:
        """What was emptied is gone before the new attempts come, so their numbers are free."""
        store.commit(a_start(a_task(seq=1, ref="old")))
        store.commit(WriteSet(emptied_runs=["run-1"], new_tasks=[a_task(seq=1, ref="new")]))

        assert [a_task(seq=1, ref="new")] == store.load_tasks("run-1")

    def test_a_definition_is_stored_once(self, store: Backend) -> None:
        """A digest that exists keeps its body, also when one commit brings it twice."""
        store.commit(WriteSet(definitions=[DefinitionRow("d", b"1"), DefinitionRow("d", b"2")]))
        store.commit(WriteSet(definitions=[DefinitionRow("d", b"3")]))

        assert DefinitionRow("d", b"1") == store.load_definition("d")
        assert store.load_definition("e") is None
