"""What `podium.engine.ports.WorkStore` answers, and in which order."""

from __future__ import annotations

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import DueRow, HandOverRow, HeldRun, HeldTask, OpenRow, WriteSet
from podium.model.errors import StaleRun
from podium.testing.backend_fixtures import BIG, StoreFixtures, a_run, a_start, a_task


class WorkContract(StoreFixtures):
    """What waits for an engine, and in which order."""

    def test_due_gives_runs_and_attempts_earliest_first(self, store: Backend) -> None:
        """What is due comes by time, run and number, with the run's holder; a run has number 0."""
        store.commit(
            WriteSet(
                new_runs=[a_run("run-1", due_at=20, holder="e1"), a_run("run-2", due_at=20, status="PAUSED")],
                new_tasks=[
                    a_task("run-1", 2, due_at=20),
                    a_task("run-1", 1, due_at=20),
                    a_task("run-1", 3, due_at=21),
                    a_task("run-2", 1, due_at=10),
                    a_task("run-2", 2),
                ],
            ),
        )
        expected = [
            DueRow(10, "run-2", 1, None),
            DueRow(20, "run-1", 0, "e1"),
            DueRow(20, "run-1", 1, "e1"),
            DueRow(20, "run-1", 2, "e1"),
            DueRow(20, "run-2", 0, None),
        ]

        assert store.due(9, 10) == []
        assert expected == store.due(20, 10) == store.due(20, 10)
        assert [expected[:limit] for limit in range(6)] == [store.due(20, limit) for limit in range(6)]
        assert [*expected, DueRow(21, "run-1", 3, "e1")] == store.due(BIG, 10)

    def test_queue_sizes_count_what_lies_open(self, store: Backend) -> None:
        """Each queue with the attempts that lie in it; those of limits and processes are queues too."""
        tasks = [a_task("run-1", 1, open_queue="a"), a_task("run-1", 2, open_queue="d:a"), a_task("run-1", 3)]
        store.commit(WriteSet(new_runs=[a_run()], new_tasks=[*tasks, a_task("run-1", 4, open_queue="a")]))
        assert dict(store.queue_sizes()) == {"a": 2, "d:a": 1}

        store.commit(WriteSet(runs=[a_run(revision=2)], tasks=[tasks[1]._replace(open_queue=None)]))
        assert dict(store.queue_sizes()) == {"a": 2}

    def test_a_due_time_moves_and_goes(self, store: Backend) -> None:
        """Only the latest due time counts, also when it is taken back and set to the same again."""
        store.commit(a_start(a_task(due_at=10), run=a_run(due_at=10)))
        store.commit(WriteSet(runs=[a_run(revision=2)], tasks=[a_task(due_at=30)]))
        assert [DueRow(30, "run-1", 1, None)] == store.due(30, 10)

        store.commit(WriteSet(runs=[a_run(revision=3, due_at=10)], tasks=[a_task()]))
        assert [DueRow(10, "run-1", 0, None)] == store.due(30, 10)

        store.commit(WriteSet(runs=[a_run(revision=4, due_at=10, holder="e1")], tasks=[a_task(due_at=10)]))
        assert [DueRow(10, "run-1", 0, "e1"), DueRow(10, "run-1", 1, "e1")] == store.due(30, 10)

    def test_open_attempts_come_by_rank_then_run_and_number(self, store: Backend) -> None:
        """Claim gives what waits in the named queues, smallest rank first, and forgets what leaves its queue."""
        one, two, three, last = (
            a_task("run-1", 2, open_queue="q"),
            a_task("run-1", 10, open_queue="p"),
            a_task("run-2", 1, open_queue="q"),
            a_task("run-0", 1, open_queue="q", open_rank=BIG),
        )
        others = [a_task("run-3", 1), a_task("run-3", 2, open_queue="other"), a_task("run-3", 3, open_queue="@e1")]
        store.commit(WriteSet(new_tasks=[three, two, last, one, *others]))

        def claimed(rooms: dict[str, int], limit: int) -> list[OpenRow]:
            return list(store.claim(rooms, limit, "e1"))

        wanted = [OpenRow(row.open_queue or "", row.open_rank, row.run_id, row.seq) for row in (one, two, three, last)]
        assert claimed({"q": 10, "p": 10, "none": 10}, 10) == wanted
        assert claimed({"p": 10, "q": 1}, 10) == wanted[:2]
        assert claimed({"q": 10, "p": 10}, 3) == wanted[:3]
        assert claimed({"@e1": 10}, 10) == [OpenRow("@e1", 0, "run-3", 3)]
        assert (claimed({}, 10), claimed({"q": 10}, 0)) == ([], [])
        assert [store.lying_in(queue, 9) for queue in ("q", "none")] == [claimed({"q": 9}, 9), []]
        assert store.lying_in("q", 1) == claimed({"q": 1}, 9)

        store.commit(WriteSet(tasks=[one._replace(open_queue=None, open_rank=7), last._replace(open_rank=1)]))
        assert claimed({"q": 9}, 9) == [wanted[2], wanted[3]._replace(rank=1)]

    def test_what_tells_whether_runs_rest(self, store: Backend) -> None:
        """Held gives the runs that exist, each with its newest attempts and those that live, also of a long run."""
        runs = [a_run("run-1", holder="e1", due_at=9), a_run("run-2", status="COMPLETED"), a_run("run-3")]
        first = [a_task("run-1", 1, status="FAILED"), a_task("run-1", 2, open_queue="q", due_at=7)]
        long = [a_task("run-3", seq, status="COMPLETED", base_ref=f"place-{seq % 3}") for seq in range(1, 101)]
        store.commit(WriteSet(new_runs=runs, new_tasks=[*first, *long]))

        held = store.held(["run-1", "run-2", "run-3", "none"])
        assert {run_id: run for run_id, (run, _) in held.items()} == {
            row.run_id: HeldRun(*(getattr(row, name) for name in HeldRun._fields)) for row in runs
        }
        current = store.load_current_tasks(["run-1", "run-3"])
        assert {run_id: list(tasks) for run_id, (_, tasks) in held.items() if tasks} == {
            run_id: [HeldTask(*(getattr(row, name) for name in HeldTask._fields)) for row in rows]
            for run_id, rows in current.items()
        }
        assert store.held([]) == {}

    def test_runs_are_handed_over(self, store: Backend) -> None:
        """They get another holder and a new revision, and keep all else; one that is stale undoes all of it."""
        runs = [a_run(f"run-{number}", holder="e1") for number in range(5)]
        store.commit(WriteSet(new_runs=runs))
        with pytest.raises(StaleRun):
            store.commit(WriteSet(handed_over=[HandOverRow("run-0", 2, "e2"), HandOverRow("run-1", 3, "e2")]))
        assert store.held_runs("e2", 9) == []
        store.commit(WriteSet(handed_over=[HandOverRow(run.run_id, 2, "e2") for run in runs[1:]]))
        assert (store.held_runs("e1", 9), store.held_runs("e2", 9)) == (["run-0"], [run.run_id for run in runs[1:]])
        assert store.load_runs(["run-1"])["run-1"] == runs[1]._replace(revision=2, holder="e2")

    def test_held_runs_are_live(self, store: Backend) -> None:
        """held_runs gives RUNNING and PAUSED runs of a holder, or of nobody, by id."""
        store.commit(
            WriteSet(
                new_runs=[
                    a_run("run-4", holder="e1"),
                    a_run("run-1", holder="e1", status="PAUSED"),
                    a_run("run-2", holder="e1", status="COMPLETED"),
                    a_run("run-3", holder="e2"),
                    a_run("run-6"),
                    a_run("run-5", status="PAUSED"),
                    a_run("run-7", status="TERMINATED"),
                ],
            ),
        )

        assert store.held_runs("e1", 10) == ["run-1", "run-4"]
        assert store.held_runs("e1", 1) == ["run-1"]
        assert store.held_runs(None, 10) == ["run-5", "run-6"]
        assert store.held_runs("none", 10) == []

        store.commit(WriteSet(runs=[a_run("run-4", revision=2), a_run("run-2", revision=2, holder="e1")]))
        assert (store.held_runs("e1", 9), store.held_runs(None, 9)) == (["run-1", "run-2"], ["run-4", "run-5", "run-6"])
