"""What the questions of `podium.engine.ports.Backend` answer, and in which order."""

from __future__ import annotations

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import (
    DueRow,
    EngineRow,
    RunFilter,
    TaskDefRow,
    WorkflowRow,
    WriteSet,
)
from podium.testing.backend_fixtures import (
    BIG,
    StoreFixtures,
    a_log,
    a_run,
    a_start,
    a_task,
)


class ReadContract(StoreFixtures):
    """What the questions about runs answer, and in which order."""

    def test_runs_are_found_by_id(self, store: Backend) -> None:
        """Ids that do not exist are left out, repeated ones are found once, thousands are fine."""
        runs = {f"run-{number:05}": a_run(f"run-{number:05}") for number in range(9_000)}
        store.commit(WriteSet(new_runs=list(runs.values())))

        assert store.load_runs([]) == {}
        assert {"run-00003": runs["run-00003"]} == store.load_runs(["run-00003", "none", "run-00003"])
        assert runs == store.load_runs([*runs, "none"])

    def test_a_text_that_is_no_unicode_finds_nothing(self, store: Backend) -> None:
        """Half a surrogate pair may be asked for, by an id from a command line, and is nowhere."""
        store.commit(WriteSet(new_runs=[a_run("run-1")]))

        assert store.load_runs(["\udcff"]) == {}
        assert (list(store.load_tasks("\udcff")), store.load_task("\udcff", 1)) == ([], None)
        assert store.workflow("\udcff", None) is None
        assert list(store.list_runs(RunFilter(correlation_id="\udcff"), 10, 0)) == []

    def test_attempts_come_by_number(self, store: Backend) -> None:
        """load_tasks gives all attempts by seq, in whatever order they were written."""
        for seqs in ([5, 9], [1], [70, 2]):
            store.commit(WriteSet(new_tasks=[a_task(seq=seq, ref=f"t{seq}") for seq in seqs]))
        store.commit(WriteSet(new_tasks=[a_task("run-2", seq=3)]))

        assert [task.seq for task in store.load_tasks("run-1")] == [1, 2, 5, 9, 70]
        assert (store.load_tasks("none"), store.load_task("none", 1)) == ([], None)
        assert store.load_task("run-1", 3) is None
        assert a_task(seq=70, ref="t70") == store.load_task("run-1", 70)

    def test_current_attempts_are_the_newest_and_the_live(self, store: Backend) -> None:
        """Of a retried place the newest attempt counts, of a loop's body the newest iteration, and whatever is live."""
        store.commit(
            a_start(
                a_task(seq=1, ref="a", status="FAILED"),
                a_task(seq=2, ref="b", status="IN_PROGRESS"),
                a_task(seq=3, ref="a", status="COMPLETED"),
                a_task(seq=4, ref="c__1", base_ref="c", status="COMPLETED"),
                a_task(seq=5, ref="c__2", base_ref="c", status="SCHEDULED"),
                a_task(seq=6, ref="b", status="CANCELED"),
            ),
        )

        assert [task.seq for task in store.load_current_tasks("run-1")] == [2, 3, 5, 6]
        assert store.load_current_tasks("none") == []

    def test_current_attempts_of_a_long_run(self, store: Backend) -> None:
        """The same holds for runs of hundreds of attempts, and when the newest of them are deleted."""
        tasks = [a_task(seq=seq, ref=f"t{seq % 7}", status="COMPLETED") for seq in range(1, 301)]
        for seq in (3, 64, 65, 100, 299):
            tasks[seq - 1] = tasks[seq - 1]._replace(status="IN_PROGRESS")
        early = a_task(seq=301, ref="late", status="FAILED")
        store.commit(a_start(*tasks, early))
        store.commit(WriteSet(deleted_tasks=[("run-1", 300)], tasks=[tasks[99]._replace(status="CANCELED")]))

        expected = [3, 64, 65, 293, 294, 295, 296, 297, 298, 299, 301]
        assert expected == [task.seq for task in store.load_current_tasks("run-1")]

    def test_bodies_are_all_attempts_of_places(self, store: Backend) -> None:
        """load_bodies gives every attempt of the named places by seq, of short runs and of long ones."""
        tasks = [a_task(seq=seq, ref=f"t{seq % 3}__{seq}", base_ref=f"t{seq % 3}") for seq in range(1, 201)]
        store.commit(a_start(*tasks))
        store.commit(a_start(a_task("run-2", 1, "t1"), run=a_run("run-2")))

        assert [task for task in tasks if task.base_ref != "t0"] == store.load_bodies("run-1", ["t2", "t1", "t2", "no"])
        assert [a_task("run-2", 1, "t1")] == store.load_bodies("run-2", {"t1"})
        assert store.load_bodies("run-1", []) == []
        for after in (2, 63, 64, 65, 150, 200):
            later = [task for task in tasks if task.seq > after and task.base_ref == "t1"]
            assert later == store.load_bodies("run-1", ["t1"], after)

    def test_bodies_of_ten_thousand_places(self, store: Backend) -> None:
        """A fork may be wider than a database's longest list."""
        tasks = [a_task(seq=seq, ref=f"branch{seq}") for seq in range(1, 10_001)]
        store.commit(a_start(*tasks))

        assert tasks == store.load_bodies("run-1", [task.base_ref for task in reversed(tasks)])

    def test_logs_come_oldest_first(self, store: Backend) -> None:
        """Lines come by time, those of one millisecond in the order in which they were written."""
        store.commit(WriteSet(logs=[a_log(created_at=2, text="c"), a_log(created_at=1, text="a"), a_log(seq=2)]))
        store.commit(WriteSet(logs=[a_log(created_at=1, text="b"), a_log(created_at=2, text="d")]))

        assert [line.text for line in store.load_logs("run-1", 1)] == ["a", "b", "c", "d"]
        assert store.load_logs("run-1", 3) == []

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

    def test_a_due_time_moves_and_goes(self, store: Backend) -> None:
        """Only the latest due time counts, also when it is taken back and set to the same again."""
        store.commit(a_start(a_task(due_at=10), run=a_run(due_at=10)))
        store.commit(WriteSet(runs=[a_run(revision=2)], tasks=[a_task(due_at=30)]))
        assert [DueRow(30, "run-1", 1, None)] == store.due(30, 10)

        store.commit(WriteSet(runs=[a_run(revision=3, due_at=10)], tasks=[a_task()]))
        assert [DueRow(10, "run-1", 0, None)] == store.due(30, 10)

        store.commit(WriteSet(runs=[a_run(revision=4, due_at=10, holder="e1")], tasks=[a_task(due_at=10)]))
        assert [DueRow(10, "run-1", 0, "e1"), DueRow(10, "run-1", 1, "e1")] == store.due(30, 10)

    def test_open_attempts_come_by_run_and_number(self, store: Backend) -> None:
        """open_tasks gives what waits in the named queues, and forgets an attempt that leaves its queue."""
        one, two, three = (
            a_task("run-1", 2, open_queue="q"),
            a_task("run-1", 10, open_queue="p"),
            a_task("run-2", 1, open_queue="q"),
        )
        store.commit(WriteSet(new_tasks=[three, two, one, a_task("run-3", 1), a_task("run-3", 2, open_queue="other")]))

        assert [one, two, three] == store.open_tasks(["q", "p", "q", "none"], 10)
        assert [one, two] == store.open_tasks({"q", "p"}, 2)
        assert [one, three] == store.open_tasks(["q"], 10)
        assert (store.open_tasks([], 10), store.open_tasks(["q"], 0)) == ([], [])

        store.commit(WriteSet(tasks=[one._replace(open_queue=None), three._replace(open_queue="p")]))
        assert ([], [two, three._replace(open_queue="p")]) == (store.open_tasks(["q"], 9), store.open_tasks(["p"], 9))

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

    def test_lists_show_the_newest_run_first(self, store: Backend) -> None:
        """list_runs goes by created_at and then run_id, both descending, in pages, without the payloads."""
        runs = [
            a_run("run-1", created_at=5, data=b'{"kept":1}'),
            a_run("run-2", created_at=9),
            a_run("run-3", created_at=5),
        ]
        store.commit(WriteSet(new_runs=runs))

        listed = store.list_runs(RunFilter(), 10, 0)
        assert [runs[at]._replace(input=b"", output=b"", variables=b"") for at in (1, 2, 0)] == listed
        assert [listed[at : at + 2] for at in range(4)] == [store.list_runs(RunFilter(), 2, at) for at in range(4)]
        assert store.list_runs(RunFilter(), 0, 0) == []

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (RunFilter(name="refund"), ["run-4", "run-3"]),
            (RunFilter(status="PAUSED"), ["run-4", "run-2"]),
            (RunFilter(correlation_id="c"), ["run-3", "run-2"]),
            (RunFilter(parent_id="run-1"), ["run-4", "run-3", "run-2"]),
            (RunFilter(parent_id="run-1", status="PAUSED", name="refund"), ["run-4"]),
            (RunFilter(name="order", status="RUNNING", correlation_id="c", parent_id="run-1"), []),
            (RunFilter(correlation_id=""), ["run-5"]),
        ],
    )
    def test_lists_show_the_runs_that_meet_all_conditions(
        self,
        store: Backend,
        where: RunFilter,
        expected: list[str],
    ) -> None:
        """Conditions that are None do not count, the others all do."""
        store.commit(
            WriteSet(
                new_runs=[
                    a_run("run-1"),
                    a_run("run-2", status="PAUSED", correlation_id="c", parent_id="run-1"),
                    a_run("run-3", name="refund", correlation_id="c", parent_id="run-1"),
                    a_run("run-4", name="refund", status="PAUSED", parent_id="run-1"),
                    a_run("run-5", correlation_id="", parent_id="run-0"),
                ],
            ),
        )

        assert expected == [run.run_id for run in store.list_runs(where, 10, 0)]


