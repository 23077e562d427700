"""What `podium.engine.ports.ScheduleStore` answers, and which of two processes writes a schedule."""

from __future__ import annotations

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import ScheduleRow, WriteSet
from podium.model.errors import StaleRun
from podium.testing.backend_fixtures import BIG, StoreFixtures, a_run


def a_schedule(name: str = "a", revision: int = 1, due_at: int | None = None) -> ScheduleRow:
    """Return a schedule."""
    return ScheduleRow(name, revision, "order", due_at, 1, b'{"name":1}', b"{}")


class ScheduleContract(StoreFixtures):
    """Schedules, and when they are due."""

    def test_schedules_come_by_name(self, store: Backend) -> None:
        """Each as it was written; one that is not there is None."""
        rows = [a_schedule(name, due_at=BIG) for name in ("B", "a", "é")]
        store.commit(WriteSet(schedules=rows[::-1]))

        assert rows == store.schedules()
        assert (rows[1], None) == (store.schedule("a"), store.schedule("A"))

    def test_what_is_due_comes_earliest_first(self, store: Backend) -> None:
        """By moment, then by name; the moment asked for is included, and a schedule without one is never due."""
        rows = [a_schedule(name, due_at=at) for name, at in (("c", 2), ("a", 3), ("b", 2), ("d", None), ("e", 4))]
        store.commit(WriteSet(schedules=rows))

        assert [row.name for row in store.due_schedules(3, 10)] == ["b", "c", "a"]
        assert [row.name for row in store.due_schedules(BIG, 2)] == ["b", "c"]
        assert store.next_schedule_at() == 2
        store.commit(WriteSet(deleted_schedules=["a", "b", "c", "e", "none"]))
        assert (store.next_schedule_at(), [row.name for row in store.schedules()]) == (None, ["d"])

    def test_one_of_two_writers_wins(self, store: Backend) -> None:
        """A schedule at another revision, one that is there already or is gone refuses the commit, with its runs."""
        store.commit(WriteSet(schedules=[a_schedule()]))
        store.commit(WriteSet(schedules=[a_schedule(revision=2)]))
        for stale in (a_schedule(), a_schedule(revision=2), a_schedule(revision=4), a_schedule("gone", 2)):
            with pytest.raises(StaleRun):
                store.commit(WriteSet(new_runs=[a_run()], schedules=[stale]))

        assert (store.load_runs(["run-1"]), store.schedules()) == ({}, [a_schedule(revision=2)])
