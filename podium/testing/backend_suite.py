"""
What every backend must do: the contract of `podium.engine.ports.Backend`, sentence by sentence, as pytest tests.

A package that supplies a backend runs it by a class of its own::

    class TestMyBackend(BackendContract):
        @pytest.fixture
        def open_store(self, tmp_path):
            return lambda: open_backend(f"mine:///{tmp_path}/store")

`podium.testing.backend_machine` compares a backend with the memory store on random write sets.
"""

from __future__ import annotations

from threading import Event, Thread

import pytest

from podium.engine.ports import Backend, Heard
from podium.engine.rows import (
    EngineRow,
    RunFilter,
    TaskDefRow,
    WorkflowRow,
    WriteSet,
)
from podium.model.errors import StaleRun, StoreUnavailable
from podium.testing.backend_fixtures import (
    BIG,
    EVERYTHING,
    OpenStore,
    StoreFixtures,
    a_run,
    a_start,
    a_task,
    everything_seen,
)

# A failing assert shows its values only in modules that are named before they are imported.
_PARTS = (
    "audit",
    "commits",
    "payloads",
    "registry",
    "retention",
    "runs",
    "schedules",
    "search",
    "slots",
    "statistics",
    "work",
)
pytest.register_assert_rewrite(*(f"podium.testing.backend_{part}" for part in _PARTS))

from podium.testing import (  # noqa: E402 - see above
    backend_audit,
    backend_commits,
    backend_payloads,
    backend_registry,
    backend_retention,
    backend_runs,
    backend_schedules,
    backend_search,
    backend_slots,
    backend_statistics,
    backend_work,
)

__all__ = ["BackendContract", "OpenStore"]


class LifeContract(StoreFixtures):
    """Threads, other processes' views, closing and opening again."""

    def test_readers_see_whole_commits_only(self, store: Backend) -> None:
        """While one thread commits, others never see a part of a commit."""
        store.commit(
            WriteSet(new_runs=[a_run("run-1"), a_run("run-2")], new_tasks=[a_task("run-1"), a_task("run-1", 2)])
        )
        done = Event()
        torn: list[object] = []

        def read() -> None:
            while not done.is_set():
                runs = store.load_runs(["run-1", "run-2"])
                tasks = store.load_tasks("run-1")
                listed = store.list_runs(RunFilter(), 10, 0)
                due = store.due(BIG, 10)
                views: list[set[object]] = [
                    {run.revision for run in runs.values()},
                    {task.data for task in tasks},
                    {run.revision for run in listed},
                    {row.due_at for row in due},
                ]
                torn.extend(seen for seen in views if len(seen) > 1)

        readers = [Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            for revision in range(2, 102):
                store.commit(
                    WriteSet(
                        runs=[a_run(f"run-{number}", revision=revision, due_at=revision) for number in (1, 2)],
                        tasks=[a_task(seq=seq, data=b"%d" % revision, due_at=revision) for seq in (1, 2)],
                    ),
                )
        finally:
            done.set()
            for reader in readers:
                reader.join()

        assert torn == []

    def test_a_commit_is_seen_by_the_next_read_of_any_thread(self, store: Backend) -> None:
        """When commit returns, everybody sees it."""
        seen: list[int] = []

        def read() -> None:
            seen.append(store.load_runs(["run-1"])["run-1"].revision)

        store.commit(a_start())
        for revision in range(2, 12):
            store.commit(WriteSet(runs=[a_run(revision=revision)]))
            thread = Thread(target=read)
            thread.start()
            thread.join()

        assert list(range(2, 12)) == seen

    def test_a_closed_store_is_unavailable(self, open_store: OpenStore) -> None:
        """Closing twice is fine; nothing else works after it."""
        store = open_store()
        store.close()
        store.close()

        for call in (lambda: store.commit(a_start()), lambda: store.due(1, 1), lambda: store.forget_engine("e")):
            with pytest.raises(StoreUnavailable):
                call()

    def test_a_durable_store_is_there_when_it_is_opened_again(self, open_store: OpenStore) -> None:
        """What was committed before the store was closed is read after it was opened again."""
        store = open_store()
        if not store.is_durable:
            store.close()
            pytest.skip("the store ends with the process")
        store.commit(a_start(a_task()))
        store.commit(WriteSet(**EVERYTHING))
        store.heartbeat(EngineRow("e1", "host:1", 2))
        before = everything_seen(store)
        store.close()

        again = open_store()
        assert before == everything_seen(again)
        again.close()

    def test_two_openings_of_a_shared_store_see_each_other(self, open_store: OpenStore) -> None:
        """A second opening sees the first one's commits at once, and a stale change of either is refused."""
        one = open_store()
        if not one.is_shared:
            one.close()
            pytest.skip("the store belongs to one process")
        two = open_store()
        one.commit(WriteSet(new_runs=[a_run()], workflows=[WorkflowRow("order", 1, 1, 1, b"{}")]))
        assert ({"run-1": a_run()}, one.registry_version()) == (two.load_runs(["run-1"]), two.registry_version())

        two.commit(WriteSet(runs=[a_run(revision=2, holder="e2")], task_defs=[TaskDefRow("t", b"{}")]))
        with pytest.raises(StaleRun):
            one.commit(WriteSet(runs=[a_run(revision=2, holder="e1")]))
        assert (["run-1"], two.registry_version()) == (one.held_runs("e2", 1), one.registry_version())
        one.close()
        two.close()

    def test_commits_of_others_are_heard(self, open_store: OpenStore) -> None:
        """Whoever listens hears of work that another opening lays open, also before the wait, until it is closed."""
        one = open_store()
        listening = one.listen()
        if listening is None:
            assert not one.is_shared
            one.close()
            pytest.skip("the store belongs to one process")
        two = open_store()
        while listening.wait(0.0):
            pass  # the opening itself
        two.commit(WriteSet(new_runs=[a_run()], new_tasks=[a_task(open_queue="q")]))
        assert listening.wait(10.0)
        waiter = Thread(target=lambda: heard.append(listening.wait(10.0)))
        heard: list[Heard | None] = []
        waiter.start()
        two.commit(WriteSet(runs=[a_run(revision=2)], new_tasks=[a_task(seq=2, open_queue="q")]))
        waiter.join()
        assert None not in heard
        listening.close()
        listening.close()
        assert not listening.wait(10.0)
        one.close()
        two.close()


class BackendContract(
    backend_commits.CommitContract,
    backend_payloads.PayloadContract,
    backend_runs.RunContract,
    backend_work.WorkContract,
    backend_schedules.ScheduleContract,
    backend_audit.AuditContract,
    backend_slots.SlotContract,
    backend_search.SearchContract,
    backend_statistics.StatisticsContract,
    backend_registry.RegistryContract,
    backend_retention.RetentionContract,
    backend_registry.ResultContract,
    backend_registry.MembershipContract,
    LifeContract,
):
    """The whole contract; to be run by a class that gives the fixture ``open_store``."""
