"""What `podium.engine.ports.SlotStore` answers, and who gets a slot that several take."""

from __future__ import annotations

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import SlotRow, WriteSet
from podium.model.errors import StaleRun
from podium.testing.backend_fixtures import StoreFixtures, a_run, a_task

ONE, TWO = SlotRow("#task:a", 1, "run-1", 1, 10, 0), SlotRow("#task:a", 2, "run-1", 2, 10, 0)


class SlotContract(StoreFixtures):
    """The slots of limits."""

    def test_a_slot_has_one_holder(self, store: Backend) -> None:
        """A slot that is taken is refused to the next, with all of that commit, until its holder frees it."""
        store.commit(WriteSet(new_runs=[a_run()], slots=[TWO, ONE]))
        assert store.slots("#task:a") == [ONE, TWO]
        other = ONE._replace(run_id="run-2", seq=7, taken_at=11)
        with pytest.raises(StaleRun):
            store.commit(WriteSet(new_runs=[a_run("run-2")], slots=[other]))
        assert store.load_runs(["run-2"]) == {}

        store.commit(WriteSet(freed_slots=[ONE._replace(taken_at=0)], slots=[other]))
        assert store.slots() == [other, TWO]

    def test_only_the_holder_frees_a_slot(self, store: Backend) -> None:
        """A slot that somebody else has meanwhile stays, and so do those of other limits."""
        store.commit(WriteSet(slots=[ONE, ONE._replace(name="#task:b")]))
        store.commit(WriteSet(freed_slots=[ONE._replace(run_id="run-2"), ONE._replace(seq=3), TWO]))
        assert len(store.slots()) == 2
        store.commit(WriteSet(freed_slots=[ONE]))
        assert store.slots() == [ONE._replace(name="#task:b")]
        assert store.slots("#task:a") == []

    def test_a_slot_that_has_expired_may_be_taken(self, store: Backend) -> None:
        """At its last moment and after it, not before; until then it is given as it is."""
        brief = SlotRow("#rate:a", 1, "run-1", 1, 10, 20)
        store.commit(WriteSet(slots=[brief]))
        with pytest.raises(StaleRun):
            store.commit(WriteSet(slots=[brief._replace(taken_at=19, expires_at=29)]))
        assert store.slots() == [brief]
        late = brief._replace(run_id="run-2", taken_at=20, expires_at=30)
        store.commit(WriteSet(slots=[late]))
        assert store.slots() == [late]

    def test_those_who_wait_are_found_by_the_limit(self, store: Backend) -> None:
        """Limits that an open attempt or a live run waits for come by name; queues and engines are none of them."""
        assert store.awaited_limit() is None
        runs = [
            a_run("run-1", holder="#runs:w:k"),
            a_run("run-2", holder="@e1"),
            a_run("run-3", holder="#z", status="FAILED", ended_at=5),
        ]
        tasks = [
            a_task("run-1", 1, open_queue="#rate:a"),
            a_task("run-1", 2, open_queue="#task:a", open_rank=5),
            a_task("run-1", 3, open_queue="#task:a", open_rank=3),
            a_task("run-1", 4, open_queue="a"),
        ]
        store.commit(WriteSet(new_runs=runs, new_tasks=tasks))
        names = [name := store.awaited_limit()]
        while name is not None:
            names.append(name := store.awaited_limit(name))
        assert names == ["#rate:a", "#runs:w:k", "#task:a", None]
        assert [row.seq for row in store.claim({"#task:a": 9}, 9, "e1")] == [3, 2]
        assert store.held_runs("#runs:w:k", 9) == ["run-1"]