class RegistryContract(StoreFixtures):
    """Workflows, task definitions and engines."""

    def test_workflows_come_by_name_and_version(self, store: Backend) -> None:
        """Names are ordered as Python orders strings; without a version the greatest is given, 10 after 9."""
        keys = [("Z", 1), ("a", 2), ("a", 9), ("a", 10), ("a b", 1), ("é", 1), ("\N{SNOWMAN}", 1), ("😀", 1)]
        rows = [WorkflowRow(name, version, 1, 2, b"{}") for name, version in keys]
        store.commit(WriteSet(workflows=rows[::-1]))

        assert rows == store.workflows()
        assert [rows[3], rows[2], None] == [store.workflow("a", version) for version in (None, 9, 3)]
        assert (store.workflow("none", None), store.workflow("A", None)) == (None, None)

    def test_task_definitions_come_by_name(self, store: Backend) -> None:
        """Names are ordered as Python orders strings."""
        rows = [TaskDefRow(name, name.encode()) for name in ("B", "a", "c", "é")]
        store.commit(WriteSet(task_defs=rows[::-1]))

        assert rows == store.task_defs()
        assert (rows[1], None) == (store.task_def("a"), store.task_def("A"))

    def test_registering_again_overwrites(self, store: Backend) -> None:
        """The registry holds the latest entry of a name and version, the last one of a commit."""
        entries = [WorkflowRow("a", 1, at, at, str(at).encode()) for at in range(3)]
        store.commit(WriteSet(workflows=entries[:1], task_defs=[TaskDefRow("t", b"0")]))
        store.commit(WriteSet(workflows=entries[1:], task_defs=[TaskDefRow("t", b"1"), TaskDefRow("t", b"2")]))

        assert ([entries[2]], [TaskDefRow("t", b"2")]) == (store.workflows(), store.task_defs())

    def test_the_registry_version_changes_with_each_write(self, store: Backend) -> None:
        """A workflow or a task definition, new or written again, gives a number that was never seen before."""
        seen = [store.registry_version()]
        for _ in range(2):
            store.commit(WriteSet(workflows=[WorkflowRow("a", 1, 1, 1, b"{}")]))
            seen.append(store.registry_version())
            store.commit(WriteSet(task_defs=[TaskDefRow("t", b"{}")]))
            seen.append(store.registry_version())

        assert len(set(seen)) == len(seen)

    def test_engines_come_by_id_until_they_say_good_bye(self, store: Backend) -> None:
        """A heartbeat inserts or updates an engine's row; to forget an unknown one is fine."""
        store.heartbeat(EngineRow("e2", "host:2", 1))
        store.heartbeat(EngineRow("e1", "host:1", 2))
        store.heartbeat(EngineRow("e2", "host:3", 4))
        assert [EngineRow("e1", "host:1", 2), EngineRow("e2", "host:3", 4)] == store.engines()

        store.forget_engine("e1")
        store.forget_engine("none")
        assert [EngineRow("e2", "host:3", 4)] == store.engines()
