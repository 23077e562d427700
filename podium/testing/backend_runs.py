"""What `podium.engine.ports.RunStore` answers, and in which order."""

from __future__ import annotations

from podium.engine.ports import Backend
from podium.engine.rows import PulseRow, RunFilter, WriteSet
from podium.testing.backend_fixtures import StoreFixtures, a_log, a_run, a_start, a_task


class RunContract(StoreFixtures):
    """What is read of runs, and in which order."""

    def test_runs_are_found_by_id(self, store: Backend) -> None:
        """Ids that do not exist are left out, repeated ones are found once, thousands are fine."""
        runs = {f"run-{number:05}": a_run(f"run-{number:05}") for number in range(9_000)}
        store.commit(WriteSet(new_runs=list(runs.values())))

        assert store.load_runs([]) == {}
        assert {"run-00003": runs["run-00003"]} == store.load_runs(["run-00003", "none", "run-00003"])
        assert runs == store.load_runs([*runs, "none"])

    def test_pulses_are_the_part_of_runs_that_those_who_wait_need(self, store: Backend) -> None:
        """Revision and status, by id; ids that do not exist are left out, repeated ones are found once."""
        store.commit(WriteSet(new_runs=[a_run("run-1"), a_run("run-2", status="PAUSED"), a_run("run-3")]))
        store.commit(WriteSet(runs=[a_run("run-1", revision=2, status="COMPLETED")]))

        assert store.pulses([]) == store.pulses(["none", "\udcff"]) == {}
        assert store.pulses(["run-2", "run-1", "none", "run-2"]) == {
            "run-1": PulseRow("run-1", 2, "COMPLETED"),
            "run-2": PulseRow("run-2", 1, "PAUSED"),
        }

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

        assert [task.seq for task in store.load_current_tasks(["run-1"])["run-1"]] == [2, 3, 5, 6]
        assert store.load_current_tasks(["none"]) == store.load_current_tasks([]) == {}

    def test_current_attempts_of_a_long_run(self, store: Backend) -> None:
        """The same holds for runs of hundreds of attempts, and when the newest of them are deleted."""
        tasks = [a_task(seq=seq, ref=f"t{seq % 7}", status="COMPLETED") for seq in range(1, 301)]
        for seq in (3, 64, 65, 100, 299):
            tasks[seq - 1] = tasks[seq - 1]._replace(status="IN_PROGRESS")
        early = a_task(seq=301, ref="late", status="FAILED")
        store.commit(a_start(*tasks, early))
        store.commit(WriteSet(deleted_tasks=[("run-1", 300)], tasks=[tasks[99]._replace(status="CANCELED")]))

        expected = [3, 64, 65, 293, 294, 295, 296, 297, 298, 299, 301]
        assert expected == [task.seq for task in store.load_current_tasks(["run-1"])["run-1"]]

    def test_current_attempts_of_many_runs(self, store: Backend) -> None:
        """Those of several runs, long and short ones, come at once; what has no attempt is left out."""
        long = [a_task("run-2", seq, ref=f"t{seq % 7}", status="COMPLETED") for seq in range(1, 101)]
        store.commit(a_start(a_task(), a_task(seq=2, ref="b")))
        store.commit(a_start(*long, run=a_run("run-2")))
        store.commit(a_start(run=a_run("run-3")))

        found = store.load_current_tasks(["run-3", "run-2", "none", "run-1"])

        assert found == {**store.load_current_tasks({"run-1"}), **store.load_current_tasks({"run-2"})}
        assert {run: [task.seq for task in tasks] for run, tasks in found.items()} == {
            "run-1": [1, 2],
            "run-2": [94, 95, 96, 97, 98, 99, 100],
        }

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
