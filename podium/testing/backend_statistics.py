"""What `podium.engine.ports.StatisticsStore` counts."""

from __future__ import annotations

from podium.engine.ports import Backend
from podium.engine.rows import RunFilter, TaskRow, WriteSet
from podium.model.statistics import PLACE, RUN, TYPE, Sample, Tally, tallies
from podium.testing.backend_fixtures import StoreFixtures, a_run, a_task

_RUNS = (
    a_run("run-1", created_at=10),
    a_run("run-2", created_at=20, ended_at=25, status="COMPLETED"),
    a_run("run-3", created_at=20, ended_at=60, status="COMPLETED"),
    a_run("run-4", created_at=30, ended_at=2_000_000_000_000, status="FAILED", name="refund", version=2),
)

#: How long the last of them took.
_LONG = 1_999_999_999_970


def _attempts(run_id: str) -> list[TaskRow]:
    """Return attempts of a run: one with a retry, one in a loop, one of a type, one that has not begun."""
    number = int(run_id[-1])
    times = {"scheduled_at": 10, "started_at": 10 + number, "ended_at": 20 + number * number}
    return [
        a_task(run_id, 1, "pay", task_type="pay", status="FAILED", **times),
        a_task(run_id, 2, "pay", task_type="pay", status="COMPLETED", **times),
        a_task(run_id, 3, "look__1", base_ref="look", task_type="HTTP", status="COMPLETED", **times),
        a_task(run_id, 4, "look__2", base_ref="look", task_type="HTTP", status="COMPLETED", **times),
        a_task(run_id, 5, "look__3", base_ref="look", task_type="HTTP", scheduled_at=10),
        a_task(run_id, 6, "_part_0", task_type="part", status="COMPLETED", **times),
        a_task(run_id, 7, "_part_1", task_type="part", status="CANCELED", ended_at=30, scheduled_at=10),
    ]


def _sample(row: TaskRow, places: frozenset[str]) -> Sample:
    took = row.ended_at - row.started_at if row.ended_at and row.started_at else 0
    waited = row.started_at - row.scheduled_at if row.started_at else 0
    kind, key = (PLACE, row.base_ref) if row.base_ref in places else (TYPE, row.task_type)
    return Sample(kind, key, row.status, row.run_id, row.ref, row.seq, took, waited)


class StatisticsContract(StoreFixtures):
    """What many runs come to."""

    def test_runs_are_counted_by_workflow_and_status(self, store: Backend) -> None:
        """Each workflow has its runs by status, with half and 95 of 100 of their times; those that go on have none."""
        store.commit(WriteSet(new_runs=_RUNS))

        counted = store.run_statistics(RunFilter(), 100)

        assert counted == [
            Tally(RUN, "order", "COMPLETED", 2, 2, 2, 5, 40, 40, 0, 0, 0),
            Tally(RUN, "order", "RUNNING", 1, 1, 1, 0, 0, 0, 0, 0, 0),
            Tally(RUN, "refund", "FAILED", 1, 1, 1, _LONG, _LONG, _LONG, 0, 0, 0),
        ]
        assert not store.run_statistics(RunFilter(name="none"), 100)
        assert not store.task_statistics(RunFilter(name="none"), {"pay"}, 100, 100)

    def test_attempts_are_counted_by_place_or_type(self, store: Backend) -> None:
        """Attempts of the places that are asked for count there, all others by their type, as they would in memory."""
        attempts = [row for run in _RUNS for row in _attempts(run.run_id)]
        store.commit(WriteSet(new_runs=_RUNS, new_tasks=attempts))

        for places in (frozenset[str](), frozenset({"pay", "look"}), frozenset({"it's"})):
            expected = tallies(_sample(row, places) for row in attempts)
            assert store.task_statistics(RunFilter(), places, 100, 1_000) == expected
        (pay,) = (one for one in expected if one.key == "pay" and one.status == "FAILED")
        assert (pay.number, pay.newest, pay.newest_in_run) == (4, 0, 0)

    def test_only_the_newest_runs_that_fit_are_counted(self, store: Backend) -> None:
        """A filter and a limit say which runs count, and so whose attempts do; attempts have a limit of their own."""
        store.commit(WriteSet(new_runs=_RUNS, new_tasks=[row for run in _RUNS for row in _attempts(run.run_id)]))

        def counted(where: RunFilter, limit: int, most: int = 1_000) -> int:
            return sum(one.number for one in store.task_statistics(where, (), limit, most))

        assert [one.key for one in store.run_statistics(RunFilter(), 1)] == ["refund"]
        assert [counted(RunFilter(), 2), counted(RunFilter(name="order", started_from=20, started_to=20), 9)] == [
            14,
            14,
        ]
        assert [counted(RunFilter(version=2), 9), counted(RunFilter(), 100, 10)] == [7, 10]
        assert store.task_statistics(RunFilter(name="order"), ("pay",), 2, 1_000) == tallies(
            _sample(row, frozenset({"pay"})) for run in ("run-2", "run-3") for row in _attempts(run)
        )
